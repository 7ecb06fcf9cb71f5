"""Whatever was recorded: those reached are just the persons that asking for each of them alone would give."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lineage.cases.journal import CaseRow
from lineage.facts import Facts
from lineage.graph import NOW
from lineage.persons import find_person
from lineage.reached import Asked, Reach, Reached, Row, reached
from lineage.reached.gathering import gather
from lineage.register import load_register
from lineage.stores.spool import SqliteSpool
from schemas.vocabulary import vocabulary
from tests.lineage.drawn import TIMES, events
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import DELIVERY, facts, key

REGISTER = load_register(None, frozenset(vocabulary().categories))
NOW_ = 1_000


class AllKeys:
    """A ring in which nobody's key is missing."""

    def find(self, names: Collection[bytes]) -> Mapping[bytes, bytes]:
        return dict.fromkeys(names, b"key")


class NoCases:
    """A journal without a case."""

    def cases(self, states: Collection[str] = ()) -> Sequence[CaseRow]:  # noqa: ARG002 - the port's
        return ()


def asked(graph: MemoryGraph, since: int | None = None, until: int | None = None) -> tuple[Reached, list[Reach]]:
    told: list[Reach] = []
    spool = SqliteSpool()
    question = Asked("posti", since, until, NOW_)
    found = reached(graph, AllKeys(), NoCases(), REGISTER, question, spool, told.append)  # type: ignore[arg-type]  # all that is asked of them
    spool.close()
    return found, told


drawn = st.integers(1, 6).flatmap(lambda n: st.tuples(*(events(f"event-{each}") for each in range(n))))
times = st.none() | st.sampled_from([*TIMES, 15])


@settings(max_examples=120, deadline=None)
@given(several=drawn, since=times, until=times)
def test_those_reached_are_the_persons_whose_data_the_party_got_by_the_end(
    several: tuple[Facts, ...], since: int | None, until: int | None
) -> None:
    assume(since is None or until is None or since <= until)
    graph = MemoryGraph()
    graph.record(several)
    found, told = asked(graph, since, until)
    persons: dict[frozenset[bytes], list[int]] = {}
    shared: dict[bytes, list[int]] = {}
    for each in graph.every_disclosure(None):
        if each.route.target == "posti" and (until is None or each.at <= until):
            person = find_person(graph, each.holder, NOW)
            if person.candidates == 1:
                persons.setdefault(frozenset(person.members), []).append(each.at)
            else:
                shared.setdefault(each.holder, []).append(each.at)
    within = [at for ats in persons.values() for at in ats if since is None or at >= since]
    assert (found.persons, found.disclosures) == (len(persons), len(within))
    assert found.shared == len(shared)
    assert len({each.key for each in told}) == len(told) == len(persons) + len(shared)
    for each in told:
        if each.candidates == 1:
            assert frozenset(find_person(graph, each.key, NOW).members) in persons


def test_rows_of_one_person_come_together_however_many_identifiers_they_hang_on() -> None:
    graph = MemoryGraph()
    graph.record(
        [
            facts(f"e{n}", owns=[("customer_id:c", f"order_id:{n}")], discloses=[(f"order_id:{n}", DELIVERY)])
            for n in range(50)
        ]
    )
    spool = SqliteSpool()
    gather(graph, AllKeys(), Asked("posti", None, None, NOW_), spool, lambda _: None)  # type: ignore[arg-type]  # the same
    groups: Iterator[Sequence[Row]] = spool.by_person()
    (rows,) = groups
    assert {each.whose for each in rows} == {key("customer_id:c")}
    assert len(rows) == 50
    spool.close()
