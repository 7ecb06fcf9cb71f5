"""Keeping the present schemas, as `python -m schemas.freeze` does: of a folder of own types theirs, and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.catalogue import VERSIONS, load_catalogue
from schemas.codec import decode, encode
from schemas.freeze import main
from tests.schemas.making import CATALOGUE
from tests.schemas.own_type import VISIT, changed, load, with_field

ROOT = Path(__file__).parents[2]


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "versions").glob("*"))


def test_the_versions_of_own_types_are_kept_beside_them_and_no_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = {path: path.stat().st_mtime_ns for path in VERSIONS.iterdir()}
    fingerprint = load(tmp_path, VISIT).types["VisitBooked"].fingerprint.hex()
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"kept VisitBooked.{fingerprint}.avsc\n"
    assert kept(tmp_path) == [f"VisitBooked.{fingerprint}.avsc"]
    assert {path: path.stat().st_mtime_ns for path in VERSIONS.iterdir()} == shipped


def test_what_was_kept_before_a_change_is_read_after_it(tmp_path: Path) -> None:
    kind = load(tmp_path, VISIT).types["VisitBooked"]
    event = {
        **dict.fromkeys(["event_id", "controller", "visit_id", "asker", "fitter", "why"], "x"), "occurred_at": 1,
        "mail": None, "seen": [], "agreed": True, "one": {"kind": "email", "value": "x"},
        "other": {"kind": "email", "value": "y"}, "known_by": [], "host": None, "rooms": [], "until": None, "homes": [],
    }  # fmt: skip
    record = encode(kind, event)
    assert main([str(tmp_path)]) == 0
    grown = load(tmp_path, with_field("note", type=["null", "string"], default=None))
    assert grown.types["VisitBooked"].fingerprint != kind.fingerprint
    assert decode(grown, record)[1] == {**event, "note": None}
    assert main([str(tmp_path)]) == 0
    assert len(kept(tmp_path)) == 2


def test_what_is_kept_already_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load(tmp_path, VISIT)
    assert main([str(tmp_path)]) == 0
    (path,) = (tmp_path / "versions").iterdir()
    before = path.stat().st_mtime_ns
    capsys.readouterr()
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    assert path.stat().st_mtime_ns == before


def test_without_a_folder_the_shipped_ones_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(main.__globals__["missing"], "__defaults__", (tmp_path / "versions",))
    assert main([]) == 0
    assert kept(tmp_path) == sorted(f"{kind.name}.{kind.fingerprint.hex()}.avsc" for kind in CATALOGUE.types.values())


@pytest.mark.parametrize("given", [["a", "b"], ["--help"], ["--folder", "a"]], ids=range(3))
def test_wrong_usage_says_how_it_is_used(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(given) == 2
    assert "python -m schemas.freeze [FOLDER]" in capsys.readouterr().err


def test_a_folder_that_cannot_be_used_is_refused_and_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 2
    assert "holds no *.avsc file" in capsys.readouterr().err
    (tmp_path / "VisitBooked.avsc").write_text(json.dumps(changed(topic="A")), "utf-8")
    assert main([str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("VisitBooked.avsc: topic")
    assert kept(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load(tmp_path, VISIT)
    (tmp_path / "versions").write_text("a file")
    assert main([str(tmp_path)]) == 1
    assert f"{tmp_path / 'versions'} cannot be written" in capsys.readouterr().err


def test_it_runs_as_a_program(tmp_path: Path) -> None:
    load(tmp_path, VISIT)
    command = [sys.executable, "-m", "schemas.freeze", tmp_path]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.split() == ["kept", *kept(tmp_path)]
    assert load_catalogue([tmp_path]).types.keys() - CATALOGUE.types.keys() == {"VisitBooked"}
