"""The log of cases: topics `cases`, `tasks` and `outcomes`, which keep every entry of every case for ever.

Entries go there from the journal (`streams.outbox`), and come back into a journal that has lost them
(`lineage.cases.taking_in`). Must not know what an entry makes of a case.
"""

import heapq
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from lineage.cases.canonical import canonical
from lineage.cases.entries import Entry
from lineage.errors import Misconfigured
from schemas.case_entries import decode_entry, encode_entry
from schemas.extract import InvalidEvent
from streams.log import Log
from streams.records import Outgoing, Record

CASES, TASKS, OUTCOMES = "cases", "tasks", "outcomes"
CASE_TOPICS = (CASES, OUTCOMES, TASKS)
AT_ONCE = 500
"""Records of one partition that are in memory at a time."""
_TOPICS = {"planned": TASKS, "claimed": TASKS, "task": OUTCOMES, "noted": OUTCOMES}


class CaseLog(Protocol):
    """Where entries are kept beside the journal. Raises: Retryable, Refused, Misconfigured, as the bus it is on."""

    def count(self) -> int:
        """Return how many records there are, the same entry twice counted twice."""
        ...

    def entries(self) -> Iterator[Entry]:
        """Read all there is now, nearly in the order it was put there. Raises: Misconfigured: a record is no entry."""
        ...

    def put(self, entries: Sequence[Entry]) -> None:
        """Add entries, each case's in order; they are kept when this returns."""
        ...


def topic_of(entry: Entry) -> str:
    """Return the topic of an entry: what is to be done and begun, what came of it, or how the case as a whole stands."""
    return _TOPICS.get(entry.kind, CASES)


def outgoing(entries: Iterable[Entry]) -> dict[str, list[Outgoing]]:
    """Return the records of entries, by topic. A case's entries have one key, hence one partition of a topic."""
    batch: dict[str, list[Outgoing]] = {}
    for each in entries:
        fields = {
            "case": each.case, "number": each.number, "at": each.at, "kind": each.kind, "actor": each.actor,
            "said": canonical(each.said).decode(), "sealed": each.sealed, "previous": each.previous, "hash": each.hash,
        }  # fmt: skip
        batch.setdefault(topic_of(each), []).append(Outgoing(encode_entry(fields), each.case.encode()))
    return batch


def entry_in(record: Record) -> Entry:
    """Return the entry of a record.

    Raises: Misconfigured: it is none. Nothing is passed over: it could be what a person was erased by.
    """
    try:
        fields = decode_entry(record.value)
        said = json.loads(fields.pop("said"))
    except (InvalidEvent, ValueError) as cause:
        raise Misconfigured(
            f"topic {record.topic}, partition {record.partition}, offset {record.offset} is no entry of a case: only Jalki"
            " may write there"
        ) from cause
    return Entry(said=said, **fields)


def merged(lanes: Iterable[Iterable[Record]]) -> Iterator[Entry]:
    """Return the entries of partitions by the time they arrived, so that what belongs together comes close together."""
    return map(entry_in, heapq.merge(*lanes, key=lambda each: each.timestamp_ms))


class EmbeddedCaseLog:
    """The log of cases in the embedded log. Nobody subscribes to its topics, so nothing of them is ever deleted."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def count(self) -> int:
        """Return how many records there are."""
        return sum(self._log.end(*lane) for lane in self._lanes())

    def entries(self) -> Iterator[Entry]:
        """Read all there is now, nearly in the order it was put there."""
        return merged(self._read(*lane, self._log.end(*lane)) for lane in self._lanes())

    def put(self, entries: Sequence[Entry]) -> None:
        """Add entries, in one transaction."""
        batch: Mapping[str, Sequence[Outgoing]] = outgoing(entries)
        if batch:
            self._log.append(batch)

    def _lanes(self) -> list[tuple[str, int]]:
        topics = self._log.topics()
        return [(topic, number) for topic in CASE_TOPICS for number in range(topics.get(topic, 0))]

    def _read(self, topic: str, partition: int, end: int) -> Iterator[Record]:
        at = 0
        while at < end and (found := self._log.read(topic, partition, at, AT_ONCE)):
            yield from found
            at = found[-1].offset + 1
