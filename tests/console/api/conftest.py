import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.api.desks import Office, opened_office
from tests.e2e.events import event, write_lines
from tests.e2e.program import asked
from tests.e2e.stories import EVENTS, STORY

INQUIRY = event(
    "DataDisclosed", "q-1", "2026-03-05T09:30:00Z", holder="order-system", recipient="police", secret=True,
    purpose="authority-inquiry", identifiers=[{"kind": "customer_id", "value": "C-17"}], categories=["name", "order"],
)  # fmt: skip


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop's folder with cases in several states; for reading."""
    folder = tmp_path_factory.mktemp("api")
    data = folder / "data"
    assert asked("ingest", write_lines(folder / "s.jsonl", [*EVENTS, *STORY, INQUIRY]), "--data", data).code == 0
    cases = {}
    for right in ("access", "erasure"):
        ended = asked("case", "open", right, "customer_id:C-17", "--channel", "account", "--data", data)
        assert ended.code == 0
        cases[right] = ended.out.strip()
    assert asked("case", "approve", cases["erasure"], "--data", data).code in {0, 3}
    assert asked("case", "open", "transfer", "customer_id:C-1", "--data", data).code == 0
    refused = asked("case", "refuse", cases["access"], "--ground", "12(5)", "--reason", "asked before", "--data", data)
    assert refused.code == 0
    return data


@pytest.fixture(scope="session")
def office(recorded: Path) -> Iterator[Office]:
    with opened_office(recorded) as found:
        yield found


@pytest.fixture
def own_office(story: Path, tmp_path: Path) -> Iterator[Office]:
    """Of one customer's life; for a test that breaks something."""
    with opened_office(shutil.copytree(story, tmp_path / "data")) as found:
        yield found
