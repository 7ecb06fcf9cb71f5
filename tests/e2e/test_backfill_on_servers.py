"""`jalki backfill` where the stream is Kafka and the graph Neo4j: published, recorded by a worker, the same twice."""

import csv
from pathlib import Path

from tests.e2e.program import jalki
from tests.e2e.workers import working
from tests.servers.kafka import Kafka
from tests.servers.neo4j import Neo4j

ROWS = 300
MAPPING = """
name: accounts
event: AccountOpened
rows: {csv: accounts.csv}
key: [no]
fields:
  occurred_at: {column: opened, zone: Europe/Helsinki}
  controller: {constant: multitronic}
  customer_id: no
  email: mail
"""


def test_it_is_published_and_recorded_by_workers_and_a_second_time_nothing_is_new(
    kafka: Kafka, neo4j_server: Neo4j, tmp_path: Path
) -> None:
    kafka.wipe()
    neo4j_server.wipe()
    settings = {**kafka.settings, **neo4j_server.settings}
    (tmp_path / "accounts.yaml").write_text(MAPPING)
    with (tmp_path / "accounts.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [[f"C-{number}", "2019-05-01 10:00", f"c{number}@x.example"] for number in range(ROWS)]
        csv.writer(file).writerows([["no", "opened", "mail"], *rows, ["C-0", "yesterday", "c0@x.example"]])
    words = ("backfill", tmp_path / "accounts.yaml", "--wait", "--json", "--data", tmp_path / "data")
    assert jalki("topics", "create", settings=settings).code == 0
    with working(1, tmp_path, settings, tmp_path / "data") as (worker,):
        for recorded, repeated in ((ROWS, 0), (ROWS, ROWS)):
            ended = jalki(*words, settings=settings)
            assert ended.code == 1
            told = ended.json
            assert (told["rows"], told["read"], told["published"], told["dead"]) == (ROWS + 1, ROWS + 1, ROWS, 1)
            assert (told["recorded"], told["repeated"], told["stopped"]) == (None, None, False)
            assert (worker.counted("recorded"), worker.counted("repeated")) == (recorded, repeated)
        found = jalki("where", "email:c7@x.example", "--json", "--data", tmp_path / "data", settings=settings)
    assert [each["party"] for each in found.json["holdings"] if each["observed"]] == ["order-system"]
