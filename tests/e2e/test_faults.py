import os
import re
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from tests.e2e.events import line, named_in, shop, write_lines
from tests.e2e.program import JALKI, Ended, answers, asked, counts, environment, jalki, started

EVENTS = shop(60, seed=4)
SAMPLE = named_in(EVENTS, 12)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lines(tmp_path_factory.mktemp("faults") / "shop.jsonl", EVENTS)


@pytest.fixture(scope="module")
def made(events: Path) -> Path:
    """A whole data folder; for copying."""
    data = events.parent / "data"
    assert asked("ingest", events, "--data", data).code == 0
    return data


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "data")


def content(data: Path) -> dict[str, str]:
    return {
        each.name: sha256(each.read_bytes()).hexdigest() for each in data.iterdir() if not each.name.endswith("-shm")
    }


READING = (("where", "customer_id:C-1"), ("parties",), ("sharing",), ("drift",), ("dead-letters",))


def assert_all_say(data: Path, events: Path, code: int, *words: str, settings: dict[str, object] | None = None) -> None:
    """Reading and writing end with this code and these words, and change nothing."""
    before = content(data)
    ends = [jalki(*command, "--data", data, settings=settings) for command in (READING[0], ("ingest", events))]
    for ended in ends:
        assert (ended.code, ended.out) == (code, "")
        for word in words:
            assert word in ended.said
    if settings is None:
        assert asked("doctor", "--data", data).code == 2
    assert content(data) == before


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
    assert_all_say(data, events, 2, "keys.db", "restore")


@pytest.mark.parametrize("name", ["graph.db", "keys.db"])
def test_a_damaged_file_is_named(name: str, data: Path, events: Path) -> None:
    (data / name).write_bytes(b"This is no database at all. " * 400)
    assert_all_say(data, events, 2, name)


def test_a_damaged_log_is_named(data: Path, events: Path) -> None:
    (data / "log.db").write_bytes(b"This is no database at all. " * 4000)
    ended = jalki("ingest", events, "--data", data)
    assert ended.code == 2
    assert "log.db" in ended.said


def test_a_folder_whose_first_start_was_cut_short_says_that_it_holds_no_graph_yet(data: Path) -> None:
    (data / "graph.db").write_bytes(b"")
    for command in READING[:3]:
        ended = jalki(*command, "--data", data)
        assert (ended.code, ended.out) == (2, "")
        assert "graph.db" in ended.said


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


# ── a full disk ──


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if not mount or subprocess.run([mount, "-t", "tmpfs", "-o", "size=700k", "tmpfs", disk], check=False).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)  # noqa: S607 - wherever it is


def test_on_a_full_disk_ingest_says_so_and_goes_on_when_there_is_room(
    events: Path, made: Path, small_disk: Path
) -> None:
    data = small_disk / "data"
    ended = jalki("ingest", events, "--data", data)
    assert ended.code == 1
    assert re.search(r"no room|full", ended.said)
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)  # noqa: S607
    again = jalki("ingest", events, "--json", "--data", data)
    assert again.code == 0
    assert counts(again)[0] == len(EVENTS)
    assert answers(data, SAMPLE) == answers(made, SAMPLE)
    assert asked("dead-letters", "--json", "--data", data).json == []


@pytest.mark.parametrize("kilobytes", [0, 8, 40, 120, 400])
def test_where_files_cannot_grow_nothing_is_half_written(
    kilobytes: int, events: Path, made: Path, tmp_path: Path
) -> None:
    data, limit = tmp_path / "data", kilobytes * 1024
    ended = jalki(
        "ingest", events, "--data", data, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    )
    assert ended.code == 1
    assert ended.said.startswith("jalki: ")
    again = jalki("ingest", events, "--json", "--data", data)
    assert again.code == 0
    assert counts(again)[0] == len(EVENTS)
    assert answers(data, SAMPLE) == answers(made, SAMPLE)


# ── settings ──


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JALKI_KAFKA", "localhost:9092"),
        ("JALKI_NEO4J", "bolt://localhost"),
        ("JALKI_DATAS", "x"),
        ("JALKI_LOG_LEVEL", "LOUD"),
        ("JALKI_REGISTER", "/does/not/exist.yaml"),
        ("JALKI_SCHEMAS", "/does/not/exist"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, tmp_path: Path) -> None:
    for command in (("where", "customer_id:C-1"), ("ingest", "-")):
        ended = jalki(*command, "--data", tmp_path / "data", settings={name: value})
        assert ended.code == 2
        assert name in ended.said
    assert list(tmp_path.iterdir()) == []


