"""The key ring in a real PostgreSQL: the contract of key rings, its tables, rights, and the page that tells how."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from lineage.errors import Misconfigured, Refused
from lineage.sealing import Seal
from lineage.stores.keyring import SqlKeyRing, postgres_key_ring
from lineage.tombstones import Suppression, Tombstone
from tests.contracts import memory
from tests.contracts.keyring import CHECKS, Check
from tests.docs.pages import ROOT, blocks
from tests.servers.postgres import Postgres

MASTER = b"m" * 32
STONE = Tombstone(b"s" * 16, 1_000_000, "case-4711")
STOP = Suppression(b"s" * 16, "meta", "advertising", "objection", 1_000_000, "case-4711")
Reopen = Callable[[], SqlKeyRing]
PAGE = ROOT / "docs" / "how-to" / "postgresql-key-ring.md"


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    """An empty database."""
    made = postgres.new_database()
    yield made
    postgres.drop(made)


@pytest.fixture
def password(postgres: Postgres) -> str | None:
    return postgres.login.password


@pytest.fixture
def reopen(url: str, password: str | None) -> Iterator[Reopen]:
    opened: list[SqlKeyRing] = []

    def again() -> SqlKeyRing:
        opened.append(postgres_key_ring(url, password, MASTER))
        return opened[-1]

    yield again
    for ring in opened:
        ring.close()


def tables(postgres: Postgres, url: str) -> list[str]:
    with postgres.connect(url) as connection:
        asked = connection.execute("SELECT relname FROM pg_stat_user_tables ORDER BY relname")
        return [name for (name,) in asked]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_key_ring_in_postgresql_keeps_the_contract_of_a_key_ring(check: Check, reopen: Reopen) -> None:
    check(reopen)


@pytest.mark.parametrize("check", memory.CHECKS, ids=lambda check: check.__name__)
def test_what_is_remembered_in_postgresql_keeps_the_contract_of_memories(check: memory.Check, reopen: Reopen) -> None:
    check(lambda: reopen().memory)


def test_another_master_key_is_refused_before_anything_is_sealed_with_it(url: str, password: str | None) -> None:
    postgres_key_ring(url, password, MASTER).close()
    for read_only in (False, True):
        with pytest.raises(Misconfigured, match=r"the master key is not the one the key ring .* was made under"):
            postgres_key_ring(url, password, b"M" * 32, read_only=read_only)
    postgres_key_ring(url, password, MASTER).close()


def test_keys_are_never_in_the_database_as_they_are(postgres: Postgres, url: str, reopen: Reopen) -> None:
    keys = reopen().keys([b"a", b"b"]).values()
    with postgres.connect(url) as connection:
        kept = connection.execute("SELECT wrapped FROM key").fetchall()
    assert len(kept) == 3
    assert not [key for key in keys for (wrapped,) in kept if key in wrapped]


def test_a_reader_finds_keys_and_can_make_none(url: str, password: str | None, reopen: Reopen) -> None:
    made = dict(reopen().keys([b"a"]))
    reader = postgres_key_ring(url, password, MASTER, read_only=True)
    assert reader.find([b"a", b"b"]) == made
    with pytest.raises(Refused):
        reader.keys([b"b"])
    reader.close()


def test_a_missing_ring_is_not_made_by_a_reader(postgres: Postgres, url: str, password: str | None) -> None:
    with pytest.raises(Misconfigured, match="holds no key: restore it from a backup"):
        postgres_key_ring(url, password, MASTER, read_only=True)
    assert tables(postgres, url) == []


def test_many_who_open_an_empty_database_at_once_make_one_key_ring(
    postgres: Postgres, url: str, password: str | None
) -> None:
    together = Barrier(6)

    def open_one(_: int) -> SqlKeyRing:
        together.wait(timeout=60)
        return postgres_key_ring(url, password, MASTER)

    with ThreadPoolExecutor(6) as pool:
        rings = list(pool.map(open_one, range(6)))
    assert len({ring.keys([b"a"])[b"a"] for ring in rings}) == 1
    for ring in rings:
        ring.close()
    with postgres.connect(url) as connection:
        assert connection.execute("SELECT version FROM key_ring").fetchall() == [(2,)]
        assert connection.execute("SELECT count(*) FROM generation").fetchone() == (3,)
        assert connection.execute("SELECT count(*) FROM key").fetchone() == (2,)


def test_of_several_hosts_the_one_that_answers_is_taken(url: str, password: str | None) -> None:
    """As the page says of a primary and its standby; a standby that is away is what can be had of one here."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    several = urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:1,{host}", query="target_session_attrs=read-write"))
    with closing(postgres_key_ring(several, password, MASTER)) as ring:
        assert ring.keys([b"a"])


