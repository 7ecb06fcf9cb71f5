"""The key ring in a file: the contract of key rings, and the master key that must be the right one."""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from lineage.errors import Misconfigured, Refused, Retryable
from lineage.sealing import Seal
from lineage.stores import files
from lineage.stores.keyring import SqlKeyRing, sqlite_key_ring
from lineage.stores.sqlite import SqliteGraph
from lineage.tombstones import Tombstone
from tests.contracts import memory
from tests.contracts.keyring import CHECKS, Check

MASTER = b"m" * 32
STONE = Tombstone(b"s" * 16, 1_000_000, "case-4711")
Reopen = Callable[[], SqlKeyRing]


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Reopen]:
    opened: list[SqlKeyRing] = []

    def again() -> SqlKeyRing:
        opened.append(sqlite_key_ring(tmp_path / "keys.db", MASTER))
        return opened[-1]

    yield again
    for ring in opened:
        ring.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_key_ring_in_a_file_keeps_the_contract_of_a_key_ring(check: Check, reopen: Reopen) -> None:
    check(reopen)


@pytest.mark.parametrize("check", memory.CHECKS, ids=lambda check: check.__name__)
def test_what_is_remembered_in_the_file_keeps_the_contract_of_memories(check: memory.Check, reopen: Reopen) -> None:
    check(lambda: reopen().memory)


def test_another_master_key_is_refused_before_anything_is_sealed_with_it(tmp_path: Path) -> None:
    sqlite_key_ring(tmp_path / "keys.db", MASTER).close()
    for read_only in (False, True):
        with pytest.raises(Misconfigured, match=r"not the one keys\.db was made under"):
            sqlite_key_ring(tmp_path / "keys.db", b"M" * 32, read_only=read_only)
    sqlite_key_ring(tmp_path / "keys.db", MASTER).close()


def test_keys_are_never_in_the_file_as_they_are(tmp_path: Path) -> None:
    ring = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    keys = ring.keys([b"a", b"b"]).values()
    ring.close()
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not [key for key in keys if key in files]
    assert MASTER not in files


def test_a_reader_finds_keys_and_can_make_none(tmp_path: Path) -> None:
    ring = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    made = dict(ring.keys([b"a"]))
    ring.close()
    reader = sqlite_key_ring(tmp_path / "keys.db", MASTER, read_only=True)
    assert reader.find([b"a", b"b"]) == made
    with pytest.raises(Refused):
        reader.keys([b"b"])
    reader.close()


def test_a_reader_finds_the_keys_that_are_made_while_it_is_open(tmp_path: Path) -> None:
    ring = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    reader = sqlite_key_ring(tmp_path / "keys.db", MASTER, read_only=True)
    made = ring.keys([b"a"])
    assert reader.find([b"a"]) == made
    for each in (ring, reader):
        each.close()


def made_before(path: Path) -> dict[bytes, bytes]:
    """Make a file as version 1 did, and return what is in it."""
    kept = {b"company:probe": b"p" * 32, b"a": b"a" * 32}
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("CREATE TABLE key (name BLOB PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID")
        file.executemany(
            "INSERT INTO key VALUES (?, ?)", [(name, Seal(MASTER).seal(key, name)) for name, key in kept.items()]
        )
        file.execute("PRAGMA user_version = 1")
        file.commit()
    return kept


def test_a_file_of_version_1_becomes_one_of_version_2_with_every_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.db"
    kept = made_before(path)
    ring = sqlite_key_ring(path, MASTER)
    assert ring.find([b"a", b"b"]) == {b"a": kept[b"a"]}
    assert ring.keys([b"a", b"b"])[b"a"] == kept[b"a"]
    assert not ring.memory.entombed([b"a"])
    ring.memory.entomb([STONE])
    assert ring.destroy([b"b"]) == 1
    ring.close()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (2,)
        assert file.execute("SELECT count(*) FROM key").fetchone() == (3,)


def test_a_reader_of_a_file_of_version_1_has_its_keys_and_nothing_remembered(tmp_path: Path) -> None:
    kept = made_before(tmp_path / "keys.db")
    with closing(sqlite_key_ring(tmp_path / "keys.db", MASTER, read_only=True)) as reader:
        assert reader.find([b"a"]) == {b"a": kept[b"a"]}
        assert not reader.memory.entombed([b"a"])


