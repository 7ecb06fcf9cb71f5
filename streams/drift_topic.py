"""The topic `drift`: one record for each change of a finding, keyed by the finding, so that the last of each is kept for ever.

Records go there from the store they are numbered in (`streams.drift_telling`), and come back into one that has lost them.
"""

import heapq
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from lineage.errors import Misconfigured
from schemas.drift_findings import decode_finding, encode_finding
from schemas.extract import InvalidEvent
from streams.case_log import CASE_TOPICS
from streams.log import Log
from streams.records import Outgoing, Record

DRIFT = "drift"
KEPT_TOPICS = (*CASE_TOPICS, DRIFT)
"""Topics that no agent reads and that are kept, on whatever bus: of cases, and of findings."""
AT_ONCE = 500

Finding = Mapping[str, Any]
"""As JSON has it."""


class DriftTopic(Protocol):
    """Where findings are told. Raises: Retryable, Refused, Misconfigured, as the bus it is on."""

    def findings(self) -> Iterator[Finding]:
        """Read all there is now; of each finding in order. Raises: Misconfigured: a record is none."""
        ...

    def put(self, records: Sequence[str]) -> None:
        """Add findings, given as JSON, in order; they are kept when this returns."""
        ...


def outgoing(records: Iterable[str]) -> list[Outgoing]:
    """Return the records of findings. One finding's have one key, hence one partition."""
    told = [json.loads(each) for each in records]
    return [Outgoing(encode_finding(each), each["finding"].encode()) for each in told]


def finding_in(record: Record) -> Finding:
    """Return the finding of a record. Raises: Misconfigured: it is none."""
    try:
        return decode_finding(record.value)
    except InvalidEvent as cause:
        raise Misconfigured(
            f"topic {record.topic}, partition {record.partition}, offset {record.offset} is no finding of drift: only Jalki"
            " may write there"
        ) from cause


def merged(lanes: Iterable[Iterable[Record]]) -> Iterator[Finding]:
    """Return the findings of partitions by the time they arrived."""
    return map(finding_in, heapq.merge(*lanes, key=lambda each: each.timestamp_ms))


class EmbeddedDriftTopic:
    """The topic in the embedded log. As on Kafka the last record of each finding is kept, and those before it are emptied."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def findings(self) -> Iterator[Finding]:
        """Read all there is now."""
        return merged(self._read(number) for number in range(self._log.topics().get(DRIFT, 0)))

    def put(self, records: Sequence[str]) -> None:
        """Add findings, in one transaction."""
        if records:
            batch = outgoing(records)
            self._log.append({DRIFT: batch})
            if any(json.loads(each)["sequence"] > 1 for each in records):
                self._log.compact(DRIFT)

    def _read(self, partition: int) -> Iterator[Record]:
        at, end = 0, self._log.end(DRIFT, partition)
        while at < end and (found := self._log.read(DRIFT, partition, at, AT_ONCE)):
            yield from (each for each in found if each.value)
            at = found[-1].offset + 1
