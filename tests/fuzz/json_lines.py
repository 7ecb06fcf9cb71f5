"""Lines of JSON, as `ingest` reads them: events with fields that are none, too deep, too large, twice, or meant for a log."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from lineage.errors import Refused
from lineage.recording import Dead
from schemas.codec import decode
from schemas.extract import InvalidEvent
from schemas.records import JsonRecords
from streams.sources import check_readable, read_source
from tests.fuzz.targets import TEXTS, Target, told_plainly, watched
from tests.schemas.making import CATALOGUE, TYPES, example

VALUES = st.recursive(
    st.one_of(
        TEXTS, st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.none(),
        st.sampled_from(["2026-03-01T09:30:00Z", "2026-13-01T09:30:00Z", "9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00Z"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    """An event of some type with some fields changed, left out or put in; as text, with bytes changed."""
    kind = draw(st.sampled_from(TYPES))
    event: dict[str, Any] = example(kind)
    names = st.sampled_from(sorted(event)) | TEXTS | st.text(max_size=6)
    event |= draw(st.dictionaries(names, VALUES, max_size=3))
    for name in draw(st.lists(st.sampled_from(sorted(event)), max_size=2)):
        event.pop(name, None)
    raw = bytearray(json.dumps(event, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass"))
    pieces = st.sampled_from(
        [
            b"", b"[" * 3_000, b'{"a":' * 3_000, b'"type":"OrderPlaced",', b"\\u0000", b"\\ud800", b"\xff", b"1e999", b"NaN",
            b"-" * 50, b"9" * 5_000, b"\xef\xbb\xbf", b"\n",
        ]
    )  # fmt: skip
    for place in draw(st.lists(st.integers(0, 2_000), max_size=3)):
        at = place % (len(raw) + 1)
        raw[at : at + draw(st.integers(0, 6))] = draw(pieces | st.binary(max_size=4))
    return bytes(raw)


@lru_cache(maxsize=1)
def _said() -> re.Pattern[str]:
    """All that a reason can say: fields that our schemas name, and words of our own. A value cannot be part of it."""
    names: set[str] = {"type"}

    def look(avro: Any) -> None:
        if isinstance(avro, list):
            for each in avro:
                look(each)
        elif isinstance(avro, dict):
            for each in avro.get("fields", []):
                names.add(each["name"])
                look(each["type"])
            look(avro["items"]) if avro.get("type") == "array" else None

    for kind in TYPES:
        look(kind.schema)
    field = "|".join(sorted(names))
    faults = "missing|not of its type|not an RFC 3339 time with an offset"
    # pydantic names a branch of a union by its type.
    where = rf"(?:(?:{field}|\d+|str|int|float|bool|none|list|dict|[a-z_]*function[a-z_]*)\.?)+|the record"
    return re.compile(
        rf"(?:{where}): (?:{faults})|not JSON|unknown type|larger than 1 MiB|a field is missing or of the wrong type"
    )


@contextmanager
def records(_: Path) -> Iterator[Callable[[bytes], None]]:
    """One line as one event."""
    made = JsonRecords(CATALOGUE)

    def check(line: bytes) -> None:
        with watched():
            fault, encoded = None, None
            try:
                encoded = made.encode(line)
            except InvalidEvent as reason:
                fault = str(reason)
        if fault is not None:
            told_plainly(fault)
            assert _said().fullmatch(fault), fault
        if encoded is not None:
            assert decode(CATALOGUE, encoded.record)

    yield check


@contextmanager
def files(folder: Path) -> Iterator[Callable[[list[bytes]], None]]:
    """A file of lines: every line has its place and its end, whatever stands in the others."""
    made, file = JsonRecords(CATALOGUE), folder / "events.jsonl"

    def check(content: list[bytes]) -> None:
        raw = b"\n".join(content)
        file.write_bytes(raw)
        with watched():
            try:
                check_readable(str(file))
            except Refused as reason:
                told_plainly(str(reason))
                return
            found = list(read_source(str(file), made))
        for each, _ in found:
            told_plainly(each.position)
            if isinstance(each, Dead):
                told_plainly(each.reason)
        if not raw.startswith(b"Obj\x01"):
            assert len(found) == sum(bool(each.strip()) for each in raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"))
            assert not found or found[-1][1] <= len(raw)

    yield check


TARGETS = (
    Target("lines", "json", lines(), records),
    Target("files", "json", st.lists(lines() | st.binary(max_size=40), max_size=4), files),
)
