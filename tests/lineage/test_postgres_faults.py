"""What can be wrong with the key ring's PostgreSQL: the error is ours, of the right kind, and quotes nothing it should not."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from lineage.errors import JalkiError, Misconfigured, Refused, Retryable
from lineage.stores.keyring import SqlKeyRing, postgres_key_ring
from lineage.tombstones import Tombstone
from tests.servers.fixtures import had
from tests.servers.postgres import Postgres, running_postgres
from tests.servers.waiting import until

MASTER = b"m" * 32
PASSWORD = "the right one"  # noqa: S105 - of a server that lives for these tests


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of these tests' own, to break; it asks for a password."""
    with had(running_postgres(tmp_path_factory.mktemp("postgres"), PASSWORD)) as running:
        yield running


@pytest.fixture
def url(server: Postgres) -> Iterator[str]:
    made = server.new_database()
    yield made
    server.drop(made)


@pytest.fixture
def ring(url: str) -> Iterator[SqlKeyRing]:
    opened = postgres_key_ring(url, PASSWORD, MASTER)
    yield opened
    opened.close()


@pytest.mark.parametrize("end", [Postgres.stop, Postgres.kill], ids=["stopped", "killed"])
def test_a_server_that_goes_and_comes_back_is_waited_for_and_has_every_key(
    server: Postgres, ring: SqlKeyRing, end: Callable[[Postgres], None]
) -> None:
    made = dict(ring.keys([b"a", b"b"]))
    end(server)
    try:
        # Not even a key that is remembered is given: it may have been destroyed meanwhile.
        for ask in (ring.keys, ring.find, ring.destroy, ring.memory.entombed):
            with pytest.raises(Retryable, match="does not answer"):
                ask([b"a"])
    finally:
        server.start()
    again = ring.keys([b"a", b"b", b"c"])
    assert {name: again[name] for name in made} == made
    ring._known.forget()
    assert ring.keys([b"a", b"b", b"c"]) == again


def test_a_connection_that_went_stale_while_nothing_was_asked_is_not_noticed(
    server: Postgres, ring: SqlKeyRing
) -> None:
    ring.keys([b"a"])
    server.stop()
    server.start()
    assert set(ring.keys([b"b"])) == {b"b"}


@pytest.mark.parametrize("end", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_question_that_is_ended_in_the_middle_has_written_nothing_and_may_be_put_again(
    server: Postgres, url: str, ring: SqlKeyRing, end: str
) -> None:
    blocked = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with ThreadPoolExecutor(1) as pool, server.connect(url) as admin, server.connect(url) as other, other.transaction():
        other.execute("LOCK TABLE key IN EXCLUSIVE MODE")
        asked = pool.submit(ring.keys, [b"a"])
        until(lambda: None if admin.execute(blocked).fetchone() else "nobody waits", seconds=30, what="a wait")
        admin.execute(blocked.replace("pid", f"{end}(pid)", 1).encode())
        with pytest.raises(Retryable):
            asked.result(timeout=30)
    assert not ring.find([b"a"])
    assert ring.keys([b"a"]) == ring.find([b"a"])


@pytest.mark.parametrize("end", [Postgres.stop, Postgres.kill], ids=["stopped", "killed"])
def test_what_was_destroyed_and_remembered_stays_so_when_the_server_goes_and_comes_back(
    server: Postgres, ring: SqlKeyRing, end: Callable[[Postgres], None]
) -> None:
    stone = Tombstone(b"a", 7, "case")
    ring.keys([b"a", b"b"])
    ring.memory.entomb([stone])
    ring.destroy([b"a"])
    end(server)
    server.start()
    assert set(ring.find([b"a", b"b"])) == {b"b"}
    assert list(ring.memory.tombstones()) == [stone]


def test_a_destruction_that_is_ended_in_the_middle_has_destroyed_nothing_and_may_be_done_again(
    server: Postgres, url: str, ring: SqlKeyRing
) -> None:
    """Keys are gone from the table already when it waits to say so to the others."""
    blocked = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    made = dict(ring.keys([b"a", b"b"]))
    with ThreadPoolExecutor(1) as pool, server.connect(url) as admin, server.connect(url) as other, other.transaction():
        other.execute("LOCK TABLE generation IN EXCLUSIVE MODE")
        asked = pool.submit(ring.destroy, [b"a", b"b"])
        until(lambda: None if admin.execute(blocked).fetchone() else "nobody waits", seconds=30, what="a wait")
        admin.execute(blocked.replace("pid", "pg_terminate_backend(pid)", 1).encode())
        with pytest.raises(Retryable):
            asked.result(timeout=30)
    assert dict(ring.find([b"a", b"b"])) == made
    assert ring.destroy([b"a", b"b"]) == 2
    assert not ring.find([b"a", b"b"])


def make_a_key(url: str, password: str) -> Mapping[bytes, bytes]:
    with closing(postgres_key_ring(url, password, MASTER)) as ring:
        return ring.keys([b"a"])


CODES = [
    ("40P01", Retryable), ("40001", Retryable), ("53200", Retryable), ("53300", Retryable), ("55P03", Retryable),
    ("57014", Retryable), ("57P03", Retryable), ("53100", Refused), ("58030", Refused), ("P0001", Refused),
    ("23514", Refused), ("42501", Misconfigured), ("25006", Misconfigured), ("42P01", Misconfigured),
    ("XX001", Misconfigured), ("28000", Misconfigured),
]  # fmt: skip


@pytest.mark.parametrize(("code", "kind"), CODES)
def test_an_answer_is_told_by_its_code_and_never_by_its_text(
    server: Postgres, url: str, ring: SqlKeyRing, code: str, kind: type[JalkiError]
) -> None:
    """A trigger gives the answer, with the name of the key in its text as the server's own have it."""
    with server.connect(url) as admin:
        admin.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION 'not %', convert_from(NEW.name, 'utf8') USING ERRCODE = '{code}', DETAIL = 'secret'; "
            "END $$".encode()
        )
        admin.execute("CREATE TRIGGER refuse BEFORE INSERT ON key FOR EACH ROW EXECUTE FUNCTION refuse()")
    with pytest.raises(JalkiError) as caught:
        ring.keys([b"somebody"])
    assert type(caught.value) is kind
    assert not {"somebody", "secret"} & set(str(caught.value).split())
    assert caught.value.__suppress_context__
    with server.connect(url) as admin:
        admin.execute("DROP TRIGGER refuse ON key")
    assert set(ring.keys([b"somebody"])) == {b"somebody"}