def test_an_empty_setting_counts_as_none(data: Path) -> None:
    empty = dict.fromkeys(("JALKI_KAFKA", "JALKI_REGISTER", "JALKI_DATA", "JALKI_LOG_LEVEL"), "")
    assert jalki("where", "customer_id:C-1", "--data", data, settings=empty).code == 0


def test_a_broken_register_is_named_with_file_and_line(data: Path, events: Path, tmp_path: Path) -> None:
    register = tmp_path / "register.yaml"
    register.write_text("eea: [FI]\nparties:\n  us: {name: Us Oy, kind: nonsense, country: FI}\n")
    assert_all_say(data, events, 2, "register.yaml:3", settings={"JALKI_REGISTER": register})
    register.write_text("parties: {a: [\n")
    assert_all_say(data, events, 2, "register.yaml:", settings={"JALKI_REGISTER": register})


def test_a_broken_schema_is_named(data: Path, events: Path, tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    for text in ("{", "[]", '{"type": "record", "name": "Own", "fields": []}', '"string"'):
        (tmp_path / "schemas" / "Own.avsc").write_text(text)
        ended = jalki("ingest", events, "--data", data, settings={"JALKI_SCHEMAS": tmp_path / "schemas"})
        assert ended.code == 2
        assert "Own.avsc" in ended.said


# ── asking wrongly ──


@pytest.mark.parametrize("option", ["--at", "--known-at"])
@pytest.mark.parametrize(
    "time", ["2026-03-01", "2026-03-01T09:30:00", "yesterday", "", "2026-02-30T09:30:00Z", "9" * 40]
)
def test_a_time_that_is_none_is_wrong_usage(option: str, time: str, data: Path) -> None:
    ended = asked_wrongly("where", "customer_id:C-1", option, time, "--data", data)
    assert option in ended.said


@pytest.mark.parametrize(
    "identifier",
    ["name:Aino Esimerkki", "address:Rantakatu 12", "ip_address:192.0.2.1", "national_id:010190-123A",
     "bank_account:FI2112345600000785", "Aino", "", ":", "email:", "customer_id: "],
)  # fmt: skip
def test_what_identifies_nobody_is_wrong_usage_and_is_not_repeated(identifier: str, data: Path) -> None:
    ended = asked_wrongly("where", identifier, "--data", data)
    assert "identif" in ended.said
    assert "Aino" not in ended.err
    assert identifier.partition(":")[2].strip() not in ended.err or not identifier.partition(":")[2].strip()


def asked_wrongly(*words: object) -> Ended:
    from lineage.errors import Misconfigured

    try:
        ended = asked(*words)
    except Misconfigured as fault:
        return Ended(2, "", str(fault))
    raise AssertionError(ended)


def test_an_unknown_person_is_an_empty_answer(data: Path) -> None:
    for identifier in ("customer_id:C-none", "nobody@nowhere.example", "phone:+358401111111", "future_kind:x"):
        ended = asked("where", identifier, "--json", "--data", data)
        empty = {"identifiers": {}, "candidates": 0, "holdings": [], "shared": []}
        assert ended.json == {"asked": ended.json["asked"], "at": None, "known_at": None, **empty}
    ended = jalki("where", "customer_id:C-none", "--data", data)
    assert (ended.code, ended.out) == (0, "")
    assert "nothing is recorded" in ended.said


@pytest.mark.parametrize(
    "command",
    [("parties",), ("parties", "--json"), ("sharing", "--csv"), ("sharing", "--dot"), ("--help",), ("drift", "--json")],
)
def test_a_reader_that_goes_away_is_no_fault(command: tuple[str, ...], data: Path) -> None:
    assert_survives_a_closed_pipe(*command, data=data)


def test_a_simulation_cut_short_by_its_reader_is_no_fault(tmp_path: Path) -> None:
    assert_survives_a_closed_pipe("simulate", "--persons", "200", "--seed", "1", data=tmp_path)


def assert_survives_a_closed_pipe(*command: str, data: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [JALKI, *command],
            stdout=gone,
            stderr=subprocess.PIPE,
            env=environment(JALKI_DATA=data),
            check=False,
            timeout=60,
        )
    said = done.stderr.decode()
    assert done.returncode in (0, 1)
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert "fault" not in said


def test_a_line_of_the_file_is_not_lost_when_stdout_is_closed(events: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert_survives_a_closed_pipe("ingest", str(events), "--json", data=data)
    assert counts(asked("ingest", events, "--json", "--data", data)) == (len(EVENTS), 0, len(EVENTS), 0)
    assert line(EVENTS[0])
