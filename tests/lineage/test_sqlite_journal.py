"""Cases in the embedded graph's file: the contract of journals, beside facts, and files that older versions made."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from lineage.cases.entries import entry
from lineage.errors import JalkiError, Misconfigured, Refused, Retryable
from lineage.graph import NOW
from lineage.stores.journal import SqliteJournal
from lineage.stores.schema import FACTS, VERSION
from lineage.stores.sqlite import SqliteGraph
from tests.contracts.journal import CHECKS, LATER, Check, Reopen, add, chain
from tests.contracts.journal_blocks import BLOCKS, OF_ONE_TRANSACTION
from tests.lineage.parts import DELIVERY, facts, key


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Reopen]:
    opened: list[SqliteJournal] = []

    def again() -> SqliteJournal:
        opened.append(SqliteJournal(tmp_path / "graph.db"))
        return opened[-1]

    yield again
    for each in opened:
        each.close()


@pytest.mark.parametrize("check", [*CHECKS, *BLOCKS, *OF_ONE_TRANSACTION], ids=lambda check: check.__name__)
def test_the_embedded_journal_keeps_the_contract_of_a_journal(check: Check, reopen: Reopen) -> None:
    check(reopen)


def older(path: Path) -> Path:
    """A file as version 1 made it, with one person in it."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.executescript(f"{FACTS}; PRAGMA user_version = 1;")
        file.execute("INSERT INTO identifier VALUES (1, ?, 'email')", (key("email:a"),))
        file.execute("INSERT INTO event VALUES (?, ?)", (key("e0"), b"contents"))
        file.execute("INSERT INTO consent VALUES (?, 1, 'newsletter', 1, 5, 6, x'00')", (key("e0"),))
        file.commit()
    return path


