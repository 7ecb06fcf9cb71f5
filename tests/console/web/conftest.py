import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.api.conftest import INQUIRY
from tests.console.web.consoles import Console, opened_console
from tests.e2e.events import write_lines
from tests.e2e.program import asked
from tests.e2e.stories import EVENTS, STORY


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop's folder with cases in several states; for copying."""
    folder = tmp_path_factory.mktemp("shop")
    data = folder / "data"
    assert asked("ingest", write_lines(folder / "s.jsonl", [*EVENTS, *STORY, INQUIRY]), "--data", data).code == 0
    cases = {}
    for right, who in (
        ("erasure", "C-1"),
        ("access", "C-17"),
        ("erasure", "C-2"),
        ("access", "C-3"),
        ("transfer", "C-4"),
    ):
        ended = asked("case", "open", right, f"customer_id:{who}", "--channel", "account", "--data", data)
        assert ended.code == 0
        cases[who] = ended.out.strip()
    assert asked("case", "approve", cases["C-1"], "--data", data).code in {0, 3}
    words = ("--ground", "12(5)", "--reason", "asked before", "--data", data)
    assert asked("case", "refuse", cases["C-3"], *words).code == 0
    return data


@pytest.fixture(scope="module")
def console(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """The console of the shop; its cases may be added to."""
    with opened_console(shutil.copytree(shop, tmp_path_factory.mktemp("console") / "data")) as found:
        yield found


@pytest.fixture
def own_console(shop: Path, tmp_path: Path) -> Iterator[Console]:
    """One for a test that breaks something, or sets the clock."""
    with opened_console(shutil.copytree(shop, tmp_path / "data")) as found:
        yield found
