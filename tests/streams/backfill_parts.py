"""Mappings and files for tests of backfilling, and what is made of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import Misconfigured
from lineage.recording import Dead
from lineage.register import load_register
from schemas.catalogue import load_catalogue
from schemas.codec import decode
from schemas.records import JsonRecords
from schemas.vocabulary import vocabulary
from streams.backfill.bounds import MOST_BAD
from streams.backfill.forming import Formed, Forming
from streams.backfill.loading import load_backfill
from streams.backfill.mapping import Backfill
from streams.backfill.running import check_files, chunks_of
from streams.sources import Source

CATALOGUE = load_catalogue()
REGISTER = load_register(None, frozenset(vocabulary().categories))
PARTIES = [party.id for party in REGISTER.parties()]

ACCOUNTS = """
name: accounts
event: AccountOpened
rows: {csv: 'accounts*.csv', delimiter: ';'}
key: [no]
fields:
  occurred_at: {column: opened, format: '%d.%m.%Y %H:%M', zone: Europe/Helsinki}
  controller: {constant: multitronic}
  customer_id: no
  email: mail
  phone: phone
  name: {join: [first, last]}
"""
HEADER = "no;opened;mail;phone;first;last"
GOOD = "C-1;01.03.2026 09:30;a@x.example;040 1234567;Aino;Virta"


def mapped(folder: Path, text: str) -> Backfill:
    file = folder / "history.yaml"
    file.write_text(text, "utf-8")
    return load_backfill(file, CATALOGUE, PARTIES)


def faults(folder: Path, text: str) -> list[str]:
    """The faults of a mapping, each `line: message`."""
    with pytest.raises(Misconfigured) as raised:
        mapped(folder, text)
    return [each.removeprefix("history.yaml:") for each in str(raised.value).splitlines()]


def csv_of(folder: Path, *rows: str | bytes, name: str = "accounts.csv", encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(b"".join((row if isinstance(row, bytes) else row.encode(encoding)) + b"\n" for row in rows))
    return file


def formed(mapping: Backfill, most_bad: int = MOST_BAD) -> tuple[list[Source | Dead], Formed]:
    """What all rows become, after the headers were looked at."""
    check_files(mapping)
    forming = Forming(mapping, JsonRecords(CATALOGUE), most_bad)
    return [each for chunk, _ in chunks_of(mapping, forming) for each in chunk], forming.formed


def events(made: Sequence[Source | Dead]) -> list[dict[str, Any]]:
    return [decode(CATALOGUE, each.encoded.record)[1] for each in made if isinstance(each, Source)]


def reasons(made: Sequence[Source | Dead]) -> list[str]:
    """What is told of bad rows: position and reason."""
    return [f"{each.position}: {each.reason}" for each in made if isinstance(each, Dead)]
