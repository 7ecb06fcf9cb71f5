"""What every `lineage.findings.store.Findings` must do, beside the graph of the same store, newly made and empty.

A check gets what opens the two: each call is one more writer of the same, as another process is.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from lineage.findings.model import Change, Mark
from lineage.findings.store import TOPIC, Findings, Overtaken, Told
from lineage.graph import Graph
from tests.lineage.parts import DELIVERY, facts, key

Opened = Callable[[], tuple[Graph, Findings]]
Check = Callable[[Opened], None]
MANY = 100
OURS = "ours"
"""The register that is judged by."""


def change(event: str, sequence: int = 1, *, rule: str = "no-consent", found: bool = True, part: int = 0) -> Change:
    mark = Mark(key(event), part, rule, sequence, found, b"d%d" % sequence if found else b"")
    return Change(mark, f'{{"event":"{event}","rule":"{rule}","sequence":{sequence}}}')


def tell(findings: Findings, *changes: Change) -> None:
    """Have these told, as whoever judges does."""
    taken = findings.take(OURS, MANY, MANY)
    findings.settle(taken, changes)


def judged(findings: Findings) -> None:
    """Have all judged that is there: from then on what comes waits for whoever judges next."""
    while not (taken := findings.take(OURS, MANY, MANY)).is_empty:
        findings.settle(taken, [])


def numbers(told: object) -> list[int]:
    return [each.number for each in told]  # type: ignore[attr-defined]  # a list of Told


def nothing_is_told_at_first(opened: Opened) -> None:
    _, findings = opened()
    assert findings.take("", MANY, MANY).is_empty
    assert not findings.marks([])
    assert not findings.marks([key("e")])
    assert not findings.after(TOPIC, MANY)
    assert not findings.is_whole()
    standing = findings.standing()
    assert (standing.unjudged, standing.whole, standing.last, dict(standing.lanes)) == (0, False, 0, {})


def what_is_recorded_is_given_to_be_judged_until_it_is_settled(opened: Opened) -> None:
    graph, findings = opened()
    judged(findings)
    graph.record([facts("e1", owns=[("customer_id:1", "email:a")], discloses=[("customer_id:1", DELIVERY)])])
    graph.record([facts("e2", consents=[("email:b", "newsletter", True)])])
    graph.touch([key("phone:p")])
    expected = {key(each) for each in ("customer_id:1", "email:a", "email:b", "phone:p")}
    assert findings.standing().unjudged == 3
    for _ in range(2):  # whoever ends before it is settled leaves it to the next
        taken = findings.take(OURS, MANY, MANY)
        assert taken.keys == expected
        assert not taken.is_empty
    findings.settle(taken, [])
    _, again = opened()
    assert again.take(OURS, MANY, MANY).is_empty
    graph.record([facts("e2", consents=[("email:b", "newsletter", True)])])  # a repeated event brings nothing new
    assert findings.take(OURS, MANY, MANY).is_empty


def a_turn_takes_so_many_batches_and_what_comes_meanwhile_stays(opened: Opened) -> None:
    graph, findings = opened()
    judged(findings)
    for each in "abc":
        graph.touch([key(each)])
    taken = findings.take(OURS, 2, MANY)
    graph.touch([key("d")])
    findings.settle(taken, [])
    rest = findings.take(OURS, MANY, MANY)
    assert len(taken.keys) == 2
    assert taken.keys | rest.keys == {key(each) for each in "abcd"}
    assert not taken.keys & rest.keys


def whoever_was_overtaken_keeps_nothing(opened: Opened) -> None:
    graph, one = opened()
    _, other = opened()
    judged(one)
    graph.touch([key("a")])
    first, second = one.take(OURS, MANY, MANY), other.take(OURS, MANY, MANY)
    for act in (lambda: one.keep(first.turn, [change("e")]), lambda: one.settle(first, [change("e")])):
        with pytest.raises(Overtaken):
            act()
    assert not one.after(TOPIC, MANY)
    other.settle(second, [change("e")])
    assert len(one.after(TOPIC, MANY)) == 1
    taken = one.take(OURS, MANY, MANY)
    graph.touch([key("a")])
    taken = one.take(OURS, MANY, MANY)
    graph.forget([key("a")], 5, [], None)
    with pytest.raises(Overtaken):  # what it has read may be gone
        one.settle(taken, [])


def marks_are_what_was_told_last(opened: Opened) -> None:
    graph, findings = opened()
    graph.touch([key("a")])
    tell(findings, change("e1"), change("e1", rule="no-contract"), change("e1", part=1), change("e2"))
    graph.touch([key("a")])
    tell(findings, change("e1", 2, found=False), change("e2", 2))
    found = {each[:3]: each for each in opened()[1].marks([key("e1"), key("e2"), key("e3")])}
    assert {*found.values()} == {
        change("e1", 2, found=False).mark,
        change("e1", rule="no-contract").mark,
        change("e1", part=1).mark,
        change("e2", 2).mark,
    }
    assert not findings.marks([key("e3")])


def each_lane_gets_every_change_in_order_from_where_it_is(opened: Opened) -> None:
    graph, findings = opened()
    findings.reached("slow", 0)
    told: list[Told] = []
    for number in range(4):
        graph.touch([key("a")])
        tell(findings, change("e1", number + 1), change(f"f{number}"))
        new = findings.after(TOPIC, MANY)
        told += new
        findings.reached(TOPIC, new[-1].number)
    assert numbers(told) == sorted({*numbers(told)})
    assert [each.record for each in told if '"e1"' in each.record] == [
        change("e1", each).record for each in range(1, 5)
    ]
    slow = opened()[1].after("slow", MANY)
    assert list(slow) == told
    assert list(findings.after("slow", 3)) == told[:3]
    findings.reached("slow", told[2].number)
    findings.reached("slow", told[0].number)  # it never goes back
    assert list(findings.after("slow", MANY)) == told[3:]
    assert findings.standing().lanes["slow"] == told[2].number
    findings.reached("slow", told[-1].number)
    assert not findings.after("slow", MANY)
    # One that begins now gets of each finding what was told last.
    new = findings.after("new", MANY)
    assert {each.record for each in new} == {change("e1", 4).record, *(change(f"f{each}").record for each in range(4))}
    assert findings.standing().last == told[-1].number


def with_another_register_everything_is_judged_a_part_at_a_time(opened: Opened) -> None:
    graph, findings = opened()
    names = [f"customer_id:{each}" for each in range(5)]
    graph.record([facts(f"e{name}", discloses=[(name, DELIVERY)], owns=[(name, "email:a")]) for name in names])
    tell(findings)
    met: list[bytes] = []
    graph.touch([key("email:a")])
    taken = findings.take("one", MANY, 2)
    assert taken.whole
    assert not taken.keys  # they are met on the way
    while not taken.is_empty:
        met += taken.holders
        findings.settle(taken, [])
        taken = opened()[1].take("one", MANY, 2)
    assert sorted(met) == sorted(key(name) for name in names)
    assert findings.take("one", MANY, 2).is_empty
    first = findings.take("two", MANY, 2)
    findings.settle(first, [])
    assert list(findings.take("three", MANY, 2).holders) == list(first.holders)  # another one: from the beginning


def of_what_is_forgotten_nothing_is_told_any_more_but_that_it_is_void(opened: Opened) -> None:
    graph, findings = opened()
    judged(findings)
    graph.record([
        facts("e1", at=1, discloses=[("customer_id:1", DELIVERY)], owns=[("customer_id:1", "phone:p")]),
        facts("e2", at=1, discloses=[("customer_id:1", DELIVERY)]),
        facts("e3", at=9, discloses=[("customer_id:1", DELIVERY)]),
        facts("e4", at=1, discloses=[("customer_id:2", DELIVERY)], owns=[("customer_id:2", "phone:p")]),
    ])  # fmt: skip
    tell(findings, *(change(f"e{each}") for each in range(1, 5)))
    graph.forget([key("customer_id:1")], 5, [(key("e2"), 0)], key("case:1"))
    left = {each.record for each in findings.after(TOPIC, MANY)}
    assert left == {change("e3").record, change("e4").record}
    taken = findings.take(OURS, MANY, MANY)
    assert taken.gone == {(key("e1"), 0)}
    assert taken.keys == {key(each) for each in ("customer_id:1", "phone:p", "case:1")}
    digests = {each.event: each.digest for each in findings.marks([key(f"e{each}") for each in range(1, 5)])}
    assert digests == {key("e1"): b"", key("e2"): b"", key("e3"): b"d1", key("e4"): b"d1"}
    findings.settle(taken, [change("e1", 2, found=False), change("e2", 2)])
    assert not findings.take(OURS, MANY, MANY).gone
    assert {each.record for each in findings.after(TOPIC, MANY)} == left | {
        change("e1", 2).record,
        change("e2", 2).record,
    }


def that_a_finding_is_void_is_told_also_of_what_is_forgotten_meanwhile(opened: Opened) -> None:
    graph, findings = opened()
    findings.reached("slow", 0)
    graph.record([facts("e1", at=1, discloses=[("customer_id:1", DELIVERY)])])
    tell(findings, change("e1"), change("e1", rule="no-contract"))
    findings.reached("slow", findings.after("slow", MANY)[-1].number)
    graph.touch([key("customer_id:1")])
    tell(findings, change("e1", 2, found=False))
    graph.forget([key("customer_id:1")], 5, [], None)
    assert [each.record for each in findings.after("slow", MANY)] == [change("e1", 2, found=False).record]


def what_the_topic_has_comes_back_as_told_to_it_and_to_nobody_else(opened: Opened) -> None:
    graph, findings = opened()
    findings.restore([change("e1", 3), change("e2", 7, found=False)], over=False)
    findings.restore([change("e3"), change("e1", 3)], over=False)
    assert not findings.is_whole()
    findings.restore([], over=True)
    assert opened()[1].is_whole()
    assert {each.sequence for each in findings.marks([key("e1"), key("e2"), key("e3")])} == {3, 7, 1}
    assert not findings.after(TOPIC, MANY)
    assert len(findings.after("webhook", MANY)) == 3
    graph.touch([key("a")])
    tell(findings, change("e4"))
    findings.restore([change("e5")], over=True)  # another one that was late: what is to be told is not taken for told
    assert [each.record for each in findings.after(TOPIC, MANY)] == [change("e4").record]


def several_who_judge_at_once_tell_each_change_once(opened: Opened) -> None:
    writers, together = [opened() for _ in range(3)], Barrier(3)

    def work(number: int) -> int:
        graph, findings = writers[number]
        together.wait(timeout=60)
        done = 0
        for turn in range(6):
            graph.touch([key("a")])
            taken = findings.take(OURS, MANY, MANY)
            try:
                findings.settle(taken, [change(f"e{number}-{turn}")])
                done += 1
            except Overtaken:
                pass
        return done

    with ThreadPoolExecutor(3) as pool:
        done = sum(pool.map(work, range(3)))
    told = writers[0][1].after(TOPIC, MANY)
    assert len(told) == done
    assert numbers(told) == sorted({*numbers(told)})


CHECKS: tuple[Check, ...] = (
    nothing_is_told_at_first,
    what_is_recorded_is_given_to_be_judged_until_it_is_settled,
    a_turn_takes_so_many_batches_and_what_comes_meanwhile_stays,
    whoever_was_overtaken_keeps_nothing,
    marks_are_what_was_told_last,
    each_lane_gets_every_change_in_order_from_where_it_is,
    with_another_register_everything_is_judged_a_part_at_a_time,
    of_what_is_forgotten_nothing_is_told_any_more_but_that_it_is_void,
    that_a_finding_is_void_is_told_also_of_what_is_forgotten_meanwhile,
    what_the_topic_has_comes_back_as_told_to_it_and_to_nobody_else,
    several_who_judge_at_once_tell_each_change_once,
)
