import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.events import write_lines
from tests.e2e.program import Ended, answers, asked, counts, jalki, started
from tests.e2e.stories import EVENTS, READING, SAMPLE, assert_all_say, content


def test_a_second_writer_is_turned_away_and_the_first_is_unharmed(events: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with started("ingest", "-", "--json", "--data", data) as first:
        first.until((data / "log.db").exists)
        second = jalki("ingest", events, "--data", data)
        assert second.code == 1
        assert "another process is writing" in second.said
        out, _ = first.process.communicate(events.read_bytes(), timeout=60)
        assert counts(Ended(0, out.decode(), "")) == (len(EVENTS), len(EVENTS), 0, 0)
        assert first.process.returncode == 0
    assert answers(data, SAMPLE).sharing.count('"from"') > 10


def test_one_may_read_while_another_writes(events: Path, data: Path) -> None:
    with started("ingest", "-", "--json", "--data", data) as writer:
        assert writer.process.stdin is not None
        writer.process.stdin.write(events.read_bytes()[: events.stat().st_size // 2])
        for command in READING:
            assert jalki(*command, "--json", "--data", data).code == 0
        assert writer.process.poll() is None


@pytest.mark.parametrize("name", ["graph.db", "keys.db"])
def test_a_folder_written_by_a_newer_version_is_left_alone(name: str, data: Path, events: Path) -> None:
    with closing(sqlite3.connect(data / name)) as file:
        file.execute("PRAGMA user_version = 99")
    assert_all_say(data, events, 2, name, "newer")


def test_a_log_written_by_a_newer_version_is_left_alone(data: Path, events: Path) -> None:
    with closing(sqlite3.connect(data / "log.db")) as file:
        file.execute("PRAGMA user_version = 99")
    before = content(data)
    ended = jalki("ingest", events, "--data", data)
    assert ended.code == 2
    assert "newer" in ended.said
    assert content(data) == before


KEYS: dict[str, bytes | None] = {
    "lost": None,
    "wrong": b"00" * 32 + b"\n",
    "too short": b"0011\n",
    "not hexadecimal": b"z" * 64,
    "not text": bytes(range(128, 192)),
    "empty": b"",
}


@pytest.mark.parametrize("fault", KEYS)
def test_without_the_right_master_key_nothing_is_done(fault: str, data: Path, events: Path) -> None:
    key = KEYS[fault]
    (data / "master.key").unlink()
    if key is not None:
        (data / "master.key").write_bytes(key)
    assert_all_say(data, events, 2, "master")


def test_the_master_key_may_lie_elsewhere(data: Path, events: Path, tmp_path: Path) -> None:
    whole = answers(data, SAMPLE)
    key = (data / "master.key").rename(tmp_path / "kept-apart.key")
    settings = {"JALKI_MASTER_KEY_FILE": key}
    ended = jalki("ingest", events, "--json", "--data", data, settings=settings)
    assert (ended.code, counts(ended)) == (0, (len(EVENTS), 0, len(EVENTS), 0))
    found = jalki("where", SAMPLE[0], "--json", "--data", data, settings=settings)
    assert found.json == whole.where[SAMPLE[0]]
    assert not (data / "master.key").exists()


@pytest.mark.parametrize("left", ["nothing", "an empty file", "an empty key ring"])
def test_without_its_key_ring_a_folder_is_left_alone(left: str, data: Path, events: Path, tmp_path: Path) -> None:
    (data / "keys.db").unlink()
    if left == "an empty file":
        (data / "keys.db").touch()
    if left == "an empty key ring":
        asked("ingest", write_lines(tmp_path / "none", []), "--data", tmp_path / "other")
        shutil.copy(tmp_path / "other" / "keys.db", data / "keys.db")
        shutil.copy(tmp_path / "other" / "master.key", data / "master.key")
        with closing(sqlite3.connect(data / "keys.db")) as file:
            file.execute("DELETE FROM key WHERE name = ?", (b"company:pseudonyms",))
            file.commit()
    assert_all_say(data, events, 2, "key ring" if left == "an empty key ring" else "keys.db", "restore")


@pytest.mark.parametrize("name", ["graph.db", "keys.db"])
def test_a_damaged_file_is_named(name: str, data: Path, events: Path) -> None:
    (data / name).write_bytes(b"This is no database at all. " * 400)
    assert_all_say(data, events, 2, name)


def test_a_damaged_log_is_named(data: Path, events: Path) -> None:
    (data / "log.db").write_bytes(b"This is no database at all. " * 4000)
    ended = jalki("ingest", events, "--data", data)
    assert ended.code == 2
    assert "log.db" in ended.said
    doctor = asked("doctor", "--json", "--data", data)
    assert doctor.code == 2
    assert [each["what"] for each in doctor.json if each["state"] == "broken"] == ["stream"]


def test_the_doctor_makes_no_log_where_there_is_none(data: Path) -> None:
    (data / "log.db").unlink()
    assert asked("doctor", "--data", data).code == 0
    assert not (data / "log.db").exists()


def test_a_folder_whose_first_start_was_cut_short_says_that_it_holds_no_graph_yet(data: Path) -> None:
    (data / "graph.db").write_bytes(b"")
    for command in READING[:3]:
        ended = jalki(*command, "--data", data)
        assert (ended.code, ended.out) == (2, "")
        assert "graph.db is empty: its first ingest was interrupted before it began" in ended.said


def test_a_dead_letter_whose_key_is_gone_is_still_listed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert asked("ingest", write_lines(tmp_path / "f.jsonl", [b"x", b"y", b"z"]), "--data", data).code == 1
    with closing(sqlite3.connect(data / "graph.db")) as graph:
        ((key,),) = graph.execute("SELECT key FROM letter LIMIT 1").fetchall()
    with closing(sqlite3.connect(data / "keys.db")) as keys:
        assert keys.execute("DELETE FROM key WHERE name = ?", (key,)).rowcount == 1
        keys.commit()
    listed = asked("dead-letters", "--json", "--data", data)
    positions = [each["position"] for each in listed.json]
    assert listed.code == 0
    assert positions == sorted(positions)
    assert positions.count("unknown: its key is gone") == 1
    assert sum(each.startswith(f"{tmp_path / 'f.jsonl'}:") for each in positions) == 2


def test_the_data_folder_cannot_be_a_file(events: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for ended in (
        jalki("ingest", events, "--data", tmp_path / "file"),
        jalki("ingest", events, "--data", tmp_path / "file" / "below"),
        jalki("where", "customer_id:C-1", "--data", tmp_path / "file"),
    ):
        assert ended.code == 2
        assert "file" in ended.said


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_a_data_folder_that_may_not_be_written_is_named(events: Path, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    under = ("setpriv", "--bounding-set", "-all") if os.geteuid() == 0 else ()
    ended = jalki("ingest", events, "--data", tmp_path / "closed" / "data", under=under)
    assert ended.code == 2
    assert "cannot be made or written" in ended.said


def test_asking_a_folder_that_does_not_exist_makes_none(tmp_path: Path) -> None:
    for command in READING:
        ended = jalki(*command, cwd=tmp_path)
        assert (ended.code, ended.out) == (2, "")
        assert "there is no data in jalki-data" in ended.said
    assert list(tmp_path.iterdir()) == []
