from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.faults.shops import picture
from tests.faults.stage import Stage
from tests.servers.fixtures import had
from tests.servers.postgres import Postgres, running_postgres
from tests.streams.kafka.parts import UNCLOSED

pytestmark = UNCLOSED


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with had(running_postgres(tmp_path_factory.mktemp("keyring"))) as server:
        yield server


def test_a_key_ring_that_is_away_is_waited_for(stage: Stage, keyring: Postgres) -> None:
    settings = keyring.settings(keyring.new_database())
    master = stage.data / "master.key"
    stage = stage.with_settings(**settings, JALKI_MASTER_KEY_FILE=master)
    with stage.worker() as worker, stage.flowing(8) as flow:
        worker.until(lambda: worker.settled() > 200, "a worker at work")
        keyring.stop()
        worker.until_waits("the key ring")
        assert worker.measured("jalki_assigned_partitions") == 2 * len(stage.topics)
        keyring.start()
        worker.until_works()
        flow.finish()
        stage.until_recorded(worker)
        worker.stop()
    shop = stage.shop
    found = picture(stage.settings, frozenset(), shop.identifiers)  # of pseudonyms of its own
    assert replace(found, contents={}, disclosures=[]) == replace(shop.picture, contents={}, disclosures=[])
