"""Whose a case is, and who may read what it says. Shows nothing."""

from console.web.sessions import Customer
from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.graph import NOW
from lineage.persons import find_person


def opened_for(customer: Customer, work: Casework) -> frozenset[str]:
    """Return the ids of the cases that name an identifier of this customer; some of them may be about others too."""
    key = bytes.fromhex(customer.pseudonym)
    own = {*find_person(work.graph.near(key), key, NOW).members, key}
    return frozenset(each.case for each in work.journal.cases_of(own))


def is_hers(customer: Customer, work: Casework, case: Case) -> bool:
    """Tell whether a case is about this customer, and about nobody beside her.

    It names an identifier that is hers alone, or the one she came with; and none that is another one's alone.
    """
    graph, key = work.graph, bytes.fromhex(customer.pseudonym)
    person = find_person(graph.near(key), key, NOW)
    if person.candidates > 1:
        return False
    own = {*person.members, key}
    others = [each for each in case.subjects if each not in own]
    if len(others) == len(case.subjects) or int(case.plan.get("persons") or 0) > 1:
        return False
    return all(find_person(graph.near(each), each, NOW).candidates != 1 for each in others)


def tells(case: Case) -> bool:
    """Tell whether what a case says to whoever asked may be told to her: she has shown that it is she who did."""
    return case.verified and "request" not in case.notes
