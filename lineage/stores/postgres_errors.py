"""Turns PostgreSQL's errors into ours. Takes over none of their text: it may quote names of people, hosts and keys."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFreeError

from lineage.errors import JalkiError, Misconfigured, Refused, Retryable

# Appendix A of PostgreSQL's documentation. A class is the first two characters of a code.
_PASSING_CLASSES = {"08", "40", "53"}  # connection, rolled back (deadlock, serialization), resources
_PASSING = {"55P03", "57014", "57P01", "57P02", "57P03", "57P05", "25P03"}  # lock, timeout, shutdown, start, idle
_FULL = {"53100", "58030"}
_NO_TABLE = {"42P01", "42703", "XX001", "XX002"}
_NO_RIGHT = {"42501", "3F000"}
_READ_ONLY = {"25006"}

# A connection that does not come about has no code, only libpq's text, which holds the server's.
_NO_DATABASE = re.compile(r'database "[^"]*" does not exist')
_NO_LOGIN = re.compile(
    r'authentication failed|no password supplied|role "[^"]*" does not exist|not permitted to log in'
    r"|pg_hba\.conf|permission denied for database|authentication method",
)
_NO_TLS = re.compile(r"certificate|SSL error|SSL was required|response to SSL|private key file|channel binding")
_NO_SETTING = re.compile(r"(?:invalid|bad) [\w ]*(?:value|port number|option)")


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn the errors of a block into ours. `name` is what messages call the database.

    Raises:
        Retryable: the server is away, starting, busy or full of connections, or gave way to another transaction.
        Refused: its disk is full or failing, or it refuses for a reason that only its log tells.
        Misconfigured: it refuses who asks, or lacks the database, its tables or rights on them, or is read-only.
    """
    try:
        yield
    except DBAPIError as wrapped:
        cause = wrapped.orig
        code = cause.sqlstate if isinstance(cause, psycopg.Error) else None
        raise (_refused(name, code) if code else _not_connected(name, str(cause))) from None
    except NoneFreeError:
        raise Retryable(f"{name} is busy: every connection to it is in use") from None


def _refused(name: str, code: str) -> JalkiError:
    """Return what an answer with this SQLSTATE means."""
    if code in _FULL:
        return Refused(f"{name} cannot be written: the disk of its server is full or failing; nothing was half written")
    if code in _PASSING or code[:2] in _PASSING_CLASSES:
        return Retryable(f"{name} is busy, restarting or out of connections (SQLSTATE {code})")
    if code in _NO_RIGHT:
        return Misconfigured(
            f"{name} does not grant the user of JALKI_KEYRING its rights: CREATE on the schema to make the tables, "
            "then SELECT, INSERT and DELETE on key, SELECT, INSERT and UPDATE on tombstone and suppression, "
            "SELECT and UPDATE on generation, and SELECT on key_ring"
        )
    if code in _READ_ONLY:
        return Misconfigured(f"{name} is on a server that is read-only: name the primary in JALKI_KEYRING")
    if code in _NO_TABLE:
        return Misconfigured(f"{name} is not a key ring of Jalki, or is damaged: restore it from a backup")
    if code.startswith(("28", "3D")):
        return _no_login(name)
    return Refused(f"{name} refuses with SQLSTATE {code}: look at the log of its server")


def _not_connected(name: str, said: str) -> JalkiError:
    """Return what a connection that was refused or lost means.

    What is not known here is taken to pass: a server may speak another language, and a worker that waits does no harm.
    """
    if _NO_DATABASE.search(said):
        return Misconfigured(f"{name} does not exist: create the database, or name another in JALKI_KEYRING")
    if _NO_LOGIN.search(said):
        return _no_login(name)
    if _NO_TLS.search(said):
        return Misconfigured(
            f"{name} is not reached over TLS as asked: look at sslmode and sslrootcert in JALKI_KEYRING"
        )
    if _NO_SETTING.search(said):
        return Misconfigured("JALKI_KEYRING has a parameter with a value that PostgreSQL does not know")
    return Retryable(f"{name} does not answer, or takes nobody in: look whether its server runs, and at its log")


def _no_login(name: str) -> Misconfigured:
    return Misconfigured(
        f"{name} refuses to let the user in: look at the user in JALKI_KEYRING, at the password in "
        "JALKI_KEYRING_PASSWORD_FILE, and at the server's pg_hba.conf"
    )
