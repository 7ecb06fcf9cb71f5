"""The log of cases on a real Kafka: what is put there is read again, all of it, and a lost record of cases comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.case_opening import opened_for_casework
from console.settings import read_settings
from lineage.cases.entries import check_chain, entry
from lineage.errors import Misconfigured
from schemas.records import microseconds
from streams.case_log import CASE_TOPICS
from streams.catching_up import catch_up
from streams.kafka.case_log import KafkaCaseLog
from streams.kafka.provisioning import create
from streams.kafka.topics import wanted
from streams.outbox import Outbox
from tests.cases.logged import ASKED, EVENTS, HER, LATER, OTHER, erase
from tests.cases.stage import JsonRecords, Parties, Stage
from tests.cases.test_catching_up import replayed
from tests.contracts.journal import chain
from tests.servers.kafka import Kafka
from tests.servers.neo4j import Neo4j


@pytest.fixture
def log(kafka: Kafka) -> Iterator[KafkaCaseLog]:
    kafka.wipe()
    create(kafka.access, wanted(CASE_TOPICS, partitions=3))
    opened = KafkaCaseLog(kafka.access)
    yield opened
    opened.close()


def test_all_that_is_put_there_is_read_again_more_of_it_than_is_in_memory_at_a_time(log: KafkaCaseLog) -> None:
    cases = [chain(f"2026-{number:08}", 60) for number in range(50)]
    cases += [
        [entry(f"2026-PLAN{number:04}", 1, "planned", "jalki", {"facts": ["x" * 40] * 20_000})] for number in range(3)
    ]
    for each in cases:
        log.put(each)
    assert log.count() == sum(map(len, cases))
    found = list(log.entries())
    assert len(found) == log.count()
    for each in cases:
        assert [one for one in found if one.case == each[0].case] == each


def test_an_empty_log_has_nothing_and_a_missing_one_is_told(kafka: Kafka, log: KafkaCaseLog) -> None:
    assert (log.count(), list(log.entries())) == (0, [])
    kafka.wipe()
    with pytest.raises(Misconfigured, match="topics create"):
        log.count()


def test_an_empty_neo4j_and_a_replay_of_kafka_make_the_erased_record_and_call_nobody(
    log: KafkaCaseLog, neo4j_server: Neo4j, tmp_path: Path
) -> None:
    neo4j_server.wipe()
    given = {"JALKI_DATA": str(tmp_path / "data"), **neo4j_server.settings}
    settings, parties, believed = read_settings({k: str(v) for k, v in given.items()}), Parties(), [microseconds(ASKED)]
    with opened_for_casework(settings, lambda: believed[0]) as book:
        assert book.recorder
        stage = Stage(book.work, book.recorder, JsonRecords(book.folder.catalogue), believed, parties)
        stage.record(*EVENTS)
        case = erase(stage)
        assert Outbox(book.work.journal, log).flush() == log.count() == case.last.number + 1
        told, before, stones = stage.told("posti")[:], book.work.journal.cases(), book.work.memory.tombstones()
    assert told
    neo4j_server.wipe()
    believed[0] = microseconds(LATER)
    with opened_for_casework(settings, lambda: believed[0]) as book:
        assert book.recorder
        stage = Stage(book.work, book.recorder, JsonRecords(book.folder.catalogue), believed, parties)
        taken = catch_up(book.work, log)
        assert taken
        assert taken.entries == case.last.number + 1
        check_chain(book.work.journal.entries(case.id))
        replayed(stage)
        stage.run(case)
        assert (stage.told("posti"), book.work.journal.cases(), book.work.memory.tombstones()) == (told, before, stones)
        assert stage.holders(*HER) == set()
        assert stage.holders(*OTHER)
        assert catch_up(book.work, log) is None
