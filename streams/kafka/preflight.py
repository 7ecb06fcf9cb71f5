"""What a worker makes sure of before it starts, so that it does not wait in silence for what will never come."""

import time
from collections.abc import Sequence
from functools import partial

from lineage.errors import Misconfigured
from streams.kafka.access import KafkaAccess
from streams.kafka.clients import PATIENCE, administrator, patiently
from streams.kafka.provisioning import allows, described
from streams.kafka.topics import missing, wanted


def check(access: KafkaAccess, topics: Sequence[str], group: str, patience: float = PATIENCE) -> tuple[str, ...]:
    """Make sure that the brokers answer, let us in, have the topics, and let us read them in this group.

    Returns: what is worth telling and keeps nobody from starting.
    Raises: Retryable: no broker answers yet. Misconfigured: it refuses us, or a topic is not there.
    """
    until = time.monotonic() + patience
    with administrator(access, "looking whether a worker can start", patience) as client:
        there = described(client, topics, until)
        if absent := set(topics) - there.keys():
            raise missing(absent)
        if closed := sorted(name for name, each in there.items() if not allows("READ", each)):
            raise Misconfigured(f"grant Read on topic {', '.join(closed)} in Kafka to the user of JALKI_KAFKA_USER")
        # Asked for what is committed, Kafka tells whether the group is ours to use. That it has none yet is fine.
        patiently(partial(client.list_group_offsets, {group: []}), until)
        if not allows("READ", patiently(partial(client.describe_groups, [group]), until).get(group, {})):
            raise Misconfigured(f"grant Read on group {group} in Kafka to the user of JALKI_KAFKA_USER")
    return tuple(
        f"topic {topic.name} has {len(there[topic.name]['partitions'])} of {topic.partitions} partitions, and no more"
        " workers than partitions can share it: `jalki topics create --change` adds some"
        for topic in wanted(topics)
        if len(there[topic.name]["partitions"]) < topic.partitions
    )
