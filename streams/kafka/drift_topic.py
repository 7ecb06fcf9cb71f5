"""The topic `drift` on Kafka. Satisfies `streams.drift_topic.DriftTopic`."""

from collections.abc import Iterator, Sequence

from streams.drift_topic import DRIFT, Finding, merged, outgoing
from streams.kafka.access import KafkaAccess
from streams.kafka.kept_topics import KeptTopics


class KafkaDriftTopic:
    """The topic on a cluster. One thread at a time; close it."""

    def __init__(self, access: KafkaAccess) -> None:
        """Connects to nothing yet."""
        self._topics = KeptTopics(access, (DRIFT,), "the topic of drift")

    def findings(self) -> Iterator[Finding]:
        """Read all there is now."""
        with self._topics.lanes() as lanes:
            yield from merged(lanes)

    def put(self, records: Sequence[str]) -> None:
        """Add findings; all replicas in sync have them when this returns."""
        self._topics.put({DRIFT: outgoing(records)})

    def close(self) -> None:
        """Let the connections go."""
        self._topics.close()
