"""What every `lineage.tombstones.Memory` must do. `Reopen` gives the same memory again, as another process would see it."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from threading import Barrier, Event

from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.tombstones import Memory, Suppression, Tombstone

Reopen = Callable[[], Memory]
Check = Callable[[Reopen], None]

KEYS = [b"%016d" % number for number in range(1300)]
ONE, OTHER = KEYS[:2]
_TURNS = st.lists(st.tuples(st.integers(0, 1), st.booleans() | st.lists(st.integers(0, 7), max_size=3)), max_size=12)
STOP = Suppression(ONE, "meta", "advertising", "objection", 10, "case-1")


def nothing_is_remembered_at_first(reopen: Reopen) -> None:
    memory = reopen()
    assert not memory.entombed(KEYS)
    assert not memory.entombed([])
    assert not memory.tombstones()
    assert not memory.suppressed(KEYS)
    memory.entomb([])
    memory.suppress([])
    assert not reopen().tombstones()


def the_tombstones_of_those_asked_for_are_given_and_no_others(reopen: Reopen) -> None:
    stones = {key: Tombstone(key, -5 + number, f"case-{number % 7}") for number, key in enumerate(KEYS[::2])}
    reopen().entomb(stones.values())
    memory = reopen()
    assert dict(memory.entombed(KEYS[:1000])) == {key: each for key, each in stones.items() if key in KEYS[:1000]}
    assert dict(memory.entombed(KEYS)) == stones
    assert dict(memory.entombed([ONE, ONE])) == {ONE: stones[ONE]}
    assert not memory.entombed([OTHER])
    assert list(memory.tombstones()) == sorted(stones.values())


def what_another_process_entombs_is_known_from_the_next_question_on(reopen: Reopen) -> None:
    """Whoever asks has asked before, and been told that there is nothing, or something else."""
    one, other = reopen(), reopen()
    assert not other.entombed(KEYS)
    one.entomb([Tombstone(ONE, 1, "case-1")])
    assert dict(other.entombed(KEYS)) == {ONE: Tombstone(ONE, 1, "case-1")}
    one.entomb([Tombstone(ONE, 2, "case-2"), Tombstone(OTHER, 1, "case-2")])
    later = {ONE: Tombstone(ONE, 2, "case-2"), OTHER: Tombstone(OTHER, 1, "case-2")}
    assert dict(other.entombed(KEYS)) == later
    assert dict(one.entombed(KEYS)) == later


def entombing_again_changes_nothing(reopen: Reopen) -> None:
    memory = reopen()
    stones = [Tombstone(ONE, 7, "case-1"), Tombstone(OTHER, 8, "case-1")]
    for _ in range(3):
        memory.entomb([*stones, *stones])
        assert list(reopen().tombstones()) == stones


def of_several_tombstones_the_latest_holds_in_whatever_order_they_came(reopen: Reopen) -> None:
    one, other = reopen(), reopen()
    stone = st.tuples(st.integers(0, 3), st.integers(-(2**62), 2**62) | st.integers(0, 2), st.sampled_from("abc"))

    @settings(max_examples=40)
    @given(st.lists(st.lists(stone, max_size=4), max_size=5), st.randoms(use_true_random=False))
    def run(batches: list[list[tuple[int, int, str]]], chance: object) -> None:
        mine = os.urandom(15)
        given = [[Tombstone(mine + bytes([key]), at, case) for key, at, case in batch] for batch in batches]
        held: dict[bytes, Tombstone] = {}
        for each in (each for batch in given for each in batch):
            held[each.key] = max(held.get(each.key, each), each)
        keys = [mine + bytes([key]) for key in range(4)]
        for number, batch in enumerate(given):
            (one, other)[number % 2].entomb(batch)
        assert dict(one.entombed(keys)) == dict(other.entombed(keys)) == held
        chance.shuffle(given)  # type: ignore[attr-defined]  # hypothesis' own Random
        for batch in given:  # again, as after a restore, in another order
            one.entomb(batch)
        assert dict(other.entombed(keys)) == held

    run()


def of_two_tombstones_of_one_moment_the_same_holds_in_either_order(reopen: Reopen) -> None:
    memory = reopen()
    for order in (("case-1", "case-2"), ("case-2", "case-1")):
        key = os.urandom(16)
        for case in order:
            memory.entomb([Tombstone(key, 1, case)])
        assert memory.entombed([key])[key].case == "case-2"


def two_who_entomb_the_same_at_the_same_moment_leave_the_later(reopen: Reopen) -> None:
    """The first rows of an empty store too: both must make the one key that rows are veiled under."""
    memories, together = (reopen(), reopen()), Barrier(2)

    def entomb(memory: Memory, mine: int) -> None:
        for turn in range(15):
            together.wait(timeout=60)
            memory.entomb(
                [Tombstone(key, (turn * 2 + number) * (-1) ** mine, f"{mine}") for number, key in enumerate(KEYS[:9])]
            )

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(entomb, memories, range(2)))
    assert list(reopen().tombstones()) == [Tombstone(key, 28 + number, "0") for number, key in enumerate(KEYS[:9])]


def whatever_is_asked_and_entombed_in_turn_the_answer_is_what_there_is(reopen: Reopen) -> None:
    """Beside a dict. Whoever asks about few at a time, and whoever asks about many, are answered in different ways."""
    memories = reopen(), reopen()

    @settings(max_examples=40)
    @given(_TURNS)
    def run(turns: list[tuple[int, list[int] | bool]]) -> None:
        mine, there = os.urandom(14), dict[bytes, Tombstone]()
        keys = [mine + b"%02d" % number for number in range(8)]
        for at, (who, what) in enumerate(turns):
            if isinstance(what, list):
                stones = {keys[number]: Tombstone(keys[number], at, "case") for number in what}
                memories[who].entomb(stones.values())
                there |= stones
            else:
                others = [os.urandom(16) for _ in range(600)] if what else []
                assert dict(memories[who].entombed([*others, *keys])) == there

    run()


def one_memory_may_be_used_by_several_threads(reopen: Reopen) -> None:
    """Whoever asks is told of all that was there before; of what comes while he asks he may be told or not."""
    memory, together, over = reopen(), Barrier(3), Event()
    begun, done = 0, 0

    def ask(keys: list[bytes]) -> int:
        together.wait(timeout=60)
        while not over.is_set():
            before = done
            found = memory.entombed(keys)
            assert set(KEYS[:before]) <= found.keys() <= set(KEYS[:begun])
            assert all(each.key == key for key, each in found.items())
        return len(memory.entombed(keys))

    def entomb() -> None:
        nonlocal begun, done
        together.wait(timeout=60)
        try:
            for number in range(30):
                begun = number + 1
                memory.entomb([Tombstone(KEYS[number], number, "case")])
                done = number + 1
        finally:
            over.set()

    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask, KEYS[:40]), pool.submit(ask, KEYS)]
        pool.submit(entomb).result()
        assert [each.result() for each in asking] == [30, 30]


def a_suppression_stands_for_its_identifier_until_it_is_lifted(reopen: Reopen) -> None:
    one, other = reopen(), reopen()
    everywhere = Suppression(ONE, "*", "*", "restriction", 5, "case-2")
    assert not other.suppressed([ONE])
    one.suppress([STOP, everywhere])
    assert list(other.suppressed(KEYS)) == sorted([STOP, everywhere])
    assert not other.suppressed([OTHER])
    one.suppress([STOP._replace(at=11, lifted=True, case="case-3")])
    assert list(other.suppressed([ONE, ONE])) == [everywhere]
    one.suppress([STOP._replace(at=12)])
    assert list(other.suppressed([ONE])) == sorted([STOP._replace(at=12), everywhere])


def of_several_suppressions_the_latest_holds_in_whatever_order_they_came(reopen: Reopen) -> None:
    """Of two at one moment that which protects; another party, purpose or ground is another suppression."""
    memory, other = reopen(), reopen()
    said = [STOP, STOP._replace(at=11, lifted=True), STOP._replace(at=12), STOP._replace(at=12, lifted=True)]
    apart = [STOP._replace(party="posti"), STOP._replace(purpose="analytics"), STOP._replace(ground="restriction")]
    for order in permutations(said):
        key = os.urandom(16)
        for each in [*order, *apart]:
            memory.suppress([each._replace(key=key)])
        stands = sorted(each._replace(key=key) for each in [STOP._replace(at=12), *apart])
        assert list(other.suppressed([key])) == stands
        memory.suppress([each._replace(key=key) for each in reversed(order)])
        assert list(other.suppressed([key])) == stands


def all_that_was_ever_said_is_kept_in_whatever_order_it_came(reopen: Reopen) -> None:
    """What was sent between a suppression and its lifting was sent against it, also when it is asked for later."""
    memory, other = reopen(), reopen()
    said = [STOP, STOP._replace(at=11, lifted=True), STOP._replace(at=12), STOP._replace(at=12, case="case-2")]
    for order in permutations(said):
        key = os.urandom(16)
        for each in [*order, *order]:
            memory.suppress([each._replace(key=key)])
        assert list(other.suppressions([key, key])) == sorted(each._replace(key=key) for each in said)
    assert not other.suppressions([OTHER])


def words_that_run_into_each_other_are_kept_apart(reopen: Reopen) -> None:
    memory = reopen()
    both = [STOP._replace(party="ab", purpose="c"), STOP._replace(party="a", purpose="bc")]
    memory.suppress(both)
    assert list(memory.suppressed([ONE])) == sorted(both)


CHECKS: tuple[Check, ...] = (
    nothing_is_remembered_at_first,
    the_tombstones_of_those_asked_for_are_given_and_no_others,
    what_another_process_entombs_is_known_from_the_next_question_on,
    entombing_again_changes_nothing,
    of_several_tombstones_the_latest_holds_in_whatever_order_they_came,
    of_two_tombstones_of_one_moment_the_same_holds_in_either_order,
    two_who_entomb_the_same_at_the_same_moment_leave_the_later,
    whatever_is_asked_and_entombed_in_turn_the_answer_is_what_there_is,
    one_memory_may_be_used_by_several_threads,
    a_suppression_stands_for_its_identifier_until_it_is_lifted,
    of_several_suppressions_the_latest_holds_in_whatever_order_they_came,
    all_that_was_ever_said_is_kept_in_whatever_order_it_came,
    words_that_run_into_each_other_are_kept_apart,
)
