"""What is promised where a party is told by files, on its SFTP server and in a folder; and of a system's own tables."""

import csv
import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.drop.connector import Drop
from connectors.drop.files import MANIFEST, read_manifest
from connectors.drop.places import Folder
from connectors.drop.sftp import Server
from connectors.protocol import Limits
from connectors.secretfile import Secret
from connectors.sql import SqlConnector
from lineage.cases.orders import Order
from lineage.cases.words import Action
from lineage.times import now
from tests.connectors import orders
from tests.connectors.lasting import LONG, Lasting, LastingStage
from tests.connectors.sftp_server import PASSPHRASE, USER, SftpParty
from tests.connectors.shop_tables import ACCOUNT, HERS, TABLES, mapped, ordered, to_do
from tests.contracts.connector import KEYS_OF_ORDERS, Fault, Promise

_WORD = "A file that lies there is a file that lies there: no more is claimed by it."


def server(party: SftpParty, folder: Path, **changed: Any) -> Server:
    """Return how the SFTP server is reached."""
    (folder / "passphrase").write_text(PASSPHRASE)
    given: dict[str, Any] = {
        "party": "smartdeals", "host": "127.0.0.1", "port": party.port, "user": USER, "folder": "in",
        "known_hosts": party.known_hosts, "key_file": party.key_file,
        "passphrase": Secret("the passphrase", folder / "passphrase"), "seconds": LONG,
    }  # fmt: skip
    return Server(**(given | changed))


def drop(places: Server | Folder, seconds: float = LONG) -> Drop:
    """Return the connector of a party with a drop."""
    return Drop("smartdeals", places, "answers", now, Limits(timeout=seconds, together=500))


def rows(folder: Path) -> list[dict[str, str]]:
    """The rows of all files that are whole, as a receiver reads them."""
    found = []
    for path in sorted(folder.glob(f"*{MANIFEST}")):
        manifest = read_manifest(path.read_bytes())
        assert manifest
        content = (folder / f"{manifest.file}.csv").read_bytes()
        assert hashlib.sha256(content).hexdigest() == manifest.sha256
        table = list(csv.DictReader(content.decode().splitlines(keepends=True)))
        assert len(table) == manifest.count
        found += table
    return found


def _told(folder: Path) -> list[str]:
    """What the party was told are the keys in files that are whole."""
    return list(dict.fromkeys(row["key"] for row in rows(folder)))


def _order(action: Action) -> Order:
    return orders.order(party="smartdeals", form="instruction", action=action)


def _files(folder: Path) -> dict[str, bytes]:
    return {f"{each}": each.read_bytes() for each in folder.rglob("*") if each.is_file()}


@contextmanager
def _sftp(request: pytest.FixtureRequest) -> Iterator[LastingStage]:
    party: SftpParty = request.getfixturevalue("party")
    folder: Path = request.getfixturevalue("tmp_path")

    def sets(fault: Any) -> None:
        if fault == "away":
            party.stop()
            return
        party.start()
        party.fault = fault

    words = {
        Fault.AWAY: "away", Fault.BUSY_SILENT: "busy", Fault.BROKEN: "broken", Fault.LOST: "slow", Fault.DROPPED: "cut",
        Fault.DROPPED_AFTER: "cut-after", Fault.REFUSED: "refused", Fault.EXPIRED: "login",
    }  # fmt: skip
    yield LastingStage(
        Lasting(
            connect=lambda seconds: drop(server(party, folder, seconds=seconds), seconds),
            order=_order,
            words=words,
            sets=sets,
            told=lambda: _told(party.root / "in"),
            held=lambda: _files(party.root / "in"),
        )
    )


_SFTP_NEVER = {
    Fault.BUSY: "An SFTP server has no word for how long to wait.",
    Fault.BROKEN_AFTER: "Its answer to a file that is in its place is that it is, or the connection is gone.",
    Fault.LOST_AFTER: "As with a connection that is dropped after the effect: the same file is found there.",
    Fault.CUT: "Its answers are of SSH's packets: half of one is a connection that is dropped.",
    Fault.LIE: _WORD,
    Fault.ERROR_INSIDE: _WORD,
    Fault.PARTIAL: "A file without its manifest is none.",
}
_ALL_ALIKE = frozenset({"rectify", "collect"})
SFTP = Promise("drop: sftp", dict.fromkeys(("erase", "rectify", "collect"), "sent"), _sftp, _SFTP_NEVER, _ALL_ALIKE)


@contextmanager
def _folder(request: pytest.FixtureRequest) -> Iterator[LastingStage]:
    folder = request.getfixturevalue("tmp_path") / "in"
    (folder / "answers").mkdir(parents=True)
    yield LastingStage(
        Lasting(
            connect=lambda seconds: drop(Folder("smartdeals", folder), seconds),
            order=_order,
            words={},
            sets=lambda _: None,
            told=lambda: _told(folder),
            held=lambda: _files(folder),
        )
    )


FOLDER = Promise(
    "drop: folder",
    SFTP.most,
    _folder,
    dict.fromkeys(Fault, "A folder of this machine is there or is not; a full disk is in test_drop.py."),
    _ALL_ALIKE,
)


@contextmanager
def _tables(request: pytest.FixtureRequest) -> Iterator[LastingStage]:
    """The shop's tables on SQLite, made anew for each order."""
    folder: Path = request.getfixturevalue("tmp_path")
    file, away, mapping = folder / "shop.db", folder / "away.db", mapped(folder)

    def order(action: Action) -> Order:
        for each in (file, away):
            each.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as database:
            for each in TABLES:
                database.execute(each)
            database.commit()
        if action == "collect":
            return to_do(action=action, identifiers=HERS)
        categories = ("order", "payment", "address")
        numbers = ("O-1", "O-2")
        ways = [ordered(each, *categories) for each in numbers]
        return to_do(ACCOUNT, *ways, *(ordered(each, "ip_address", purpose="fraud-prevention") for each in numbers))

    def sets(fault: Any) -> None:
        before, after = (file, away) if fault else (away, file)
        if before.exists():
            before.rename(after)

    def held(where: str = "") -> list[Any]:
        with closing(sqlite3.connect(file if file.exists() else away)) as database:
            return [list(database.execute(f"SELECT * FROM {each} {where}")) for each in ("customer", "orders")]  # noqa: S608

    yield LastingStage(
        Lasting(
            connect=lambda seconds: SqlConnector(mapping, f"sqlite:///{file}", None, limits=Limits(timeout=seconds)),
            order=order,
            words={Fault.AWAY: "away"},
            sets=sets,
            told=lambda: None,
            held=held,
            others=lambda: [[row for row in table if 18 in row] for table in held()],
            is_done=lambda action: action == "collect" or not [row for row in held()[0] if row[0] == 17],
            secrets=("home@example.fi", "Aino", "Ainola"),
        )
    )


_NO_CALLS = "A database does a transaction whole or not at all, and says so; it has no HTTP."
TABLES_OF_OURS = Promise(
    "sql",
    {"erase": "verified", "collect": "verified"},
    _tables,
    {
        KEYS_OF_ORDERS: "A database knows rows, and no orders.",
        **{each: _NO_CALLS for each in Fault if each is not Fault.AWAY},
        Fault.EXPIRED: "SQLite has no login; PostgreSQL's is in test_sql.py.",
        Fault.LOST: "A question that takes too long is ended, in test_sql.py.",
    },
)
