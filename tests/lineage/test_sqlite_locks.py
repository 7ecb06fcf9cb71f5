"""A file that is opened a second time in one process stays locked: else whoever closes it elsewhere takes its log away."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from lineage.errors import Refused
from lineage.stores.files import open_file
from streams.logfile import open_file as open_log

SCHEMA = "CREATE TABLE thing (name TEXT)"


def open_store(path: Path) -> sqlite3.Connection:
    return open_file(path, version=1, schema=SCHEMA, cache_mib=1)


def test_another_process_that_ends_leaves_the_log_of_changes_to_whoever_has_the_file_open(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    first = open_store(path)
    first.execute("INSERT INTO thing VALUES ('x')")
    second = open_store(path)
    wal = path.with_name("file.db-wal")
    assert wal.exists()
    ask = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM thing').fetchall(); c.close()"
    )
    subprocess.run([sys.executable, "-c", ask, path], check=True, timeout=30)
    assert wal.exists(), "the other process took itself for the last one"
    second.close()
    first.close()


def test_a_second_try_to_open_the_stream_in_one_process_does_not_let_another_process_in(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    first = open_log(path)
    with pytest.raises(Refused):
        open_log(path)
    ask = "import pathlib, sys; from streams.logfile import open_file; open_file(pathlib.Path(sys.argv[1]))"
    ended = subprocess.run([sys.executable, "-c", ask, path], check=False, timeout=30, capture_output=True, text=True)
    assert "Refused" in ended.stderr
    first.close()
