"""The archives that a release is: the same bytes whoever builds them, with all that the program needs, and working as built."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.e2e.events import event, write_lines

ROOT = Path(__file__).parents[2]
FOLDERS = ("schemas", "lineage", "connectors", "streams", "console")
FILES = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "requirements.lock", ".gitignore")
COMMITTED = "1790000000"


def checkout(to: Path) -> Path:
    """A copy of the sources with times of its own, and without what tests and runs have left in them."""
    left = shutil.ignore_patterns("__pycache__", "*.pyc")
    for each in FOLDERS:
        shutil.copytree(ROOT / each, to / each, copy_function=shutil.copyfile, ignore=left)
    for each in FILES:
        shutil.copyfile(ROOT / each, to / each)
    return to


def built(sources: Path, to: Path, umask: int) -> dict[str, Path]:
    """Build the sdist, and from it the wheel, as `make release` does."""
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(to), str(sources)],
        env={**os.environ, "SOURCE_DATE_EPOCH": COMMITTED}, umask=umask, check=True, capture_output=True,
    )  # fmt: skip
    return {each.suffix: each for each in to.iterdir()}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("once")
    return built(checkout(folder / "sources"), folder / "dist", 0o022)


@pytest.fixture(scope="module")
def installed(archives: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """The wheel, installed beside the libraries; a function that runs its program."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(archives[".whl"]) as wheel:  # a wheel of pure Python is installed by unpacking it
        wheel.extractall(folder)  # noqa: S202 - built a moment ago, from these files
    clean = {name: each for name, each in os.environ.items() if not name.startswith("JALKI_")}

    def run(*words: object) -> str:
        start = (
            f"import console, sys; assert console.__file__.startswith({str(folder)!r}); sys.exit(console.start.main())"
        )
        return subprocess.run(
            [sys.executable, "-P", "-c", f"import console.start; {start}", *map(str, words)],
            cwd=folder, env={**clean, "PYTHONPATH": str(folder)}, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    return run


def test_two_builds_at_two_places_are_the_same_bytes(archives: Mapping[str, Path], tmp_path: Path) -> None:
    again = built(checkout(tmp_path / "elsewhere"), tmp_path / "dist", 0o077)
    assert set(again) == {".gz", ".whl"}
    for kind, archive in again.items():
        assert archive.name == archives[kind].name
        assert archive.read_bytes() == archives[kind].read_bytes(), kind


def test_both_hold_every_source_file_and_no_test(archives: Mapping[str, Path]) -> None:
    left = {"__pycache__"}
    sources = {
        f"{path.relative_to(ROOT)}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and not left & set(path.parts)
    }
    with zipfile.ZipFile(archives[".whl"]) as wheel:
        held = {each for each in wheel.namelist() if ".dist-info/" not in each}
    with tarfile.open(archives[".gz"]) as sdist:
        kept = {each.name.partition("/")[2] for each in sdist.getmembers()}
    assert held == sources
    assert kept - sources <= {*FILES, "PKG-INFO"}
    assert kept >= sources


def test_the_wheel_records_answers_and_shows_its_pages(installed: Callable[..., str], tmp_path: Path) -> None:
    one = event("AccountOpened", "r-1", "2026-02-01T08:00:00Z", customer_id="C-17", email="one@posti.example")
    data = ("--data", tmp_path / "data")
    installed(*data, "ingest", write_lines(tmp_path / "e.jsonl", [one]))
    assert '"candidates": 1' in installed(*data, "where", "customer_id:C-17", "--json")
    case = installed(*data, "case", "open", "access", "customer_id:C-17", "--channel", "account").split()[0]
    assert "received" in installed(*data, "case", "show", case, "--json")
    assert "<html" in installed(*data, "register", "ropa", "--html")
    assert "tietosuoja" in installed(*data, "register", "notice", "--lang", "fi").lower()