def test_a_key_ring_of_a_newer_version_is_refused(postgres: Postgres, url: str, password: str | None) -> None:
    postgres_key_ring(url, password, MASTER).close()
    with postgres.connect(url) as connection:
        connection.execute("UPDATE key_ring SET version = 99")
    for read_only in (False, True):
        with pytest.raises(Misconfigured, match="written by a newer version"):
            postgres_key_ring(url, password, MASTER, read_only=read_only)


def test_a_database_of_another_program_is_refused_and_left_as_it_is(
    postgres: Postgres, url: str, password: str | None
) -> None:
    with postgres.connect(url) as connection:
        connection.execute("CREATE TABLE key (door text)")
    with pytest.raises(Misconfigured, match="tables of another program"):
        postgres_key_ring(url, password, MASTER)
    assert tables(postgres, url) == ["key"]


def test_names_and_keys_are_not_in_the_log_at_any_level(reopen: Reopen, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    reopen().keys([b"somebody"])
    assert "somebody" not in caplog.text
    assert b"somebody".hex() not in caplog.text


def test_the_page_gives_rights_that_are_enough_and_no_more(postgres: Postgres) -> None:
    """The blocks of SQL in the page, run as it says: by the server's administrator, before and after the first start."""
    before, after, readers, _ = (block.text for block in blocks(PAGE) if block.language == "sql")
    made = urlunsplit(urlsplit(postgres.url)._replace(path="/jalki_keys"))
    try:
        run(postgres, before)
        user = as_user(made, "jalki_keys")
        with closing(postgres_key_ring(user, "change me", MASTER)) as ring:
            first = ring.keys([b"a"])
        run(postgres, after)
        run(postgres, readers)
        with closing(postgres_key_ring(user, "change me", MASTER)) as ring:
            assert ring.keys([b"a", b"b"])[b"a"] == first[b"a"]
            do_everything(ring)
        reader = as_user(made, "jalki_reader")
        with closing(postgres_key_ring(reader, "change me too", MASTER, read_only=True)) as ring:
            assert ring.find([b"a"]) == first
            assert list(ring.memory.tombstones()) == [STONE]
            assert list(ring.memory.suppressed([STOP.key])) == [STOP]
        with (
            closing(postgres_key_ring(reader, "change me too", MASTER)) as ring,
            pytest.raises(Misconfigured, match="does not grant"),
        ):
            ring.keys([b"c"])
        forbidden = (
            "DROP TABLE key", "UPDATE key SET wrapped = name", "DELETE FROM tombstone", "DELETE FROM suppression",
            "DELETE FROM generation", "UPDATE key_ring SET version = 3", "CREATE TABLE other (number int)",
        )  # fmt: skip
        assert refused(postgres, made, *forbidden) == len(forbidden)
    finally:
        run(postgres, "DROP DATABASE IF EXISTS jalki_keys WITH (FORCE)\nDROP ROLE IF EXISTS jalki_keys, jalki_reader")


def test_the_page_tells_how_a_key_ring_of_version_1_that_was_taken_from_the_program_becomes_one_of_version_2(
    postgres: Postgres,
) -> None:
    before, after, _, update = (block.text for block in blocks(PAGE) if block.language == "sql")
    made = urlunsplit(urlsplit(postgres.url)._replace(path="/jalki_keys"))
    user = as_user(made, "jalki_keys")
    try:
        run(postgres, before)
        kept = made_before(postgres, made)
        run(postgres, "\\connect jalki_keys\nGRANT SELECT, INSERT ON key TO jalki_keys\n"
                      "GRANT SELECT ON key_ring TO jalki_keys\nREVOKE CREATE ON SCHEMA public FROM jalki_keys")  # fmt: skip
        with pytest.raises(Misconfigured, match="CREATE on the schema"):
            postgres_key_ring(user, "change me", MASTER)
        run(postgres, update)
        postgres_key_ring(user, "change me", MASTER).close()
        run(postgres, after)
        with closing(postgres_key_ring(user, "change me", MASTER)) as ring:
            assert ring.find([b"a"]) == {b"a": kept[b"a"]}
            do_everything(ring)
        assert refused(postgres, made, "UPDATE key_ring SET version = 3", "CREATE TABLE other (number int)") == 2
    finally:
        run(postgres, "DROP DATABASE IF EXISTS jalki_keys WITH (FORCE)\nDROP ROLE IF EXISTS jalki_keys")


def do_everything(ring: SqlKeyRing) -> None:
    ring.keys([b"doomed"])
    assert ring.destroy([b"doomed"]) == 1
    for _ in range(2):  # anew, and over what is there
        ring.memory.entomb([STONE])
        ring.memory.suppress([STOP._replace(at=1), STOP])
    assert dict(ring.memory.entombed([STONE.key])) == {STONE.key: STONE}


def made_before(postgres: Postgres, url: str) -> dict[bytes, bytes]:
    """Make the tables as version 1 did, and return what is in them."""
    kept = {b"company:probe": b"p" * 32, b"a": b"a" * 32}
    with postgres.connect(url) as connection:
        connection.execute("CREATE TABLE key (name BYTEA NOT NULL PRIMARY KEY, wrapped BYTEA NOT NULL)")
        connection.execute("CREATE TABLE key_ring (version INTEGER NOT NULL)")
        connection.execute("INSERT INTO key_ring VALUES (1)")
        for name, key in kept.items():
            connection.execute("INSERT INTO key VALUES (%s, %s)", (name, Seal(MASTER).seal(key, name)))
    return kept


def test_a_key_ring_of_version_1_becomes_one_of_version_2_whoever_comes_first(
    postgres: Postgres, url: str, password: str | None
) -> None:
    kept, together = made_before(postgres, url), Barrier(6)

    def open_one(_: int) -> SqlKeyRing:
        together.wait(timeout=60)
        return postgres_key_ring(url, password, MASTER)

    with pytest.raises(
        Misconfigured, match="of an older version of Jalki: jalki worker or jalki ingest makes it ready"
    ):
        postgres_key_ring(url, password, MASTER, read_only=True)
    with ThreadPoolExecutor(6) as pool:
        rings = list(pool.map(open_one, range(6)))
    for ring in rings:
        assert ring.find([b"a"]) == {b"a": kept[b"a"]}
    do_everything(rings[0])
    assert all(dict(ring.memory.entombed([STONE.key])) == {STONE.key: STONE} for ring in rings)
    for ring in rings:
        ring.close()
    with postgres.connect(url) as connection:
        assert connection.execute("SELECT version FROM key_ring").fetchall() == [(2,)]
        assert connection.execute("SELECT reloptions FROM pg_class WHERE relname = 'key'").fetchone() == (
            ["autovacuum_vacuum_threshold=0", "autovacuum_vacuum_scale_factor=0"],
        )
    postgres_key_ring(url, password, MASTER, read_only=True).close()


def test_a_destroyed_key_is_in_the_table_of_no_snapshot_any_more(postgres: Postgres, url: str, reopen: Reopen) -> None:
    """Not even as a dead row: whoever reads the pages as they are, as the server's owner can, finds none."""
    ring = reopen()
    ring.keys([b"%04d" % number for number in range(2000)])
    with postgres.connect(url) as connection:
        connection.execute("CREATE EXTENSION pageinspect")
        assert ring.destroy([b"%04d" % number for number in range(0, 2000, 2)]) == 1000
        (tuples,) = connection.execute(
            "SELECT count(t_data) FROM generate_series(0, pg_relation_size('key') / 8192 - 1) AS block, "
            "heap_page_items(get_raw_page('key', block::int))"
        ).fetchone() or (None,)
    assert tuples == 1001


def test_a_destruction_while_an_older_transaction_looks_on_is_done_and_waits_for_nobody(
    postgres: Postgres, url: str, reopen: Reopen
) -> None:
    ring = reopen()
    ring.keys([b"a"])
    with postgres.connect(url) as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        assert connection.execute("SELECT count(*) FROM key").fetchone() == (2,)
        assert ring.destroy([b"a"]) == 1
        assert not reopen().find([b"a"])
        assert connection.execute("SELECT count(*) FROM key").fetchone() == (2,)


def test_a_reader_destroys_and_remembers_nothing(url: str, password: str | None, reopen: Reopen) -> None:
    made = dict(reopen().keys([b"a"]))
    with closing(postgres_key_ring(url, password, MASTER, read_only=True)) as reader:
        for change in (lambda: reader.destroy([b"a"]), lambda: reader.memory.entomb([STONE])):
            with pytest.raises(Refused):
                change()
        assert reader.find([b"a"]) == made


def as_user(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{name}@{parts.netloc.rpartition('@')[2]}"))


def run(postgres: Postgres, text: str) -> None:
    """Run statements of a line each as psql does; `\\connect` goes to another database."""
    url = postgres.url
    for statement in text.splitlines():
        if statement.startswith("\\connect "):
            url = urlunsplit(urlsplit(url)._replace(path=f"/{statement.split()[1]}"))
        else:
            with postgres.connect(url) as connection:
                connection.execute(statement.encode())


def refused(postgres: Postgres, url: str, *statements: str) -> int:
    """Return how many of these the program's role may not do."""
    count = 0
    for statement in statements:
        with postgres.connect(url) as connection:
            connection.execute("SET ROLE jalki_keys")
            try:
                connection.execute(statement.encode())
            except psycopg.errors.InsufficientPrivilege:
                count += 1
    return count
