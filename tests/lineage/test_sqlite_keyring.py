"""The key ring in a file: the contract of key rings, and the master key that must be the right one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage.errors import Misconfigured, Refused
from lineage.stores.keyring import SqliteKeyRing
from lineage.stores.sqlite import SqliteGraph
from tests.contracts.keyring import CHECKS, Check, Reopen

MASTER = b"m" * 32


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Reopen]:
    opened: list[SqliteKeyRing] = []

    def again() -> SqliteKeyRing:
        opened.append(SqliteKeyRing(tmp_path / "keys.db", MASTER))
        return opened[-1]

    yield again
    for ring in opened:
        ring.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_key_ring_in_a_file_keeps_the_contract_of_a_key_ring(check: Check, reopen: Reopen) -> None:
    check(reopen)


def test_another_master_key_is_refused_before_anything_is_sealed_with_it(tmp_path: Path) -> None:
    SqliteKeyRing(tmp_path / "keys.db", MASTER).close()
    for read_only in (False, True):
        with pytest.raises(Misconfigured, match=r"not the one keys\.db was made under"):
            SqliteKeyRing(tmp_path / "keys.db", b"M" * 32, read_only=read_only)
    SqliteKeyRing(tmp_path / "keys.db", MASTER).close()


def test_keys_are_never_in_the_file_as_they_are(tmp_path: Path) -> None:
    ring = SqliteKeyRing(tmp_path / "keys.db", MASTER)
    keys = ring.keys([b"a", b"b"]).values()
    ring.close()
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not [key for key in keys if key in files]
    assert MASTER not in files


def test_a_reader_finds_keys_and_can_make_none(tmp_path: Path) -> None:
    ring = SqliteKeyRing(tmp_path / "keys.db", MASTER)
    made = dict(ring.keys([b"a"]))
    ring.close()
    reader = SqliteKeyRing(tmp_path / "keys.db", MASTER, read_only=True)
    assert reader.find([b"a", b"b"]) == made
    with pytest.raises(Refused):
        reader.keys([b"b"])
    reader.close()


def test_a_file_that_is_no_key_ring_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, but long enough to be looked at as one" * 30, "utf-8")
    SqliteGraph(tmp_path / "graph.db").close()
    for name in ("text", "graph.db"):
        for read_only in (False, True):
            with pytest.raises(Misconfigured):
                SqliteKeyRing(tmp_path / name, MASTER, read_only=read_only)


def test_a_missing_ring_is_not_made_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        SqliteKeyRing(tmp_path / "keys.db", MASTER, read_only=True)
    assert not list(tmp_path.iterdir())
