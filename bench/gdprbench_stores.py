"""The stores that `bench.gdprbench` is played on: ours, and tables in PostgreSQL as a careful team would make them by hand.

Both keep pseudonyms for identifiers, seal what was sent under a key of the user that can be destroyed, remember who was
erased, and write each look at a person down before it is answered. Each act is durable when it returns.
"""

import hmac
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from console.opening import LOOKS, Folder, opened_for_recording
from console.settings import read_settings
from lineage.graph import NOW
from lineage.persons import find_person
from lineage.revealing import read_look, reveal, write_look
from lineage.sealing import Seal, new_key
from lineage.sharing_allowed import may_share
from lineage.times import now
from lineage.tombstones import Tombstone
from lineage.where import where
from schemas.records import JsonRecords, microseconds
from streams.recorder import Recorder
from streams.records import Record
from tests.servers.neo4j import running_neo4j
from tests.servers.postgres import running_postgres

Event = dict[str, Any]
WHY = "GDPRbench"


@contextmanager
def jalki(folder: Path, store: str) -> Iterator["Jalki"]:
    """Open one of our stores, empty; `neo4j` on a server of its own."""
    environ = {"JALKI_DATA": f"{folder / 'data'}"}
    if store == "sqlite":
        with opened_for_recording(read_settings(environ)) as (opened, recorder):
            yield Jalki(opened, recorder, JsonRecords(opened.catalogue), folder / "data")
        return
    (folder / "neo4j").mkdir()
    with (
        running_neo4j(folder / "neo4j", heap="2g", pagecache="1g", full_jit=True) as server,
        opened_for_recording(read_settings({**environ, **server.settings})) as (opened, recorder),
    ):
        yield Jalki(opened, recorder, JsonRecords(opened.catalogue), folder)


@dataclass(frozen=True, slots=True)
class Jalki:
    """Our own store, in the process: events through validation, pseudonyms and sealing, as a worker records them."""

    folder: Folder
    recorder: Recorder
    records: JsonRecords
    place: Path

    def record(self, events: list[Event]) -> None:
        batch = [
            Record("t", 0, number, 0, None, self.records.encode(json.dumps(event).encode()).record, ())
            for number, event in enumerate(events)
        ]
        self.recorder.write([self.recorder.seal(self.recorder.prepare(batch))])

    def _key(self, user: str) -> bytes:
        return self.folder.pseudonyms.identifier("customer_id", user)

    def _looked(self, user: str) -> None:
        key = self.folder.keyring.find((LOOKS,))[LOOKS]
        write_look(self.folder.graph, key, now(), actor="bench", asked=self._key(user).hex(), reason=WHY)

    def erase(self, user: str) -> None:
        """Do what a case does in our own record at its end; without the case, its parties and its proof."""
        folder, key, moment = self.folder, self._key(user), now()
        members = find_person(folder.graph.near(key), key, NOW).members
        folder.memory.entomb([Tombstone(each, moment, "bench") for each in members])
        folder.graph.forget(members, moment, (), None)
        folder.keyring.destroy(members)

    def emails(self, user: str) -> set[str]:
        folder, key = self.folder, self._key(user)
        self._looked(user)
        person = find_person(folder.graph.near(key), key, NOW)
        return set(reveal(folder.graph, folder.keyring, folder.pseudonyms, person, NOW).get("email", ()))

    def holders(self, user: str) -> Mapping[str, int]:
        self._looked(user)
        found = where(self.folder.graph, self.folder.register, self._key(user), NOW, now())
        return {each.party.id: each.disclosures for each in found.holdings if each.observed}

    def may(self, user: str) -> bool:
        folder = self.folder
        named = ("customer_id", user)
        allowed = may_share(
            folder.graph, folder.memory, folder.register, folder.pseudonyms, named, "sendgrid", "newsletter", now()
        )
        return not allowed.why

    def looks(self) -> int:
        key = self.folder.keyring.find((LOOKS,))[LOOKS]
        return sum(read_look(each, key)["reason"] == WHY for each in self.folder.graph.looks())

    def gone(self, user: str) -> bool:
        key = self._key(user)
        nothing = find_person(self.folder.graph.near(key), key, NOW).candidates == 0
        return nothing and key in self.folder.memory.entombed((key,))

    def size(self) -> int:
        return sum(each.stat().st_size for each in self.place.rglob("*") if each.is_file())


_TABLES = """
CREATE TABLE user_key (usr bytea PRIMARY KEY, key bytea NOT NULL);
CREATE TABLE record (event text PRIMARY KEY, usr bytea NOT NULL, source text NOT NULL, party text NOT NULL,
    purpose text NOT NULL, categories text[] NOT NULL, at bigint NOT NULL, recorded bigint NOT NULL, sealed bytea NOT NULL);
CREATE INDEX ON record (usr);
CREATE INDEX ON record (party, at);
CREATE TABLE consent (event text PRIMARY KEY, usr bytea NOT NULL, purpose text NOT NULL, granted boolean NOT NULL,
    at bigint NOT NULL, recorded bigint NOT NULL, sealed bytea NOT NULL);
CREATE INDEX ON consent (usr);
CREATE TABLE tombstone (usr bytea PRIMARY KEY, before bigint NOT NULL);
CREATE TABLE look (at bigint NOT NULL, sealed bytea NOT NULL);
"""
_PURPOSES = {
    "AccountOpened": "account",
    "ContactChanged": "account",
    "ShipmentBooked": "delivery",
    "PaymentRequested": "payment",
}
_ENVELOPE = {"type", "event_id", "occurred_at", "controller", "carrier", "provider", "purpose", "granted"}


