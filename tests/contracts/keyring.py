"""What every `lineage.keyring.KeyRing` must do. `Reopen` gives the same ring again, as another process would see it."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.errors import Refused
from lineage.keyring import KeyRing

Reopen = Callable[[], KeyRing]
Check = Callable[[Reopen], None]

NAMES = [b"name-%04d" % number for number in range(1200)]


def a_new_name_gets_a_random_key_of_32_bytes(reopen: Reopen) -> None:
    keys = reopen().keys(NAMES)
    assert set(keys) == set(NAMES)
    assert {len(key) for key in keys.values()} == {32}
    assert len(set(keys.values())) == len(NAMES)


def a_name_keeps_its_key(reopen: Reopen) -> None:
    ring = reopen()
    first = dict(ring.keys([b"a", b"b"]))
    assert ring.keys([b"b", b"c"])[b"b"] == first[b"b"]
    assert dict(ring.keys([b"a", b"b"])) == first


def keys_are_there_for_whoever_opens_the_ring_next(reopen: Reopen) -> None:
    first = dict(reopen().keys(NAMES))
    assert dict(reopen().find(NAMES)) == first
    assert dict(reopen().keys(NAMES)) == first


def two_who_want_the_same_new_key_get_the_same(reopen: Reopen) -> None:
    one, other = reopen(), reopen()
    assert one.keys([b"a"]) == other.keys([b"a"])
    assert other.find([b"a"]) == one.find([b"a"])


def two_who_make_the_same_keys_at_the_same_moment_get_the_same(reopen: Reopen) -> None:
    """Each has a ring of its own; some names are asked by both, in another order, some by one of them."""
    rounds = [[b"%d %d %s" % (each, number, os.urandom(8)) for number in range(60)] for each in range(40)]
    together = Barrier(2)

    def ask(ring: KeyRing, *, first: bool) -> dict[bytes, bytes]:
        got: dict[bytes, bytes] = {}
        for names in rounds:
            together.wait(timeout=60)
            got |= ring.keys(names[:50] if first else names[:9:-1])
        return got

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(ask, reopen(), first=True), pool.submit(ask, reopen(), first=False)
        got, too = one.result(), other.result()
    shared = got.keys() & too.keys()
    assert len(shared) == 40 * len(rounds)
    assert [name for name in shared if got[name] != too[name]] == []
    assert dict(reopen().find([name for names in rounds for name in names])) == got | too


def finding_makes_no_key(reopen: Reopen) -> None:
    ring = reopen()
    ring.keys([b"a"])
    assert set(ring.find([b"a", b"b"])) == {b"a"}
    assert not ring.find([b"b"])
    assert not reopen().find([b"b"])


def a_name_given_twice_has_one_key(reopen: Reopen) -> None:
    ring = reopen()
    assert set(ring.keys([b"a", b"a"])) == {b"a"}
    assert ring.keys([b"a"]) == reopen().find([b"a", b"a"])


def nothing_asked_nothing_given(reopen: Reopen) -> None:
    assert not reopen().keys([])
    assert not reopen().find([])


def a_destroyed_key_is_given_by_no_ring_any_more(reopen: Reopen) -> None:
    """The other ring has used the keys, and remembers what it has used."""
    one, other = reopen(), reopen()
    kept = {name: key for name, key in other.keys(NAMES).items() if name in NAMES[1000:]}
    assert one.destroy(NAMES[:1000]) == 1000
    for ring in (other, one, reopen()):
        assert dict(ring.find(NAMES)) == kept


def a_name_whose_key_was_destroyed_gets_a_new_one(reopen: Reopen) -> None:
    one, other = reopen(), reopen()
    dead = set(other.keys(NAMES).values())
    one.destroy(NAMES)
    made = dict(other.keys(NAMES))
    assert not dead & set(made.values())
    assert dict(one.keys(NAMES)) == made


def destroying_again_destroys_nothing_and_is_no_error(reopen: Reopen) -> None:
    ring = reopen()
    kept = dict(ring.keys([b"a", b"b", b"c"]))
    assert ring.destroy([b"a", b"a", b"b", b"never"]) == 2
    assert ring.destroy([b"a", b"b", b"never"]) == 0
    assert reopen().destroy([b"a"]) == 0
    assert ring.destroy([]) == 0
    assert dict(ring.find([b"a", b"b", b"c"])) == {b"c": kept[b"c"]}


def a_key_of_the_companys_own_is_never_destroyed(reopen: Reopen) -> None:
    ring = reopen()
    made = dict(ring.keys([b"company:pseudonyms", b"a"]))
    with pytest.raises(Refused):
        ring.destroy([b"a", b"company:pseudonyms"])
    assert dict(reopen().find([b"company:pseudonyms", b"a"])) == made


def two_who_destroy_the_same_keys_at_the_same_moment_destroy_each_once(reopen: Reopen) -> None:
    rings, together = (reopen(), reopen()), Barrier(2)

    def destroy(ring: KeyRing, names: list[bytes]) -> int:
        together.wait(timeout=60)
        return ring.destroy(names)

    rings[0].keys(NAMES)
    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(destroy, rings, (NAMES[:800], NAMES[:399:-1]))) == len(NAMES)
    assert not reopen().find(NAMES)


def one_ring_may_be_used_by_several_threads(reopen: Reopen) -> None:
    """One seals, one writes letters, one destroys; nobody is given a key that was dead when he asked for it."""
    _while_keys_are_destroyed(*[reopen()] * 3)


def several_rings_may_be_used_at_once(reopen: Reopen) -> None:
    """As one ring by several threads, and what one ring remembers another destroys."""
    _while_keys_are_destroyed(reopen(), reopen(), reopen())


def _while_keys_are_destroyed(sealing: KeyRing, writing: KeyRing, destroying: KeyRing) -> None:
    names, dead, over, together = NAMES[:80], set[bytes](), Event(), Barrier(3)

    def use(ring: KeyRing, own: list[bytes]) -> int:
        kept, rounds = dict(ring.keys(own)), 0
        together.wait(timeout=60)
        while not over.is_set() or rounds < 20:
            known_dead = frozenset(dead)
            got = ring.keys([*names, *own])
            assert got.keys() == {*names, *own}
            assert not known_dead.intersection(got.values())
            assert {name: got[name] for name in own} == kept
            assert not known_dead.intersection(ring.find(names).values())
            rounds += 1
        return rounds

    def destroy() -> None:
        together.wait(timeout=60)
        try:
            for turn in range(40):
                doomed = names[turn % 7 :: 3]
                seen = destroying.keys(doomed)  # nobody else destroys: these are the ones that go
                assert destroying.destroy(doomed) == len(doomed)
                dead.update(seen.values())
        finally:
            over.set()

    with ThreadPoolExecutor(3) as pool:
        users = pool.submit(use, sealing, [b"sealing"]), pool.submit(use, writing, [b"letters"])
        pool.submit(destroy).result()
        assert all(user.result() >= 20 for user in users)
    assert dead


_FEW = st.lists(st.sampled_from([b"a", b"b", b"c", b"d"]), max_size=4)
_STEPS = st.lists(st.tuples(st.sampled_from(["keys", "find", "destroy"]), st.integers(0, 1), _FEW), max_size=12)


def whatever_two_rings_do_in_turn_they_give_what_there_is(reopen: Reopen) -> None:
    """Beside a dict that does the same, in any order of questions and destructions."""
    rings = reopen(), reopen()

    @settings(max_examples=40)
    @given(_STEPS)
    def run(steps: list[tuple[str, int, list[bytes]]]) -> None:
        mine, there, dead = os.urandom(8), dict[bytes, bytes](), set[bytes]()
        for what, ring, few in steps:
            names = [mine + name for name in few]
            held = {name: there[name] for name in names if name in there}
            if what == "destroy":
                assert rings[ring].destroy(names) == len(held)
                dead |= {there.pop(name) for name in held}
                continue
            got = getattr(rings[ring], what)(names)
            assert {name: got[name] for name in held} == held
            assert got.keys() == (set(names) if what == "keys" else held.keys())
            assert not dead.intersection(got.values())
            there |= got

    run()


CHECKS: tuple[Check, ...] = (
    a_new_name_gets_a_random_key_of_32_bytes,
    a_name_keeps_its_key,
    keys_are_there_for_whoever_opens_the_ring_next,
    two_who_want_the_same_new_key_get_the_same,
    two_who_make_the_same_keys_at_the_same_moment_get_the_same,
    finding_makes_no_key,
    a_name_given_twice_has_one_key,
    nothing_asked_nothing_given,
    a_destroyed_key_is_given_by_no_ring_any_more,
    a_name_whose_key_was_destroyed_gets_a_new_one,
    destroying_again_destroys_nothing_and_is_no_error,
    a_key_of_the_companys_own_is_never_destroyed,
    two_who_destroy_the_same_keys_at_the_same_moment_destroy_each_once,
    one_ring_may_be_used_by_several_threads,
    several_rings_may_be_used_at_once,
    whatever_two_rings_do_in_turn_they_give_what_there_is,
)
