"""Watches over what is recorded: asks who is erased, forgets again what came meanwhile, tells the cases what came late.

An erasure writes its tombstones first and forgets then. So whoever looks for tombstones again after a commit either finds
them, and forgets what was written, or has committed before them, and the erasure forgets it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from lineage.facts import Facts
from lineage.graph import Graph, Until
from lineage.held_back import Held, Incidents, late_of, stones_of
from lineage.identifiers import WHO
from lineage.persons import find_person
from lineage.tombstones import Memory, Tombstone


class Watch:
    """Keeps those who are erased out of one graph. Raises: Retryable: memory, graph or journal is away."""

    def __init__(self, memory: Memory, graph: Graph, incidents: Incidents) -> None:
        self._memory, self._graph, self._incidents = memory, graph, incidents

    def stones(self, facts: Iterable[Facts]) -> Mapping[bytes, Tombstone]:
        """Return the tombstones of all that these facts name, in one question."""
        keys: set[bytes] = set().union(*[each.identifiers for each in facts])
        return self._memory.entombed(keys) if keys else {}

    def settle(self, held: Sequence[Held]) -> int:
        """Deal with what was held back before it was recorded; return how much of it was late.

        Of what is known already facts may stand: its record came again because whoever recorded it ended between its
        commit and its second look.
        """
        known = self._graph.contents({each.facts.event for each in held})
        self._forget([each for each in held if each.facts.event in known])
        return self._tell([each for each in held if not each.is_replay or _is_news(each, known)], known)

    def take_back(self, held: Sequence[Held], new: Collection[bytes]) -> int:
        """Forget what was recorded of persons erased meanwhile; return how much was late.

        What is new to the graph no plan has seen, so the cases are told of it, whenever it reached the bus.
        """
        self._forget(held)
        known = {each.facts.event for each in held} - set(new)
        return self._tell([each for each in held if each.facts.event in new or not each.is_replay], known)

    def _tell(self, held: Sequence[Held], known: Collection[bytes]) -> int:
        self._entomb([stone for each in held for stone in stones_of(each)])
        late = {(each.facts.event, each.part): late_of(each, known=each.facts.event in known) for each in held}
        return self._incidents.raise_(list(late.values())) if late else 0

    def _entomb(self, stones: Sequence[Tombstone]) -> None:
        """Keep what is not known yet: what follows a late order may name the order alone, and is as late."""
        there = self._memory.entombed({each.key for each in stones}) if stones else {}
        new = [each for each in stones if each.key not in there or there[each.key].before < each.before]
        if new:  # else whatever is remembered of tombstones would be asked for anew, with every replay
            self._memory.entomb(new)

    def _forget(self, held: Sequence[Held]) -> None:
        """Forget again as the case did, where anything stands."""
        by_case: dict[tuple[str, int], dict[bytes, str]] = {}
        for each in held:
            by_case.setdefault((each.tombstone.case, each.tombstone.before), {}).update(each.facts.identifiers)
        standing = self._graph.kinds({key for keys in by_case.values() for key in keys}) if by_case else {}
        for (case, before), keys in by_case.items():
            named = {key: kind for key, kind in keys.items() if key in standing}
            if holders := self._hers(named, before):
                self._graph.forget(holders, before, *self._incidents.kept(case))

    def _hers(self, named: Mapping[bytes, str], before: int) -> set[bytes]:
        """Return what belonged to the erased person at her erasure, of all that hangs together with these identifiers.

        Where an identifier leads to somebody who is not erased, nothing of hers is touched: what she was named beside
        is for a person to decide, and the case is told.
        """
        until, holders = Until(at=before), set[bytes]()
        references = {key for key, kind in named.items() if kind not in WHO}
        for key in named:
            if key in holders:
                continue
            near = self._graph.near(key)
            person = find_person(near, key, until)
            members = set(person.members)
            owned = {below for above, below in near.owners(members, until) if above in members and above != below}
            tops = (members - owned) or members
            entombed = {each.key for each in self._memory.entombed(tops | {key}).values() if each.before >= before}
            if tops and tops <= entombed | references:
                holders |= members
            elif key in entombed:
                holders.add(key)
        return holders


def _is_news(held: Held, known: Collection[bytes]) -> bool:
    """Tell whether something was on the bus before the erasure, and nobody had read it: its party is to be told too.

    Of what a case has thought of already, in a record that is read anew from its beginning, the case itself takes no notice.
    """
    return held.facts.event not in known and bool(held.facts.disclosures)
