"""Forgetting in the key ring's file: what is destroyed is gone from it, what is remembered says nothing to a thief."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table

from lineage.errors import Misconfigured, Refused, Retryable
from lineage.stores import files
from lineage.stores import memory as remembered
from lineage.stores.keyring import sqlite_key_ring
from lineage.stores.keytable import TOMBSTONE, names_of, rows_of
from lineage.tombstones import Suppression, Tombstone

MASTER = b"m" * 32
ROOT = Path(__file__).parents[2]
STONE = Tombstone(b"s" * 16, 1_000_000, "case-4711")
SUPPRESSION = Suppression(b"s" * 16, "meta-platforms", "advertising", "objection", 1_000_000, "case-4711")


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_destroyed_keys_are_neither_in_the_file_nor_in_its_log_while_it_is_open(tmp_path: Path) -> None:
    ring = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    names = [b"%05d" % number for number in range(3000)]
    for first in range(0, len(names), 100):  # in many changes, in no order: pages are split, and moved about
        ring.keys(sorted(names, key=lambda name: name[::-1])[first : first + 100])
    with closing(sqlite3.connect(tmp_path / "keys.db")) as file:
        wrapped = dict(file.execute("SELECT name, wrapped FROM key").fetchall())
    there = bytes_of(tmp_path)
    assert all(wrapped[name] in there for name in names)
    assert ring.destroy(names[::3]) == 1000
    left = bytes_of(tmp_path)
    assert not [name for name in names[::3] if wrapped[name] in left]
    assert all(wrapped[name] in left for name in names[1::3])
    ring.close()


def test_a_destruction_that_somebody_reads_over_says_so_and_is_done_when_it_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has begun to read sees the key to the end of it, and the log keeps it for him."""
    monkeypatch.setattr(files, "BUSY_SECONDS", 0.05)
    ring = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    ring.keys([b"a"])
    with closing(sqlite3.connect(tmp_path / "keys.db", isolation_level=None)) as other:
        (wrapped,) = other.execute("SELECT wrapped FROM key WHERE name = ?", (b"a",)).fetchone()
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM key").fetchone()
        with pytest.raises(Retryable, match=r"keys\.db is busy: another process is reading it"):
            ring.destroy([b"a"])
        assert not ring.find([b"a"])
        assert wrapped in bytes_of(tmp_path)
    assert ring.destroy([b"a"]) == 0
    assert wrapped not in bytes_of(tmp_path)
    ring.close()


def test_a_reader_destroys_and_remembers_nothing(tmp_path: Path) -> None:
    with closing(sqlite_key_ring(tmp_path / "keys.db", MASTER)) as ring:
        ring.keys([b"a"])
        ring.memory.entomb([STONE])
    with closing(sqlite_key_ring(tmp_path / "keys.db", MASTER, read_only=True)) as reader:
        for change in (
            lambda: reader.destroy([b"a"]),
            lambda: reader.memory.entomb([STONE._replace(before=2_000_000)]),
            lambda: reader.memory.suppress([SUPPRESSION]),
        ):
            with pytest.raises(Refused, match="open for reading: nothing in it is changed"):
                change()
        assert list(reader.memory.tombstones()) == [STONE]
        assert set(reader.find([b"a"])) == {b"a"}


def test_a_reader_may_be_asked_by_several_threads(tmp_path: Path) -> None:
    with closing(sqlite_key_ring(tmp_path / "keys.db", MASTER)) as ring:
        made = dict(ring.keys([b"a"]))
    with (
        closing(sqlite_key_ring(tmp_path / "keys.db", MASTER, read_only=True)) as reader,
        ThreadPoolExecutor(4) as pool,
    ):
        assert list(pool.map(lambda _: reader.find([b"a"]), range(40))) == [made] * 40


def test_an_old_backup_that_came_back_is_put_right_by_doing_everything_again(tmp_path: Path) -> None:
    def erase() -> int:
        with closing(sqlite_key_ring(tmp_path / "keys.db", MASTER)) as ring:
            ring.memory.entomb([STONE])
            ring.memory.suppress([SUPPRESSION])
            gone = ring.destroy([b"a"])
            assert not ring.find([b"a"])
            assert list(ring.memory.tombstones()) == [STONE]
            assert list(ring.memory.suppressed([SUPPRESSION.key])) == [SUPPRESSION]
            return gone

    with closing(sqlite_key_ring(tmp_path / "keys.db", MASTER)) as ring:
        ring.keys([b"a", b"b"])
    shutil.copy(tmp_path / "keys.db", tmp_path / "backup.db")
    assert erase() == 1
    shutil.copy(tmp_path / "backup.db", tmp_path / "keys.db")
    assert erase() == 1
    assert erase() == 0


def test_of_a_backup_that_is_put_back_while_somebody_asks_the_tombstones_hold_from_the_next_question_on(
    tmp_path: Path,
) -> None:
    """First one is missing that was there, and then another one is there that came as the next: both in one table."""
    many = [b"%016d" % number for number in range(600)]
    with (
        closing(sqlite_key_ring(tmp_path / "keys.db", MASTER)) as asking,
        closing(sqlite_key_ring(tmp_path / "keys.db", MASTER)) as erasing,
        closing(sqlite3.connect(tmp_path / "keys.db")) as file,
        closing(sqlite3.connect(tmp_path / "backup.db")) as backup,
    ):
        kept, lost, later = (STONE._replace(key=key) for key in many[:3])
        erasing.memory.entomb([kept])
        file.backup(backup)
        erasing.memory.entomb([lost])
        assert dict(asking.memory.entombed(many)) == {each.key: each for each in (kept, lost)}
        backup.backup(file)
        assert dict(asking.memory.entombed(many)) == {kept.key: kept}
        erasing.memory.entomb([later])
        for keys in (many, many[:5]):
            assert dict(asking.memory.entombed(keys)) == {each.key: each for each in (kept, later)}


