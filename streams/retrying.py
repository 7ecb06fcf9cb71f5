"""Dead letters once more: which of them could be recorded now, and recording them; or putting aside what nobody can.

Knows no bus and no files: what was kept is opened, and goes the way of every record. A letter leaves the list last of all, so
whoever is stopped in between finds it again, and its event recorded. Its content is shown to nobody.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from lineage.graph import Graph, Letter
from lineage.keyring import KeyRing
from lineage.pseudonyms import Pseudonyms
from lineage.recording import REUSED, Foreseen, Opened, Read, open_letter
from lineage.sealing import Seal
from schemas.catalogue import Catalogue
from schemas.extract import InvalidEvent
from schemas.records import Encoded, JsonRecords
from streams.recorder import BLOTTED, FORBIDDEN, POSITION, Prepared, Recorder
from streams.records import Headers, Record

CHUNK = 500
"""Letters that are opened and recorded in one go."""
SETTLED = "settled: it is taken off the list at the next retry"
KEY_GONE = "its key is gone: nobody can open it"
ROWS = "rows of a table: correct them and run backfill again"
PART = "only a part of it is kept: give it again from where it came"
OLDER = "kept by an older Jalki in a form that cannot be read back: give it again from where it came"
_PLACE = re.compile(r"(:\d+|, record \d+|, row \d+|\[\d+\]@\d+)$")
_SINGLE_OBJECT, _CONFLUENT = b"\xc3\x01", b"\x00"


class Tried(NamedTuple):
    """A letter, and what becomes of it now: `fault` says why it cannot be recorded, and is empty where it can.

    `topic` is the file or topic it stood in; empty where its key is gone.
    """

    letter: Letter
    topic: str
    fault: str
    read: Read | None = None


@dataclass(slots=True)
class Retried:
    """How many letters were recorded, were recorded already, say nothing of anybody who is not erased, or fail yet, and why.

    `late` is as `lineage.recording.Recorded` has it; foreseen, it is not known. `put_aside` were destroyed.
    """

    recorded: int = 0
    repeated: int = 0
    held_back: int = 0
    failing: int = 0
    late: int = 0
    put_aside: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def going(self) -> int:
        """How many are off the list, or would be."""
        return self.recorded + self.repeated + self.held_back

    @property
    def why(self) -> list[tuple[str, int]]:
        """Why the others fail, and how many for each reason, the most frequent first."""
        return sorted(self.reasons.items(), key=lambda each: (-each[1], each[0]))

    def fail(self, tried: Tried) -> None:
        """Count one that cannot be recorded now."""
        self.failing += 1
        self.reasons[tried.fault] += 1


class Retrying:
    """Opens dead letters of one graph and key ring. Raises: Retryable, Refused: a store or the registry is away or full."""

    def __init__(
        self, graph: Graph, keyring: KeyRing, pseudonyms: Pseudonyms, catalogue: Catalogue, recorder: Recorder
    ) -> None:
        self._graph, self._keyring, self._pseudonyms, self._recorder = graph, keyring, pseudonyms, recorder
        self._records = JsonRecords(catalogue)
        self._known: dict[bytes, bytes] = {}

    def letters(self, reason: str | None = None) -> list[Letter]:
        """Return those on the list, of that reason alone where one is given, oldest first; none that was settled before."""
        return [each for each in self._graph.letters() if each.reason != SETTLED and reason in (None, each.reason)]

    def finish(self) -> None:
        """Take off the list what was settled by somebody who was stopped in between."""
        if keys := [each.key for each in self._graph.letters() if each.reason == SETTLED]:
            self._take_off(keys)

    def foresee(self, letters: Sequence[Letter], counts: Retried) -> list[Tried]:
        """Return what would become of letters now, and count it. Writes nothing."""
        tried = self._read(letters)
        found = [each for each in tried if each.read is not None]
        outlook = iter(self._recorder.foresee(_prepared(found), self._known))
        told = [each if each.read is None else _foreseen(each, next(outlook), counts) for each in tried]
        for each in told:
            if each.fault:
                counts.fail(each)
        return told

    def retry(self, letters: Sequence[Letter], counts: Retried) -> None:
        """Record letters durably, take off the list those that are, and count; the rest gets the reason that it has now."""
        tried = self._read(letters)
        found = [each for each in tried if each.read is not None]
        outcome = self._recorder.write([self._recorder.seal(_prepared(found))])
        counts.recorded += outcome.recorded
        counts.repeated += outcome.repeated
        counts.held_back += outcome.held_back
        counts.late += outcome.late
        reused = {self._pseudonyms.letter(each.position, each.record) for each in outcome.dead}
        told = [each._replace(fault=REUSED) if each.letter.key in reused else each for each in tried]
        for each in told:
            if each.fault:
                counts.fail(each)
        self._settle(
            [each.letter.key for each in told if not each.fault],
            {each.letter.key: each.fault for each in told if each.fault not in {"", KEY_GONE, each.letter.reason}},
        )

    def put_aside(self, letters: Sequence[Letter], counts: Retried) -> None:
        """Destroy those letters that cannot be recorded now, and count them; the others stay."""
        failing = [each.letter.key for each in self.foresee(letters, counts) if each.fault]
        counts.put_aside += len(failing)
        self._settle(failing, {})

    def _settle(self, done: Sequence[bytes], reasons: dict[bytes, str]) -> None:
        # Marked first: whoever is stopped now leaves no letter behind that cannot be told from one whose key was lost.
        self._graph.reword_letters({**reasons, **dict.fromkeys(done, SETTLED)})
        if done:
            self._take_off(done)

    def _take_off(self, keys: Sequence[bytes]) -> None:
        self._keyring.destroy(keys)
        self._graph.take_off_letters(keys)

    def _read(self, letters: Sequence[Letter]) -> list[Tried]:
        keys = self._keyring.find([each.key for each in letters])
        return [
            self._tried(each, open_letter(Seal(keys[each.key]).open(each.sealed, each.key)))
            if each.key in keys
            else Tried(each, "", KEY_GONE)
            for each in letters
        ]

    def _tried(self, letter: Letter, opened: Opened) -> Tried:
        topic, position = topic_of(opened.position), opened.position
        try:
            encoded = self._encoded(opened)
        except InvalidEvent as reason:
            return Tried(letter, topic, str(reason))
        headers: Headers = ((POSITION, position.encode()),)
        if whose := opened.forbidden | encoded.forbidden:
            headers = (*headers, (FORBIDDEN, ",".join(sorted(whose)).encode()))
        if opened.blotted:
            headers = (*headers, (BLOTTED, b"yes"))
        # It was here when it was set aside: an erasure since then has seen nothing of it, and one later is told as of any event.
        record = Record(encoded.topic, 0, 0, letter.recorded // 1_000, None, encoded.record, headers)
        events, dead = self._recorder.prepare([record])
        if dead:
            return Tried(letter, topic, dead[0].reason)
        # As it was kept: should it prove to be bad input after all, it is this letter and no other.
        return Tried(letter, topic, "", events[0]._replace(record=opened.record))

    def _encoded(self, opened: Opened) -> Encoded:
        """Return a letter as a record of a bus. Raises: InvalidEvent: it is none, or can be none."""
        record, form = opened.record, opened.form or _guessed(opened.record)
        if form == "record":
            return Encoded("", record, frozenset())
        if form == "line":
            return self._records.encode(record)
        if form == "fields":
            return self._records.encode_written(record)
        if form == "rows":
            raise InvalidEvent(ROWS)
        raise InvalidEvent(PART if opened.form else OLDER)


def topic_of(position: str) -> str:
    """Return the file or topic a record stood in, without folders and its place there."""
    return PurePath(_PLACE.sub("", position)).name


def in_chunks(letters: Sequence[Letter]) -> Iterator[Sequence[Letter]]:
    """Cut letters into so many as are worked on in one go."""
    for first in range(0, len(letters), CHUNK):
        yield letters[first : first + CHUNK]


def _prepared(tried: Sequence[Tried]) -> Prepared:
    return Prepared([each.read for each in tried if each.read is not None], ())


def _foreseen(tried: Tried, outlook: Foreseen, counts: Retried) -> Tried:
    match outlook:
        case "recorded":
            counts.recorded += 1
        case "repeated":
            counts.repeated += 1
        case "held-back":
            counts.held_back += 1
        case "reused":
            return tried._replace(fault=REUSED)
    return tried


def _guessed(record: bytes) -> str:
    """Return the form of what an older Jalki kept, which did not say."""
    if record.startswith((_SINGLE_OBJECT, _CONFLUENT)):
        return "record"
    return "line" if record.startswith(b"{") and b'"type"' in record else "part"
