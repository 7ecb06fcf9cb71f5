"""What every `lineage.graph.Graph` must do when it forgets. `FORGETTING` is part of `tests.contracts.graph.CHECKS`.

`TWO_WRITERS` take the same store opened twice, as two processes have it: what one remembers must not outlive what the
other has forgotten.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from lineage.graph import NOW, Forgotten, Graph, Until
from tests.lineage.parts import DELIVERY, facts, key, route

CASE = key("case:random")
ROUNDS = 40
NOTHING = Forgotten(0, 0, 0, 0, 0, 0)


def someone(number: int, name: str = "c", at: int = 10) -> object:
    """An order of a customer: she owns her e-mail and the order, and Posti and a newsletter got something."""
    return facts(
        f"order-{name}-{number}",
        at=at,
        recorded=at,
        owns=[(f"customer_id:{name}", f"email:{name}"), (f"customer_id:{name}", f"order_id:{name}{number}")],
        discloses=[(f"customer_id:{name}", DELIVERY), (f"email:{name}", route("sendgrid", "newsletter"))],
        consents=[(f"email:{name}", "newsletter", True)],
        link=(f"customer_id:{name}", f"phone:{name}", True),
    )


def whole(name: str = "c", orders: int = 1) -> list[bytes]:
    """All identifiers of `someone`."""
    names = [f"customer_id:{name}", f"email:{name}", f"phone:{name}", *(f"order_id:{name}{n}" for n in range(orders))]
    return [key(each) for each in names]


def told(graph: Graph, keys: list[bytes], until: Until = NOW) -> bool:
    """Whether anything at all is told of these identifiers."""
    return bool(
        graph.owners(keys, until) or graph.owned(keys, until) or graph.links(keys, until) or graph.kinds(keys)
        or graph.disclosures(keys, until) or graph.consents(keys, until)
    )  # fmt: skip


def nothing_is_left_of_who_was_forgotten_but_that_her_events_are_known(graph: Graph) -> None:
    graph.record([someone(0), someone(1), someone(0, "d")])
    others = [graph.disclosures(whole("d"), NOW), graph.consents(whole("d"), NOW), graph.links(whole("d"), NOW)]
    assert graph.forget(whole(orders=2), 10, [], None) == Forgotten(4, 2, 2, 3, 5, 0)
    assert not told(graph, whole(orders=2))
    assert [graph.disclosures(whole("d"), NOW), graph.consents(whole("d"), NOW), graph.links(whole("d"), NOW)] == others
    assert dict(graph.counts()) == {"events": 3, "identifiers": 4, "disclosures": 2, "dead_letters": 0}
    assert {each.holder for each in graph.every_disclosure(None)} == {key("customer_id:d"), key("email:d")}
    assert sum(each.disclosures for each in graph.volumes([])) == 2
    again = [someone(0), someone(1)]
    assert graph.contents([each.event for each in again]) == {each.event: b"contents" for each in again}
    assert set(graph.record(again)) == {each.event for each in again}
    assert not told(graph, whole(orders=2))


def forgetting_again_and_forgetting_nobody_changes_nothing(graph: Graph) -> None:
    graph.record([someone(0), someone(0, "d")])
    assert graph.forget([], 10, [], None) == NOTHING
    assert graph.forget([key("email:nobody")], 10, [(key("order-c-0"), 0)], CASE) == NOTHING
    kept = [(key("order-c-0"), 0)]
    assert graph.forget(whole(), 10, kept, CASE) == Forgotten(1, 1, 1, 2, 4, 1)
    stands = [dict(graph.counts()), list(graph.disclosures([CASE], NOW)), dict(graph.kinds([CASE]))]
    assert graph.forget(whole(), 10, kept, CASE) == NOTHING
    assert graph.forget(whole(), 10, kept, key("case:another")) == NOTHING
    assert [dict(graph.counts()), list(graph.disclosures([CASE], NOW)), dict(graph.kinds([CASE]))] == stands
    assert not graph.kinds([key("case:another")])


def what_is_kept_hangs_on_an_identifier_that_leads_to_nobody(graph: Graph) -> None:
    one, other = someone(0), someone(1)
    graph.record([one, other])
    kept = [(one.event, 0), (other.event, 1), (key("no-event"), 0)]
    assert graph.forget(whole(orders=2), 10, kept, CASE) == Forgotten(2, 2, 2, 3, 5, 2)
    assert not told(graph, whole(orders=2))
    expected = [one.disclosures[0]._replace(holder=CASE), other.disclosures[1]._replace(holder=CASE)]
    assert Counter(graph.disclosures([CASE], NOW)) == Counter(expected)
    assert dict(graph.kinds([CASE])) == {CASE: "case"}
    assert not graph.owners([CASE], NOW)
    assert not graph.owned([CASE], NOW)
    assert not graph.links([CASE], NOW)
    assert Counter(graph.every_disclosure(None)) == Counter(each._replace(as_sent=b"") for each in expected)
    assert graph.counts()["identifiers"] == 1
    assert graph.forget([CASE], 10, [], None) == Forgotten(2, 0, 0, 0, 1, 0), "what was held goes when its time is over"
    assert dict(graph.counts()) == {"events": 2, "identifiers": 0, "disclosures": 0, "dead_letters": 0}


def what_occurred_later_stays_with_whom_it_hangs_on(graph: Graph) -> None:
    later = facts(
        "later", at=11, recorded=11, owns=[("customer_id:c", "order_id:new")], discloses=[("customer_id:c", DELIVERY)],
        consents=[("email:c", "newsletter", False)], link=("phone:c", "email:d", True),
    )  # fmt: skip
    graph.record([someone(0), later])
    assert graph.forget(whole(), 10, [], None) == Forgotten(2, 1, 1, 2, 1, 0)
    keys = [*whole(), key("order_id:new"), key("email:d")]
    assert list(graph.disclosures(keys, NOW)) == list(later.disclosures)
    assert list(graph.consents(keys, NOW)) == list(later.consents)
    assert list(graph.links(keys, NOW)) == list(later.links)
    assert list(graph.owned(keys, NOW)) == [(key("customer_id:c"), key("order_id:new"))]
    assert set(graph.kinds(keys)) == {*keys} - {key("order_id:c0")}


def who_has_something_of_another_stays(graph: Graph) -> None:
    """Identifiers that are not given stay, and given ones that another's ownership or link leads to."""
    graph.record(
        [someone(0), facts("e", at=20, owns=[("customer_id:d", "phone:c")], discloses=[("phone:c", DELIVERY)])]
    )
    assert graph.forget([key("customer_id:c"), key("phone:c")], 10, [], None) == Forgotten(1, 0, 1, 2, 1, 0)
    assert set(graph.kinds(whole())) == {key("email:c"), key("phone:c"), key("order_id:c0")}
    assert list(graph.owners([key("phone:c")], NOW)) == [(key("customer_id:d"), key("phone:c"))]
    assert len(graph.disclosures([key("phone:c")], NOW)) == 1
    assert len(graph.consents([key("email:c")], NOW)) == 1


