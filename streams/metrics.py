"""What a worker counts and measures, for Prometheus. Knows neither how it is served nor how it came about.

A label holds a topic of the catalogue or a fixed word, never anything from a record: Prometheus keeps labels for years.
"""

import platform
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from lineage.recording import Recorded

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OTHER = "other"
"""The label of topics that are not in the catalogue, taken together: their names are not ours to publish."""

Away: TypeAlias = Literal["store", "bus", "schemas"]
"""What a worker may have to wait for: graph and key ring, Kafka, the schema registry."""
AWAY: tuple[Away, ...] = ("store", "bus", "schemas")

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_EVENTS = (1, 5, 10, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000)
_SECOND = 1_000_000


class Metrics:
    """The measures of one worker. Methods may be called from any thread."""

    def __init__(self, topics: Iterable[str], version: str, clock: Callable[[], int]) -> None:
        """Start all series at zero, so that a rate is right from the first event on. `clock` gives microseconds."""
        self._clock = clock
        self._registry = registry = CollectorRegistry()
        events = Counter("jalki_events", "Events that found their end.", ["outcome"], registry=registry)
        outcomes = ("recorded", "repeated", "dead", "held_back")
        self._recorded, self._repeated, self._dead, self._held_back = map(events.labels, outcomes)
        retries = Counter("jalki_retries", "Waits for what was away or busy.", ["of"], registry=registry)
        self._retries = {of: retries.labels(of) for of in AWAY}
        self._seconds = Histogram(
            "jalki_batch_seconds", "From a batch in hand to all of it on disk.", buckets=_SECONDS, registry=registry
        )
        self._events = Histogram("jalki_batch_events", "Events in a batch.", buckets=_EVENTS, registry=registry)
        lag = Gauge("jalki_lag_records", "Records that are still to be handled.", ["topic"], registry=registry)
        self._lag = {topic: lag.labels(topic) for topic in (*topics, OTHER)}
        self._oldest = Gauge(
            "jalki_oldest_unprocessed_seconds",
            "Age of the oldest record that is still to be handled; 0 if there is none.",
            registry=registry,
        )
        self._assigned = Gauge("jalki_assigned_partitions", "Partitions that this worker has.", registry=registry)
        self._last = Gauge(
            "jalki_last_batch_timestamp_seconds", "When the last batch was on disk, since 1970.", registry=registry
        )
        Info("jalki_build", "What runs.", registry=registry).info(
            {"version": version, "python": platform.python_version()}
        )
        ProcessCollector(registry=registry)

    def batch(self, outcome: Recorded, seconds: float) -> None:
        """Count a batch that is on disk, and how long it took from the moment it was in hand."""
        dead = len(outcome.dead)
        self._recorded.inc(outcome.recorded)
        self._repeated.inc(outcome.repeated)
        self._dead.inc(dead)
        self._held_back.inc(outcome.held_back)
        self._seconds.observe(seconds)
        self._events.observe(outcome.recorded + outcome.repeated + dead + outcome.held_back)
        self._last.set(self._clock() / _SECOND)

    def retried(self, of: Away) -> None:
        """Count one wait."""
        self._retries[of].inc()

    def waiting(self, records: Mapping[str, int], oldest: int | None) -> None:
        """Set how many records wait, by topic (a topic not named has none), and the oldest one's time in microseconds.

        Call it with all that waits, as one picture. The age is counted from now; a time ahead of the clock has age 0.
        """
        counts = dict.fromkeys(self._lag, 0)
        for topic, count in records.items():
            counts[topic if topic in counts else OTHER] += count
        for topic, count in counts.items():
            self._lag[topic].set(count)
        if oldest is not None:
            self._oldest.set(max(0, self._clock() - oldest) / _SECOND)
        elif not any(counts.values()):
            self._oldest.set(0)  # else its time could not be read: what was known stays, or an alert would be lifted

    def assigned(self, partitions: int) -> None:
        """Set how many partitions this worker has, after every rebalance."""
        self._assigned.set(partitions)

    def text(self) -> bytes:
        """Return all of it as Prometheus reads it; its content type is `CONTENT_TYPE`."""
        return generate_latest(self._registry)
