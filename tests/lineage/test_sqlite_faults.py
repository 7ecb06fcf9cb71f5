"""What can be wrong with the file: the error is ours, of the right kind, names no data, and what was committed is there."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage.errors import JalkiError, Misconfigured, Refused, Retryable
from lineage.graph import NOW, Letter, Look
from lineage.stores import files
from lineage.stores.sqlite import SqliteGraph
from tests.lineage.parts import DELIVERY, facts, key

ROOT = Path(__file__).parents[2]


def event(number: int) -> object:
    return facts(
        f"e{number}", at=number, owns=[("customer_id:c", f"email:{number}")], discloses=[("customer_id:c", DELIVERY)]
    )


def filled(path: Path, events: int = 3) -> Path:
    graph = SqliteGraph(path)
    graph.record([event(number) for number in range(events)])
    graph.close()
    return path


def questions(graph: SqliteGraph) -> list[Callable[[], object]]:
    someone = [key("customer_id:c")]
    return [
        graph.counts, graph.letters, graph.looks, lambda: graph.owned(someone, NOW), lambda: graph.disclosures(someone, NOW),
        lambda: list(graph.every_disclosure(None)), lambda: graph.volumes([1]), lambda: graph.contents([key("e1")]),
    ]  # fmt: skip


def refusal(ask: Callable[[], object]) -> str:
    """What a question was refused with; any other error than that of a damaged file is not caught."""
    try:
        ask()
    except Misconfigured as reason:
        return str(reason)
    return ""


def test_a_file_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    path = filled(tmp_path / "graph.db")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(Misconfigured, match=r"graph\.db was written by a newer version"):
            SqliteGraph(path, read_only=read_only)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"a text, and no database at all\n" * 200, b"\x00" * 8192, os.urandom(5000)],
    ids=["text", "zeros", "noise"],
)
@pytest.mark.parametrize("read_only", [False, True], ids=["writer", "reader"])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(
    tmp_path: Path, content: bytes, *, read_only: bool
) -> None:
    path = tmp_path / "graph.db"
    path.write_bytes(content)
    with pytest.raises(Misconfigured, match=r"graph\.db is not a database of Jalki, or is damaged"):
        SqliteGraph(path, read_only=read_only).counts()
    assert path.read_bytes() == content


def test_an_empty_file_is_made_a_graph_by_a_writer_and_refused_to_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    path.touch()
    with pytest.raises(JalkiError):
        SqliteGraph(path, read_only=True).counts()
    assert filled(path).stat().st_size > 0


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE bookmarks (url TEXT); PRAGMA user_version = 1;")
    connection.close()
    for read_only in (False, True):
        with pytest.raises(Misconfigured, match=r"graph\.db is not a database of Jalki"):
            SqliteGraph(path, read_only=read_only)


def test_a_file_with_tables_of_no_version_is_not_written_into(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(Misconfigured, match="not a database of Jalki"):
        SqliteGraph(path)
    assert b"CREATE TABLE identifier" not in path.read_bytes()
    assert len(path.read_bytes()) == len(before)


def test_a_truncated_file_is_an_error_of_ours_in_every_question(tmp_path: Path) -> None:
    whole = filled(tmp_path / "graph.db", events=2000).read_bytes()
    for part in (100, 4096, len(whole) // 2, len(whole) - 4096):
        path = tmp_path / f"cut-{part}.db"
        path.write_bytes(whole[:part])
        try:
            graph = SqliteGraph(path)
        except Misconfigured:
            continue
        told = [reason for ask in questions(graph) if (reason := refusal(ask))]
        assert told
        assert {reason.partition(" ")[0] for reason in told} == {path.name}
        graph.close()


def test_a_missing_file_is_not_made_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"graph\.db cannot be opened"):
        SqliteGraph(tmp_path / "graph.db", read_only=True)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="permissions"):
        SqliteGraph(tmp_path / "nowhere" / "graph.db")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write where nobody may, so there is no read-only folder for it")
def test_a_read_only_folder_is_refused_to_a_writer_and_read_by_a_reader(tmp_path: Path) -> None:
    path = filled(tmp_path / "graph.db")
    path.chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(Refused, match="permissions"):
            SqliteGraph(path).record([event(7)])
    finally:
        tmp_path.chmod(0o700)


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    reader = SqliteGraph(filled(tmp_path / "graph.db"), read_only=True)
    with pytest.raises(JalkiError):
        reader.look(Look(1, b"sealed"))
    reader.close()
    again = SqliteGraph(tmp_path / "graph.db")
    assert not again.looks()
    again.close()


def test_a_file_that_another_process_is_writing_to_is_busy_and_later_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "BUSY_SECONDS", 0.05)
    path = filled(tmp_path / "graph.db")
    graph = SqliteGraph(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Retryable, match=r"graph\.db is busy"):
        graph.record([event(7)])
    assert graph.counts()["events"] == 3
    other.execute("ROLLBACK")
    other.close()
    graph.record([event(7)])
    assert graph.counts()["events"] == 4
    graph.close()


def test_when_the_disk_is_full_nothing_is_half_written_and_the_rest_still_there(tmp_path: Path) -> None:
    """The whole number of pages a file may have stands for the disk."""
    path = filled(tmp_path / "graph.db")
    graph = SqliteGraph(path)
    (pages,) = graph._file.execute("PRAGMA page_count").fetchone()
    graph._file.execute(f"PRAGMA max_page_count = {pages + 2}")
    letter = Letter(key("l"), "not JSON", 1, b"s" * 100_000)
    with pytest.raises(Refused, match=r"graph\.db cannot be written: the disk is full") as caught:
        graph.record([event(number) for number in range(10, 2000)], [letter])
    assert "email" not in str(caught.value)
    assert dict(graph.counts()) == {"events": 3, "identifiers": 4, "disclosures": 3, "dead_letters": 0}
    graph._file.execute("PRAGMA max_page_count = 1000000")
    graph.record([event(number) for number in range(10, 2000)], [letter])
    assert graph.counts()["events"] == 1993
    assert len(graph.owned([key("customer_id:c")], NOW)) == 1993
    graph.close()


FULL = """
import resource, sys
from pathlib import Path
from lineage.errors import Refused
from lineage.stores.sqlite import SqliteGraph
from tests.lineage.test_sqlite_faults import event
graph = SqliteGraph(Path(sys.argv[1]))
graph.record([event(number) for number in range(5)])
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
written = 5
try:
    while written < 100_000:
        graph.record([event(number) for number in range(written, written + 100)])
        written += 100
except Refused as reason:
    sys.stdout.write(f"{written} {reason}")
"""


def test_a_process_whose_disk_fills_is_refused_and_every_batch_it_was_told_of_is_there(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    told = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    written, _, reason = told.stdout.partition(" ")
    assert "disk is full or failing" in reason
    assert told.stderr == ""
    graph = SqliteGraph(path)
    assert 5 < graph.counts()["events"] == int(written) < 100_000
    assert len(graph.disclosures([key("customer_id:c")], NOW)) == int(written)
    graph.close()
