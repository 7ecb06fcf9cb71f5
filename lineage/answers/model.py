"""The statement a person gets (GDPR Art. 15), as frozen values without any language. Times are microseconds, UTC."""

from collections.abc import Mapping
from dataclasses import dataclass

from lineage.answers.collected import CopyStanding
from lineage.answers.records import Record
from lineage.register import Retention


@dataclass(frozen=True, slots=True)
class Company:
    """A legal entity by its register id. `named` is False where the register knows the part and not yet who plays it."""

    party: str
    name: str
    kind: str
    country: str
    business_id: str | None = None
    named: bool = True


@dataclass(frozen=True, slots=True)
class Recipient:
    """What one legal entity got of her for one purpose (Art. 15(1)(c), C-154/21).

    One row a purpose, for one company may have another role for each (Art. 4(7)-(9)). `observed` is False for a declared
    copy, which no event shows; its `count` is 0. `secret` is only ever True in what the data protection officer sees.
    """

    company: Company
    role: str
    purpose: str
    categories: tuple[str, ...]
    sources: tuple[str, ...]
    first: int
    last: int
    count: int
    observed: bool = True
    inquiry: bool = False
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """Why her data was used, and on which ground (Art. 15(1)(a), (b)). `text` is the register's own, in one language."""

    purpose: str
    text: str
    bases: tuple[str, ...]
    article: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """How long categories are kept for a purpose (Art. 15(1)(d)): a rule of the register; None where it has none."""

    purpose: str
    categories: tuple[str, ...]
    rule: Retention | None


@dataclass(frozen=True, slots=True)
class Source:
    """Where categories of her came from (Art. 15(1)(g)). `company` is None for what she gave herself."""

    company: Company | None
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Abroad:
    """A transfer out of the EEA and what safeguarded it when it happened (Art. 15(2), 44-49).

    `unguarded` counts disclosures at whose moment no mechanism held.
    """

    company: Company
    country: str
    mechanisms: tuple[str, ...]
    unguarded: int


@dataclass(frozen=True, slots=True)
class Decided:
    """A consent given or withdrawn. `words` are those she agreed to, where they were kept."""

    purpose: str
    granted: bool
    at: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class LookUp:
    """A look at her record: when, why, and for which company (C-579/21). Never who of its staff."""

    at: int
    purpose: str
    company: Company


@dataclass(frozen=True, slots=True)
class Decision:
    """An application that a lender decides by its own, possibly automated, means (Art. 15(1)(h), 22; C-634/21)."""

    company: Company
    first: int
    last: int
    count: int


@dataclass(frozen=True, slots=True)
class AskedCopy:
    """A company that was asked for a copy of what it holds for us (Art. 15(3)); `asked` is None where nobody could yet."""

    company: Company
    standing: CopyStanding
    asked: int | None


@dataclass(frozen=True, slots=True)
class Statement:
    """All that a person is told. `known` is False where nothing is recorded of her, which is an answer too (Art. 15(1)).

    `identifiers` and `shared` count identifiers by kind; what hangs on shared ones is in no other field.
    """

    controller: Company
    made_at: int
    contact: str
    known: bool
    identifiers: Mapping[str, int]
    shared: Mapping[str, int]
    uses: tuple[Use, ...]
    periods: tuple[Kept, ...]
    recipients: tuple[Recipient, ...]
    systems: tuple[Recipient, ...]
    sources: tuple[Source, ...]
    abroad: tuple[Abroad, ...]
    consents: tuple[Decided, ...]
    look_ups: tuple[LookUp, ...]
    decisions: tuple[Decision, ...]
    rights: tuple[str, ...]
    copy: tuple[Record, ...]
    """Rows of our own tables and of those in `asked`, by their party."""
    asked: tuple[AskedCopy, ...] = ()
