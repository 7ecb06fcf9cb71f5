"""Receiving what a person asks for: a case for each right. Any channel and any words will do (GDPR Art. 12(2))."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lineage.cases.case import Case
from lineage.cases.casework import Casework, New
from lineage.cases.journal import Outrun
from lineage.cases.keys import new_case
from lineage.cases.protecting import is_protected
from lineage.cases.rights import in_order, rule
from lineage.cases.rows import OVER
from lineage.cases.subjects import subject_of
from lineage.cases.words import Right
from lineage.clocks import day_of
from lineage.errors import Refused

SURE_CHANNELS = frozenset({"account"})
"""Whoever comes this way has shown already who she is."""
CHANNELS = ("account", "email", "phone", "letter", "store", "chat", "web", "group")


@dataclass(frozen=True, slots=True)
class Message:
    """What a person asked for, in one message. Times are microseconds UTC; `named` are (kind, value) as she gave them."""

    rights: Sequence[Right]
    named: Sequence[tuple[str, str]]
    received: int
    channel: str
    controller: str
    language: str = "fi"
    answer_to: str | None = None
    purposes: Sequence[str] = ()
    changes: Mapping[str, str] = field(default_factory=dict)
    by: str = "person"
    mandate: Mapping[str, str] = field(default_factory=dict)
    """A representative's or guardian's: `document`, `scope`, `until` (ISO day)."""
    protected: bool = False
    """Whether her address is to be found out by nobody (`lineage.cases.protecting`)."""
    request: Mapping[str, Any] = field(default_factory=dict)
    """What a company's request is known and called back by (`lineage.cases.requested`); empty where a person asks."""


def receive(work: Casework, message: Message) -> list[Case]:
    """Begin a case for each right of a message, in the order they are carried out in.

    Another case of the same right and person that is open and verified makes a new one its duplicate; one that is not
    verified can neither block nor cancel another. Raises: Refused: a mandate is missing or over.
    """
    _check_mandate(work, message)
    together = _new_id(work) if len(set(message.rights)) > 1 else ""
    return [_received(work, message, right, together) for right in in_order(list(message.rights))]


def _received(work: Casework, message: Message, right: Right, together: str) -> Case:
    while True:
        try:
            return begun(work, message, right, _new_id(work), together)
        except Outrun:  # of a billion ids, the same
            continue


def begun(work: Casework, message: Message, right: Right, id_: str, together: str = "") -> Case:
    """Begin the case of one right of a message under an id of the caller's. Raises: Outrun: there is a case of that id."""
    actor = message.controller if message.request else "person"
    case = work.begin(id_, New("received", actor, *_told(work, message, right, together)))
    members = set(subject_of(work.graph, case.subjects).members) | set(case.subjects)
    if not is_protected(case) and _known_as_protected(work, case, members):
        case = work.add(case, New("noted", "jalki", {"protected": True}))
    if (other := _verified_twin(work, case, members)) is not None:
        case = work.add(case, New("duplicate", "jalki", {"of": other}))
    return case


def _told(work: Casework, message: Message, right: Right, together: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the first entry says, and what of it is sealed."""
    keys = [work.pseudonyms.identifier(kind, value) for kind, value in message.named]
    said: dict[str, Any] = {
        "right": right,
        "received": message.received,
        "channel": message.channel,
        "controller": message.controller,
        "language": message.language,
        "subjects": [key.hex() for key in keys],
        "kinds": sorted({kind for kind, _ in message.named}),
        "verified": message.channel in SURE_CHANNELS,
        "by": message.by,
        "together": together,
        "purposes": sorted(message.purposes),
        "changed": sorted(message.changes),
        **({"protected": True} if message.protected else {}),
        **({"request": dict(message.request)} if message.request else {}),
    }
    personal = {
        "identifiers": [list(each) for each in message.named],
        "answer_to": message.answer_to,
        "changes": dict(message.changes),
        "mandate": dict(message.mandate),
    }
    return said, personal


def _verified_twin(work: Casework, case: Case, members: Collection[bytes]) -> str | None:
    """Return the open, verified or approved case of the same right and person, if there is one.

    One that knows less of her than she names now is none: what she names beside would be forgotten.
    """
    for row in work.journal.cases_of(members):
        if row.case != case.id and row.right == case.right and row.state not in OVER:
            other = work.case(row.case)
            if rule(case.right).answer and ("request" in case.notes or "request" in other.notes):
                continue  # an answer made for one who asked is not given to another
            known = subject_of(work.graph, other.subjects).members.keys() | set(other.subjects)
            if known >= set(case.subjects) and (other.verified or other.approved is not None):
                return other.id
    return None


def _known_as_protected(work: Casework, case: Case, members: Collection[bytes]) -> bool:
    """Whether another case of these identifiers has marked her."""
    others = (row.case for row in work.journal.cases_of(members) if row.case != case.id)
    return any(is_protected(work.case(other)) for other in others)


def _check_mandate(work: Casework, message: Message) -> None:
    if message.by == "person":
        return
    if not message.mandate.get("document"):
        raise Refused(f"a {message.by} needs a mandate: say which document shows it, what it covers and until when")
    until = message.mandate.get("until")
    if until and until < day_of(work.clock()).isoformat():
        raise Refused(f"the mandate of the {message.by} ended on {until}: ask for a new one; no data is given out")
    scope = message.mandate.get("scope", "")
    if scope and not {*scope.replace(",", " ").split()} >= {*message.rights}:
        raise Refused(f"the mandate covers {scope}, not all that is asked for: ask for a wider one, or ask for less")


def _new_id(work: Casework) -> str:
    return new_case(day_of(work.clock()).year)
