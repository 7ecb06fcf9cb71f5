"""Digests over what entries say: any part can be left out, and the hash stays what it was."""

import json
import tomllib
from dataclasses import replace
from hashlib import sha256
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.cases.commitments import SALT, WITHHELD, below, digest, opened, shown
from lineage.cases.entries import Entry, check_chain, entry
from lineage.errors import Misconfigured
from lineage.evidence.showing import _is_impersonal
from tests.docs.pages import ROOT
from tests.lineage.evidence.chains import CASE, T0, chain

LEAVES = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=8)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=15,
)
SALTS = st.binary(min_size=SALT, max_size=SALT)


def held_back(told: Any, value: Any) -> bool:
    """Whether what is read is the value, or the value with parts left out."""
    if told == WITHHELD or (type(told) is type(value) and told == value):
        return True
    if isinstance(told, dict) and isinstance(value, dict):
        return told.keys() == value.keys() and all(held_back(told[name], value[name]) for name in told)
    if isinstance(told, list) and isinstance(value, list):
        return len(told) == len(value) and all(map(held_back, told, value))
    return False


@given(SALTS, TREES, st.integers(0, 2**32))
def test_the_digest_stays_the_same_whatever_is_withheld(salt: bytes, told: Any, choice: int) -> None:
    def visible(path: tuple[str, ...], value: Any) -> bool:
        return bool(crc32(repr((path, value, choice)).encode()) & 3)

    found, value = opened(shown(salt, told, visible))
    assert found == digest(salt, told)
    assert held_back(value, told)


def as_defined(salt: bytes, told: Any) -> bytes:
    """The digest by its definition alone: of JSON in one form, with sorted keys."""

    def of(mark: bytes, content: Any) -> bytes:
        form = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(mark + form.encode()).digest()

    if told and isinstance(told, dict):
        inner = {name: as_defined(below(salt, name), each) for name, each in told.items()}
        return of(b"\x01", [[name, inner[name].hex()] for name in sorted(inner)])
    if told and isinstance(told, list):
        return of(b"\x02", [as_defined(below(salt, str(at)), each).hex() for at, each in enumerate(told)])
    return of(b"\x00" + salt, told)


@given(SALTS, TREES)
def test_the_digest_is_what_its_definition_says(salt: bytes, told: Any) -> None:
    assert digest(salt, told) == as_defined(salt, told)


@given(SALTS, TREES)
def test_all_shown_is_the_value_and_all_withheld_is_nothing(salt: bytes, told: Any) -> None:
    assert shown(salt, told, lambda *_: True) == {"salt": salt.hex(), "value": told}
    assert shown(salt, told, lambda *_: False) == {"digest": digest(salt, told).hex()}


@given(SALTS, TREES, TREES)
def test_other_content_has_another_digest(salt: bytes, told: Any, other: Any) -> None:
    assert (digest(salt, told) == digest(salt, other)) == (repr_of(told) == repr_of(other))


def repr_of(told: Any) -> str:
    """Text by which `1` and `True` differ, and the order of a mapping does not matter."""
    if isinstance(told, dict):
        return repr(sorted((name, repr_of(each)) for name, each in told.items())) + "m"
    return repr([repr_of(each) for each in told]) + "l" if isinstance(told, list) else repr(told)


@given(SALTS, SALTS, TREES)
def test_the_same_content_under_another_salt_has_another_digest(salt: bytes, other: bytes, told: Any) -> None:
    assert (digest(salt, told) == digest(other, told)) == (salt == other)


def test_the_same_arguments_make_the_same_chain() -> None:
    assert chain() == chain()


def test_each_entry_has_a_salt_of_its_own() -> None:
    salts = [each.said["salt"] for each in chain()]
    assert len(set(salts)) == len(salts)


def test_a_chain_of_another_person_has_other_salts_though_all_else_is_alike() -> None:
    one, two = (entry(CASE, T0, "received", "person", {"subjects": [name]}) for name in ("aa", "bb"))
    assert one.said["salt"] != two.said["salt"]


@pytest.mark.parametrize("changes", [{"at": 1}, {"kind": "closed"}, {"actor": "dpo"}, {"sealed": b"x"}, {"number": 9},
                                     {"said": {"salt": "00" * 16, "right": "erasure"}}, {"said": {}}])  # fmt: skip
@pytest.mark.parametrize("place", [0, 4])
def test_a_chain_with_anything_changed_is_broken_at_that_entry(place: int, changes: dict[str, Any]) -> None:
    entries: list[Entry] = chain()
    entries[place] = replace(entries[place], **changes)
    with pytest.raises(Misconfigured, match=f"broken at entry {place}"):
        check_chain(entries)


def test_the_salt_itself_cannot_be_changed_where_nothing_else_is_said() -> None:
    entries = chain()
    entries[2] = replace(entries[2], said={"salt": "00" * 16})
    with pytest.raises(Misconfigured, match="broken at entry 2"):
        check_chain(entries)


def test_every_law_of_the_table_of_holds_may_be_shown() -> None:
    told = tomllib.loads((ROOT / "lineage" / "cases" / "holds.toml").read_text("utf-8"))
    laws = _texts(told, "statute")
    assert laws
    assert not [text for text in laws if not _is_impersonal("planned", "law", text, ())]


def _texts(told: Any, name: str) -> list[str]:
    if isinstance(told, dict):
        own = [each for key, each in told.items() if key == name and isinstance(each, str)]
        return own + [text for each in told.values() for text in _texts(each, name)]
    return [text for each in told for text in _texts(each, name)] if isinstance(told, list) else []


@pytest.mark.parametrize(
    "text", ["0401234567", "+358 40 123 4567", "a@b.fi", "040-1234567", "(040) 123 4567", "x" * 301]
)
def test_what_could_be_a_number_or_an_address_is_withheld_wherever_it_stands(text: str) -> None:
    assert not _is_impersonal("planned", "law", text, ())
