"""Three ways of the same events into Neo4j, each from its own slice of one stream: the product, a loop by hand, bare rows.

Every way returns when its transactions were on disk and how many events were in each. The product runs as its users run
it, with agents, groups and acknowledgements; the loop is what a good team would write by hand with the same writes.
"""

import asyncio
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from confluent_kafka import Consumer

from console.opening import Folder, opened_for_recording
from console.settings import Settings
from lineage.errors import Retryable
from lineage.facts import Facts
from lineage.recording import Recorded, Recording
from lineage.stores.neo4j.writing import Writing
from streams.groupcommit import group_commit
from streams.kafka.access import KafkaAccess
from streams.kafka.transport import build_kafka_app
from streams.quiet import quiet
from streams.recorder import Recorder
from streams.records import Record
from streams.working import AHEAD

BATCH = 2_000
PATIENCE = 120.0
IDLE = 5.0
"""Seconds without a commit after which a worker that was not told how many to expect takes it that all are there."""


@dataclass(slots=True)
class Commits:
    """When transactions were on disk (seconds of `time.perf_counter`), and how many events each had."""

    times: list[float] = field(default_factory=list)
    events: list[int] = field(default_factory=list)

    def add(self, events: int) -> None:
        """Note a transaction that has just been committed."""
        self.times.append(time.perf_counter())
        self.events.append(events)

    @property
    def rate(self) -> float:
        """Events a second, from the first commit to the last: starting and joining a group are not measured."""
        return sum(self.events[1:]) / (self.times[-1] - self.times[0])


class _Watch:
    """Notes every transaction, and tells when all events are there."""

    def __init__(self, expected: int) -> None:
        self.commits, self._left, self.done = Commits(), expected or math.inf, asyncio.Event()
        self._began = time.perf_counter()

    def idle(self) -> bool:
        """Whether nothing has come for long."""
        last = self.commits.times[-1] if self.commits.times else self._began + PATIENCE
        return time.perf_counter() - last > IDLE

    def written(self, outcome: Recorded, _seconds: float) -> None:
        events = outcome.recorded + outcome.repeated + len(outcome.dead)
        self.commits.add(events)
        self._left -= events
        if self._left <= 0:
            self.done.set()

    def failed(self, _of: str, fault: Retryable) -> None:
        print(f"  waiting: {fault}")


def product(settings: Settings, topics: Sequence[str], group: str, expected: int) -> Commits:
    """Run the worker's own parts on these topics until so many events are recorded; 0: until no more come."""
    access = settings.kafka
    assert access is not None  # noqa: S101 - the benchmark gives it

    async def run(recorder: Recorder) -> Commits:
        watch = _Watch(expected)
        async with group_commit(recorder, threads=2, observer=watch) as commits:
            app = build_kafka_app(access, topics, commits.handle, group=group, ahead=AHEAD)
            app.finalize()
            await app.start()
            if expected:
                async with asyncio.timeout(PATIENCE + expected / 500):
                    await watch.done.wait()
            while not expected and not watch.idle():  # noqa: ASYNC110 - idle is that nothing happens
                await asyncio.sleep(0.1)
            await app.stop()
        return watch.commits

    with quiet(), opened_for_recording(settings) as (_, recorder):
        return asyncio.run(run(recorder))


def by_hand(settings: Settings, topics: Sequence[str], group: str, expected: int) -> Commits:
    """Consume in batches, decode and make facts, write them with one UNWIND a kind, commit; one after the other."""
    access = settings.kafka
    assert access is not None  # noqa: S101 - the benchmark gives it
    commits, left = Commits(), expected
    with opened_for_recording(settings) as (_, recorder):
        consumer = _consumer(access, group)
        consumer.subscribe(list(topics))
        while left > 0:
            messages = consumer.consume(BATCH, timeout=0.5)
            if not messages:
                continue
            records = [
                Record(
                    m.topic(), m.partition(), m.offset(), m.timestamp()[1], m.key(), m.value(), tuple(m.headers() or ())
                )
                for m in messages
            ]
            recorder.write([recorder.seal(recorder.prepare(records))])
            consumer.commit(asynchronous=False)
            commits.add(len(messages))
            left -= len(messages)
        consumer.close()
    return commits


def bare(settings: Settings, topics: Sequence[str], group: str, expected: int) -> Commits:
    """Write rows that were made beforehand: no stream, nothing decoded, nothing looked up. Only the writing is timed."""
    access = settings.kafka
    assert access is not None  # noqa: S101 - the benchmark gives it
    commits = Commits()
    with opened_for_recording(settings) as (folder, recorder):
        neo4j = folder.graph._session  # noqa: SLF001 - the bare driver is what is measured
        clock, writing = 0.0, Writing()
        for facts in _facts(folder, recorder, access, topics, group, expected):
            began = time.perf_counter()
            with neo4j.transaction() as work:
                writing.write(work, facts, (), again=False)
            clock += time.perf_counter() - began
            commits.times.append(clock)
            commits.events.append(len(facts))
    commits.times.insert(0, 0.0)
    commits.events.insert(0, 0)
    return commits


def _facts(
    folder: Folder, recorder: Recorder, access: KafkaAccess, topics: Sequence[str], group: str, expected: int
) -> Iterator[list[Facts]]:
    """Yield the sealed facts of each batch of new events."""
    recording = Recording(folder.graph, folder.keyring, folder.pseudonyms)
    consumer = _consumer(access, group)
    consumer.subscribe(list(topics))
    left = expected
    while left > 0:
        messages = consumer.consume(BATCH, timeout=0.5)
        left -= len(messages)
        records = [Record(m.topic(), m.partition(), m.offset(), 0, None, m.value(), ()) for m in messages]
        new = {each.facts.event: each for each in recorder.prepare(records).events}
        for repeated in folder.graph.contents(new):
            del new[repeated]
        if new:
            yield [each.facts for each in recording.seal(list(new.values()))]
    consumer.close()


def _consumer(access: KafkaAccess, group: str) -> Consumer:
    return Consumer({
        "bootstrap.servers": ",".join(access.servers), "group.id": group, "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    })  # fmt: skip


WAYS = {"product": product, "by hand": by_hand, "bare": bare}