def who_was_forgotten_comes_back_as_somebody_new(graph: Graph) -> None:
    graph.record([someone(0)])
    graph.forget(whole(), 10, [], None)
    back = someone(1, at=30)
    assert not set(graph.record([back]))
    keys = whole(orders=2)
    assert list(graph.disclosures(keys[:1], NOW)) == [back.disclosures[0]]
    assert list(graph.consents(keys, NOW)) == list(back.consents)
    assert list(graph.links(keys, NOW)) == list(back.links)
    assert set(graph.owned(keys, NOW)) == set(back.owns)
    assert set(graph.kinds(keys)) == {*keys} - {key("order_id:c0")}
    assert graph.forget(keys, 10, [], None) == NOTHING
    assert set(graph.owned(keys, NOW)) == set(back.owns)


def an_ownership_known_first_by_then_goes_and_comes_back_with_whatever_tells_it_next(graph: Graph) -> None:
    pair = [("customer_id:c", "email:c")]
    graph.record([facts("e1", at=30, recorded=1, owns=pair), facts("e2", at=10, recorded=2, owns=pair)])
    graph.record([facts("e3", at=40, recorded=3, owns=pair)])
    assert graph.forget(whole(), 20, [], None) == Forgotten(0, 0, 0, 1, 0, 0)
    assert not graph.owners([key("email:c")], Until(at=29)), "it is known by the event of 30 alone now"
    assert graph.owners([key("email:c")], NOW)
    assert graph.forget(whole(), 30, [], None) == Forgotten(0, 0, 0, 1, 2, 0)
    assert not told(graph, whole())
    graph.record([facts("e4", at=50, recorded=50, owns=pair)])
    assert list(graph.owners([key("email:c")], NOW)) == [(key("customer_id:c"), key("email:c"))]


def one_person_with_ten_thousand_facts_is_forgotten_at_once(graph: Graph) -> None:
    for first in range(0, 10_000, 5_000):
        graph.record([
            facts(f"e{number}", at=1, owns=[("customer_id:c", f"order_id:{number}")],
                  discloses=[(("customer_id:c", f"order_id:{number}")[number % 2], DELIVERY)])
            for number in range(first, first + 5_000)
        ])  # fmt: skip
    everyone = [key("customer_id:c"), *(key(f"order_id:{number}") for number in range(10_000))]
    kept = [(key(f"e{number}"), 0) for number in range(4_000)]
    assert graph.forget(everyone, 1, kept, CASE) == Forgotten(6_000, 0, 0, 10_000, 10_001, 4_000)
    assert dict(graph.counts()) == {"events": 10_000, "identifiers": 1, "disclosures": 4_000, "dead_letters": 0}