@pytest.mark.parametrize("password", ["a wrong one", "", None], ids=["wrong", "empty", "none"])
def test_a_refused_password_names_the_setting_and_not_the_password(url: str, password: str | None) -> None:
    with pytest.raises(Misconfigured, match="JALKI_KEYRING_PASSWORD_FILE") as caught:
        postgres_key_ring(url, password, MASTER)
    assert "wrong" not in str(caught.value)


def test_an_expired_password_is_met_by_a_ring_that_has_to_connect_again(server: Postgres, url: str) -> None:
    with server.connect() as admin:
        admin.execute("CREATE ROLE expiring LOGIN PASSWORD 'for a while'")
        admin.execute("GRANT pg_read_all_data, pg_write_all_data TO expiring")
    postgres_key_ring(url, PASSWORD, MASTER).close()
    ring = postgres_key_ring(url.replace("jalki@", "expiring@"), "for a while", MASTER)
    with server.connect() as admin:
        admin.execute("ALTER ROLE expiring VALID UNTIL '2020-01-01'")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'expiring'")
    with pytest.raises(Misconfigured, match="JALKI_KEYRING_PASSWORD_FILE"):
        ring.keys([b"a"])
    with server.connect() as admin:
        admin.execute("ALTER ROLE expiring VALID UNTIL 'infinity'")
    assert ring.keys([b"a"])
    ring.close()
    with server.connect() as admin:
        admin.execute("DROP ROLE expiring")


def test_an_unknown_user_and_an_unknown_database_are_told_apart(url: str) -> None:
    with pytest.raises(Misconfigured, match="refuses to let the user in"):
        postgres_key_ring(url.replace("jalki@", "nobody@"), PASSWORD, MASTER)
    with pytest.raises(Misconfigured, match=r"nowhere at .* does not exist: create the database"):
        postgres_key_ring(url.rpartition("/")[0] + "/nowhere", PASSWORD, MASTER)


@pytest.mark.parametrize(
    "rights",
    [(), ("SELECT ON key_ring",), ("SELECT ON key_ring, key, generation",)],
    ids=["none", "version", "reading"],
)
def test_missing_rights_are_named(server: Postgres, url: str, rights: tuple[str, ...]) -> None:
    postgres_key_ring(url, PASSWORD, MASTER).close()
    with server.connect(url) as admin:
        admin.execute("CREATE ROLE weak LOGIN PASSWORD 'weak'")
        for right in rights:
            admin.execute(f"GRANT {right} TO weak".encode())
    try:
        with pytest.raises(Misconfigured, match=r"does not grant .* SELECT, INSERT and DELETE on key"):
            make_a_key(url.replace("jalki@", "weak@"), "weak")
    finally:
        with server.connect(url) as admin:
            admin.execute("DROP OWNED BY weak")
            admin.execute("DROP ROLE weak")


