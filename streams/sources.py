"""Files of events as records with a position: JSON Lines, or Avro object container files. Reads; publishes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from lineage.errors import Misconfigured, Refused
from lineage.recording import Dead
from schemas.codec import LARGEST
from schemas.extract import InvalidEvent
from schemas.records import Encoded, JsonRecords, container_events, written_fields

STDIN = "-"
KEPT_OF_TOO_LARGE = 1 << 16
_CONTAINER = b"Obj\x01"
_SAMPLE = 8192
_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"(\xb5/\xfd": "zstd", b"BZh": "bzip2"}


class Source(NamedTuple):
    """A record ready for the bus, and where it stood."""

    position: str
    encoded: Encoded


def check_readable(name: str) -> int:
    """Make sure that a file can be read as events; return its size in bytes, 0 for standard input and pipes.

    Raises:
        Misconfigured: there is no such file, or it cannot be opened.
        Refused: it holds neither JSON Lines nor Avro.
    """
    if may_wait(name):  # what is taken from a pipe to look at it would be lost
        return 0
    with _opened(name) as file:
        start = file.read(_SAMPLE)
    for magic, packed in _PACKED.items():
        if start.startswith(magic):
            raise Refused(f"{name} is packed with {packed}: unpack it first")
    if b"\0" in start and not start.startswith(_CONTAINER):
        raise Refused(f"{name} is neither JSON Lines nor an Avro file")
    return Path(name).stat().st_size


def may_wait(name: str) -> bool:
    """Tell whether reading may wait without end: standard input, a pipe, a terminal."""
    return name == STDIN or Path(name).is_fifo() or Path(name).is_char_device()


def read_source(name: str, records: JsonRecords) -> Iterator[tuple[Source | Dead, int]]:
    """Yield every record of a file, or why it can never be one, with how many bytes of the file are read."""
    shown = name.encode(errors="backslashreplace").decode()  # a file's name need not be text; a position is
    with _opened(name) as file:
        if _peek(file).startswith(_CONTAINER):
            yield from _from_container(shown, file, records)
        else:
            yield from _from_lines(shown, file, records)


def _from_lines(name: str, file: BinaryIO, records: JsonRecords) -> Iterator[tuple[Source | Dead, int]]:
    read = 0
    number = 0
    while line := file.readline(LARGEST + 2):
        number += 1
        read += len(line)
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        position = f"{name}:{number}"
        if len(line) > LARGEST and not line.endswith(b"\n"):
            read += _skip_line(file)
            yield (
                Dead("larger than 1 MiB: only its beginning is kept", position, line[:KEPT_OF_TOO_LARGE], "part"),
                read,
            )
        elif record := line.strip():
            yield _encoded(position, record, records), read


def _encoded(position: str, line: bytes, records: JsonRecords) -> Source | Dead:
    try:
        return Source(position, records.encode(line))
    except InvalidEvent as reason:
        return Dead(str(reason), position, line, "line")


def _from_container(name: str, file: BinaryIO, records: JsonRecords) -> Iterator[tuple[Source | Dead, int]]:
    number = 0
    events = container_events(file)
    while True:
        number += 1
        position = f"{name}, record {number}"
        try:
            kind, fields = next(events)
        except StopIteration:
            return
        except InvalidEvent as reason:
            yield Dead(str(reason), position, b"", "part"), _told(file)
            return
        try:
            yield Source(position, records.encode_fields(kind, fields)), _told(file)
        except InvalidEvent as reason:
            yield Dead(str(reason), position, written_fields(kind, fields), "fields"), _told(file)


def _told(file: BinaryIO) -> int:
    """How much of the file is read; a pipe cannot tell."""
    return file.tell() if file.seekable() else 0


def _skip_line(file: BinaryIO) -> int:
    skipped = 0
    while part := file.readline(LARGEST):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


def _peek(file: BinaryIO) -> bytes:
    peek = getattr(file, "peek", None)
    return bytes(peek(len(_CONTAINER))) if peek else b""


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    if name == STDIN:
        # Not sys.stdin: the thread that reads it may still hold its lock when the interpreter closes it.
        with open(0, "rb", closefd=False) as stdin:
            yield stdin
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; only opening it may fail in this way
    except OSError as cause:
        raise Misconfigured(f"{name} cannot be read: {cause.strerror}") from cause
    with file:
        yield file
