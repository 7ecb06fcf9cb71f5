"""What companies of the group ask us for as their processor: each request is one case, found by its company and its id.

The case's id is worked out of the two under the company's own key, so two who receive one request at one moment begin one
case. No personal data is in a request's name or among the addresses it is called back at.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from lineage.cases.case import Case
from lineage.cases.casework import Casework, New
from lineage.cases.folding import folded
from lineage.cases.intake import Message, begun
from lineage.cases.journal import Outrun
from lineage.cases.keys import request_case
from lineage.cases.words import Right
from lineage.errors import Refused

CHANNEL, BY = "group", "company"
EARLIEST = 92 * 86_400_000_000
"""Microseconds before its arrival at which a request's clock begins at the earliest: by then its time was over anyhow."""
PENDING = frozenset({"received", "identity"})


@dataclass(frozen=True, slots=True)
class CompanyRequest:
    """A request as it came. `named` are (kind, value); `submitted` is when the person asked the company, microseconds UTC."""

    id: str
    company: str
    right: Right
    named: tuple[tuple[str, str], ...]
    submitted: int
    callbacks: tuple[str, ...] = ()


def opened(work: Casework, request: CompanyRequest) -> Case:
    """Return the case of a request, begun durably where there is none yet. It waits for a person's approval like any other.

    When it was submitted is not compared: who asks again may bear another time. Raises: Refused: the company has used the
    id for another request.
    """
    while True:
        id_, found = _place(work, request.company, request.id)
        if found is None:
            try:
                return begun(work, _message(work, request), request.right, id_)
            except Outrun:  # another one has begun a case of that id meanwhile, of this request or not
                continue
        if _content(work, request) != (found.right, found.subjects, found.notes["request"]["callbacks"]):
            raise Refused("the company has used this request's id for another request: it needs an id of its own")
        return found


def found_of(work: Casework, company: str, id_: str) -> Case | None:
    """Return the case of a company's request, None where it has made none of that id."""
    return _place(work, company, id_)[1]


def cancelled(work: Casework, company: str, id_: str) -> bool:
    """Take a request back while it is pending; False where it is too late, or there is none.

    A case that stands for somebody's request besides goes on for her; only the company's own request is over.
    """
    case = found_of(work, company, id_)
    if case is None:
        return False
    done = False

    def decide(case: Case) -> list[New]:
        nonlocal done
        done = _pending(work, case)
        if not done:
            return []
        if case.state == "duplicate" or _stands_for_others(work, case):
            return [New("noted", company, {"cancelled": True})]
        return [New("withdrawn", company, {})]

    work.decided(case.id, decide)
    return done


def results_of(work: Casework, company: str, id_: str) -> bytes | None:
    """Return the records that a company can fetch of its request, packed; None where there are none, or none any more."""
    case = found_of(work, company, id_)
    if case is None or case.results is None or case.state != "closed":
        return None
    made = next(each for each in reversed(work.journal.entries(case.id)) if each.kind == "handed")
    kept = (work.personal(made) or {}).get("results")
    return base64.b64decode(kept) if kept else None


def told_of(case: Case) -> Mapping[str, str]:
    """Return what the company was told last, by address."""
    told: Mapping[str, str] = case.notes.get("told", {})
    return told


def keep_told(work: Casework, id_: str, url: str, status: str) -> Case:
    """Keep that the company was told at one of its addresses how its request stands."""
    return work.decided(id_, lambda case: [New("noted", "jalki", {"told": {**told_of(case), url: status}})])


def _pending(work: Casework, case: Case) -> bool:
    if "cancelled" in case.notes:
        return False
    stands = case if case.duplicate_of is None else work.case(case.duplicate_of)
    return stands.state in PENDING


def _stands_for_others(work: Casework, case: Case) -> bool:
    rows = [row for row in work.journal.cases_of(case.subjects) if row.state == "duplicate"]
    return any(work.case(row.case).duplicate_of == case.id for row in rows)


def _place(work: Casework, company: str, id_: str) -> tuple[str, Case | None]:
    """Return the case of a request and its id; where there is none, the id it is to have: the first that nobody else has."""
    for attempt in count():
        place = request_case(work.pseudonyms.request(company, id_, attempt))
        entries = work.journal.entries(place)
        case = folded(entries) if entries else None
        if case is None or (case.controller == company and case.notes.get("request", {}).get("id") == id_):
            return place, case
    raise AssertionError("there is always one more")


def _content(work: Casework, request: CompanyRequest) -> tuple[Right, tuple[bytes, ...], list[str]]:
    keys = tuple(work.pseudonyms.identifier(kind, value) for kind, value in request.named)
    return request.right, keys, sorted(request.callbacks)


def _message(work: Casework, request: CompanyRequest) -> Message:
    now = work.clock()
    return Message(
        rights=(request.right,),
        named=request.named,
        received=max(min(request.submitted, now), now - EARLIEST),
        channel=CHANNEL,
        controller=request.company,
        by=BY,
        request={"id": request.id, "callbacks": sorted(request.callbacks)},
    )
