"""Finds look-ups: those at one person, and those at everybody in an interval, in bounded memory but for their own number."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from lineage.answers.gathering import Told, told_of
from lineage.answers.inquiries import is_inquiry
from lineage.answers.statement import VIEWER, is_look_up
from lineage.facts import Disclosure
from lineage.graph import Got, Graph
from lineage.keyring import KeyRing
from lineage.lookups.model import LookUp, Span
from lineage.persons import Person, find_roots
from lineage.reached.gathering import batched
from lineage.register import PERSON, Register
from lineage.revealing import Looked

BATCH = 2_000


def at_person(graph: Graph, keyring: KeyRing, register: Register, person: Person, span: Span) -> Iterator[LookUp]:
    """Yield the look-ups at a person by time, with those of what she shares with others. Raises: as the stores."""
    holders = person.members.keys() | person.shared
    keys = keyring.find(holders)
    facts = [each for each in graph.disclosures(holders, span.until) if span.wants(each.at, each.recorded)]
    found = [told for each in facts if is_look_up(told := told_of(each, keys), register)]
    roots = find_roots(graph, {each.disclosure.holder for each in found}, span.until)
    for each in sorted(found, key=lambda each: (each.disclosure.at, each.disclosure.event, each.disclosure.part)):
        yield _look_up(each, register, roots[each.disclosure.holder])


def everywhere(
    graph: Graph,
    keyring: KeyRing,
    register: Register,
    span: Span,
    viewer: str | None = None,
    seen: Callable[[int], None] = lambda _: None,
) -> Iterator[LookUp]:
    """Yield all look-ups in an interval, those of one viewer (a party) or of all, in no order, each once.

    Every disclosure of the interval between parties is opened, for only what was sent tells a look from another
    disclosure; `seen` is told how many more. What is remembered are the look-ups themselves. Raises: as the stores.
    """
    met: set[tuple[bytes, int]] = set()
    targets = {each.route.target for each in graph.volumes((), span.until)} if viewer is None else {viewer}
    for target in sorted(targets):
        got = graph.got(target, span.since, span.last)
        for several in batched((each for each in got if each.route.source != PERSON), BATCH):
            seen(sum(each.disclosures for each in several))
            found = [each for each in _looks(graph, keyring, register, several, span) if _fact(each) not in met]
            met.update(map(_fact, found))
            roots = find_roots(graph, {each.disclosure.holder for each in found}, span.until)
            for each in found:
                yield _look_up(each, register, roots[each.disclosure.holder])


def revealed(looks: Iterable[Looked], span: Span) -> Iterator[Looked]:
    """Return the looks in clear of an opened access log (`lineage.revealing.opened_looks`) in an interval."""
    return (each for each in looks if each.in_clear and span.wants(each.at, each.at))


def _looks(graph: Graph, keyring: KeyRing, register: Register, several: Sequence[Got], span: Span) -> Iterator[Told]:
    holders = {each.holder for each in several}
    asked = {(each.holder, each.route) for each in several}
    keys = keyring.find(holders)
    for each in graph.disclosures(holders, span.until):
        if (each.holder, each.route) in asked and span.wants(each.at, each.recorded):
            told = told_of(each, keys)
            if is_look_up(told, register):
                yield told


def _fact(told: Told) -> tuple[bytes, int]:
    disclosure: Disclosure = told.disclosure
    return disclosure.event, disclosure.part


def _look_up(told: Told, register: Register, roots: frozenset[bytes]) -> LookUp:
    """Return a look at whoever these roots are of: several share what it hangs on."""
    each = told.disclosure
    route = each.route
    staff = told.evidence.get(VIEWER)
    return LookUp(
        at=each.at,
        recorded=each.recorded,
        whose=min(roots) if len(roots) == 1 else each.holder,
        shared=len(roots) > 1,
        purpose=route.purpose,
        company=route.target if register.is_controller(route.target) else route.controller,
        viewer=route.target,
        role=register.role(route.target, route.purpose, each.at),
        categories=route.categories,
        staff=None if staff is None else str(staff),
        inquiry=is_inquiry(told, register),
    )
