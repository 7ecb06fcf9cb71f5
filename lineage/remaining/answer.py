"""The answer itself: what is left of each person there, by whether the party was asked for it, and what it has shown."""

from collections.abc import Callable
from dataclasses import dataclass

from lineage.cases.journal import Journal
from lineage.graph import NOW, Graph, Until
from lineage.keyring import KeyRing
from lineage.persons import find_person
from lineage.reached import Asked, Cases, Leaving, Reach, Spool, cases_of, reached
from lineage.register import Register
from lineage.register.model import AFTER_ALL
from lineage.remaining.model import Contract, Left, Remaining, Standing

_SHOWN = frozenset({"verified", "not_held"})


def remaining(
    graph: Graph,
    keyring: KeyRing,
    journal: Journal,
    register: Register,
    party: str,
    now: int,
    spool: Spool,
    told: Callable[[Left], None] = lambda _: None,
    seen: Callable[[int], None] = lambda _: None,
    as_of: Until = NOW,
) -> Remaining:
    """Return what a party may still have, as of then: counts. `told` hears of each person of whom it may have anything.

    Gone is what the party has shown to be erased in a case, and what is past a retention whose day the disclosure itself
    tells, as for a breach. `seen` is told how many disclosures more were looked at. Raises: as the stores.
    """
    asked = Asked(party, None, None, now, as_of, ways=False)
    cases = cases_of(journal, graph, asked)
    answer = Remaining(contract_of(register, party, asked.moment), erased=cases.erased, tasks=cases.states)
    looking = _Looking(graph, Leaving(register), cases, asked)

    def each(found: Reach) -> None:
        if found.had.held:
            left = looking.left(found)
            answer.count(left)
            told(left)

    counts = reached(graph, keyring, journal, register, asked, spool, each, seen, cases=cases)
    answer.proved, answer.retention_over = counts.proved, counts.retention_over
    answer.after_end = _after_end(graph, register, party, as_of)
    return answer


def contract_of(register: Register, party: str, now: int) -> Contract:
    """Return what the register says of a party as a recipient."""
    entries = [each for each in register.declared.recipients if each.party == party]
    in_force = any(each.validity.covers(now) for each in entries)
    over = [day for each in entries if (day := each.validity.valid_until) and each.validity.ends <= now]
    return Contract(
        declared=bool(entries),
        in_force=in_force,
        ended=None if in_force else max(over, default=None),
        roles=tuple(sorted({each.role for each in entries})),
        copies=tuple(sorted({each.source for each in register.declared.copies if each.target == party})),
    )


def _after_end(graph: Graph, register: Register, party: str, as_of: Until) -> int:
    ends = max((each.validity.ends for each in register.declared.recipients if each.party == party), default=AFTER_ALL)
    if ends == AFTER_ALL:
        return 0
    volumes = graph.volumes((ends,), as_of)
    return sum(each.disclosures for each in volumes if each.route.target == party and each.first >= ends)


@dataclass(frozen=True, slots=True)
class _Looking:
    graph: Graph
    leaving: Leaving
    cases: Cases
    asked: Asked

    def left(self, reach: Reach) -> Left:
        """Return what is left of somebody. Only where a case is under way are her disclosures looked at one by one."""
        proofs = self.cases.proofs.get(reach.key) if reach.candidates == 1 else None
        if not proofs:
            return Left(reach, {"unasked": reach.had.held}, frozenset())
        by_standing: dict[Standing, set[str]] = {}
        states: set[str] = set()
        person = find_person(self.graph.near(reach.key), reach.key, self.asked.as_of)
        for each in self.graph.disclosures(person.members, self.asked.as_of):
            if each.route.target != self.asked.party:
                continue
            for category in self.leaving.left(each.route, each.at, self.asked.moment):
                if any(proof.shown(each, category) is not None for proof in proofs):
                    continue
                tasks = [task for proof in proofs for task in proof.about(each, category)]
                states.update(task.state for task in tasks if task.state not in _SHOWN)
                promised = any(proof.promised(each, category) for proof in proofs)
                by_standing.setdefault(_standing(promised=promised, asked=bool(tasks)), set()).add(category)
        if not by_standing:  # between the two questions somebody has shown that it is gone
            return Left(reach, {"asked": reach.had.held}, frozenset(states))
        return Left(reach, {each: frozenset(held) for each, held in by_standing.items()}, frozenset(states))


def _standing(*, promised: bool, asked: bool) -> Standing:
    if promised:
        return "promised"
    return "asked" if asked else "unasked"
