"""What every `lineage.keyring.KeyRing` must do. `Reopen` gives the same ring again, as another process would see it."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

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


CHECKS: tuple[Check, ...] = (
    a_new_name_gets_a_random_key_of_32_bytes,
    a_name_keeps_its_key,
    keys_are_there_for_whoever_opens_the_ring_next,
    two_who_want_the_same_new_key_get_the_same,
    two_who_make_the_same_keys_at_the_same_moment_get_the_same,
    finding_makes_no_key,
    a_name_given_twice_has_one_key,
    nothing_asked_nothing_given,
)
