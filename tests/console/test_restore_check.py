"""`jalki restore-check`: what it says, as text and as JSON, and how it exits."""

import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from console.restoring import restore_check_command
from lineage.errors import Misconfigured, Refused
from tests.cases.logged import ASKED, EVENTS, erase, logged, lost, restored, saved

app = typer.Typer()
app.command()(restore_check_command)


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["--data", str(folder / "data"), *words])


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A shop in which a person was erased, and a copy of its key ring of the day before."""
    with logged(tmp_path) as (stage, _):
        stage.record(*EVENTS)
    saved(tmp_path, "keys.db", tmp_path / "old")
    with logged(tmp_path, ASKED) as (stage, _):
        erase(stage)
    return tmp_path


def test_where_nothing_is_undone_it_says_so(shop: Path) -> None:
    done = run(shop)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "nothing to mend\n")
    shape = json.loads(run(shop, "--json").stdout)
    assert shape == {
        "cases": [], "entries_from_log": 0, "entries_to_log": 0, "tombstones": 0, "suppressions": 0, "facts": 0,
        "keys": 0, "not_mended": [],
    }  # fmt: skip


def test_what_was_done_is_told_once(shop: Path) -> None:
    lost(shop, "graph.db")
    done = run(shop)
    assert done.exit_code == 0, done.stdout
    assert done.stdout.endswith("entries of cases came back from the log\n")
    assert done.stderr.splitlines()[-1] == "all is mended"
    assert run(shop).stderr == "nothing to mend\n"


def test_what_cannot_be_mended_is_told_each_time_and_exits_with_1(shop: Path) -> None:
    restored(shop, "keys.db", shop / "old")
    first, again = run(shop, "--json"), run(shop)
    shape = json.loads(first.stdout)
    assert (first.exit_code, again.exit_code) == (1, 1)
    assert shape["tombstones"] > 3
    assert shape["keys"] > 0
    assert [each["why"].partition(":")[0] for each in shape["not_mended"]] == ["it goes on and its key is gone"]
    assert again.stdout.count("\n") == 1
    assert again.stderr == "1 case cannot be mended\n"


def test_a_folder_without_data_is_not_made(tmp_path: Path) -> None:
    assert isinstance(run(tmp_path).exception, Misconfigured)
    assert not (tmp_path / "data").exists()


def test_beside_another_writer_it_does_nothing(shop: Path) -> None:
    with logged(shop):
        assert isinstance(run(shop).exception, Refused)
