"""The letter that answers a case, as frozen values without any language. Times are microseconds UTC, days ISO 8601."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from lineage.answers.model import Company
from lineage.cases.words import Right

Kind = Literal["answer", "refusal", "extension", "partial"]
"""`partial`: what is refused of a copy or a package that she gets beside it."""
Standing = Literal[
    "proved", "promised", "accepted", "told", "overdue", "partial", "declined", "not_held", "waiting", "failed",
    "cancelled", "held", "refused",
]  # fmt: skip
"""How the request stands at a recipient. `proved` alone means that it was shown to be done."""
STANDINGS: tuple[Standing, ...] = get_args(Standing)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of the request at one recipient.

    `by` (promised) and `until` (held) are days, `until` empty where a person must release it. `how` is what shows it, or
    `turns-over`; `ground` why a recipient keeps it, a word of its answer or a text of staff; `observed` is False for a
    declared copy, which no event shows.
    """

    company: Company
    roles: tuple[str, ...]
    standing: Standing
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    how: str | None = None
    by: str | None = None
    until: str | None = None
    ground: str | None = None
    observed: bool = True


@dataclass(frozen=True, slots=True)
class Stays:
    """What stays though erasure was asked for (Art. 17(3)): for one rule, to one day. `texts` say why, by language.

    `until` is the last day; empty: until a person releases it. `assumed`: no event told from which day it counts.
    """

    rule: str
    law: str
    texts: Mapping[str, str]
    until: str
    assumed: bool
    categories: tuple[str, ...]
    companies: tuple[Company, ...]


@dataclass(frozen=True, slots=True)
class NotDone:
    """Items that are refused while the rest is done (Art. 12(4)). `texts` say the ground, by language; `reason` is the officer's.

    `companies` are those whose items are meant; `reason` is empty once the case's key is gone.
    """

    ground: str
    texts: Mapping[str, str]
    reason: str
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    companies: tuple[Company, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """All that is told. `ground` and `reason` are those of a refusal; an extension has a `reason`, and the new day `until`.

    `chosen` are the purposes it is about, none: all; `changed` the categories to be corrected. `taken_to` are the companies
    to which she had her data sent (Art. 20(2)). `inflow` is since when the shop may not share any more. `forgotten` is when
    our own record of her went, of which `kept` facts stay without a name; `came_back` counts what came afterwards.
    `undecided`, `ambiguous` and `unopened` count identifiers shared with others, identifiers of several persons, and
    disclosures that can no longer be read. `nothing`: nothing was found of her.
    """

    kind: Kind
    case: str
    right: Right
    controller: Company
    contact: str
    made_at: int
    received: int
    chosen: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    lifted: int | None = None
    recipients: tuple[Done, ...] = ()
    systems: tuple[Done, ...] = ()
    stays: tuple[Stays, ...] = ()
    refused: tuple[NotDone, ...] = ()
    taken_to: tuple[Company, ...] = ()
    inflow: int | None = None
    forgets: bool = False
    forgotten: int | None = None
    kept: int = 0
    came_back: int = 0
    undecided: int = 0
    ambiguous: int = 0
    unopened: int = 0
    nothing: bool = False
    ground: str = ""
    reason: str = ""
    until: str = ""
