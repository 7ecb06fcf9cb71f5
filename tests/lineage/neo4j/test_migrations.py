"""A graph made ready on a real Neo4j, whatever others do there at the same moment."""

import random
import threading
import time
from contextlib import closing

import pytest

from lineage.errors import Retryable
from lineage.stores.neo4j import Neo4jAccess, migrations
from lineage.stores.neo4j.connecting import Session
from lineage.stores.neo4j.migrations import prepare
from tests.servers.neo4j import Neo4j

STARTS = 3
APART = 0.6
"""Seconds within which they begin: as long as one takes, so that each meets the others at another statement."""


@pytest.fixture
def access(neo4j_server: Neo4j) -> Neo4jAccess:
    neo4j_server.wipe()
    return Neo4jAccess(neo4j_server.login.uri, neo4j_server.login.user, neo4j_server.login.password)


def test_an_index_that_takes_too_long_is_waited_for_at_another_start(
    access: Neo4jAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LONGEST_BUILD", 0.2)
    monkeypatch.setattr(migrations, "_BUILDING", "RETURN $names")
    with closing(Session(access)) as session:
        with pytest.raises(Retryable, match=r"still building the indexes .*case_look"):
            prepare(session, "mark", read_only=False)
        monkeypatch.undo()
        prepare(session, "mark", read_only=False)


@pytest.mark.parametrize("seed", range(8))
def test_several_that_make_it_ready_at_once_all_succeed(access: Neo4jAccess, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - repeatable
    faults: list[BaseException] = []
    together = threading.Barrier(STARTS)

    def start(after: float) -> None:
        try:
            with closing(Session(access)) as session:
                together.wait(60)
                time.sleep(after)
                prepare(session, "mark", read_only=False)
        except BaseException as fault:  # noqa: BLE001 - looked at below
            faults.append(fault)

    starting = [threading.Thread(target=start, args=(chance.uniform(0, APART),), daemon=True) for _ in range(STARTS)]
    for each in starting:
        each.start()
    for each in starting:
        each.join(120)
    assert not any(each.is_alive() for each in starting)
    assert faults == []
