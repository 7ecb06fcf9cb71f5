"""Deletes facts from the embedded graph's tables, inside a transaction that its caller holds. Decides not what."""

import sqlite3
from collections.abc import Collection

from lineage.graph import Forgotten
from lineage.stores.listing import without
from lineage.stores.schema import WAITS

_TABLES = """CREATE TEMP TABLE IF NOT EXISTS going (key BLOB PRIMARY KEY, pk INTEGER) WITHOUT ROWID;
CREATE TEMP TABLE IF NOT EXISTS staying (event BLOB NOT NULL, part INTEGER NOT NULL, PRIMARY KEY (event, part)) WITHOUT ROWID;
DELETE FROM going; DELETE FROM staying"""
_AROUND = "CREATE TEMP TABLE IF NOT EXISTS around (pk INTEGER PRIMARY KEY)"
_GOING = "(SELECT pk FROM going)"
_STAYS = f"holder IN {_GOING} AND at <= ? AND (event, part) IN (SELECT event, part FROM staying)"
_TOUCHED = f"(owned IN {_GOING} OR owner IN {_GOING})"
_EARLIER = """EXISTS (SELECT 1 FROM owns e WHERE e.owned = owns.owned AND e.owner = owns.owner
AND e.at < owns.at AND e.recorded <= owns.recorded)"""
_BARE = """NOT EXISTS (SELECT 1 FROM disclosure f WHERE f.holder = identifier.pk)
AND NOT EXISTS (SELECT 1 FROM bought f WHERE f.holder = identifier.pk)
AND NOT EXISTS (SELECT 1 FROM consent f WHERE f.holder = identifier.pk)
AND NOT EXISTS (SELECT 1 FROM link f WHERE f.one = identifier.pk)
AND NOT EXISTS (SELECT 1 FROM link f WHERE f.other = identifier.pk)
AND NOT EXISTS (SELECT 1 FROM owns w WHERE w.owned = identifier.pk)
AND NOT EXISTS (SELECT 1 FROM owns w WHERE w.owner = identifier.pk)"""


def forget(
    file: sqlite3.Connection,
    holders: Collection[bytes],
    until: int,
    kept: Collection[tuple[bytes, int]],
    onto: bytes | None,
) -> Forgotten:
    """Delete what the port says (`lineage.graph.Graph.forget`). Whoever remembers row numbers must ask for them again."""
    for statement in _TABLES.split(";"):
        file.execute(statement)
    file.executemany(
        "INSERT OR IGNORE INTO going SELECT key, pk FROM identifier WHERE key = ?", ((k,) for k in holders)
    )
    file.executemany("INSERT OR IGNORE INTO staying VALUES (?, ?)", kept)
    _forget_findings(file, until)
    _forget_buyers(file, until)
    stays = _hang(file, until, onto) if kept else 0
    # What stays may hang on one that goes: on what it hung on before.
    disclosures = _delete(
        file,
        f"disclosure WHERE holder IN {_GOING} AND at <= ? AND (event, part) NOT IN (SELECT event, part FROM staying)",
        until,
    )
    consents = _delete(file, f"consent WHERE holder IN {_GOING} AND at <= ?", until)
    links = _delete(file, f"link WHERE one IN {_GOING} AND at <= ?", until)
    links += _delete(file, f"link WHERE other IN {_GOING} AND at <= ?", until)
    ask = f"SELECT count(*) FROM (SELECT DISTINCT owned, owner FROM owns WHERE {_TOUCHED} AND at <= ?)"
    (ownerships,) = file.execute(ask, (until,)).fetchone()
    # What an earlier one says already is there or not by the order of writing; by that nothing may be decided.
    _delete(file, f"owns WHERE {_TOUCHED} AND {_EARLIER}")
    _delete(file, f"owns WHERE {_TOUCHED} AND at <= ?", until)
    identifiers = _delete(file, f"identifier WHERE pk IN {_GOING} AND {_BARE}")
    if identifiers:
        file.execute("UPDATE forgetting SET times = times + 1")
    _judge_anew(file)
    file.execute("DELETE FROM going")
    file.execute("DELETE FROM staying")
    return Forgotten(disclosures, consents, links, ownerships, identifiers, stays)


