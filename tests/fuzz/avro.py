"""Records and container files of Avro, from somebody who means no good: through all that an agent does with a record."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fastavro
from hypothesis import strategies as st

from lineage.pseudonyms import Pseudonyms
from lineage.recording import Recording
from lineage.stores.keyring import sqlite_key_ring
from lineage.stores.sqlite import SqliteGraph
from schemas.codec import CONFLUENT, HEADER, MARKER, encode
from schemas.extract import InvalidEvent
from schemas.records import container_events, written_fields
from schemas.registered import AVRO, RegisteredSchema
from streams.recorder import Recorder
from streams.records import Record
from tests.fuzz.targets import TEXTS, Target, told_plainly, watched
from tests.schemas.making import CATALOGUE, TYPES, events
from tests.schemas.test_codec import long_

NUMBERS = st.sampled_from([0, 1, -1, 63, 64, 2**31 - 1, 2**31, 2**40, 2**62, 2**63 - 1, -(2**63), -(2**40)])
SPLICES = st.one_of(
    NUMBERS.map(long_),
    st.binary(max_size=8),
    TEXTS.map(lambda text: (raw := text.encode("utf-8", "surrogatepass")) and long_(len(raw)) + raw),
    st.just(b"\xff" * 12),
    st.just(b"\x80" * 64),
    st.integers(1, 2_000).map(lambda times: b"\x02" * times),
)
"""Lengths that lie, blocks without end, varints without end, texts that mean harm."""


class Registry:
    """One schema of each type, by number, and some that are none."""

    def by_id(self, schema_id: int) -> RegisteredSchema | None:
        if 0 <= schema_id < len(TYPES):
            import json

            return RegisteredSchema(AVRO, (json.dumps(TYPES[schema_id].schema),))
        return RegisteredSchema(AVRO, ('{"type": "record", "name": "R", "fields": [{"name": "r", "type": "R"}]}',)) if (
            schema_id == len(TYPES)
        ) else None  # fmt: skip


def spliced(record: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    """A record with pieces put in the place of others; places count round its length."""
    changed = bytearray(record)
    for place, length, piece in cuts:
        at = place % (len(changed) + 1)
        changed[at : at + length] = piece
    return bytes(changed)


CUTS = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 12), SPLICES), max_size=4)
FRAMES = st.one_of(
    st.sampled_from(TYPES).map(lambda kind: MARKER + kind.fingerprint),
    st.integers(0, len(TYPES) + 1).map(lambda number: CONFLUENT + number.to_bytes(4)),
    st.binary(min_size=8, max_size=8).map(lambda known: MARKER + known),
    st.binary(max_size=12),
)
VALID = st.sampled_from(TYPES).flatmap(lambda kind: events(kind).map(lambda event: encode(kind, event)))
RECORDS = st.one_of(
    st.builds(spliced, VALID, CUTS),
    st.builds(lambda frame, pieces: frame + b"".join(pieces), FRAMES, st.lists(SPLICES, max_size=12)),
    st.builds(lambda frame, record, cuts: frame + spliced(record[HEADER:], cuts), FRAMES, VALID, CUTS),
    st.binary(max_size=300),
)


@contextmanager
def recorder(folder: Path) -> Iterator[Callable[[bytes], None]]:
    """All that an agent does with a record before it is written."""
    keys, graph = sqlite_key_ring(folder / "keys.db", b"m" * 32), SqliteGraph(folder / "graph.db")
    pseudonyms = Pseudonyms(b"p" * 32)
    known = frozenset({"order-system", "multitronic", "posti"})
    made = Recorder(
        CATALOGUE, known.__contains__, pseudonyms, Recording(graph, keys, pseudonyms), lambda: 1, Registry()
    )

    def check(record: bytes) -> None:
        with watched():
            read, dead = made.prepare([Record("orders", 0, 0, 0, None, record, ())])
            made.key_of(record)
        assert len(read) + len(dead) == 1
        for each in dead:
            told_plainly(each.reason)
            assert each.record or not record

    try:
        yield check
    finally:
        graph.close()
        keys.close()


def container(kind: Any, event: Any, codec: str) -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, kind.schema, [event, event], codec=codec)
    return out.getvalue()


FILES = st.builds(
    spliced,
    st.sampled_from(TYPES).flatmap(
        lambda kind: st.builds(container, st.just(kind), events(kind), st.sampled_from(["null", "deflate", "bzip2", "xz"]))
    ),
    st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 12), SPLICES), max_size=4),
)  # fmt: skip


@contextmanager
def files(_: Path) -> Iterator[Callable[[bytes], None]]:
    """A file of Avro as `ingest` reads it."""

    def check(content: bytes) -> None:
        with watched():
            try:
                for name, fields in container_events(io.BytesIO(content)):
                    written_fields(name, fields)
            except InvalidEvent as reason:
                told_plainly(str(reason))

    yield check


TARGETS = (Target("records", "avro", RECORDS, recorder), Target("containers", "avro", FILES, files))
