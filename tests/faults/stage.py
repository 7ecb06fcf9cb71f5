"""A stage for one fault: emptied servers, topics, a key ring, the shop's records; and what must be there in the end."""

import itertools
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from console.opening import catalogue_of
from console.settings import Settings, read_settings
from lineage.errors import Retryable
from streams.drift_topic import KEPT_TOPICS
from streams.kafka.lag import lag
from streams.kafka.provisioning import create
from streams.kafka.publishing import Publisher
from streams.kafka.topics import wanted
from streams.records import GROUP, Outgoing
from tests.e2e.program import Ended, jalki
from tests.faults.shops import Shop, picture
from tests.faults.workers import DEADLINE, Worker, running
from tests.servers.kafka import Kafka
from tests.servers.neo4j import Neo4j
from tests.servers.waiting import free_port, until

Addressed = tuple[str, Outgoing]


@dataclass(slots=True)
class Flow:
    """Publishes records, a slice each tenth of a second, in a thread of its own, whatever happens to the broker."""

    stage: "Stage"
    slices: Sequence[Sequence[Addressed]] = field(repr=False)
    pace: float = 0.1
    hurry: threading.Event = field(default_factory=threading.Event)
    done: int = 0
    fault: BaseException | None = None
    thread: threading.Thread | None = None

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @property
    def published(self) -> int:
        """How many records the broker has confirmed."""
        return sum(map(len, self.slices[: self.done]))

    def finish(self) -> None:
        """Publish the rest as fast as it goes, and wait until all of it is confirmed."""
        self.hurry.set()
        assert self.thread is not None
        self.thread.join(DEADLINE)
        assert not self.thread.is_alive()
        if self.fault:
            raise self.fault

    def _run(self) -> None:
        try:
            while self.done < len(self.slices):
                try:
                    self._publish()
                except Retryable:  # a slice may be there twice now, as with every producer
                    self.hurry.wait(self.pace)
        except BaseException as fault:  # noqa: BLE001 - raised in `finish`
            self.fault = fault

    def _publish(self) -> None:
        with Publisher(self.stage.kafka.access) as publisher:
            while self.done < len(self.slices):
                for topic, one in self.slices[self.done]:
                    publisher.publish(topic, [one])
                publisher.flush()
                self.done += 1
                self.hurry.wait(self.pace)


@dataclass(frozen=True, slots=True)
class Stage:
    kafka: Kafka
    neo4j: Neo4j
    shop: Shop
    folder: Path
    more: Mapping[str, object] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def environment(self) -> dict[str, object]:
        """The program's settings."""
        return {"JALKI_DATA": self.data, **self.kafka.settings, **self.neo4j.settings, **self.more}

    @property
    def settings(self) -> Settings:
        return read_settings({name: str(value) for name, value in self.environment.items()})

    @property
    def topics(self) -> Sequence[str]:
        return sorted(catalogue_of(self.settings).topics)

    def with_settings(self, **more: object) -> "Stage":
        return replace(self, more={**self.more, **more})

    def set_up(self, partitions: int) -> None:
        self.kafka.wipe()
        self.neo4j.wipe()
        create(self.kafka.access, wanted([*self.topics, *KEPT_TOPICS], partitions))
        self.data.mkdir(mode=0o700)
        for name in ("keys.db", "master.key"):  # so that pseudonyms are those of the embedded folder
            shutil.copy(self.shop.data / name, self.data / name)

    @contextmanager
    def worker(self, port: int | None = None, **more: object) -> Iterator[Worker]:
        """A worker of this stage; further settings by name."""
        log = self.folder / f"worker-{next(self._numbers)}.log"
        with running(port or free_port(), log, {**self.environment, **more}) as worker:
            yield worker

    @contextmanager
    def flowing(self, seconds: float, records: Sequence[Addressed] | None = None) -> Iterator[Flow]:
        """Publish the shop's records, spread over so many seconds; at the end of the block all are published."""
        everything = self.shop.records if records is None else records
        step = max(1, round(len(everything) / max(1.0, seconds * 10)))
        flow = Flow(self, [everything[at : at + step] for at in range(0, len(everything), step)])
        flow.start()
        try:
            yield flow
        except BaseException:
            flow.hurry.set()
            raise
        flow.finish()

    def publish(self, records: Sequence[Addressed]) -> None:
        """Publish at once."""
        with Publisher(self.kafka.access) as publisher:
            for topic, one in records:
                publisher.publish(topic, [one])

    def waiting(self) -> int:
        """How many records wait for the group."""
        return lag(self.kafka.access, self.topics, GROUP).waiting

    def until_recorded(self, worker: Worker | None = None, seconds: float = DEADLINE) -> None:
        """Wait until nothing waits any more."""

        def missing() -> str | None:
            try:
                left = self.waiting()
            except Retryable as away:
                return str(away)
            return f"{left} records wait{'; ' + worker.said[-2000:] if worker else ''}" if left else None

        until(missing, seconds=seconds, what="a group that has recorded everything")

    def asked(self, *words: object) -> Ended:
        return jalki(*words, settings=self.environment)

    def doctor(self) -> dict[str, list[str]]:
        """What the doctor says, by what it is about."""
        found: dict[str, list[str]] = {}
        for each in self.asked("doctor", "--json").json:
            found.setdefault(each["what"], []).append(each["text"])
        return found

    def events(self) -> int:
        """How many events are in the graph."""
        with self.neo4j.driver() as driver:
            return int(driver.execute_query("MATCH (e:Event) RETURN count(e)").records[0].value())

    def letters(self) -> list[dict[str, Any]]:
        return list(self.asked("dead-letters", "--json").json)

    def assert_whole(self, dead: int = 0) -> None:
        """All events of the shop are in the graph, each once, as embedded; so many dead letters; nothing waits."""
        shop = self.shop
        assert self.waiting() == 0
        found = picture(self.settings, shop.events, shop.identifiers)
        wanted_ = {**shop.picture.counts, "dead_letters": dead}
        assert found.counts == wanted_, f"{found.counts}, should be {wanted_}"
        assert replace(found, counts=shop.picture.counts) == shop.picture
