import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.cases.entries import Entry, check_chain, entry
from lineage.errors import Misconfigured
from lineage.evidence.checkpoints import (
    CHAIN,
    KIND,
    Checkpoint,
    check_checkpoints,
    checkpoint,
    checkpoint_of,
    inclusion,
    is_checkpoint,
    is_included,
)
from lineage.evidence.merkle import leads_to, leaf_hash, path_of, root_of
from lineage.evidence.signing import public_key

SEED = bytes(range(32))
PUBLIC = public_key(SEED)
HEADS = st.dictionaries(st.text("ABC019-", min_size=1, max_size=6), st.binary(min_size=32, max_size=32), max_size=40)


def by_the_book(leaves: Sequence[bytes]) -> bytes:
    """The definition of RFC 9162 section 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + by_the_book(leaves[:split]) + by_the_book(leaves[split:])).digest()


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(count)]


def grown(length: int) -> list[Checkpoint]:
    chain: list[Checkpoint] = []
    for number in range(length):
        chain.append(checkpoint({"A": bytes([number]) * 32}, 1_000 - number, chain[-1] if chain else None, SEED))
    return chain


@pytest.mark.parametrize("count", range(70))
def test_the_root_is_that_of_rfc_9162(count: int) -> None:
    assert root_of(leaves_of(count)) == by_the_book(leaves_of(count))


@given(st.integers(1, 200), st.data())
def test_every_leaf_is_shown_to_stand_at_its_place_and_at_no_other(count: int, data: st.DataObject) -> None:
    leaves = leaves_of(count)
    index, other = data.draw(st.integers(0, count - 1)), data.draw(st.integers(-1, count))
    path, root = path_of(leaves, index), root_of(leaves)
    assert leads_to(leaves[index], index, count, path, root)
    assert leads_to(leaves[index], other, count, path, root) == (other == index)
    assert not leads_to(leaf_hash(b"another"), index, count, path, root)
    assert not leads_to(leaves[index], index, count, [*path, root], root)
    assert not path or not leads_to(leaves[index], index, count, path[:-1], root)


@given(HEADS, st.data())
def test_every_case_is_shown_to_be_in_a_checkpoint(heads: dict[str, bytes], data: st.DataObject) -> None:
    made = checkpoint(heads, 5, None, SEED)
    assert made.count == len(heads)
    assert is_checkpoint(made, PUBLIC)
    for case in data.draw(st.lists(st.sampled_from(sorted(heads)), max_size=3)) if heads else ():
        place = inclusion(heads, case, 7).told()
        assert is_included(made, case, heads[case], place)
        assert not is_included(made, case, b"\x01" * 32, place) or heads[case] == b"\x01" * 32
        assert not is_included(made, case + "x", heads[case], place)


@given(HEADS, st.randoms())
def test_a_checkpoint_does_not_depend_on_the_order_in_which_chains_are_named(
    heads: dict[str, bytes], random: object
) -> None:
    names = sorted(heads)
    random.shuffle(names)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    assert checkpoint({name: heads[name] for name in names}, 5, None, SEED) == checkpoint(heads, 5, None, SEED)


def test_the_chain_of_checkpoints_is_not_among_the_chains_it_is_about() -> None:
    assert checkpoint({"A": bytes(32), CHAIN: bytes(32)}, 5, None, SEED) == checkpoint({"A": bytes(32)}, 5, None, SEED)


def test_a_checkpoint_is_kept_as_an_entry_and_read_back() -> None:
    entries: list[Entry] = []
    for each in grown(3):
        entries.append(entry(entries[-1] if entries else CHAIN, each.at, KIND, "jalki", each.told()))
    check_chain(entries)
    assert [checkpoint_of(each.said) for each in entries] == grown(3)


def test_checkpoints_that_are_whole_are_found_whole_though_a_clock_went_back() -> None:
    check_checkpoints(grown(5), PUBLIC)


@pytest.mark.parametrize("place", range(4))
def test_a_dropped_doubled_swapped_or_changed_checkpoint_is_found(place: int) -> None:
    whole = grown(5)
    dropped = whole[:place] + whole[place + 1 :]
    doubled = [*whole[:place], whole[place], *whole[place:]]
    swapped = [*whole[:place], whole[place + 1], whole[place], *whole[place + 2 :]]
    changed = [*whole[:place], replace(whole[place], count=99), *whole[place + 1 :]]
    for chain in (dropped, doubled, swapped, changed):
        with pytest.raises(Misconfigured, match=r"broken at number \d"):
            check_checkpoints(chain, PUBLIC)


@pytest.mark.parametrize("field", ["number", "at", "count", "root", "previous", "signature"])
def test_a_checkpoint_with_any_field_changed_is_not_the_companys(field: str) -> None:
    made = checkpoint({"A": bytes(32)}, 5, None, SEED)
    value = getattr(made, field)
    other = value + 1 if isinstance(value, int) else value[:-1] + (b"\x01" if isinstance(value, bytes) else "g")
    assert not is_checkpoint(replace(made, **{field: other}), PUBLIC)


@pytest.mark.parametrize("told", [{}, {"number": True}, checkpoint({}, 5, None, SEED).told() | {"at": True},
                                  checkpoint({}, 5, None, SEED).told() | {"more": 1},
                                  checkpoint({}, 5, None, SEED).told() | {"signature": None}])  # fmt: skip
def test_what_is_no_checkpoint_is_not_read_as_one(told: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        checkpoint_of(told)