def test_a_reader_of_an_older_file_has_its_facts_and_is_told_what_makes_it_ready_for_cases(tmp_path: Path) -> None:
    path = older(tmp_path / "graph.db")
    before = path.read_bytes()
    with closing(SqliteGraph(path, read_only=True)) as graph:
        assert [each.at for each in graph.consents([key("email:a")], NOW)] == [5]
        assert graph.counts()["events"] == 1
    with pytest.raises(Misconfigured, match=r"graph\.db is of an older version.*`jalki worker` or `jalki ingest`"):
        SqliteJournal(path, read_only=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("opener", [SqliteGraph, SqliteJournal])
def test_an_older_file_is_brought_to_this_version_by_whoever_writes_to_it_first(
    tmp_path: Path, opener: type[SqliteGraph] | type[SqliteJournal]
) -> None:
    path = older(tmp_path / "graph.db")
    opener(path).close()
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (VERSION,)
        tables = set(file.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
    new = tmp_path / "new.db"
    opener(new).close()
    with closing(sqlite3.connect(new)) as file:
        assert tables == set(file.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
    with closing(SqliteGraph(path)) as graph, closing(SqliteJournal(path)) as journal:
        add(journal, chain("c-1", 2))
        graph.record([facts("e1", discloses=[("email:a", DELIVERY)])])
        assert len(graph.consents([key("email:a")], NOW)) == 1
        assert graph.forget([key("email:a")], 10, [], None).identifiers == 1


@pytest.mark.parametrize("make", [older, lambda path: path], ids=["older", "new"])
def test_several_may_make_a_file_or_bring_it_to_this_version_at_one_moment(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    for number in range(10):
        path, barrier = make(tmp_path / f"graph-{number}.db"), Barrier(4)

        def begin(case: str, path: Path = path, barrier: Barrier = barrier) -> None:
            barrier.wait(timeout=30)
            with closing(SqliteJournal(path)) as journal:
                add(journal, chain(case, 1))

        with ThreadPoolExecutor(4) as threads:
            for each in [threads.submit(begin, f"c-{number}") for number in range(4)]:
                each.result(timeout=60)
        with closing(SqliteJournal(path, read_only=True)) as journal:
            assert len(journal.cases()) == 4


def test_a_file_whose_cases_are_missing_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    SqliteGraph(path).close()
    with closing(sqlite3.connect(path)) as file:
        file.execute("DROP TABLE task")
    for opener in (SqliteGraph, SqliteJournal):
        with pytest.raises(Misconfigured, match=r"graph\.db is not a database of Jalki, or is damaged"):
            opener(path)


def test_a_reader_has_one_moment_and_writes_nothing(tmp_path: Path) -> None:
    with closing(SqliteJournal(tmp_path / "graph.db")) as journal:
        row = add(journal, chain("c-1", 1))
        with closing(SqliteJournal(tmp_path / "graph.db", read_only=True)) as reader:
            assert list(reader.cases()) == [row]
            add(journal, chain("c-2", 1))
            assert list(reader.cases()) == [row]
            with pytest.raises(JalkiError):
                add(reader, chain("c-3", 1))
        assert {each.case for each in journal.cases()} == {"c-1", "c-2"}


def test_facts_and_cases_are_written_side_by_side(tmp_path: Path) -> None:
    with closing(SqliteGraph(tmp_path / "graph.db")) as graph, closing(SqliteJournal(tmp_path / "graph.db")) as journal:
        entries = chain("c-1", 5)
        for length in range(1, 6):
            add(journal, entries[:length], since=length - 1, look_at=length)
            graph.record([facts(f"e{length}", at=length, discloses=[("email:a", DELIVERY)])])
        graph.forget([key("email:a")], 3, [], None)
        assert graph.counts()["disclosures"] == 2
        assert list(journal.entries("c-1")) == entries
        assert [each.look_at for each in journal.due_cases(LATER, 9)] == [5]


def test_what_is_asked_of_many_cases_is_found_by_an_index(tmp_path: Path) -> None:
    """No question of a lane or of the clock reads every task or case."""
    with closing(SqliteJournal(tmp_path / "graph.db")) as journal:
        asked: list[str] = []
        journal._file.set_trace_callback(asked.append)
        journal.entries("c-1")
        journal.due_cases(1, 1)
        journal.due_tasks("posti", 1, 1)
        journal.parties_due(1)
        journal.next_look()
        journal.cases_of([key("email:a")])
        journal.unpublished(1)
        journal.published([entry("c-1", 1, "noted", "dpo", {})])
        journal.spent("posti", 1)
        journal._file.set_trace_callback(None)
        questions = [each for each in asked if each.startswith(("SELECT", "WITH", "DELETE"))]
        assert len(questions) >= 9
        for each in questions:
            plan = [step for *_, step in journal._file.execute(f"EXPLAIN QUERY PLAN {each}")]
            whole = [step for step in plan if step.startswith("SCAN") and "USING" not in step]
            assert not [step for step in whole if step.split()[1] not in {"every", "u", "CONSTANT"}], (each, plan)


def test_what_was_forgotten_is_in_no_file_any_more(tmp_path: Path) -> None:
    marked = b"what-was-sent-of-her"
    with closing(SqliteGraph(tmp_path / "graph.db")) as graph:
        event = facts("e", discloses=[("email:a", DELIVERY)])
        graph.record([event._replace(disclosures=tuple(each._replace(as_sent=marked) for each in event.disclosures))])
        assert [each for each in tmp_path.iterdir() if marked in each.read_bytes()]
        graph.forget([key("email:a")], 10, [], None)
        names = [each.name for each in tmp_path.iterdir() if marked in each.read_bytes()]
        assert not names
        assert not [each for each in tmp_path.iterdir() if key("email:a") in each.read_bytes()]


def test_where_sqlite_gives_up_the_transaction_of_a_block_nothing_of_it_is_kept_and_nothing_written_alone(
    tmp_path: Path,
) -> None:
    """As it does when the disk is full: what is written after that would else be a transaction of its own."""
    with closing(SqliteJournal(tmp_path / "graph.db")) as journal:
        add(journal, chain("c-0", 1))
        (pages,) = journal._file.execute("PRAGMA page_count").fetchone()
        journal._file.execute(f"PRAGMA max_page_count = {pages + 4}")
        long = entry("c-2", 1, "noted", "dpo", {"text": "x" * 100_000})

        def block() -> None:
            with journal.together():
                add(journal, chain("c-1", 1))
                for each in ([long], chain("c-3", 1)):
                    with pytest.raises(Refused, match="the disk is full"):
                        add(journal, each)

        with pytest.raises(Refused, match="the disk is full"):
            block()
        journal._file.execute("PRAGMA max_page_count = 1000000")
        assert [each.case for each in journal.cases()] == ["c-0"]
        add(journal, [long])
    with closing(SqliteJournal(tmp_path / "graph.db")) as journal:
        assert {each.case for each in journal.cases()} == {"c-0", "c-2"}


def test_a_block_waits_for_a_busy_file_once_and_not_for_each_that_is_written(
    tmp_path: Path,
) -> None:
    path = tmp_path / "graph.db"
    with closing(SqliteJournal(path)) as journal, closing(sqlite3.connect(path, isolation_level=None)) as other:
        tries: list[str] = []
        journal._file.execute("PRAGMA busy_timeout = 1")
        journal._file.set_trace_callback(tries.append)
        other.execute("BEGIN IMMEDIATE")

        def block() -> None:
            with journal.together():
                for number in range(3):
                    with pytest.raises(Retryable, match="is busy"):
                        add(journal, chain(f"c-{number}", 1))

        with pytest.raises(Retryable, match="is busy"):
            block()
        assert tries.count("BEGIN IMMEDIATE") == 1
        other.execute("ROLLBACK")
        assert not journal.cases()
        add(journal, chain("c-1", 1))


def test_a_block_in_which_nothing_is_written_is_in_nobody_s_way(tmp_path: Path) -> None:
    path = tmp_path / "graph.db"
    with closing(SqliteJournal(path)) as journal, closing(sqlite3.connect(path, isolation_level=None)) as other:
        journal._file.execute("PRAGMA busy_timeout = 1")
        other.execute("BEGIN IMMEDIATE")
        with journal.together():
            assert not journal.cases()
        other.execute("ROLLBACK")
