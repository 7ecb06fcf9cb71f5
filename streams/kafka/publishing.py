"""Puts records onto Kafka, and never takes a delivery that failed for one that did not. Knows nothing of what they mean."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType, TracebackType
from typing import Any

from kafka import KafkaProducer, errors
from kafka.partitioner import StickyPartitioner
from kafka.producer.future import FutureRecordMetadata

from lineage.errors import JalkiError, Misconfigured, Refused
from streams.kafka.access import KafkaAccess
from streams.kafka.clients import administrator, opened, translated
from streams.kafka.provisioning import allows, described
from streams.kafka.topics import largest_record, missing
from streams.records import Outgoing, Partition

PATIENCE = 60.0
"""Seconds that a record may take to be confirmed, over all attempts: a broker may be restarted meanwhile."""
BUFFERED = 32 << 20
"""Bytes of records that may be on their way at once; kafka-python's own buffer has no bound."""
_RECORD_COST = 1_000
"""Bytes that a record costs in memory beside its own, measured: its future, and its place in a batch."""
_BATCH = 256 << 10
_LINGER_MS = 20
_LONGEST_REQUEST = 10.0


class Publisher:
    """Publishes records; for `with`. Each is confirmed by all replicas in sync, and tried again without doubling.

    After an error it takes nothing more: which of the records behind the one that failed have arrived is not known.
    Whoever publishes all again since the last `flush` is on the safe side, since the graph knows repeated events.
    """

    def __init__(self, access: KafkaAccess, patience: float = PATIENCE, buffered: int = BUFFERED) -> None:
        self._access = access
        self._patience = patience
        self._buffered = buffered
        self._largest = largest_record()
        self._known: set[str] = set()
        self._waiting: deque[tuple[FutureRecordMetadata, str, int]] = deque()
        self._held = 0
        self._offsets: dict[Partition, int] = {}
        self._fault: JalkiError | None = None

    def __enter__(self) -> "Publisher":
        """Connect. Raises: Retryable: no broker answers. Misconfigured: it refuses us."""
        try:
            self._producer = opened(
                KafkaProducer,
                self._access,
                min(self._patience, _LONGEST_REQUEST),
                acks="all",
                enable_idempotence=True,
                delivery_timeout_ms=int(self._patience * 1000) + _LINGER_MS,
                max_block_ms=int(self._patience * 1000),
                allow_auto_create_topics=False,  # a topic made by the way has one partition and keeps for ever
                compression_type="gzip",  # faster than none: kafka-python works out its checksums in Python
                batch_size=_BATCH,
                linger_ms=_LINGER_MS,
                max_request_size=max(4 * _BATCH, self._largest),
                partitioner=StickyPartitioner(),  # with a key Kafka's own: a shop's producer finds the same partition
                metrics_enabled=False,
            )
        except (errors.KafkaError, OSError) as error:
            raise translated(error, "connecting to publish") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Flush, unless there was an error, and disconnect. Raises: as `flush`."""
        try:
            if error is None:
                self.flush()
        finally:
            self._close()

    @property
    def offsets(self) -> Mapping[Partition, int]:
        """The highest offset confirmed in each partition, for `streams.kafka.lag.settled`. Complete after `flush`."""
        return MappingProxyType(self._offsets)

    def publish(self, topic: str, batch: Sequence[Outgoing]) -> None:
        """Send records, and wait where too many are on their way. They are published once `flush` has returned.

        Raises:
            Refused: a record is larger than the topic takes. Where it is larger than the table's max_message_bytes,
                nothing of this batch has been sent and the publisher goes on.
            Retryable: Kafka was away for longer than the patience, with this batch or an earlier one.
            Misconfigured: the topic is not there, or not ours to write to.
        """
        self._raise_fault()
        if any(_size(each) > self._largest for each in batch):
            raise Refused(
                f"publishing to {topic}: a record is larger than its max.message.bytes, {self._largest:,};"
                " nothing of its batch was sent"
            )
        try:
            self._make_sure_of(topic)
            for each in batch:
                self._send(topic, each)
        except (errors.KafkaError, OSError) as error:
            raise self._broken(error, topic) from error

    def flush(self) -> None:
        """Wait until every record is confirmed. Raises: as `publish`: at least one is not."""
        self._raise_fault()
        try:
            self._producer.flush(timeout=self._patience + _LONGEST_REQUEST)
        except (errors.KafkaError, OSError) as error:
            raise self._broken(error, "Kafka") from error
        self._confirm(down_to=0)

    def _send(self, topic: str, each: Outgoing) -> None:
        future = self._producer.send(
            topic, each.value, each.key, list(each.headers), partition=each.partition, timestamp_ms=each.timestamp_ms
        )
        cost = _size(each) + _RECORD_COST
        self._waiting.append((future, topic, cost))
        self._held += cost
        if self._held > self._buffered:
            self._confirm(down_to=self._buffered // 2)

    def _confirm(self, down_to: int) -> None:
        """Wait for the oldest until so many bytes are left, and look at what became of each."""
        while self._held > down_to:
            future, topic, cost = self._waiting.popleft()
            try:
                sent = future.get(timeout=self._patience + _LONGEST_REQUEST)
            except (errors.KafkaError, OSError) as error:
                raise self._broken(error, topic) from error
            self._held -= cost
            place = (sent.topic, sent.partition)
            self._offsets[place] = max(sent.offset, self._offsets.get(place, -1))

    def _make_sure_of(self, topic: str) -> None:
        # The producer would ask for a topic that is not there over and over, until its time is up.
        if topic not in self._known:
            with administrator(self._access, f"publishing to {topic}") as client:
                there = described(client, [topic], time.monotonic() + self._patience)
            if topic not in there:
                raise missing([topic])
            if not allows("WRITE", there[topic]):
                raise Misconfigured(f"grant Write on topic {topic} in Kafka to the user of JALKI_KAFKA_USER")
            self._known.add(topic)

    def _broken(self, error: Exception, topic: str) -> JalkiError:
        self._fault = translated(error, f"publishing to {topic}")
        return self._fault

    def _raise_fault(self) -> None:
        if self._fault is not None:
            raise type(self._fault)(f"{self._fault}; nothing more can be published by this publisher") from self._fault

    def _close(self) -> None:
        sender: Any = self._producer._sender  # noqa: SLF001 - close() alone waits for records that will never be confirmed
        if self._waiting:
            sender.force_close()
            sender.join(_LONGEST_REQUEST)
        with suppress(errors.KafkaError):  # whatever was not confirmed has been told
            self._producer.close(timeout=_LONGEST_REQUEST)


def _size(each: Outgoing) -> int:
    return len(each.value) + len(each.key or b"")
