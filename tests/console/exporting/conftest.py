import pytest

from tests.console.exporting.drawn import Shop
from tests.e2e.events import shop as events_of
from tests.e2e.events import write_lines
from tests.e2e.program import asked


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A small simulated shop; for reading."""
    folder = tmp_path_factory.mktemp("exports")
    events = events_of(60, seed=4)
    assert asked("ingest", write_lines(folder / "shop.jsonl", events), "--data", folder / "data").code == 0
    edges = asked("sharing", "--json", "--data", folder / "data").json["sharing"]
    assert len(edges) > 20
    return Shop(folder / "data", events, edges)
