"""A block of a container file is unpacked only as far as any writer makes one."""

import io
import resource
from typing import Any

import fastavro
import pytest

from schemas import packed_blocks
from schemas.extract import InvalidEvent
from schemas.packed_blocks import LARGEST_BLOCK
from schemas.records import container_events
from tests.schemas.making import CATALOGUE, example

KIND = CATALOGUE.types["ClaimOpened"]


def packed(codec: str, letters: int) -> bytes:
    """One event whose description is that long, in one block."""
    event: dict[str, Any] = {**example(KIND), "occurred_at": 1, "description": "x" * letters}
    del event["type"]
    out = io.BytesIO()
    fastavro.writer(out, KIND.schema, [event], codec=codec, sync_interval=1 << 30)
    return out.getvalue()


@pytest.mark.parametrize("codec", ["deflate", "bzip2", "xz"])
def test_a_small_block_that_unpacks_to_very_much_is_refused_before_it_is_unpacked(codec: str) -> None:
    bomb = packed(codec, 4 * LARGEST_BLOCK)
    assert len(bomb) < LARGEST_BLOCK // 50
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InvalidEvent, match="damaged block"):
        list(container_events(io.BytesIO(bomb)))
    # What made the bomb is larger than what reads it: nothing was added to that.
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < LARGEST_BLOCK


@pytest.mark.parametrize("codec", ["deflate", "bzip2", "xz"])
def test_a_block_as_large_as_may_be_is_read_and_one_byte_more_is_not(
    codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = packed("null", 5_000)
    size = len(_block(raw))
    monkeypatch.setattr(packed_blocks, "LARGEST_BLOCK", size + 1)
    ((name, fields),) = container_events(io.BytesIO(packed(codec, 5_000)))
    assert (name, len(fields["description"])) == ("ClaimOpened", 5_000)
    monkeypatch.setattr(packed_blocks, "LARGEST_BLOCK", size - 1)
    with pytest.raises(InvalidEvent):
        list(container_events(io.BytesIO(packed(codec, 5_000))))


def _block(file: bytes) -> bytes:
    """The content of the one block of a file that is not packed: it stands between two marks of 16 bytes."""
    mark = file[-16:]
    behind = file.index(mark) + 16
    content = file[behind:-16]
    source = io.BytesIO(content)
    fastavro.schemaless_reader(source, fastavro.parse_schema("long"), None)
    fastavro.schemaless_reader(source, fastavro.parse_schema("long"), None)
    return source.read()
