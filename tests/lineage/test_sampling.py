from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lineage.sampling import drawn


def name(each: int) -> bytes:
    return str(each).encode()


@given(st.sets(st.integers(), max_size=60), st.text(max_size=10), st.randoms())
def test_the_same_seed_draws_the_same_in_whatever_order_they_come(among: set[int], seed: str, order: object) -> None:
    one, other = sorted(among), sorted(among)
    order.shuffle(other)  # type: ignore[attr-defined]
    assert drawn(seed, one, name, 10) == drawn(seed, other, name, 10)


@given(st.sets(st.integers(), max_size=60), st.integers(0, 70))
def test_as_many_as_are_wanted_are_drawn_or_all_there_are_each_once(among: set[int], most: int) -> None:
    found = drawn("7", sorted(among), name, most)
    assert len(found) == min(most, len(among)) == len(set(found))
    assert set(found) <= among


@given(st.sets(st.integers(0, 1_000), min_size=11, max_size=60), st.integers(1_001))
def test_one_more_takes_the_place_of_one_at_most(among: set[int], more: int) -> None:
    before, after = (set(drawn("7", each, name, 10)) for each in (among, among | {more}))
    assert after <= before | {more}
    assert len(before - after) <= 1


def test_every_one_is_drawn_about_as_often_as_any_other() -> None:
    seen = Counter(each for seed in range(2_000) for each in drawn(str(seed), range(20), name, 5))
    assert len(seen) == 20
    assert all(400 <= times <= 600 for times in seen.values())  # 500 each, give or take five deviations


def test_other_seeds_draw_others() -> None:
    assert len({tuple(drawn(str(seed), range(100), name, 10)) for seed in range(20)}) == 20
