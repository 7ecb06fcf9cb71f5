"""Opens whatever can be opened with the keys of a data folder, for tests of what must not even be sealed."""

import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

from console.frames import Frames
from console.opening import BUS, Folder, opened
from console.settings import read_settings
from lineage.graph import NOW
from lineage.masterkey import read_master_key
from lineage.recording import bound, read_letter
from lineage.sealing import Seal
from streams.records import unpack
from streams.shop import Event


def read_event(text: bytes) -> Event | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def everything_sealed(data: Path) -> Iterator[str]:
    """Whatever can be opened with the keys of the folder: the graph's sealed parts, dead letters, the stream's frames."""
    with opened(read_settings({}, data)) as folder:
        with closing(sqlite3.connect(data / "graph.db")) as graph:
            keys = [key for (key,) in graph.execute("SELECT key FROM identifier")]
        yield from sealed_in_graph(folder, keys)
    yield from stream_frames(data)


def sealed_in_graph(folder: Folder, keys: Collection[bytes]) -> Iterator[str]:
    """What is sealed in a graph: of these identifiers, and of all dead letters."""
    facts = [
        *((each.holder, each) for each in folder.graph.disclosures(keys, NOW)),
        *((each.holder, each) for each in folder.graph.consents(keys, NOW)),
        *((each.one, each) for each in folder.graph.links(keys, NOW)),
    ]
    ring = folder.keyring.find({holder for holder, _ in facts})
    for holder, fact in facts:
        if holder in ring:
            yield Seal(ring[holder]).open(fact.as_sent, bound(fact)).decode()
    letters = folder.graph.letters()
    ring = folder.keyring.find([each.key for each in letters])
    for letter in (each for each in letters if each.key in ring):
        position, record = read_letter(Seal(ring[letter.key]).open(letter.sealed, letter.key))
        yield f"{position}\n{record.decode('latin-1')}"
        yield json.dumps(read_event(record))


def stream_frames(data: Path) -> Iterator[str]:
    with opened(read_settings({}, data)) as folder, closing(sqlite3.connect(data / "log.db")) as log:
        assert read_master_key(data / "master.key")
        seal = Frames(folder.keyring, folder.keyring.find((BUS,))[BUS])
        rows = log.execute("SELECT topic, partition, first, count, sealed FROM chunk JOIN lane ON lane.id = chunk.lane")
        for topic, partition, first, count, sealed in rows.fetchall():
            for value in unpack(seal.open(sealed, f"log|{topic}|{partition}|{first}|{count}".encode()))[2]:
                yield value.decode("latin-1")