def what_is_kept_may_go_on_hanging_where_it_hung(graph: Graph) -> None:
    graph.record([someone(0), someone(1)])
    graph.forget(whole(orders=2), 10, [(key("order-c-0"), 0), (key("order-c-1"), 0)], CASE)
    assert graph.forget([CASE], 20, [(key("order-c-1"), 0)], CASE).disclosures == 1
    assert [each.event for each in graph.disclosures([CASE], NOW)] == [key("order-c-1")]
    assert graph.kinds([CASE]) == {CASE: "case"}


FORGETTING: tuple[Callable[[Graph], None], ...] = (
    what_is_kept_may_go_on_hanging_where_it_hung,
    nothing_is_left_of_who_was_forgotten_but_that_her_events_are_known,
    forgetting_again_and_forgetting_nobody_changes_nothing,
    what_is_kept_hangs_on_an_identifier_that_leads_to_nobody,
    what_occurred_later_stays_with_whom_it_hangs_on,
    who_has_something_of_another_stays,
    who_was_forgotten_comes_back_as_somebody_new,
    an_ownership_known_first_by_then_goes_and_comes_back_with_whatever_tells_it_next,
    one_person_with_ten_thousand_facts_is_forgotten_at_once,
)


def what_another_writer_forgot_is_not_remembered(one: Graph, other: Graph) -> None:
    """All of it is remembered by both; then one forgets, and the other records the same persons anew."""
    for writer, number in ((one, 0), (other, 1)):
        writer.record([someone(number), someone(number, "d")])
    one.forget(whole(orders=2), 10, [], None)
    back = someone(2, at=30)
    other.record([back])
    for graph in (one, other):
        assert [each.event for each in graph.disclosures(whole(), NOW)] == [back.event] * 2
        assert set(graph.owned(whole(), NOW)) == set(back.owns)
        assert set(graph.owners(whole(orders=3), NOW)) == set(back.owns)
        assert len(graph.disclosures(whole("d"), NOW)) == 4
    one.record([someone(3, at=40)])
    assert len(other.disclosures(whole(), NOW)) == 4
    assert dict(one.counts()) == dict(other.counts())


def what_another_writer_made_in_the_place_of_what_was_forgotten_is_not_taken_for_it(one: Graph, other: Graph) -> None:
    """Row numbers that have become free may be given to somebody else."""
    other.record([someone(0)])
    one.forget(whole(), 10, [], None)
    one.record([someone(0, "d"), someone(0, "e")])
    other.record([someone(1, at=30)])
    for name in ("d", "e"):
        assert {each.event for each in one.disclosures(whole(name), NOW)} == {key(f"order-{name}-0")}
    assert {each.event for each in one.disclosures(whole(orders=2), NOW)} == {key("order-c-1")}


def one_records_while_the_other_forgets_and_nothing_later_is_lost(one: Graph, other: Graph) -> None:
    """Of every order there is an earlier part, which goes, and a later one, which stays: with whom it hangs on, and owned."""
    barrier, over = Barrier(2), Event()
    people = [key(f"customer_id:{number}") for number in range(4)]

    def order(number: int) -> list[object]:
        who = f"customer_id:{number % 4}"
        return [
            facts(f"{part}-{number}", at=at, recorded=100 + number, owns=[(who, f"order_id:{part}{number}")],
                  discloses=[(who, DELIVERY), (f"order_id:{part}{number}", DELIVERY)],
                  consents=[(who, "newsletter", True)], link=(who, f"phone:{part}{number}", True))
            for part, at in (("early", 10), ("late", 30))
        ]  # fmt: skip

    def forget() -> int:
        barrier.wait(timeout=30)
        rounds = 0
        while not over.is_set() or not rounds:
            other.forget(people, 20, [], None)
            rounds += 1
        return rounds

    with ThreadPoolExecutor(1) as thread:
        forgetting = thread.submit(forget)
        try:
            barrier.wait(timeout=30)
            for number in range(ROUNDS):
                one.record(order(number))
        finally:
            over.set()
        assert forgetting.result(timeout=60)
    other.forget(people, 20, [], None)
    late = [f"late-{number}" for number in range(ROUNDS)]
    for graph in (one, other):
        assert Counter(each.event for each in graph.disclosures(people, NOW)) == Counter(map(key, late))
        assert Counter(each.event for each in graph.consents(people, NOW)) == Counter(map(key, late))
        assert Counter(each.event for each in graph.links(people, NOW)) == Counter(map(key, late))
        owned = {(key(f"customer_id:{n % 4}"), key(f"order_id:late{n}")) for n in range(ROUNDS)}
        assert set(graph.owned(people, NOW)) == owned
        assert graph.counts()["events"] == 2 * ROUNDS
        assert graph.counts()["disclosures"] == 3 * ROUNDS, "orders that were not asked for keep their own"
        assert len(list(graph.every_disclosure(None))) == 3 * ROUNDS, "every disclosure hangs on somebody"


TWO_WRITERS: tuple[Callable[[Graph, Graph], None], ...] = (
    what_another_writer_forgot_is_not_remembered,
    what_another_writer_made_in_the_place_of_what_was_forgotten_is_not_taken_for_it,
    one_records_while_the_other_forgets_and_nothing_later_is_lost,
)