def _forget_buyers(file: sqlite3.Connection, until: int) -> None:
    """Count who bought each model, and take away that it was she."""
    file.execute(
        f"INSERT INTO forgotten_buyers SELECT DISTINCT model, 1 FROM bought WHERE holder IN {_GOING} AND at <= ? "
        "ON CONFLICT DO UPDATE SET buyers = buyers + 1",
        (until,),
    )
    _delete(file, f"bought WHERE holder IN {_GOING} AND at <= ?", until)


def _forget_findings(file: sqlite3.Connection, until: int) -> None:
    """Take away what was told of what goes, and is still to be told; that it goes is to be told. Whoever judges begins anew."""
    file.execute(
        "INSERT OR IGNORE INTO gone SELECT f.event, f.part FROM disclosure f JOIN finding m USING (event, part) "
        f"WHERE f.holder IN {_GOING} AND f.at <= ? AND (event, part) NOT IN (SELECT event, part FROM staying)",
        (until,),
    )
    hers = f"(SELECT event, part FROM disclosure WHERE holder IN {_GOING} AND at <= ?)"
    # What stays too is told anew, as nobody's. That something is void already says nothing of her, and is told nowhere else.
    file.execute(
        f"DELETE FROM told WHERE (event, part) IN {hers} AND number NOT IN (SELECT m.number FROM finding m "
        "WHERE m.event = told.event AND m.part = told.part AND m.rule = told.rule AND NOT m.found)",
        (until,),
    )
    file.execute(f"UPDATE finding SET digest = x'' WHERE (event, part) IN {hers}", (until,))
    _forget_waiting(file)
    file.execute(_AROUND)
    file.execute("DELETE FROM around")
    file.execute(
        f"INSERT INTO around SELECT pk FROM going UNION SELECT owner FROM owns WHERE owned IN {_GOING} "
        f"UNION SELECT owned FROM owns WHERE owner IN {_GOING} UNION SELECT one FROM link WHERE other IN {_GOING} "
        f"UNION SELECT other FROM link WHERE one IN {_GOING}"
    )


def _forget_waiting(file: sqlite3.Connection) -> None:
    """Take identifiers out of what waits to be judged: who hung together with them is put there apart."""
    file.execute("UPDATE judging SET turn = turn + 1")
    # What an older version put there though nobody judges; it would be read through at every erasure.
    file.execute("DELETE FROM unjudged WHERE (SELECT register FROM judging) = ''")
    going = {key for (key,) in file.execute("SELECT key FROM going")}
    for pk, keys in file.execute("SELECT pk, keys FROM unjudged").fetchall():
        if (left := without(keys, going)) != keys:
            file.execute("UPDATE unjudged SET keys = ? WHERE pk = ?", (left, pk))


def _judge_anew(file: sqlite3.Connection) -> None:
    """Have all judged anew that hung together with what goes, as far as it is still there."""
    ask = "SELECT key FROM identifier WHERE pk IN (SELECT pk FROM around) ORDER BY key"
    if keys := b"".join(key for (key,) in file.execute(ask)):
        file.execute(WAITS, (keys,))
    file.execute("DELETE FROM around")


def _hang(file: sqlite3.Connection, until: int, onto: bytes | None) -> int:
    """Hang what is kept on another identifier, made where something comes to hang on it."""
    if onto is None:
        raise ValueError("disclosures are kept, and there is nothing for them to hang on")
    (stays,) = file.execute(f"SELECT count(*) FROM disclosure WHERE {_STAYS}", (until,)).fetchone()
    if not stays:
        return 0
    file.execute("INSERT OR IGNORE INTO identifier (key, kind) VALUES (?, 'case')", (onto,))
    ask = f"UPDATE disclosure SET holder = (SELECT pk FROM identifier WHERE key = ?) WHERE {_STAYS}"
    file.execute(ask, (onto, until))
    file.execute(WAITS, (onto,))
    return int(stays)


def _delete(file: sqlite3.Connection, what: str, *given: object) -> int:
    return file.execute(f"DELETE FROM {what}", given).rowcount
