"""Whoever was met last, as judging disclosures needs her: her consents, what is on record of her, what stood against sending.

Many are read at once, in as many questions to the stores as one of them takes. Judges nothing.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lineage.consents import ConsentOf
from lineage.facts import Consent, Disclosure
from lineage.graph import NOW, Graph, Near, Until
from lineage.outliving import Known
from lineage.persons import Person, find_persons
from lineage.tombstones import Memory, Stood, Suppression, stood

AT_ONCE = 2_000
"""Disclosures whose persons are met together."""
_IDENTIFIERS = 50_000
"""Identifiers whose persons are remembered."""
NOTHING = Known((), ())


@dataclass(frozen=True, slots=True)
class Met:
    """Whoever an identifier stands for. Of what several share (`shared`) nothing is `known` of any of them."""

    person: Person
    consent: ConsentOf
    known: Known
    suppressed: Sequence[Stood]

    @property
    def shared(self) -> bool:
        """Whether it belongs to several."""
        return self.person.candidates > 1


class MetPersons:
    """Persons by each of their identifiers, as of two times. It remembers them as things stood when they were read."""

    def __init__(
        self,
        graph: Graph,
        memory: Memory | None,
        until: Until,
        crowds: Mapping[bytes, Collection[bytes]] = MappingProxyType({}),
    ) -> None:
        """With a `memory`, what stood against sending her data is read too.

        Of `crowds` (see `find_persons`) that many share, these are not all read for each of them.
        """
        self._graph, self._memory, self._until, self._crowds = graph, memory, until, crowds
        self._met: OrderedDict[bytes, Met] = OrderedDict()

    def of(self, holder: bytes) -> Met:
        """Return whoever an identifier stands for."""
        if holder not in self._met:
            self.meet((holder,))
        return self._met[holder]

    def meet(self, holders: Collection[bytes]) -> None:
        """Read whoever some identifiers stand for, all of them at once. Raises: as graph and memory."""
        new = [each for each in dict.fromkeys(holders) if each not in self._met]
        if not new:
            return
        near = self._graph.near(new[0]) if len(new) == 1 else self._graph
        persons = find_persons(near, new, self._until, self._crowds)
        if self._crowds and (shared := [key for key in new if persons[key].candidates > 1]):
            persons |= find_persons(near, shared, self._until)  # whose consents count for these all have to tell
        # Those that several share are met by each identifier, all others by whichever of theirs came first.
        named = {each.root or key: key for key, each in persons.items()}.values()
        several = [persons[key] for key in named]
        members = {key for each in several for key in each.members}
        consents = _Consents(near, self._until, members.union(*(each.shared for each in several)))
        known = _known(several, near.disclosures(members, self._until) if members else (), consents)
        stood_of = _stood(several, self._said(members))
        for key, person, each, suppressed in zip(named, several, known, stood_of, strict=True):
            met = Met(person, ConsentOf(consents, person, self._until), each, suppressed)
            self._met.update(dict.fromkeys(person.members or (key,), met))
        while len(self._met) > max(_IDENTIFIERS, len(members) + len(new)):
            self._met.popitem(last=False)

    def _said(self, members: Collection[bytes]) -> list[Suppression]:
        said = self._memory.suppressions(members) if self._memory and members else ()
        # A decision is known as soon as it is made.
        return [each for each in said if self._until.covers(each.at, each.at)]


class _Consents:
    """Consents that were read beforehand; of others the store is asked. Satisfies `lineage.consents.Consenting`."""

    def __init__(self, near: Near, until: Until, holders: set[bytes]) -> None:
        self._near, self._read = near, holders
        self._by_holder: dict[bytes, list[Consent]] = {}
        for each in near.consents(holders, until) if holders else ():
            self._by_holder.setdefault(each.holder, []).append(each)

    def consents(self, holders: Collection[bytes], until: Until) -> Sequence[Consent]:
        found = [each for key in holders if key in self._by_holder for each in self._by_holder[key]]
        rest = [key for key in holders if key not in self._read]
        return [*found, *self._near.consents(rest, until)] if rest else found


def _known(several: Collection[Person], disclosures: Iterable[Disclosure], consents: "_Consents") -> list[Known]:
    """Return what is on record of each of these persons, disclosures in the order in which the store gave them."""
    hers: dict[bytes, list[Disclosure]] = {}
    lists: list[list[Disclosure]] = []
    for person in several:
        lists.append([])
        hers.update(dict.fromkeys(person.members, lists[-1]))
    for each in disclosures:
        hers[each.holder].append(each)
    return [
        Known(found, consents.consents(person.members, NOW)) if found or person.members else NOTHING
        for person, found in zip(several, lists, strict=True)
    ]


def _stood(several: Collection[Person], said: Iterable[Suppression]) -> list[Sequence[Stood]]:
    """Return what stood of each of these persons."""
    by_key: dict[bytes, list[Suppression]] = {}
    for each in said:
        by_key.setdefault(each.key, []).append(each)
    if not by_key:
        return [()] * len(several)
    return [stood(each for key in person.members for each in by_key.get(key, ())) for person in several]
