import shutil
from pathlib import Path

import pytest

from tests.e2e.events import write_lines
from tests.e2e.program import asked
from tests.e2e.stories import EVENTS, STORY


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One customer's life; for reading."""
    folder = tmp_path_factory.mktemp("story")
    assert asked("ingest", write_lines(folder / "s.jsonl", STORY), "--data", folder / "data").code == 0
    return folder / "data"


@pytest.fixture(scope="session")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_lines(tmp_path_factory.mktemp("faults") / "shop.jsonl", EVENTS)


@pytest.fixture(scope="session")
def made(events: Path) -> Path:
    """A whole data folder; for copying."""
    data = events.parent / "data"
    assert asked("ingest", events, "--data", data).code == 0
    return data


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "data")