@pytest.mark.parametrize("before", [made_before, lambda _: {}], ids=["version 1", "none"])
def test_many_who_open_a_file_at_once_have_one_ring(
    tmp_path: Path, before: Callable[[Path], dict[bytes, bytes]]
) -> None:
    path, together = tmp_path / "keys.db", Barrier(6)
    kept = before(path)

    def open_one(_: int) -> SqlKeyRing:
        together.wait(timeout=60)
        return sqlite_key_ring(path, MASTER)

    with ThreadPoolExecutor(6) as pool:
        rings = list(pool.map(open_one, range(6)))
    assert len({ring.keys([b"a"])[b"a"] for ring in rings} | {kept.get(b"a", rings[0].keys([b"a"])[b"a"])}) == 1
    rings[0].memory.entomb([STONE])
    assert all(dict(ring.memory.entombed([STONE.key])) == {STONE.key: STONE} for ring in rings)
    for ring in rings:
        ring.close()


def test_a_new_file_is_its_owners_alone_and_has_the_pragmas_of_every_file(tmp_path: Path) -> None:
    ring = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    with ring._database.reading.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "user_version")
        }
        tables = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table'").scalars().all()
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "user_version": 2}
    assert len(tables) == 4
    assert all(("WITHOUT ROWID" in table) != ("TABLE tombstone" in table) for table in tables)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    ring.close()


def test_a_ring_that_another_process_is_writing_to_is_busy_and_later_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BUSY_SECONDS", 0.05)
    ring = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    with closing(sqlite3.connect(tmp_path / "keys.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Retryable, match=r"keys\.db is busy"):
            ring.keys([b"a"])
        assert not ring.find([b"a"])
    assert ring.keys([b"a"]) == ring.find([b"a"])
    ring.close()


def test_when_the_disk_is_full_no_key_is_half_made(tmp_path: Path) -> None:
    """The number of pages that a file may have stands for the disk."""
    ring = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    with ring._database.reading.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    names = [b"%05d" % number for number in range(2000)]
    with pytest.raises(Refused, match=r"keys\.db cannot be written: the disk is full") as caught:
        ring.keys(names)
    assert not [name for name in names if name.decode() in str(caught.value)]
    assert not ring.find(names)
    with ring._database.reading.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert len(ring.keys(names)) == len(names)
    ring.close()


def test_names_and_keys_are_not_in_the_log_at_any_level(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ring = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    ring.keys([b"somebody"])
    ring.close()
    assert "somebody" not in caplog.text


def test_no_more_keys_are_remembered_than_a_batch_needs(tmp_path: Path) -> None:
    ring = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    names = [b"%05d" % number for number in range(25_000)]
    keys = dict(ring.keys(names))
    assert len(ring._known) == 20_000
    assert ring.keys(names) == keys
    ring.close()


def test_a_key_that_another_makes_and_destroys_while_this_one_makes_it_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, other = sqlite_key_ring(tmp_path / "keys.db", MASTER), sqlite_key_ring(tmp_path / "keys.db", MASTER)
    add = ring._add

    def interrupted(keys: Mapping[bytes, bytes]) -> int:
        monkeypatch.setattr(ring, "_add", add)
        other.keys([b"a"])
        added = add(keys)
        assert other.destroy([b"a"]) == 1
        return added

    monkeypatch.setattr(ring, "_add", interrupted)
    made = dict(ring.keys([b"a", b"b"]))
    assert set(made) == {b"a", b"b"}
    assert other.find([b"a", b"b"]) == made
    ring.close()
    other.close()


def test_a_file_that_is_no_key_ring_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, but long enough to be looked at as one" * 30, "utf-8")
    SqliteGraph(tmp_path / "graph.db").close()
    for name in ("text", "graph.db"):
        for read_only in (False, True):
            with pytest.raises(Misconfigured):
                sqlite_key_ring(tmp_path / name, MASTER, read_only=read_only)


def test_a_missing_ring_is_not_made_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        sqlite_key_ring(tmp_path / "keys.db", MASTER, read_only=True)
    assert not list(tmp_path.iterdir())
