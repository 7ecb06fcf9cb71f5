"""Opens the shop's own database, to read it or to change rows in it, and turns its errors into ours. Knows no person.

PostgreSQL and SQLite. None of a database's texts is passed on: it may quote values.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from lineage.errors import JalkiError, Misconfigured, Refused, Retryable

_CONNECT_SECONDS = 10
_STEPS = 10_000
"""SQLite's instructions between two looks at the clock."""
_TOO_SLOW = "57014"


def open_tables(url: str, password: str | None, system: str, *, writable: bool = False) -> Engine:
    """Return an engine for `postgresql://user@host:port/database` or `sqlite:////path/to/file`; connects to nothing yet.

    A file of SQLite is opened so that nothing can be written, except `writable`; it is never made.

    Raises: Misconfigured: another kind of database, or a password in the address.
    """
    try:
        asked = make_url(url)
    except ArgumentError as cause:
        raise Misconfigured(f"the address of the tables of {system} is no URL of a database") from cause
    if asked.password is not None or "password" in asked.query:
        raise Misconfigured(f"the address of the tables of {system} holds a password: put it into a file of its own")
    if asked.drivername in {"postgresql", "postgres"}:
        asked = asked.set(drivername="postgresql+psycopg", password=password)
        return _engine(
            asked, {"connect_timeout": _CONNECT_SECONDS, "application_name": "jalki", "prepare_threshold": None}
        )
    if asked.drivername == "sqlite" and asked.database:
        return _engine(
            URL.create(
                "sqlite",
                database=f"file:{quote(asked.database)}",
                query={"mode": "rw" if writable else "ro", "uri": "true"},
            ),
            {},
        )
    raise Misconfigured(f"the tables of {system} are in a database that is not supported: PostgreSQL and SQLite are")


def _engine(url: URL, arguments: dict[str, Any]) -> Engine:
    # Nothing of a person in an error's text or in a log, and no connection kept while nobody asks.
    return create_engine(url, connect_args=arguments, poolclass=NullPool, hide_parameters=True, echo=False)


@contextmanager
def reading(engine: Engine, system: str, seconds: float) -> Iterator[Connection]:
    """Give one transaction that only reads, and sees all tables as they were at one moment.

    `seconds` bound each question; with SQLite, all of them together.

    Raises:
        Retryable: the database is away or busy, or a question took too long.
        Misconfigured: it refuses who asks.
    """
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                # REPEATABLE READ is the one that shows one moment.
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                milliseconds = str(max(1, round(seconds * 1000)))
                connection.execute(
                    text("SELECT set_config('statement_timeout', :limit, true)"), {"limit": milliseconds}
                )
            else:
                _limit(connection, seconds)
            try:
                yield connection
            finally:
                connection.rollback()
    except DBAPIError as cause:
        raise _ours(cause, system, seconds) from None
    except SQLAlchemyError as cause:
        raise Misconfigured(f"the tables of {system} are not as the mapping says ({type(cause).__name__})") from None


@dataclass(slots=True)
class Writing:
    """One transaction that changes rows. `table` is the one at work, which a fault then names."""

    connection: Connection
    table: str = ""


@contextmanager
def writing(engine: Engine, system: str, seconds: float) -> Iterator[Writing]:
    """Give one transaction that changes rows: all of it is kept at the end of the block, or nothing where anything fails.

    Raises:
        Refused: the tables do not take a change, for another one needs the row; the table is named, and no value.
        Retryable, Misconfigured: as `reading`; somebody else changed the same rows, nothing was done.
    """
    work: Writing | None = None
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
                milliseconds = str(max(1, round(seconds * 1000)))
                connection.execute(
                    text("SELECT set_config('statement_timeout', :limit, true)"), {"limit": milliseconds}
                )
            else:
                _limit(connection, seconds, writes=True)
            work = Writing(connection)
            try:
                yield work
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
    except DBAPIError as cause:
        table = work.table if work else ""
        if _is_broken_rule(cause):
            raise Refused(
                f"{table or system} does not take what the mapping says: another table needs its rows, or a value of that kind "
                "is not allowed there"
            ) from None
        raise _ours(cause, system, seconds, "SELECT, UPDATE and DELETE") from None
    except SQLAlchemyError as cause:
        raise Misconfigured(f"the tables of {system} are not as the mapping says ({type(cause).__name__})") from None


def _is_broken_rule(cause: DBAPIError) -> bool:
    """Tell whether a constraint stood against a change."""
    state = getattr(cause.orig, "sqlstate", None) or ""
    return state.startswith("23") or str(getattr(cause.orig, "sqlite_errorname", "")).startswith("SQLITE_CONSTRAINT")


def _limit(connection: Connection, seconds: float, *, writes: bool = False) -> None:
    driver: Any = connection.connection.driver_connection
    ends = time.monotonic() + seconds
    driver.set_progress_handler(lambda: int(time.monotonic() > ends), _STEPS)
    # SQLite keeps foreign keys only where it is told to.
    connection.exec_driver_sql("PRAGMA foreign_keys = ON" if writes else "PRAGMA query_only = ON")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _ours(cause: DBAPIError, system: str, seconds: float, rights: str = "SELECT") -> JalkiError:
    state = getattr(cause.orig, "sqlstate", None)
    if state == _TOO_SLOW or getattr(cause.orig, "sqlite_errorname", None) == "SQLITE_INTERRUPT":
        return Retryable(f"the tables of {system} took longer than {seconds:g} s: index the columns that identify")
    if state is None:
        return Retryable(f"the tables of {system} cannot be reached: look whether the database runs, and at the login")
    if state == "42501":
        return Misconfigured(f"the tables of {system} are not ours to use: grant {rights} on those of the mapping")
    if state.startswith(("28", "3D")):
        return Misconfigured(
            f"the database of {system} lets nobody in by this name: look at user, password and database"
        )
    if state.startswith(("22", "42")):
        return Misconfigured(f"the tables of {system} are not as the mapping says (SQLSTATE {state})")
    return Retryable(f"the tables of {system} cannot be read now (SQLSTATE {state})")
