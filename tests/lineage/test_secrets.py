"""Pseudonyms, sealing and the master key: keyed, apart by kind, bound to their place, and never half there."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.errors import Misconfigured, Refused
from lineage.masterkey import make_master_key, read_master_key, readable_by_others
from lineage.pseudonyms import LENGTH, Pseudonyms
from lineage.sealing import KEY, Seal, new_key

ONE, OTHER = Pseudonyms(b"k" * 32), Pseudonyms(b"K" * 32)


@given(st.text(st.characters(codec="utf-8")))
def test_a_pseudonym_depends_on_the_key_and_gives_nothing_away(value: str) -> None:
    pseudonym = ONE.identifier("customer_id", value)
    assert len(pseudonym) == LENGTH == 16
    assert pseudonym == Pseudonyms(b"k" * 32).identifier("customer_id", value)
    assert pseudonym != OTHER.identifier("customer_id", value)


@given(st.text(st.characters(codec="utf-8")))
def test_the_same_value_of_another_kind_is_another_pseudonym(value: str) -> None:
    kinds = ("customer_id", "device_id", "order_id", "consignee", "x")
    assert len({ONE.identifier(kind, value) for kind in kinds} | {ONE.event(value)}) == len(kinds) + 1


def test_values_that_are_compared_as_equal_have_one_pseudonym() -> None:
    assert ONE.identifier("email", " A@B.fi ") == ONE.identifier("email", "a@b.fi")
    assert ONE.identifier("phone", "040 1234567") == ONE.identifier("phone", "+358401234567")
    assert ONE.identifier("order_id", "a") != ONE.identifier("order_id", "A")


def test_a_dead_letter_is_the_same_only_at_the_same_place_with_the_same_bytes() -> None:
    letters = {ONE.letter(position, record) for position in ("f:1", "f:2") for record in (b"x", b"y")}
    assert len(letters) == 4
    assert ONE.letter("f:1", b"x") in letters
    assert OTHER.letter("f:1", b"x") not in letters


def test_contents_are_told_apart_by_type_bytes_and_key() -> None:
    contents = {
        ONE.content("OrderPlaced", b"x"), ONE.content("OrderPlaced", b"y"), ONE.content("PageViewed", b"x"),
        OTHER.content("OrderPlaced", b"x"),
    }  # fmt: skip
    assert len(contents) == 4
    assert ONE.content("OrderPlaced", b"x") in contents


def test_types_whose_long_names_begin_alike_are_told_apart() -> None:
    assert ONE.content("LoyaltyPointsGranted", b"x") != ONE.content("LoyaltyPointsGrantedAgain", b"x")


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_what_was_sealed_opens_in_its_place(plain: bytes, place: bytes) -> None:
    seal = Seal(b"s" * KEY)
    sealed = seal.seal(plain, place)
    assert seal.open(sealed, place) == plain
    assert seal.seal(plain, place) != sealed
    assert len(plain) < 8 or plain not in sealed


@given(st.binary(max_size=60), st.data())
def test_changed_bytes_do_not_open(plain: bytes, data: st.DataObject) -> None:
    seal = Seal(b"s" * KEY)
    sealed = bytearray(seal.seal(plain, b"place"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Misconfigured):
        seal.open(bytes(sealed), b"place")


@given(st.integers(0, 40))
def test_what_was_cut_short_does_not_open(length: int) -> None:
    seal = Seal(b"s" * KEY)
    sealed = seal.seal(b"a sealed text of some length", b"place")
    with pytest.raises(Misconfigured):
        seal.open(sealed[:length], b"place")


def test_what_was_moved_or_sealed_under_another_key_does_not_open() -> None:
    seal = Seal(b"s" * KEY)
    sealed = seal.seal(b"plain", b"place")
    with pytest.raises(Misconfigured):
        seal.open(sealed, b"elsewhere")
    with pytest.raises(Misconfigured):
        Seal(b"S" * KEY).open(sealed, b"place")


def test_new_keys_are_random() -> None:
    assert len({new_key() for _ in range(100)}) == 100
    assert len(new_key()) == KEY == 32


def test_a_master_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    made = make_master_key(path)
    assert read_master_key(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not readable_by_others(path)
    assert [each.name for each in tmp_path.iterdir()] == ["master.key"]


def test_a_master_key_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    made = make_master_key(path)
    with pytest.raises(Refused):
        make_master_key(path)
    assert read_master_key(path) == made
    assert [each.name for each in tmp_path.iterdir()] == ["master.key"]


def test_a_master_key_that_others_may_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    make_master_key(path)
    path.chmod(0o640)
    assert readable_by_others(path)


def test_a_missing_master_key_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"master\.key is missing"):
        read_master_key(tmp_path / "master.key")


@pytest.mark.parametrize(
    "text", ["", "ab" * 31, "ab" * 33, "xy" * 32, "ä" * 64, "ab" * 15 + "\n" + "ab" * 15], ids=range(6)
)
def test_a_file_that_holds_no_master_key_is_refused_without_repeating_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured, match="holds no master key") as caught:
        read_master_key(path)
    assert "abab" not in str(caught.value)


def test_a_folder_in_place_of_the_master_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        read_master_key(tmp_path)


def test_a_master_key_that_cannot_be_written_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        make_master_key(tmp_path / "no such folder" / "master.key")
    assert not list(tmp_path.iterdir())
