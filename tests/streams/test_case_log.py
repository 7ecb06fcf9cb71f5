"""The log of cases, and the outbox that fills it: every entry of the journal gets there, in order, and stays."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.cases.entries import Entry, entry
from lineage.errors import Misconfigured, Retryable
from lineage.sealing import Seal, new_key
from lineage.stores.journal import SqliteJournal
from streams.case_log import CASE_TOPICS, EmbeddedCaseLog, entry_in, outgoing, topic_of
from streams.log import Log
from streams.outbox import LANE, Outbox
from streams.records import Outgoing, Record
from tests.contracts.journal import add, chain

CASE = "2026-ABCDEFGH"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with Log(tmp_path / "log.db", Seal(new_key())) as opened:
        yield opened


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    opened = SqliteJournal(tmp_path / "graph.db")
    yield opened
    opened.close()


def kept(log: Log) -> list[Entry]:
    return list(EmbeddedCaseLog(log).entries())


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.integers(-(2**53), 2**53)), st.binary())
def test_an_entry_comes_back_out_of_its_record_as_it_was(said: dict[str, int], sealed: bytes) -> None:
    made = entry(CASE, 1, "received", "person", said, sealed)
    ((topic, (record,)),) = outgoing([made]).items()
    assert entry_in(Record(topic, 0, 0, 0, record.key, record.value, ())) == made
    assert record.key == CASE.encode()


@pytest.mark.parametrize(
    ("kind", "topic"),
    [("received", "cases"), ("closed", "cases"), ("entombed", "cases"), ("planned", "tasks"), ("claimed", "tasks"),
     ("task", "outcomes"), ("noted", "outcomes")],
)  # fmt: skip
def test_what_is_to_be_done_what_came_of_it_and_how_the_case_stands_have_a_topic_each(kind: str, topic: str) -> None:
    assert topic_of(entry(CASE, 1, kind, "jalki", {})) == topic


def test_what_the_journal_keeps_gets_into_the_log_once_and_in_order(journal: SqliteJournal, log: Log) -> None:
    first, other = chain(CASE, 3), chain("2026-BBBBBBBB", 2)
    for each in (first, other):
        add(journal, each)
    outbox = Outbox(journal, EmbeddedCaseLog(log))
    assert (outbox.flush(), outbox.flush()) == (5, 0)
    assert [each for each in kept(log) if each.case == first[0].case] == list(first)
    assert len(kept(log)) == EmbeddedCaseLog(log).count() == 5


def test_whoever_ends_before_it_is_marked_copies_it_again_and_loses_nothing(journal: SqliteJournal, log: Log) -> None:
    add(journal, told := chain(CASE, 3))
    EmbeddedCaseLog(log).put(journal.unpublished(2))
    assert Outbox(journal, EmbeddedCaseLog(log)).flush() == 3
    assert sorted({each.number for each in kept(log)}) == [each.number for each in told]
    assert not journal.unpublished(1)


def test_while_the_bus_is_away_everything_waits_in_the_journal(journal: SqliteJournal, log: Log) -> None:
    class Away(EmbeddedCaseLog):
        def put(self, _entries: Sequence[Entry]) -> None:
            raise Retryable("the bus is away")

    add(journal, chain(CASE, 3))
    with pytest.raises(Retryable):
        Outbox(journal, Away(log)).flush()
    assert Outbox(journal, EmbeddedCaseLog(log)).flush() == 3


def test_of_several_workers_one_copies_at_a_time(journal: SqliteJournal, log: Log) -> None:
    outboxes = [Outbox(journal, EmbeddedCaseLog(log)) for _ in range(2)]
    assert [each.flush_in_turn(0) for each in outboxes] == [0, 0]
    assert journal.spent(LANE, 0) == 0, "nothing waited, so nobody took the window"
    add(journal, chain(CASE, 2))
    assert journal.spend(LANE, 0, 1)
    assert outboxes[0].flush_in_turn(0) == 0
    assert outboxes[1].flush_in_turn(2) == 2


def test_the_log_of_cases_stays_while_other_topics_are_read_and_go(journal: SqliteJournal, log: Log) -> None:
    add(journal, chain(CASE, 3))
    Outbox(journal, EmbeddedCaseLog(log)).flush()
    log.subscribe("jalki", ["orders"])
    log.append({"orders": [Outgoing(b"x")]})
    log.commit("jalki", {("orders", 0): 1})
    assert log.begin("orders", 0) == 1
    assert {log.begin(topic, 0) for topic in CASE_TOPICS if topic in log.topics()} == {0}
    assert len(kept(log)) == 3


def test_an_empty_log_has_nothing(log: Log) -> None:
    assert (EmbeddedCaseLog(log).count(), kept(log)) == (0, [])


@pytest.mark.parametrize("value", [b"", b"{}", b"\xc3\x01" + bytes(20)])
def test_a_record_that_is_no_entry_is_told_by_its_place_and_not_its_content(value: bytes) -> None:
    with pytest.raises(Misconfigured, match="topic cases, partition 2, offset 7 is no entry") as told:
        entry_in(Record("cases", 2, 7, 0, None, value, ()))
    assert "{}" not in str(told.value)
