"""`jalki backfill` from Parquet as a user runs it: against the same rows of CSV, twice, killed in the middle, not installed."""

import os
import random
import signal
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.e2e.program import asked, assert_no_traceback, called, jalki, started
from tests.e2e.test_backfill import COLUMNS, MAPPING, counts, export, row, sharing, shipments

KILLED = 3


def parquet(folder: Path, rows: Sequence[Sequence[str]]) -> Path:
    told = {name: pa.array([each[at] or None for each in rows], pa.string()) for at, name in enumerate(COLUMNS)}
    pq.write_table(pa.table(told), folder / "shipments.parquet", row_group_size=200)
    mapping = folder / "shipments.yaml"
    mapping.write_text(MAPPING.replace("csv: 'shipments*.csv'", "parquet: 'shipments*.parquet'"))
    return mapping


def test_it_makes_the_same_record_as_csv_and_nothing_twice_also_after_a_kill(tmp_path: Path) -> None:
    rows = [row(each) for each in shipments(800)]
    (tmp_path / "csv").mkdir()
    assert called("backfill", export(tmp_path / "csv", rows), "--data", tmp_path / "whole").code == 0
    mapping = parquet(tmp_path, rows)
    for number in range(KILLED):
        data = tmp_path / f"data-{number}"
        with started("backfill", mapping, "--data", data) as run:
            run.until((data / "log.db").exists)
            run.ended_within(random.Random(number).random())  # noqa: S311 - repeatable
            run.process.send_signal(signal.SIGKILL)
            assert_no_traceback(run.end())
        again = called("backfill", mapping, "--json", "--data", data)
        read, recorded, repeated, dead = counts(again)
        assert (again.code, read, dead, recorded + repeated) == (0, len(rows), 0, read)
        assert sharing(data) == sharing(tmp_path / "whole")
    # The ids are made of the mapping's name and the key, so it is the same event from whichever file.
    (tmp_path / "csv" / "shipments.yaml").write_text(MAPPING)
    ended = called("backfill", tmp_path / "csv" / "shipments.yaml", "--json", "--data", tmp_path / "data-0")
    assert counts(ended) == (len(rows), 0, len(rows), 0)


def test_bad_rows_are_dead_letters_with_their_row_and_a_check_leaves_nothing(tmp_path: Path) -> None:
    rows = [row(each) for each in shipments(40)]
    rows[2][1] = "yesterday"
    mapping = parquet(tmp_path, rows)
    ended = called("backfill", mapping, "--check", "--data", tmp_path / "data")
    assert ended.code == 1
    assert "1 × occurred_at: not a time as declared (column at), first at shipments.parquet, row 3" in ended.said
    assert not (tmp_path / "data").exists()
    ended = called("backfill", mapping, "--json", "--data", tmp_path / "data")
    assert (ended.code, counts(ended)) == (1, (len(rows), len(rows) - 1, 0, 1))
    (letter,) = asked("dead-letters", "--json", "--data", tmp_path / "data").json
    assert letter["position"] == "shipments.parquet, row 3"
    assert "yesterday" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("missing", "words"),
    [("pyarrow", ("backfill", "shipments.yaml")), ("openpyxl", ("register", "import", "art30.xlsx", "--out", "draft"))],
)
def test_without_the_extra_one_line_says_what_to_install_and_all_else_works(
    missing: str, words: tuple[str, ...], tmp_path: Path
) -> None:
    """A package that cannot be imported stands in for one that is not there."""
    (tmp_path / "absent" / missing).mkdir(parents=True)
    (tmp_path / "absent" / missing / "__init__.py").write_text("raise ImportError")
    parquet(tmp_path, [row(each) for each in shipments(5)])
    (tmp_path / "art30.xlsx").write_bytes(b"")
    path = os.pathsep.join([str(tmp_path / "absent"), *filter(None, [os.environ.get("PYTHONPATH")])])
    ended = jalki(*words, cwd=tmp_path, settings={"PYTHONPATH": path, "JALKI_DATA": tmp_path / "data"})
    assert (ended.code, ended.out) == (2, "")
    assert f"install {missing}: pip install 'jalki[" in ended.err
    assert ended.err.count("\n") == 1
    assert called("register", "check", cwd=tmp_path, settings={"PYTHONPATH": path}).code == 1