@contextmanager
def postgres(folder: Path) -> Iterator["Tables"]:
    """Open tables in a PostgreSQL of its own, empty."""
    # As in earnest: what a test need not wait for, this does.
    with running_postgres(folder / "postgres", settings={"fsync": "on", "shared_buffers": "512MB"}) as server:
        url = server.new_database()
        with closing(server.connect(url)) as connection:
            (empty,) = connection.execute("SELECT pg_database_size(current_database())").fetchone() or (0,)
            connection.execute(_TABLES)
            yield Tables(connection, Seal(new_key()), os.urandom(32), empty)


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables and statements by hand. It knows one kind of identifier, so who is one person is given and not worked out."""

    connection: "psycopg.Connection[Any]"
    master: Seal
    secret: bytes
    empty: int

    def _usr(self, user: str) -> bytes:
        return hmac.digest(self.secret, user.encode(), "sha256")[:16]

    def _key(self, usr: bytes) -> bytes | None:
        row = self.connection.execute("SELECT key FROM user_key WHERE usr = %s", (usr,)).fetchone()
        return self.master.open(row[0], usr) if row else None

    def record(self, events: list[Event]) -> None:
        with self.connection.transaction():
            for each in events:
                self._record(each)

    def _record(self, event: Event) -> None:
        usr, id_, at = self._usr(event["customer_id"]), event["event_id"], microseconds(event["occurred_at"])
        key = self._key(usr)
        if key is None:
            key = new_key()
            self.connection.execute("INSERT INTO user_key VALUES (%s, %s)", (usr, self.master.seal(key, usr)))
        sent = {name: value for name, value in event.items() if name not in _ENVELOPE and value is not None}
        sealed = Seal(key).seal(json.dumps(sent).encode(), id_.encode())
        if event["type"] == "ConsentChanged":
            row = (id_, usr, event["purpose"], event["granted"], at, now(), sealed)
            self.connection.execute("INSERT INTO consent VALUES (%s, %s, %s, %s, %s, %s, %s)", row)
            return
        party = event.get("carrier") or event.get("provider")
        told = ("order-system", party) if party else ("person", "order-system")
        values = (id_, usr, *told, _PURPOSES[event["type"]], sorted(sent), at, now(), sealed)
        self.connection.execute("INSERT INTO record VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", values)

    def _looked(self, user: str) -> None:
        entry = json.dumps({"actor": "bench", "asked": self._usr(user).hex(), "reason": WHY}).encode()
        self.connection.execute("INSERT INTO look VALUES (%s, %s)", (now(), self.master.seal(entry, b"look")))

    def erase(self, user: str) -> None:
        usr = self._usr(user)
        with self.connection.transaction():
            self.connection.execute("INSERT INTO tombstone VALUES (%s, %s)", (usr, now()))
            for table in ("record", "consent", "user_key"):
                self.connection.execute(f"DELETE FROM {table} WHERE usr = %s".encode(), (usr,))

    def emails(self, user: str) -> set[str]:
        self._looked(user)
        usr = self._usr(user)
        key = self._key(usr)
        if key is None:
            return set()
        ask = (
            "SELECT event, sealed FROM record WHERE usr = %s UNION ALL SELECT event, sealed FROM consent WHERE usr = %s"
        )
        rows = self.connection.execute(ask, (usr, usr)).fetchall()
        return {json.loads(Seal(key).open(sealed, event.encode()))["email"] for event, sealed in rows}

    def holders(self, user: str) -> Mapping[str, int]:
        self._looked(user)
        ask = "SELECT party, purpose, categories, at FROM record WHERE usr = %s"
        return Counter(party for party, *_ in self.connection.execute(ask, (self._usr(user),)).fetchall())

    def may(self, user: str) -> bool:
        ask = "SELECT granted FROM consent WHERE usr = %s AND purpose = 'newsletter' ORDER BY at DESC LIMIT 1"
        row = self.connection.execute(ask, (self._usr(user),)).fetchone()
        return bool(row and row[0])

    def looks(self) -> int:
        rows = self.connection.execute("SELECT sealed FROM look ORDER BY at").fetchall()
        return sum(json.loads(self.master.open(sealed, b"look"))["reason"] == WHY for (sealed,) in rows)

    def gone(self, user: str) -> bool:
        ask = (
            "SELECT EXISTS (SELECT FROM tombstone WHERE usr = %(usr)s) AND NOT EXISTS (SELECT FROM record WHERE usr = "
            "%(usr)s) AND NOT EXISTS (SELECT FROM consent WHERE usr = %(usr)s) AND NOT EXISTS (SELECT FROM user_key "
            "WHERE usr = %(usr)s)"
        )
        row = self.connection.execute(ask, {"usr": self._usr(user)}).fetchone()
        return bool(row and row[0])

    def size(self) -> int:
        row = self.connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) - self.empty if row else 0
