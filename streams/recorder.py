"""What the agents do with a batch of records: decode, extract, make facts, record; bad input to the dead letters.

Knows no bus: a record is bytes with a position, from wherever it came.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import msgpack

from lineage.errors import Invalid
from lineage.facts import facts_of, primary
from lineage.held_back import Held
from lineage.pseudonyms import Pseudonyms
from lineage.recording import Dead, Foreseen, Read, Recorded, Recording, Sealed
from schemas.catalogue import Catalogue
from schemas.codec import decode, encode
from schemas.extract import InvalidEvent, said
from schemas.forbidden import BLOT, mask_card_numbers, suspicious, without_forbidden
from schemas.registered import RegisteredWriters, WriterSchemas, no_registry
from streams.records import Headers, Record

POSITION = "jalki-position"
FORBIDDEN = "jalki-forbidden"
BLOTTED = "jalki-blotted"
"""Of a record that was a dead letter: card numbers were blotted out in it."""
REASONS_KEPT = 1000
_NESTED = (dict, list)
# Digits, space and hyphen, as JSON may also write them.
_ESCAPED = re.compile(rb"\\u00(3[0-9]|20|2[dD])")


class Prepared(NamedTuple):
    """A batch that was decoded: events with their facts, and what is bad input."""

    events: Sequence[Read]
    dead: Sequence[Dead]


class Ready(NamedTuple):
    """A batch ready to be written: the same, sealed, but for what is held back."""

    events: Sequence[Sealed]
    dead: Sequence[Dead]
    held: Sequence[Held] = ()


@dataclass(slots=True)
class Tally:
    """What became of the records so far. `reasons` are (position, reason) of the first dead ones.

    `held_back` and `late` are as `lineage.recording.Recorded` has them.
    """

    recorded: int = 0
    repeated: int = 0
    dead: int = 0
    held_back: int = 0
    late: int = 0
    reasons: list[tuple[str, str]] = field(default_factory=list)

    @property
    def settled(self) -> int:
        """How many records have found their end."""
        return self.recorded + self.repeated + self.dead + self.held_back

    def add(self, outcome: Recorded) -> None:
        """Count a batch that is on disk."""
        self.recorded += outcome.recorded
        self.repeated += outcome.repeated
        self.dead += len(outcome.dead)
        self.held_back += outcome.held_back
        self.late += outcome.late
        room = REASONS_KEPT - len(self.reasons)
        self.reasons += [(each.position, each.reason) for each in outcome.dead[:room]]


class Recorder:
    """Records batches: `prepare` and `seal` in one thread at a time, `write` in one thread at a time."""

    def __init__(
        self,
        catalogue: Catalogue,
        is_party: Callable[[str], bool],
        pseudonyms: Pseudonyms,
        recording: Recording,
        clock: Callable[[], int],
        registry: WriterSchemas | None = None,
    ) -> None:
        self._catalogue, self._is_party, self._pseudonyms = catalogue, is_party, pseudonyms
        self._recording, self._clock = recording, clock
        self._writer_of = RegisteredWriters(catalogue, registry).writer if registry else no_registry
        self.tally = Tally()

    def prepare(self, records: Sequence[Record]) -> Prepared:
        """Decode a batch and make its facts; writes nothing. Raises: Retryable: the schema registry is away."""
        now = self._clock()
        batch: list[Read] = []
        dead: list[Dead] = []
        for record in records:
            read = self._read(record, now)
            if isinstance(read, Read):
                batch.append(read)
            else:
                dead.append(read)
        return Prepared(batch, dead)

    def seal(self, batch: Prepared) -> Ready:
        """Take out what is held back, and seal the rest; writes nothing but keys.

        Raises: Retryable, Refused: the key ring, or who is erased, is away or full.
        """
        events, held = self._recording.sift(batch.events)
        return Ready(self._recording.seal(events), batch.dead, held)

    def write(self, batches: Sequence[Ready]) -> Recorded:
        """Record batches durably, in one transaction. Raises: Retryable, Refused: give the same batches again."""
        events, dead, held = [list(chain.from_iterable(parts)) for parts in zip(*batches, strict=True)]
        outcome = self._recording.write(events, dead, self._clock(), held)
        self.tally.add(outcome)
        return outcome

    def key_of(self, record: bytes) -> bytes | None:
        """Return what a record of ours is keyed by on a bus: the pseudonym of its person's primary identifier.

        So one person's events stay in one partition, and the key tells nobody who she is. What is bad input after all
        has none; whoever records it sets it aside.
        """
        try:
            kind, event = decode(self._catalogue, record)
            named = primary(said(kind, event, frozenset()))
            return self._pseudonyms.identifier(named.kind, named.value) if named else None
        except (InvalidEvent, Invalid):
            return None

    @staticmethod
    def buried(dead: Iterable[Dead]) -> Ready:
        """Return what could not even become a record, to be set aside by `write`."""
        return Ready((), [_blotted(each) for each in dead])

    def foresee(self, batch: Prepared, known: dict[bytes, bytes]) -> list[Foreseen]:
        """Tell what recording the events of a batch would come to, as `lineage.recording.Recording.foresee`."""
        return self._recording.foresee(batch.events, known)

    def _read(self, record: Record, now: int) -> Read | Dead:
        position, value = position_of(record), record.value
        whose = _dropped_before(record.headers)
        try:
            kind, event = decode(self._catalogue, value, self._writer_of)
        except InvalidEvent as reason:
            return _blotted(Dead(str(reason), position, value, forbidden=whose))
        found: frozenset[str] = frozenset()
        blots = _header(record.headers, BLOTTED) is not None
        if blots or suspicious(value):
            event, found = without_forbidden(event, kind.annotations.fields_about_others, blots=blots)
            whose |= found
        try:
            facts = facts_of(said(kind, event, whose), content(event), self._pseudonyms, now, self._is_party)
        except (InvalidEvent, Invalid) as reason:
            # What was dropped is dropped of the dead letter too. It can be read yet: whatever is dropped may be null or empty.
            clean = encode(kind, event) if found else value
            return _blotted(Dead(str(reason), position, clean, forbidden=whose))
        # An event may yet prove to be bad input, so its record too is kept without card numbers.
        return Read(facts, position, _masked(value), arrived_at(record))


def content(event: Mapping[str, Any]) -> bytes:
    """Return bytes that are equal for equal content, whoever encoded it.

    Without what is null: a version of the schema that adds an optional field must not make old events look new.
    """
    return bytes(msgpack.packb(_told(event)))


def _told(value: Any) -> Any:  # noqa: ANN401 - any Avro value
    if value.__class__ is dict:
        return {
            key: _told(part) if part.__class__ in _NESTED else part for key, part in value.items() if part is not None
        }
    return [_told(part) if part.__class__ in _NESTED else part for part in value]


def position_of(record: Record) -> str:
    """Return where a record stood: file and line where it came from one, else topic, partition and offset."""
    named = _header(record.headers, POSITION)
    return named.decode() if named else f"{record.topic}[{record.partition}]@{record.offset}"


def arrived_at(record: Record) -> int | None:
    """Return when a record reached the bus, microseconds UTC, at the latest; None where it does not say."""
    return None if record.timestamp_ms < 0 else record.timestamp_ms * 1_000 + 999


def _dropped_before(headers: Headers) -> frozenset[str]:
    named = _header(headers, FORBIDDEN)
    return frozenset(named.decode().split(",")) if named else frozenset()


def _header(headers: Headers, name: str) -> bytes | None:
    return next((value for key, value in headers if key == name), None)


def _blotted(dead: Dead) -> Dead:
    """Return a dead letter without card numbers."""
    record = _masked(dead.record)
    return dead._replace(record=record, blotted=dead.blotted or BLOT.encode() in record)


def _masked(record: bytes) -> bytes:
    """Blot out card numbers, whatever else the bytes are: not even a dead letter may hold one."""
    plain = _ESCAPED.sub(lambda escape: bytes.fromhex(escape[1].decode()), record)
    record = plain if suspicious(plain) else record
    return mask_card_numbers(record.decode("latin-1")).encode("latin-1") if suspicious(record) else record
