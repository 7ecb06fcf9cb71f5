"""A real Kafka broker for tests: started, broken, brought back, and emptied between tests."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import kafka.errors
from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove

from streams.kafka.access import KafkaAccess
from tests.servers.kafka_body import Listeners, body_of, with_scram
from tests.servers.secured import OPEN, Secured
from tests.servers.server import Power, running
from tests.servers.waiting import accepts, until

WIPE_SECONDS = 30.0
OPEN_SECONDS = 30.0
INTERNAL = {"__consumer_offsets", "__transaction_state", "__share_group_state"}


@dataclass(frozen=True, slots=True)
class Kafka:
    """A broker. `servers` is its address as clients take it; `access`, all a client must know to get in."""

    servers: str
    access: KafkaAccess
    settings: Mapping[str, str] = field(repr=False)
    power: Power = field(repr=False)
    inner: str = ""

    @property
    def owned(self) -> bool:
        """Whether it is ours to break."""
        return self.power.body is not None

    def start(self) -> None:
        """Start it again, with its data and at its address; wait until it answers."""
        self.power.start()

    def stop(self) -> None:
        """End it kindly and wait until it has."""
        self.power.ours.stop()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self.power.ours.kill()

    def pause(self) -> None:
        """Freeze it: connections stay, answers stay away."""
        self.power.ours.pause()

    def resume(self) -> None:
        """Let it go on."""
        self.power.ours.resume()

    def admin(self) -> Any:
        """Return a client that may do everything, past whatever secures the broker; for `with`."""
        return KafkaAdminClient(bootstrap_servers=self.inner or self.servers, bootstrap_timeout_ms=10_000)

    def wipe(self) -> None:
        """Delete all topics and groups but Kafka's own, and wait until they are gone. Members are thrown out."""
        with self.admin() as admin:
            until(lambda: _left(admin), seconds=WIPE_SECONDS, what="Kafka without topics and groups")


def _left(admin: Any) -> str | None:
    """Ask for what is there to be deleted, until nothing is."""
    groups = [group["group_id"] for group in admin.list_groups()]
    if groups:
        for group, said in admin.delete_groups(groups).items():
            if said == "NonEmptyGroupError":
                _throw_out(admin, group)
    topics = sorted(set(admin.list_topics()) - INTERNAL)
    if topics:
        admin.delete_topics(topics, raise_errors=False)
    return f"groups {groups}, topics {topics} were there still" if groups or topics else None


def _throw_out(admin: Any, group: str) -> None:
    members = admin.describe_groups([group])[group]["members"]
    admin.remove_group_members(
        group, [MemberToRemove(member["member_id"], member.get("group_instance_id")) for member in members]
    )


def missing(servers: str) -> str | None:
    """Tell what a broker still lacks before it works: a port, an answer, leaders of its partitions."""
    host, _, port = servers.split(",")[0].rpartition(":")
    if not accepts(host, int(port)):
        return f"nothing listens at {servers}"
    try:
        with KafkaAdminClient(bootstrap_servers=servers, bootstrap_timeout_ms=5_000) as admin:
            if not admin.describe_cluster()["brokers"]:
                return "no broker has registered"
            topics = admin.describe_topics()
    except (kafka.errors.KafkaError, OSError) as away:
        return f"{away}"
    bad = [topic["name"] for topic in topics if any(each["leader_id"] < 0 for each in topic["partitions"])]
    return f"no leader for partitions of {bad}" if bad else None


def given_kafka(servers: str) -> Kafka:
    """Return the broker at this address, which is not ours to break. Raises: NeverHappenedError: it does not answer."""
    power = Power(None, lambda: missing(servers))
    power.wait()
    return Kafka(servers, KafkaAccess(tuple(servers.split(","))), {"JALKI_KAFKA": servers}, power)


def _shut(access: KafkaAccess) -> str | None:
    """A user that was just made known may not be known everywhere yet."""
    try:
        KafkaAdminClient(**access.client_settings(), bootstrap_timeout_ms=5_000).close()
    except kafka.errors.KafkaError as refused:
        return f"{refused}"
    return None


@contextmanager
def running_kafka(
    folder: Path,
    *,
    properties: Mapping[str, str] | None = None,
    secured: Secured = OPEN,
    heap: str = "512m",
    full_jit: bool = False,
) -> Iterator[Kafka]:
    """Run a broker of the test's own, with its data in `folder`, until the end of the block.

    `properties` add to those of server.properties or replace them. Raises: UnavailableError: there is nothing here
    to run one with; NeverHappenedError: it does not start.
    """
    listeners = Listeners.new(folder, secured)
    power = Power(
        body_of(folder, listeners, properties or {}, heap=heap, full_jit=full_jit), lambda: missing(listeners.inner)
    )
    with running(power):
        with_scram(listeners)
        access = listeners.access()
        until(lambda: _shut(access), seconds=OPEN_SECONDS, what="a broker that lets its own clients in")
        yield Kafka(listeners.outer, access, listeners.settings(folder), power, listeners.inner)
