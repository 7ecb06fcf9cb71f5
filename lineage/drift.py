"""Drift: every observed disclosure that the register, or the person's consent, did not allow at its moment."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from lineage.consents import ConsentOf
from lineage.facts import Disclosure
from lineage.graph import NOW, Graph, Until
from lineage.judging import rules_broken
from lineage.persons import find_person
from lineage.register import Register

_IDENTIFIERS = 100_000


@dataclass(frozen=True, slots=True)
class Drift:
    """One disclosure and the rules it broke."""

    disclosure: Disclosure
    rules: tuple[str, ...]


def drift(
    graph: Graph,
    register: Register,
    since: int | None,
    seen: Callable[[], None] = lambda: None,
    until: Until = NOW,
) -> list[Drift]:
    """Return all drift since then (microseconds, UTC), newest first. `seen` is called for every disclosure looked at.

    As of `until`: disclosures, consents and who is one person by what occurred and was known then; the register is today's.
    """
    found = list(_found(graph, register, since, seen, until))
    return sorted(found, key=lambda each: (-each.disclosure.at, each.disclosure.event, each.disclosure.part))


def _found(
    graph: Graph, register: Register, since: int | None, seen: Callable[[], None], until: Until
) -> Iterator[Drift]:
    persons = _Persons(graph, until)
    for disclosure in graph.every_disclosure(since):
        seen()
        if not until.covers(disclosure.at, disclosure.recorded):
            continue
        broken = rules_broken(register, disclosure, partial(persons.consented, disclosure.holder))
        if broken:
            yield Drift(disclosure, broken)


class _Persons:
    """The consents of those met last, by each of a person's identifiers."""

    def __init__(self, graph: Graph, until: Until) -> None:
        self._graph, self._until = graph, until
        self._met: OrderedDict[bytes, tuple[ConsentOf, bool]] = OrderedDict()

    def consented(self, holder: bytes, purpose: str, at: int) -> bool:
        if holder not in self._met:
            near = self._graph.near(holder)
            person = find_person(near, holder, self._until)
            consent = ConsentOf(near, person, self._until)
            self._met.update(dict.fromkeys(person.members, (consent, False)))
            self._met[holder] = (consent, holder in person.shared)
            while len(self._met) > _IDENTIFIERS:
                self._met.popitem(last=False)
        consent, shared = self._met[holder]
        return consent.held(purpose, at, shared=shared)
