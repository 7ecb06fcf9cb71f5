import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from lineage.errors import Misconfigured, Refused
from streams.log import Outgoing
from tests.streams.bus_parts import numbered, numbers, open_log


def test_a_newer_format_is_refused_and_left_alone(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append({"orders": numbered(3)})
    file = sqlite3.connect(tmp_path / "log.sqlite")
    file.execute("PRAGMA user_version = 2")
    file.close()
    before = (tmp_path / "log.sqlite").read_bytes()
    with pytest.raises(Misconfigured, match="newer Jalki"):
        open_log(tmp_path)
    assert (tmp_path / "log.sqlite").read_bytes() == before


@pytest.mark.parametrize("content", [b"no database, but long enough for a header" * 9, b"SQLite format 3\0" * 99])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log.sqlite").write_bytes(content)
    with pytest.raises(Misconfigured, match="no log of Jalki"):
        open_log(tmp_path)


def test_a_damaged_log_is_refused(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.append({"orders": numbered(500)})
    file = tmp_path / "log.sqlite"
    whole = file.read_bytes()
    file.write_bytes(whole[:16_384] + bytes(len(whole) - 16_384))
    with pytest.raises(Misconfigured, match="damaged"):
        open_log(tmp_path)


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / "log.sqlite")
    file.execute("CREATE TABLE theirs (x)")
    file.close()
    with pytest.raises(Misconfigured, match="not a log of Jalki"):
        open_log(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="does not exist"):
        open_log(tmp_path / "nowhere")


def test_a_second_process_is_refused_while_the_log_is_open(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from lineage.errors import Refused; from streams.log import Log\n"
        "try: Log(pathlib.Path(sys.argv[1]), None)\n"
        "except Refused as error: print(error)"
    )
    with open_log(tmp_path) as log:
        log.append({"orders": numbered(1)})
        command = [sys.executable, "-c", program, str(tmp_path / "log.sqlite")]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
    assert "in use by another process" in said
    open_log(tmp_path).close()


def test_a_full_disk_is_said_clearly_and_loses_nothing(tmp_path: Path) -> None:
    with open_log(tmp_path) as log:
        log.subscribe("jalki", ["orders"])
        log.append({"orders": numbered(10)})
        (pages,) = log._file.execute("PRAGMA page_count").fetchone()
        log._file.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(Refused, match="no room left"):
            log.append({"orders": [Outgoing(bytes(1_000_000))]})
        assert (log.end("orders", 0), log.lag("jalki")) == (10, 10)
        log._file.execute("PRAGMA max_page_count = 100000")
        assert log.append({"orders": numbered(1, start=10)}) == {("orders", 0): range(10, 11)}
        assert numbers(log.read("orders", 0, 0, 99)) == list(range(11))
