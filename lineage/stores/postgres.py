"""Opens the key ring's PostgreSQL database: connections, tables, and errors turned into ours. Seals and opens no key."""

from contextlib import suppress
from functools import partial
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Column, Connection, Engine, Integer, Table, create_engine, func, insert, inspect, select, update
from sqlalchemy.dialects import postgresql

from lineage.errors import JalkiError, Misconfigured
from lineage.stores.keytable import GENERATION, KEY, MARKED, METADATA, UNTOUCHED, Database
from lineage.stores.postgres_errors import translated

VERSION = Table("key_ring", METADATA, Column("version", Integer, nullable=False))

_VERSION = 2
_CONNECTIONS = 4  # threads that ask at once; opened when they do
_WAIT_SECONDS = 10
# Any number will do that no other program takes in this database: whoever makes the tables holds it meanwhile.
_MAKING = 0x6A616C6B69
_OWNED = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass(%s)"
_TIDIED = ", ".join(f"{name} = {value}" for name, value in KEY.dialect_options["postgresql"]["with"].items())
_SECRETS = {"password", "sslpassword", "oauth_client_secret"}
_DEFAULTS = {
    "application_name": "jalki",
    "connect_timeout": _WAIT_SECONDS,
    "keepalives_idle": 30,
    "tcp_user_timeout": 30_000,
}
# A key that was given out has been used: it must outlive a power cut, whatever is otherwise set.
_SESSION = {
    "synchronous_commit": "on",
    "statement_timeout": "30s",
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "60s",
}


def open_postgres(url: str, password: str | None, *, read_only: bool) -> Database:
    """Open the database at libpq's URL; make the tables where there are none, unless to read only.

    Raises:
        Misconfigured: the URL is wrong or holds a password; the server refuses who asks, has no such database, or is
            not the one its certificate should name; the tables are another program's, or a newer version's.
        Retryable: the server is away, starting or full.
    """
    asked = _parsed(url)
    name = f"the key ring {asked.get('dbname') or asked.get('user') or ''} at {asked.get('host') or 'this machine'}"
    engine = _engine(_settings(asked, password, read_only=read_only))
    ours = partial(translated, name)
    try:
        with ours():
            _prepare(engine, name, read_only=read_only)
    except BaseException:
        engine.dispose()
        raise
    return Database(
        name=name,
        reading=engine.execution_options(isolation_level="AUTOCOMMIT"),  # a question alone needs no transaction
        writing=engine,
        adding=str(postgresql.insert(KEY).on_conflict_do_nothing().compile(dialect=engine.dialect)),
        begin=None,
        translated=ours,
        cleansed=partial(_cleansed, engine, name),
        read_only=read_only,
    )


def _parsed(url: str) -> dict[str, Any]:
    try:
        asked = conninfo_to_dict(url) if url.startswith(("postgresql://", "postgres://")) else {}
    except psycopg.ProgrammingError:
        asked = {}
    if not asked:
        raise Misconfigured("JALKI_KEYRING is no address of a database: write postgresql://user@host:port/database")
    if _SECRETS & asked.keys():
        raise Misconfigured(
            "JALKI_KEYRING holds a password: put that into a file of its own, named in JALKI_KEYRING_PASSWORD_FILE"
        )
    return asked


def _settings(asked: dict[str, Any], password: str | None, *, read_only: bool) -> dict[str, Any]:
    session = _SESSION | ({"default_transaction_read_only": "on"} if read_only else {})
    options = [asked.get("options", ""), *(f"-c {name}={value}" for name, value in session.items())]
    return {**_DEFAULTS, **asked, "password": password, "options": " ".join(options).strip()}


def _engine(settings: dict[str, Any]) -> Engine:
    def connect() -> psycopg.Connection:
        # Statements prepared in a server's session get lost behind a pooler that shares sessions out.
        return psycopg.connect(**settings, prepare_threshold=None)

    return create_engine(
        "postgresql+psycopg://",
        creator=connect,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_WAIT_SECONDS,
        pool_pre_ping=True,  # a server that was restarted meanwhile is met with a new connection
        isolation_level="READ COMMITTED",
        paramstyle="format",
        use_native_hstore=False,
        hide_parameters=True,
    )


def _prepare(engine: Engine, name: str, *, read_only: bool) -> None:
    with engine.begin() as connection:
        if _version(connection, name) != _VERSION:
            if read_only:
                raise _not_ready(_version(connection, name), name)
            connection.execute(select(func.pg_advisory_xact_lock(_MAKING)))
            # Another process may have made it ready while this one waited.
            if (found := _version(connection, name)) != _VERSION:
                _make(connection, found, name)


def _version(connection: Connection, name: str) -> int:
    """Return the version of the tables there are, 0 where there are none."""
    if not inspect(connection).has_table(VERSION.name):
        return 0
    versions = connection.execute(select(VERSION.c.version)).scalars().all()
    if len(versions) != 1:
        raise Misconfigured(f"{name} is not a key ring of Jalki, or is damaged: restore it from a backup")
    if versions[0] > _VERSION:
        raise Misconfigured(f"{name} was written by a newer version of Jalki: use that version, or another key ring")
    return int(versions[0])


def _not_ready(version: int, name: str) -> Misconfigured:
    if version:
        return Misconfigured(f"{name} is of an older version of Jalki: jalki worker or jalki ingest makes it ready")
    return Misconfigured(f"{name} holds no key: restore it from a backup")


def _make(connection: Connection, found: int, name: str) -> None:
    """Make the tables that this version has and the version found has not, within a transaction that the caller holds."""
    there = set(inspect(connection).get_table_names())
    if there & (METADATA.tables.keys() - ({VERSION.name, KEY.name} if found else set())):
        raise Misconfigured(f"{name} has tables of another program: give Jalki a database of its own")
    METADATA.create_all(connection)
    connection.execute(insert(GENERATION), [{"name": each, "mark": UNTOUCHED} for each in MARKED])
    if not found:
        connection.execute(insert(VERSION).values(version=_VERSION))
        return
    # Whether the table is still the program's own is for the administrator to say, who may have taken it.
    if connection.exec_driver_sql(_OWNED, (KEY.name,)).scalar():
        connection.exec_driver_sql(f"ALTER TABLE {KEY.name} SET ({_TIDIED})")
    connection.execute(update(VERSION).values(version=_VERSION))


def _cleansed(engine: Engine, name: str) -> None:
    """Let dead rows be taken out of the table of keys.

    That may have to wait: somebody else does it, a backup may still look at them, or the table is not the program's
    own (`docs/how-to/postgresql-key-ring.md`). Then the server does it by itself later, for the table asks for it
    (`keytable.KEY`); what was deleted is deleted anyhow, so none of it is an error.
    """
    with suppress(JalkiError), translated(name), engine.connect() as connection:
        # Not cut shorter at its end, for which everybody else would have to wait.
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
            f"VACUUM (TRUNCATE FALSE) {KEY.name}"
        )
