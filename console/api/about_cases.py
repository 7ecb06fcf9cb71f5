"""Answers about one case, and about the cases of one person."""

from collections.abc import Mapping

from console.api.answering import Answer, Asking
from console.api.asked import CaseAsked, PersonCasesAsked
from console.api.asked_persons import PreviewAsked, RequestsAsked
from console.api.problems import Problem
from console.case_opening import Casebook
from console.case_shapes import case_shape, names_of
from console.case_telling import orders_foreseen, orders_of, requests_of, with_identifiers
from console.shapes import Shape
from lineage.cases.case import Case
from lineage.cases.deciding import foresee
from lineage.cases.orders import Order
from lineage.cases.rows import dates_of
from lineage.errors import Refused
from lineage.graph import NOW
from lineage.identifiers import read_identifier
from lineage.persons import find_person
from lineage.times import rfc3339, rfc3339_or_null


def look_at_case(_: Asking, asked: CaseAsked | PreviewAsked | RequestsAsked) -> str:
    """Return what is written down of a question about one case."""
    return f"case:{asked.case}"


def case(asking: Asking, asked: CaseAsked) -> Answer:
    """Return one case. Raises: Problem: there is none."""
    book = _book(asking, asked.case)
    found = book.work.case(asked.case)
    shape = case_shape(found, names_of(asking.folder.register))
    return Answer(with_identifiers(shape, orders_of(book, found), reveal=asked.reveal))


def case_foreseen(asking: Asking, asked: PreviewAsked) -> Answer:
    """Return one case with the plan as things stand, which is not kept. Raises: Problem."""
    book = _book(asking, asked.case)
    found, orders = _foreseen(book, asked.case)
    shape = case_shape(found, names_of(asking.folder.register))
    return Answer(with_identifiers(shape, orders, reveal=asked.reveal))


def case_requests(asking: Asking, asked: RequestsAsked) -> Answer:
    """Return one case, and the calls and statements by which each party would be told. None is made. Raises: Problem."""
    book = _book(asking, asked.case)
    if asked.preview:
        found, orders = _foreseen(book, asked.case)
    else:
        found = book.work.case(asked.case)
        orders = orders_of(book, found)
    shape = case_shape(found, names_of(asking.folder.register))
    shape = with_identifiers(shape, orders, reveal=asked.reveal)
    return Answer({**shape, "requests": requests_of(book, found, orders, reveal=asked.reveal)})


def _book(asking: Asking, id_: str) -> Casebook:
    if not asking.folder.journal.entries(id_):
        raise Problem("no-such-case")
    return Casebook(asking.folder, asking.folder.casework)


def _foreseen(book: Casebook, id_: str) -> tuple[Case, Mapping[str, Order | None]]:
    try:
        case, plan = foresee(book.work, id_)
    except Refused as fault:
        raise Problem("decided") from fault
    return case, orders_foreseen(case, plan)


def cases_of_person(asking: Asking, asked: PersonCasesAsked) -> Answer:
    """Return the cases that name an identifier of hers alone, by arrival. One that several share may be another's."""
    folder = asking.folder
    key = folder.pseudonyms.identifier(*read_identifier(asked.identifier))
    person = find_person(folder.graph.near(key), key, NOW)
    # Of who is erased nothing else is known than what her cases were opened for.
    own = set(person.members) | ({key} if person.candidates < 2 else set())
    rows = folder.journal.cases_of(own) if own else ()
    return Answer([_hers(folder.casework.case(each.case)) for each in rows])


def _hers(case: Case) -> Shape:
    return {
        "case": case.id,
        "right": case.right,
        "state": case.state,
        "received": rfc3339(case.received),
        "answer_by": dates_of(case).operative.isoformat(),
        "extended": rfc3339_or_null(case.extended),
        "answered": rfc3339_or_null(case.answered),
        "closed": rfc3339_or_null(case.closed),
        "refused_on": case.refused_on,
        "duplicate_of": case.duplicate_of,
    }
