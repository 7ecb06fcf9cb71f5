"""The same questions of the same shop in Neo4j: answered as embedded, and written down there; and while it is away."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.opening import opened
from tests.console.api.desks import Office, opened_office, problem
from tests.console.api.test_answers import key_of, looks
from tests.e2e.events import event, write_lines
from tests.e2e.program import jalki
from tests.e2e.stories import EVENTS, STORY
from tests.servers.neo4j import Neo4j

LINES = [
    *EVENTS,
    *STORY,
    event("AccountOpened", "m-1", customer_id="C-18", email="toinen@posti.example", phone="0401234567"),
]
ASKED = [
    ("parties", {}), ("sharing", {}), ("sharing", {"at": "2026-03-02T00:00:00Z"}), ("drift", {"limit": 1000}),
    ("sharing-changes", {"earlier": "2025-01-01T00:00:00Z", "later": "2026-03-10T00:00:00Z"}),
    ("record", {"at": "2026-03-10T00:00:00Z"}), ("cases", {"all": True}),
    ("where", {"identifier": "customer_id:C-17", "reveal": True}), ("where", {"identifier": "phone:0401234567"}),
    ("reached", {"party": "posti"}), ("reached-persons", {"party": "posti", "limit": 1000, "reveal": True}),
    ("recall", {"model": "Lumo 17 Pro"}), ("recall-persons", {"model": "Lumo 17 Pro", "limit": 1000}),
]  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, neo4j_server: Neo4j) -> Iterator[tuple[Office, Office]]:
    """The shop embedded and in Neo4j, with the same keys: pseudonyms are the same too."""
    folder = tmp_path_factory.mktemp("both")
    file = write_lines(folder / "shop.jsonl", LINES)
    neo4j_server.wipe()
    assert jalki("ingest", file, "--data", folder / "embedded").code == 0
    (folder / "served").mkdir()
    for name in ("keys.db", "master.key"):
        shutil.copy(folder / "embedded" / name, folder / "served" / name)
    assert jalki("ingest", file, "--data", folder / "served", settings=neo4j_server.settings).code == 0
    with (
        opened_office(folder / "embedded") as embedded,
        opened_office(folder / "served", **neo4j_server.settings) as served,
    ):
        yield embedded, served


def test_neo4j_answers_every_question_as_embedded(both: tuple[Office, Office]) -> None:
    embedded, served = (office.desk("dpo") for office in both)
    for name, given in ASKED:
        answer = served.told(name, **given)
        assert answer == embedded.told(name, **given), name
        assert answer or name == "cases", name


def test_a_customer_and_a_party_ask_neo4j_about_themselves_alone(both: tuple[Office, Office]) -> None:
    _, served = both
    hers = served.desk("customer", key_of(served.settings, "customer_id", "C-17"))
    assert hers.told("where", identifier="customer_id:C-17")["candidates"] == 1
    assert problem(hers.asks("where", identifier="customer_id:C-18")) == (403, "not-yours")
    assert served.desk("processor", "posti").told("reached", party="posti")["persons"] > 0


def test_the_look_is_written_into_neo4j(both: tuple[Office, Office]) -> None:
    _, served = both
    before = len(looks(served.settings))
    served.desk("regulator").told("where", identifier="customer_id:C-17")
    found = looks(served.settings)
    assert len(found) == before + 1
    assert found[-1]["asked"] == f"where:{key_of(served.settings, 'customer_id', 'C-17')}"
    assert (found[-1]["role"], found[-1]["shown"]) == ("regulator", "pseudonyms")


def test_where_neo4j_cannot_be_reached_nothing_is_answered(both: tuple[Office, Office], tmp_path: Path) -> None:
    _, served = both
    data = shutil.copytree(served.settings.data, tmp_path / "data")
    with opened_office(data, JALKI_NEO4J="bolt://127.0.0.1:1") as away:
        for name, given in (("parties", {}), ("where", {"identifier": "customer_id:C-17"})):
            assert problem(away.desk("dpo").asks(name, **given)) == (503, "store")
    with opened(served.settings) as folder:
        assert folder.graph.counts()["events"]
