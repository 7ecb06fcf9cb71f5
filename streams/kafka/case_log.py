"""The log of cases on Kafka. Satisfies `streams.case_log.CaseLog`."""

from collections.abc import Iterator, Sequence

from lineage.cases.entries import Entry
from streams.case_log import CASE_TOPICS, merged, outgoing
from streams.kafka.access import KafkaAccess
from streams.kafka.kept_topics import KeptTopics


class KafkaCaseLog:
    """The log of cases on a cluster. One thread at a time; close it."""

    def __init__(self, access: KafkaAccess) -> None:
        """Connects to nothing yet."""
        self._topics = KeptTopics(access, CASE_TOPICS, "the log of cases")

    def count(self) -> int:
        """Return how many records there are. Raises: Misconfigured: a topic is missing, or not ours to read."""
        return self._topics.count()

    def entries(self) -> Iterator[Entry]:
        """Read all there is now, in memory some hundreds of records of each partition at a time."""
        with self._topics.lanes() as lanes:
            yield from merged(lanes)

    def put(self, entries: Sequence[Entry]) -> None:
        """Add entries; all replicas in sync have them when this returns."""
        self._topics.put(outgoing(entries))

    def close(self) -> None:
        """Let the connections go."""
        self._topics.close()
