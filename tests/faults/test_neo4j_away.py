from collections.abc import Callable

import pytest

from tests.faults.stage import Stage
from tests.faults.workers import Worker, within
from tests.streams.kafka.parts import UNCLOSED

pytestmark = UNCLOSED
AWAY = 10.0


def stays(worker: Worker, stage: Stage, seconds: float) -> None:
    """While it waits it says so all the time, and keeps its partitions."""
    over = within(seconds)
    while not over():
        worker.until_waits("Neo4j")
        assert worker.measured("jalki_assigned_partitions") == 2 * len(stage.topics)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_worker_waits_for_neo4j_and_goes_on_by_itself(how: str, stage: Stage) -> None:
    breaking: Callable[[], None] = getattr(stage.neo4j, how)
    with stage.worker() as worker, stage.flowing(AWAY + 5) as flow:
        worker.until(lambda: worker.settled() > 200, "a worker at work")
        breaking()
        worker.until_waits("Neo4j")
        before = worker.settled()
        stays(worker, stage, AWAY if how == "stop" else 2)
        assert worker.settled() == before
        stage.neo4j.start()
        worker.until(lambda: worker.settled() > before, "a worker that goes on by itself")
        worker.until_works()
        flow.finish()
        stage.until_recorded(worker)
        assert worker.measured("jalki_retries_total", of="store") > 0
        worker.stop()
    assert f"Neo4j at {stage.neo4j.uri.removeprefix('bolt://')}" in worker.said
    stage.assert_whole()