def test_a_role_that_may_not_make_the_tables_is_told_so(server: Postgres, url: str) -> None:
    with server.connect(url) as admin:
        admin.execute("CREATE ROLE weak LOGIN PASSWORD 'weak'")
    try:
        with pytest.raises(Misconfigured, match="CREATE on the schema"):
            postgres_key_ring(url.replace("jalki@", "weak@"), "weak", MASTER)
    finally:
        with server.connect(url) as admin:
            admin.execute("DROP ROLE weak")


def test_a_read_only_server_is_told_where_a_key_is_to_be_made_and_read_from(server: Postgres, url: str) -> None:
    made = make_a_key(url, PASSWORD)
    with server.connect(url) as admin:
        admin.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', "
                      "current_database()); END $$")  # fmt: skip
    ring = postgres_key_ring(url, PASSWORD, MASTER)
    assert ring.find([b"a"]) == made
    with pytest.raises(Misconfigured, match="read-only: name the primary in JALKI_KEYRING"):
        ring.keys([b"b"])
    ring.close()


def test_a_server_that_is_full_of_connections_is_waited_for(server: Postgres, url: str) -> None:
    postgres_key_ring(url, PASSWORD, MASTER).close()
    with server.connect() as admin:
        admin.execute("CREATE ROLE one LOGIN PASSWORD 'one' CONNECTION LIMIT 1 IN ROLE pg_read_all_data")
    asked = url.replace("jalki@", "one@")
    first = postgres_key_ring(asked, "one", MASTER)
    with pytest.raises(Retryable):
        postgres_key_ring(asked, "one", MASTER)
    first.close()
    until(lambda: opens(asked, "one"), seconds=30, what="the connection to be free")
    with server.connect() as admin:
        admin.execute("DROP ROLE one")


def opens(url: str, password: str) -> str | None:
    """Tell why a ring does not open yet."""
    try:
        postgres_key_ring(url, password, MASTER).close()
    except Retryable as reason:
        return str(reason)
    return None


@pytest.mark.parametrize(
    "url",
    ["postgresql://shop:hunter2@127.0.0.1/keys", "postgresql://shop@127.0.0.1/keys?password=hunter2"],
    ids=["user", "parameter"],
)
def test_a_password_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Misconfigured, match="JALKI_KEYRING_PASSWORD_FILE") as caught:
        postgres_key_ring(url, None, MASTER)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["", "keys.db", "mysql://shop@127.0.0.1/keys", "postgresql://shop:hunter2@[/keys", "postgresql://h/d?hunter2=1"],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"postgresql://user@host:port/database") as caught:
        postgres_key_ring(url, None, MASTER)
    assert "hunter2" not in str(caught.value)


def test_a_parameter_with_an_unknown_value_is_refused(url: str) -> None:
    for parameter in ("sslmode=perhaps", "connect_timeout=soon", "port=many"):
        with pytest.raises(Misconfigured, match="JALKI_KEYRING"):
            postgres_key_ring(f"{url}?{parameter}", PASSWORD, MASTER)


def test_nobody_at_the_address_is_waited_for() -> None:
    for address in ("postgresql://shop@127.0.0.1:1/keys", "postgresql://shop@nowhere.invalid/keys"):
        with pytest.raises(Retryable, match="does not answer"):
            postgres_key_ring(address, None, MASTER)


def test_only_the_authority_that_is_named_is_trusted(tmp_path: Path) -> None:
    from tests.servers.certificates import new_authority

    with had(running_postgres(tmp_path / "server", PASSWORD, tls=True)) as server:
        ring = postgres_key_ring(server.url, PASSWORD, MASTER)
        assert ring.keys([b"a"])
        ring.close()
        stranger = new_authority(tmp_path / "other").ca
        plain = server.url.partition("?")[0]
        for asks in (f"sslmode=verify-full&sslrootcert={stranger}", f"sslmode=verify-full&sslrootcert={tmp_path}/none"):
            with pytest.raises(Misconfigured, match="TLS as asked: look at sslmode and sslrootcert"):
                postgres_key_ring(f"{plain}?{asks}", PASSWORD, MASTER)
        with pytest.raises(Misconfigured, match=r"pg_hba\.conf"):
            postgres_key_ring(f"{plain}?sslmode=disable", PASSWORD, MASTER)


def test_a_server_without_tls_is_refused_where_tls_is_asked_for(url: str) -> None:
    with pytest.raises(Misconfigured, match="TLS as asked"):
        postgres_key_ring(f"{url}?sslmode=require", PASSWORD, MASTER)
