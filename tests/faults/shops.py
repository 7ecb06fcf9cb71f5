"""A shop's events as records for the bus, and what must be in the graph when all of them are recorded."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console.opening import Folder, opened, opened_for_recording
from console.settings import Settings, read_settings
from console.shapes import sharing_shape, where_shape
from lineage.graph import NOW
from lineage.identifiers import read_identifier
from lineage.sharing import sharing
from lineage.times import now
from lineage.where import where
from schemas.records import JsonRecords
from streams.chunks import outgoing, read_chunks
from streams.records import Outgoing, Record
from tests.e2e.events import named_in, shop, write_lines
from tests.e2e.program import jalki

PERSONS = 700
ASKED = 150
"""Every so many of the identifiers that occur is asked about."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a graph holds, but for the times at which, and the nonces with which, it was put there."""

    counts: dict[str, int]
    contents: dict[bytes, bytes] = field(repr=False)
    disclosures: list[object] = field(repr=False)
    sharing: dict[str, Any] = field(repr=False)
    where: dict[str, dict[str, Any]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shop:
    """Records ready for the bus, in the order of their events; the folder where all of them are recorded, embedded."""

    data: Path
    records: Sequence[tuple[str, Outgoing]] = field(repr=False)
    identifiers: Sequence[str] = field(repr=False)
    events: frozenset[bytes] = field(repr=False)
    picture: Picture = field(repr=False)


def made(folder: Path, persons: int = PERSONS) -> Shop:
    """Simulate a shop and ingest it embedded."""
    told = shop(persons, seed=47)
    file, data = write_lines(folder / "shop.jsonl", told), folder / "data"
    ended = jalki("ingest", file, "--data", data)
    assert ended.code == 0, ended.err
    settings = read_settings({}, data)
    records, events = asyncio.run(_records(file, settings))
    identifiers = named_in(told, ASKED)
    return Shop(data, records, identifiers, events, picture(settings, events, identifiers))


async def _records(file: Path, settings: Settings) -> tuple[list[tuple[str, Outgoing]], frozenset[bytes]]:
    records: list[tuple[str, Outgoing]] = []
    with opened_for_recording(settings) as (folder, recorder):
        async for chunk, _ in read_chunks(str(file), JsonRecords(folder.catalogue)):
            for each in chunk:  # one by one, so that topics stay mixed
                records += [(topic, one) for topic, batch in outgoing([each], recorder.key_of).items() for one in batch]
        prepared = recorder.prepare([_as_delivered(topic, one) for topic, one in records])
    assert not prepared.dead
    return records, frozenset(each.facts.event for each in prepared.events)


def _as_delivered(topic: str, one: Outgoing) -> Record:
    return Record(topic, 0, 0, 0, one.key, one.value, one.headers)


def picture(settings: Settings, events: frozenset[bytes], identifiers: Iterable[str]) -> Picture:
    """Look at all of a graph."""
    with opened(settings) as folder:
        graph = folder.graph
        return Picture(
            dict(graph.counts()),
            dict(graph.contents(events)),
            sorted((each._replace(recorded=0, as_sent=b"") for each in graph.every_disclosure(None)), key=str),
            sharing_shape(sharing(graph, folder.register), folder.register),
            {each: _where(folder, each) for each in identifiers},
        )


def _where(folder: Folder, identifier: str) -> dict[str, Any]:
    key = folder.pseudonyms.identifier(*read_identifier(identifier))
    return where_shape(identifier, None, None, where(folder.graph, folder.register, key, NOW, now()))