def test_of_those_who_have_no_tombstone_the_database_is_asked_about_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(connection: Connection, table: Table, names: Collection[bytes]) -> list[tuple[Any, ...]]:
        asked.append(len(names))
        return rows_of(connection, table, names)

    with closing(sqlite_key_ring(tmp_path / "keys.db", MASTER)) as ring:
        ring.memory.entomb([STONE])
        monkeypatch.setattr(remembered, "rows_of", counted)
        for turn in range(5):
            batch = [STONE.key, *(b"%02d%014d" % (turn, number) for number in range(5000))]
            assert dict(ring.memory.entombed(batch)) == {STONE.key: STONE}
    assert asked[0] >= 1
    assert sum(asked) < 1000


@pytest.mark.parametrize("count", [0, 1, 10_000, 20_001])
def test_all_names_of_a_table_are_read_however_many_there_are(tmp_path: Path, count: int) -> None:
    names = sorted(sha256(b"%d" % number).digest()[:16] for number in range(count))
    with closing(sqlite_key_ring(tmp_path / "keys.db", MASTER)) as ring:
        with closing(sqlite3.connect(tmp_path / "keys.db")) as file, file:
            file.executemany("INSERT INTO tombstone VALUES (?, x'')", ((name,) for name in reversed(names)))
        with ring._database.asked() as connection:
            assert [name for page in names_of(connection, TOMBSTONE) for name in page] == names


def test_what_is_remembered_says_nothing_without_the_master_key(tmp_path: Path) -> None:
    """Neither whom it is about, nor which case, party or moment; nor do two rows about one person look alike."""
    ring = sqlite_key_ring(tmp_path / "keys.db", MASTER)
    ring.memory.entomb([STONE, Tombstone(b"t" * 16, 1_000_000, "a case with a longer name")])
    ring.memory.suppress([SUPPRESSION])
    secret = ring.keys([b"company:memory"])[b"company:memory"]
    with closing(sqlite3.connect(tmp_path / "keys.db")) as file:
        stones = file.execute("SELECT name, sealed FROM tombstone").fetchall()
        ((name, entry, sealed),) = file.execute("SELECT name, entry, sealed FROM suppression").fetchall()
    ring.close()
    assert len({len(text) for _, text in [*stones, (name, sealed)]}) == 1
    assert len({name, entry, *(each for each, _ in stones)}) == 4  # the same identifier has another hash in each table
    there = bytes_of(tmp_path)
    words = [STONE.key, STONE.case.encode(), SUPPRESSION.party.encode(), b"1000000", secret]
    assert not [word for word in words if word in there or word.hex().encode() in there]


def test_rows_that_were_moved_or_whose_key_is_gone_are_no_tombstones(tmp_path: Path) -> None:
    def reopened(statement: str) -> None:
        with closing(sqlite3.connect(tmp_path / "keys.db")) as file:
            file.execute(statement)
            file.commit()
        with closing(sqlite_key_ring(tmp_path / "keys.db", MASTER)) as ring, pytest.raises(Misconfigured):
            ring.memory.entombed([STONE.key, b"t" * 16])

    with closing(sqlite_key_ring(tmp_path / "keys.db", MASTER)) as ring:
        ring.memory.entomb([STONE, STONE._replace(key=b"t" * 16, before=5)])
    reopened(
        "UPDATE tombstone SET sealed = (SELECT other.sealed FROM tombstone other WHERE other.name <> tombstone.name)"
    )
    reopened("DELETE FROM key WHERE name = CAST('company:memory' AS BLOB)")
    reopened("DELETE FROM generation")


CHILD = """
import sys
from pathlib import Path
from lineage.stores.keyring import sqlite_key_ring
from lineage.tombstones import Tombstone

ring = sqlite_key_ring(Path(sys.argv[1]), b"m" * 32)
for group in range(10_000):
    ring.memory.entomb([Tombstone(b"%08d%08d" % (group, each), group, "case") for each in range(20)])
    print("entombed", group, flush=True)
    ring.destroy([b"%08d%08d" % (group, each) for each in range(20)])
    print("destroyed", group, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 2, 7])
def test_who_is_killed_in_the_middle_has_destroyed_all_or_nothing_and_never_less_than_was_said(
    tmp_path: Path, lines: int
) -> None:
    groups = [[b"%08d%08d" % (group, each) for each in range(20)] for group in range(60)]
    with closing(sqlite_key_ring(tmp_path / "keys.db", MASTER)) as ring:
        ring.keys([name for group in groups for name in group])
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, tmp_path / "keys.db"], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        with child:
            assert child.stdout
            said = [child.stdout.readline().split() for _ in range(lines)]
            child.send_signal(signal.SIGKILL)
            said += [line.split() for line in child.stdout.read().splitlines() if line[-1:].isdigit()]
        gone, buried = ({int(group) for what, group in said if what == word} for word in ("destroyed", "entombed"))
        assert buried
        for number, group in enumerate(groups):
            assert len(ring.find(group)) == 0 if number in gone else len(ring.find(group)) in {0, 20}
            found = len(ring.memory.entombed(group))
            assert found == 20 if number in buried else found in {0, 20}
            assert ring.find(group) or found == 20  # no key goes before its tombstone is there
