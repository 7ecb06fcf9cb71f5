"""Answers about one case, and about the cases of one person."""

from console.api.answering import Answer, Asking
from console.api.asked import CaseAsked, PersonCasesAsked
from console.api.problems import Problem
from console.case_opening import Casebook
from console.case_shapes import case_shape, names_of
from console.case_telling import orders_of, with_identifiers
from console.shapes import Shape
from lineage.cases.case import Case
from lineage.cases.rows import dates_of
from lineage.graph import NOW
from lineage.identifiers import read_identifier
from lineage.persons import find_person
from lineage.times import rfc3339, rfc3339_or_null


def look_at_case(_: Asking, asked: CaseAsked) -> str:
    """Return what is written down of a question about one case."""
    return f"case:{asked.case}"


def case(asking: Asking, asked: CaseAsked) -> Answer:
    """Return one case. Raises: Problem: there is none."""
    folder = asking.folder
    if not folder.journal.entries(asked.case):
        raise Problem("no-such-case")
    book = Casebook(folder, folder.casework)
    found = book.work.case(asked.case)
    return Answer(
        with_identifiers(case_shape(found, names_of(folder.register)), orders_of(book, found), reveal=asked.reveal)
    )


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
