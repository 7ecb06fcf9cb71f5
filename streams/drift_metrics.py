"""What a worker counts of findings of drift, for Prometheus. A label holds a fixed word, never anything of a person."""

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.exposition import generate_latest

from lineage.findings.store import TOPIC, Standing

LANES = ("topic", "webhook")


class DriftMetrics:
    """The measures of findings in one worker. Methods may be called from any thread."""

    def __init__(self) -> None:
        """Start all series at zero."""
        self._registry = registry = CollectorRegistry()
        self._unjudged = Gauge(
            "jalki_drift_unjudged_batches", "Recorded batches whose persons are still to be judged.", registry=registry
        )
        self._whole = Gauge("jalki_drift_judging_all", "1 while everything is judged anew.", registry=registry)
        waiting = Gauge("jalki_drift_waiting", "Findings that are still to be told.", ["lane"], registry=registry)
        self._waiting = {lane: waiting.labels(lane) for lane in LANES}
        told = Counter("jalki_drift_told", "Findings that this worker has told.", ["lane"], registry=registry)
        self._told = {lane: told.labels(lane) for lane in LANES}

    def told(self, lane: str, count: int) -> None:
        """Count what a lane has told."""
        self._told[word_of(lane)].inc(count)

    def standing(self, standing: Standing, webhook: str | None) -> None:
        """Set how much waits. `webhook` is the lane of the one that is set, None where there is none."""
        self._unjudged.set(standing.unjudged)
        self._whole.set(standing.whole)
        self._waiting["topic"].set(standing.last - standing.lanes.get(TOPIC, 0))
        self._waiting["webhook"].set(standing.last - standing.lanes.get(webhook, 0) if webhook else 0)

    def text(self) -> bytes:
        """Return all of it as Prometheus reads it."""
        return generate_latest(self._registry)


def word_of(lane: str) -> str:
    """Return the word that a lane is counted under."""
    return "topic" if lane == TOPIC else "webhook"
