"""The bus on Kafka: Faust's own aiokafka driver with our delivery in batches, under the URL scheme `jalki+kafka://`.

Must hold no rule of delivery; those are in `streams.delivery`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import faust
from faust.transport.drivers import TRANSPORTS
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.app import Handle, build_app
from streams.delivery import BatchApp, BatchDelivery
from streams.kafka.access import KafkaAccess
from streams.records import GROUP, Record

SCHEME = "jalki+kafka"
COMMIT_SECONDS = 1.0
SESSION_SECONDS = 10.0
"""After so long without a heartbeat a worker counts as dead and its partitions go to the others."""
HEARTBEAT_SECONDS = 3.0
LONGEST_COMMIT_SECONDS = 5.0
"""What is not committed by then is committed later, or comes again."""
METADATA_SECONDS = 10.0
"""After so long at most it is seen that a topic has got more partitions; Kafka's own is 5 minutes."""
FETCH_BYTES = 1 << 20
"""Of one partition at a time; a larger record comes alone."""


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Speaks to Kafka, in a thread and loop of its own."""

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        """Commits, or says that it could not. aiokafka tries for ever while Kafka is away, even when it is closed."""
        try:
            async with asyncio.timeout(LONGEST_COMMIT_SECONDS):
                return bool(await super()._commit(offsets))
        except TimeoutError:
            return False


class Consumer(BatchDelivery, driver.Consumer):
    """Reads Kafka in batches of one partition."""

    def _records(self, raw: Sequence[Any]) -> Sequence[Record]:
        return [
            Record(each.topic, each.partition, each.offset, each.timestamp, each.key, each.value or b"", each.headers)
            for each in raw
        ]

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Warns of a partition that stands still. One just assigned, of which aiokafka knows no position yet, does not.

        Faust takes that, or one that is gone again, for a fault of the program, and ends.
        """
        with suppress(AssertionError, AttributeError):
            super().verify_event_path(now, tp)

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Goes back to what is committed, and to the beginning where nothing is.

        There aiokafka stays where it is: what was fetched and not handled would be passed over.
        """
        if not self.assignment():  # aiokafka takes that for a mistake; a worker too many has none
            return {}
        committed: Mapping[TP, int] = await super().seek_to_committed()
        if again := [tp for tp, offset in committed.items() if not offset]:
            thread = self._thread
            seek = thread._ensure_consumer().seek_to_beginning  # noqa: SLF001 - Faust has no word for it
            await thread.call_thread(seek, *again)
        return committed


class Transport(driver.Transport):
    """Names the parts to Faust."""

    Consumer = Consumer


TRANSPORTS.aliases[SCHEME] = "streams.kafka.transport:Transport"


def build_kafka_app(
    access: KafkaAccess,
    topics: Sequence[str],
    handle: Handle,
    *,
    group: str = GROUP,
    member: str | None = None,
    ahead: int = 1,
) -> BatchApp:
    """An app as `build_app` makes it, on Kafka. With `member` a worker that comes back has its partitions at once.

    Raises: Misconfigured: a TLS file cannot be used.
    """
    return build_app(
        [f"{SCHEME}://{server}" for server in access.servers],
        topics,
        handle,
        commit_seconds=COMMIT_SECONDS,
        broker_credentials=_credentials(access),
        broker_session_timeout=SESSION_SECONDS,
        broker_heartbeat_interval=HEARTBEAT_SECONDS,
        consumer_group_instance_id=member,
        consumer_max_fetch_size=FETCH_BYTES,
        consumer_metadata_max_age_ms=int(METADATA_SECONDS * 1_000),
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,  # `jalki topics create` makes them, as its table says
        group=group,
        ahead=ahead,
    )


def _credentials(access: KafkaAccess) -> faust.SASLCredentials | faust.SSLCredentials | None:
    context = access.ssl_context()
    if access.sasl:
        return faust.SASLCredentials(
            username=access.user, password=access.password, ssl_context=context, mechanism=access.sasl
        )
    return faust.SSLCredentials(context) if context else None
