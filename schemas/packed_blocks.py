"""Bounds what a packed block of an Avro file unpacks to: a few kilobytes could become gigabytes. Knows codecs; no schema.

fastavro unpacks a block whole, however large that gets. Its table of codecs is open, so ours stand in their places.
"""

import bz2
import lzma
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import BinaryIO, Protocol

import fastavro.read

LARGEST_BLOCK = 64 << 20
"""Bytes of one block, unpacked. Writers make blocks of some tens of kilobytes, a few megabytes at most."""


class _Unpacking(Protocol):
    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def bound_blocks() -> None:
    """Have every container file read from now on in this process with bounded blocks. To do it again changes nothing."""
    makers: dict[str, Callable[[], _Unpacking]] = {
        "deflate": lambda: zlib.decompressobj(-15),
        "bzip2": bz2.BZ2Decompressor,
        "xz": lzma.LZMADecompressor,
    }
    for codec, make in makers.items():
        fastavro.read.BLOCK_READERS[codec] = _bounded(make)


def _bounded(make: Callable[[], _Unpacking]) -> Callable[[BinaryIO], BytesIO]:
    read_as_it_is = fastavro.read.BLOCK_READERS["null"]

    def read(source: BinaryIO) -> BytesIO:
        unpacking = make()
        content = unpacking.decompress(read_as_it_is(source).getvalue(), LARGEST_BLOCK)
        if not unpacking.eof:
            raise ValueError("a block is cut off, or unpacks to more than any writer makes")
        return BytesIO(content)

    return read
