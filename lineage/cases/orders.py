"""What a party is told, and what it answers: the two sides of every connector. Holds no protocol and no state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lineage.cases.words import Action, Form


@dataclass(frozen=True, slots=True)
class Sending:
    """How this party got identifiers of hers, once for each way: exactly as sent, for which purpose, and where at the party.

    `places` are what the event said of that, by field: `audience_id`, `list_id`, and `sent_as` (`raw`, `sha256`).
    `categories` are those of it that the task is about; empty in plans from before these were kept.
    """

    identifiers: tuple[tuple[str, str], ...]
    purpose: str
    places: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[str, ...] = ()


PLACES = ("audience_id", "list_id", "sent_as")
"""The fields of events that say where at a party something went, or in which form."""


@dataclass(frozen=True, slots=True)
class Order:
    """What one party must do, or be told. Made anew from the sealed plan for each attempt; never logged.

    `key` is our idempotency key, the same for every attempt: a UUID as text. `identifiers` are (kind, value) exactly as
    this party got them, never any it did not get (GDPR Art. 5(1)(c), 19). `reference` names the case to the party without
    saying whose it is. `due` is an ISO day.
    """

    key: str
    task: str
    case: str
    party: str
    form: Form
    action: Action
    controller: str
    identifiers: tuple[tuple[str, str], ...]
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    due: str
    attempt: int = 1
    handle: str | None = None
    """What the party gave us at an earlier attempt to ask it by (a job id)."""
    accepted: bool = False
    """Whether the party has said before that it has the task: then it is asked, and not told again."""
    changes: Mapping[str, str] = field(default_factory=dict)
    """Rectification: new values by category, only of categories this party holds."""
    sendings: tuple[Sending, ...] = ()
    """The same identifiers, by how this party got them; empty in plans from before these were kept, and for copies."""
    kept: tuple[Sending, ...] = ()
    """Erasure: what of hers the law keeps at this party at present, in the same form: it is not to be touched."""
    before: int | None = None
    """Erasure: only what was collected by then (microseconds UTC) is meant, where she has been forgotten since: she may have
    come back."""
    portable: bool = False
    """Collecting: only what she may take along is asked for (GDPR Art. 20)."""


Ended = Literal["sent", "accepted", "verified", "promised", "partial", "declined", "not_held", "manual", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. It says no more than was shown: a 2xx is `accepted`, never `verified`.

    `by` is the ISO day something is promised by; `ground` why a party declines or keeps; `how` how we know (`http-202`,
    `signed-answer`, `read-back`, `confirmed-link`, `smtp-250`); `handle` what to ask by later; `ask_again_in` seconds
    after which to ask. None of them holds personal data.
    """

    state: Ended
    how: str
    by: str | None = None
    ground: str | None = None
    handle: str | None = None
    ask_again_in: float | None = None
    evidence: bytes = b""
    """What the party sent, sealed with the entry: a receipt, a signed answer."""
    copy: bytes = b""
    """Collecting: what the party holds of her (`lineage.answers.records.packed`), sealed with the entry."""
