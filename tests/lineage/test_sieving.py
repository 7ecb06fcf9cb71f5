"""The sieve before the table of tombstones: it holds back none that is there, and is made when that pays."""

from collections.abc import Iterator
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from lineage.stores.sieving import Sieve, Sifting

NAMES = st.lists(st.binary(min_size=16, max_size=16), max_size=50)


def drawn(count: int, seed: int) -> list[bytes]:
    return [sha256(b"%d %d" % (seed, number)).digest()[:16] for number in range(count)]


class Reading:
    """A table that counts how often all of it is read."""

    def __init__(self, names: list[bytes]) -> None:
        self.names, self.times = names, 0

    def __call__(self) -> Iterator[list[bytes]]:
        self.times += 1
        yield self.names[:10]
        yield self.names[10:]


@given(NAMES, NAMES)
def test_every_name_that_is_there_comes_through_in_whatever_pages_it_came(
    there: list[bytes], others: list[bytes]
) -> None:
    for pages in ([there], [[name] for name in there], [there, []]):
        assert not set(there).difference(Sieve(b"1", pages).sifted([*others, *there]))


def test_through_an_empty_sieve_nothing_comes() -> None:
    assert Sieve(b"1", []).sifted(drawn(1000, 1)) == []


def test_of_the_names_that_are_not_there_no_more_than_one_in_fifty_comes_through_whatever_the_size() -> None:
    others = drawn(20_000, 1)
    for size in (1, 100, 1023, 1024, 1025, 30_000):
        assert len(Sieve(b"1", [drawn(size, 2)]).sifted(others)) < len(others) / 50


def test_for_a_few_questions_about_one_name_no_table_is_read() -> None:
    sifting, reading = Sifting(), Reading(drawn(5000, 1))
    for name in drawn(500, 2):
        assert sifting.sifted(b"1", [name], reading) == [name]
    assert not reading.times


def test_for_many_names_it_is_read_once_until_it_changes() -> None:
    table = drawn(100, 1)
    sifting, reading = Sifting(), Reading(table)
    for seed in range(5):
        assert set(table) <= set(sifting.sifted(b"1", [*drawn(1000, seed), *table], reading))
    assert reading.times == 1
    table += drawn(1, 99)
    assert table[-1] in sifting.sifted(b"2", [*drawn(1000, 6), *table], reading)
    assert reading.times == 2


def test_a_table_that_changes_with_every_question_is_read_no_oftener_than_it_pays() -> None:
    table = drawn(80_000, 1)
    sifting, reading = Sifting(), Reading(table)
    for turn in range(50):
        names = [*drawn(1000, turn), *table[turn : turn + 10]]
        assert set(table[turn : turn + 10]) <= set(sifting.sifted(b"%d" % turn, names, reading))
    # 20,000 names asked about the long way cost what it costs to read 80,000: twenty batches.
    assert reading.times == 1 + 49 // 20


def test_what_is_forgotten_is_read_again() -> None:
    sifting, reading = Sifting(), Reading([])
    sifting.sifted(b"1", drawn(1000, 1), reading)
    sifting.forget()
    assert sifting.sifted(b"1", drawn(1, 1), reading) == drawn(1, 1)
    sifting.sifted(b"1", drawn(1000, 1), reading)
    assert reading.times == 2
