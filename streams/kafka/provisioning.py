"""Topics on the brokers: finds them, makes those that are missing, mends those that differ from the table."""

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from kafka import errors
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from lineage.errors import Refused, Retryable
from streams.kafka.access import KafkaAccess
from streams.kafka.clients import PATIENCE, administrator, patiently, pause, translated
from streams.kafka.topics import Found, Row, Topic, compare


def find(access: KafkaAccess, topics: Sequence[Topic], patience: float = PATIENCE) -> Mapping[str, Found]:
    """Return those of the topics that are there, as they are.

    Raises: Retryable: no broker answers. Misconfigured: it refuses us.
    """
    with administrator(access, "reading the topics", patience) as client:
        return _find(client, topics, time.monotonic() + patience)


def described(client: KafkaAdminClient, names: Iterable[str], until: float) -> dict[str, Mapping[str, Any]]:
    """Return Kafka's own description of those of the topics that are there. Raises: KafkaError."""

    def ask() -> dict[str, Mapping[str, Any]]:
        found = {}
        for each in client.describe_topics(list(names)):
            error = errors.for_code(each["error_code"])
            if error is errors.NoError:
                found[each["name"]] = each
            elif error is not errors.UnknownTopicOrPartitionError:
                raise error
        return found

    return patiently(ask, until)


def allows(operation: str, described: Mapping[str, Any]) -> bool:
    """Tell whether we may do this to a topic or group that Kafka has described: READ, WRITE and so on.

    A broker that does not say what we may will say it when we do.
    """
    allowed = described.get("authorized_operations")
    return allowed is None or operation in allowed


def _find(client: KafkaAdminClient, topics: Sequence[Topic], until: float) -> Mapping[str, Found]:
    there = described(client, [topic.name for topic in topics], until)
    asked = [ConfigResource(ConfigResourceType.TOPIC, t.name, list(t.settings)) for t in topics if t.name in there]
    configs: Mapping[str, Any] = {}
    if asked:
        configs = patiently(lambda: client.describe_configs(asked, config_filter="all"), until).get("topic", {})
    return {
        name: Found(
            len(each["partitions"]),
            min((len(part["replica_nodes"]) for part in each["partitions"]), default=0),
            {key: entry["value"] for key, entry in configs.get(name, {}).items()},
        )
        for name, each in there.items()
    }


def create(access: KafkaAccess, topics: Sequence[Topic], patience: float = PATIENCE) -> frozenset[str]:
    """Make those of the topics that are not there, wait until all can be used, and return the names of those made.

    Topics that are there stay as they are; one that somebody else makes at this moment counts as there.

    Raises:
        Retryable: no broker answers, or the topics are not all there in time.
        Misconfigured: it refuses us.
        Refused: a topic cannot be made like this (more replicas than brokers, a policy of the cluster).
    """
    until = time.monotonic() + patience
    with administrator(access, "making the topics", patience) as client:
        there = described(client, [topic.name for topic in topics], until)
        made = _make(client, [topic for topic in topics if topic.name not in there], until)
        _await(client, {topic.name: 1 for topic in topics}, until)
    return made


def _make(client: KafkaAdminClient, topics: Sequence[Topic], until: float) -> frozenset[str]:
    made: set[str] = set()
    left = {topic.name: topic for topic in topics}
    while left:
        asked = {name: _asked(topic) for name, topic in left.items()}
        answer = patiently(partial(client.create_topics, asked, raise_errors=False), until)
        for each in answer["topics"]:
            if _is_done(f"topic {each['name']}", each, errors.TopicAlreadyExistsError, until):
                del left[each["name"]]
                if not each["error_code"]:
                    made.add(each["name"])
        if left:
            pause()
    return frozenset(made)


def _asked(topic: Topic) -> dict[str, Any]:
    return {
        "num_partitions": topic.partitions,
        "replication_factor": topic.replication,
        "configs": dict(topic.settings),
    }


def _is_done(what: str, answer: Mapping[str, Any], fine: type[Exception], until: float) -> bool:
    """Whether one part of an answer says that it is done. Raises: JalkiError: that it never will be."""
    error = errors.for_code(answer["error_code"])
    if error in {errors.NoError, fine}:
        return True
    if error.retriable and time.monotonic() < until:
        return False
    ours = translated(error(), what)
    reason = answer.get("error_message")
    raise type(ours)(f"{ours}: {reason}" if reason else str(ours))


def change(access: KafkaAccess, rows: Sequence[Row], patience: float = PATIENCE) -> None:
    """Mend what `compare` found to differ: add partitions, set configurations. Takes no partition away, moves no replica.

    Raises: as `create`; Refused: Kafka does not take a setting.
    """
    rows = [row for row in rows if row.differences and row.found]
    if not rows:
        return
    until = time.monotonic() + patience
    with administrator(access, "changing the topics", patience) as client:
        more = {
            row.topic.name: row.topic.partitions
            for row in rows
            if row.found and row.found.partitions < row.topic.partitions
        }
        while more:
            answer = patiently(lambda: client.create_partitions(more, raise_errors=False), until)
            for each in answer.results:
                # Invalid is what it is called when somebody else has added them meanwhile; _await looks whether they are there.
                if _is_done(f"topic {each.name}", each.to_dict(), errors.InvalidPartitionsError, until):
                    more.pop(each.name, None)
            if more:
                pause()
        _set(client, rows, until)
        _await(client, {row.topic.name: row.topic.partitions for row in rows}, until)
        _await_settings(client, rows, until)


def _set(client: KafkaAdminClient, rows: Sequence[Row], until: float) -> None:
    asked = []
    for row in rows:
        there = row.found.settings if row.found else {}
        wrong = {name: value for name, value in row.topic.settings.items() if there.get(name, value) != value}
        if wrong:
            asked.append(ConfigResource(ConfigResourceType.TOPIC, row.topic.name, wrong))
    if asked:
        answers = patiently(lambda: client.alter_configs(asked), until)["topic"]
        if refused := sorted(name for name, answer in answers.items() if answer != "OK"):
            raise Refused(f"Kafka does not change the settings of {', '.join(refused)}: {answers[refused[0]]}")


def _await(client: KafkaAdminClient, partitions: Mapping[str, int], until: float) -> None:
    """Wait until each topic has so many partitions, each with a leader. Raises: Retryable."""
    while True:
        there = described(client, partitions, until)
        late = [name for name, least in partitions.items() if not _is_ready(there.get(name), least)]
        if not late:
            return
        if time.monotonic() >= until:
            raise Retryable(f"not ready in time: {', '.join(sorted(late))}; ask again in a moment")
        pause()


def _await_settings(client: KafkaAdminClient, rows: Sequence[Row], until: float) -> None:
    """Wait until the broker knows its new settings: it says yes a moment before. Raises: Retryable."""
    topics = [row.topic for row in rows]
    while late := [row.topic.name for row in compare(topics, _find(client, topics, until)) if row.differences]:
        if time.monotonic() >= until:
            raise Retryable(f"changed, but not seen in time: {', '.join(late)}; ask again in a moment")
        pause()


def _is_ready(topic: Mapping[str, Any] | None, least: int) -> bool:
    parts = topic["partitions"] if topic else []
    return len(parts) >= least and all(not part["error_code"] and part["leader_id"] >= 0 for part in parts)
