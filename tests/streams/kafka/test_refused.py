"""What is told where a broker refuses us, is not there, or speaks otherwise than the settings say: which setting to mend."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType
from kafka.structs import OffsetAndMetadata

from lineage.errors import JalkiError, Misconfigured, Retryable
from streams.kafka.access import KafkaAccess
from streams.kafka.clients import patiently
from streams.kafka.lag import lag
from streams.kafka.preflight import check
from streams.kafka.probing import probe
from streams.kafka.provisioning import create, find
from streams.kafka.publishing import Publisher
from streams.kafka.topics import wanted
from streams.records import Outgoing
from tests.servers.certificates import new_authority
from tests.servers.fixtures import had
from tests.servers.kafka import Kafka, running_kafka
from tests.servers.secured import Secured
from tests.servers.waiting import free_port, until
from tests.streams.kafka.parts import UNCLOSED, new_name

pytestmark = UNCLOSED

Ask = Callable[[KafkaAccess], object]
TOPIC = "orders"


def publish(access: KafkaAccess) -> None:
    with Publisher(access, patience=3) as publisher:
        publisher.publish(TOPIC, [Outgoing(b"x")])


ASKED: dict[str, Ask] = {
    "create": lambda access: create(access, wanted([TOPIC]), patience=3),
    "find": lambda access: find(access, wanted([TOPIC]), patience=3),
    "lag": lambda access: lag(access, [TOPIC], "jalki", patience=3),
    "check": lambda access: check(access, [TOPIC], "jalki", patience=3),
    "publish": publish,
}
every_way = pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)


def told(ask: Ask, access: KafkaAccess, kind: type[JalkiError], *words: str) -> None:
    before = set(threading.enumerate())
    began = time.monotonic()
    with pytest.raises(kind) as raised:
        ask(access)
    assert time.monotonic() - began < 15
    assert not set(threading.enumerate()) - before, "a client was left running"
    for word in words:
        assert word in str(raised.value)
    assert "the-shop" not in str(raised.value)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker that wants a password and grants nothing to nobody."""
    rules = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",  # whoever comes by the tests' own listener
    }
    folder = tmp_path_factory.mktemp("guarded")
    with had(running_kafka(folder, secured=Secured(sasl="PLAIN"), properties=rules)) as server:
        yield server


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker that speaks TLS and wants a SCRAM password."""
    secured = Secured(sasl="SCRAM-SHA-512", tls=True)
    with had(running_kafka(tmp_path_factory.mktemp("sealed"), secured=secured)) as server:
        yield server


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker that wants a certificate and no password."""
    with had(running_kafka(tmp_path_factory.mktemp("certified"), secured=Secured(client_certificate=True))) as server:
        yield server


@every_way
def test_a_port_where_nobody_listens_is_passing_and_names_the_setting(ask: Ask) -> None:
    told(ask, KafkaAccess((f"127.0.0.1:{free_port()}",)), Retryable, "JALKI_KAFKA", "refused")


def test_a_port_where_something_else_listens_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        access = KafkaAccess((f"127.0.0.1:{silent.getsockname()[1]}",))
        told(lambda it: probe(it, wait=0.2), access, Retryable, "does not answer as a Kafka broker")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("written", ["localhost", "localhost:", ":9092", "localhost:kafka"])
def test_an_address_that_is_none_is_told(written: str) -> None:
    told(probe, KafkaAccess((written,)), Misconfigured, "host:port")


def test_one_broker_of_several_is_enough(kafka: Kafka) -> None:
    access = KafkaAccess((f"127.0.0.1:{free_port()}", *kafka.access.servers))
    assert find(access, wanted([new_name()])) == {}


@every_way
def test_a_wrong_password_is_told_as_one(ask: Ask, guarded: Kafka) -> None:
    access = replace(guarded.access, password="of-another-shop")  # noqa: S106 - wrong on purpose
    told(ask, access, Misconfigured, "JALKI_KAFKA_PASSWORD_FILE", "JALKI_KAFKA_USER")


@every_way
def test_a_wrong_scram_password_is_told_as_one(ask: Ask, sealed: Kafka) -> None:
    access = replace(sealed.access, password="of-another-shop")  # noqa: S106 - wrong on purpose
    told(ask, access, Misconfigured, "JALKI_KAFKA_PASSWORD_FILE")


def test_a_broker_that_wants_a_login_is_told(guarded: Kafka) -> None:
    told(ASKED["find"], KafkaAccess(guarded.access.servers), Misconfigured, "JALKI_KAFKA_SASL", "wants a login")


def test_a_broker_that_wants_none_is_told(kafka: Kafka) -> None:
    access = replace(kafka.access, security="SASL_PLAINTEXT", sasl="PLAIN", user="shop", password="none")  # noqa: S106 - nobody's
    told(ASKED["find"], access, Misconfigured, "takes no login", "JALKI_KAFKA_SECURITY")


def test_a_mechanism_that_is_not_offered_is_told_with_those_that_are(guarded: Kafka) -> None:
    access = replace(guarded.access, sasl="SCRAM-SHA-256")
    told(ASKED["find"], access, Misconfigured, "JALKI_KAFKA_SASL to one of PLAIN")


@every_way
def test_speaking_in_clear_to_a_port_with_tls_is_told(ask: Ask, sealed: Kafka) -> None:
    told(ask, KafkaAccess(sealed.access.servers), Misconfigured, "speaks TLS", "JALKI_KAFKA_SECURITY")


@every_way
def test_speaking_tls_to_a_port_without_is_told(ask: Ask, kafka: Kafka) -> None:
    told(ask, replace(kafka.access, security="SSL"), Misconfigured, "no TLS", "JALKI_KAFKA_SECURITY")


@every_way
def test_a_certificate_of_an_authority_we_do_not_trust_is_told(ask: Ask, sealed: Kafka, tmp_path: Path) -> None:
    other = new_authority(tmp_path, host="127.0.0.1")
    told(ask, replace(sealed.access, ca_file=other.ca), Misconfigured, "JALKI_KAFKA_CA_FILE")


def test_a_certificate_of_ours_that_is_wanted_is_told(certified: Kafka) -> None:
    assert find(certified.access, wanted([TOPIC])) == {}
    access = replace(certified.access, certificate_file=None, key_file=None)
    told(ASKED["find"], access, Misconfigured, "JALKI_KAFKA_CERTIFICATE_FILE")


def test_with_the_right_secrets_everything_works_over_tls(sealed: Kafka) -> None:
    create(sealed.access, wanted([TOPIC]))
    publish(sealed.access)
    assert lag(sealed.access, [TOPIC], "jalki").waiting == 1
    assert check(sealed.access, [TOPIC], "jalki") == ()


def test_a_user_without_rights_is_told_of_the_right(guarded: Kafka) -> None:
    told(ASKED["create"], guarded.access, Misconfigured, "JALKI_KAFKA_USER")
    with guarded.admin() as admin:
        admin.create_topics({TOPIC: {"num_partitions": 2}}, wait_for_metadata=True)
        for ask in ("lag", "check", "publish"):
            told(ASKED[ask], guarded.access, Misconfigured, "JALKI_KAFKA_USER")
        grant(admin, guarded, ResourceType.TOPIC, TOPIC, ACLOperation.DESCRIBE)
        told(ASKED["check"], guarded.access, Misconfigured, f"grant Read on topic {TOPIC}")
        told(ASKED["publish"], guarded.access, Misconfigured, f"grant Write on topic {TOPIC}")
        grant(admin, guarded, ResourceType.TOPIC, TOPIC, ACLOperation.READ)
        grant(admin, guarded, ResourceType.GROUP, "jalki", ACLOperation.DESCRIBE)
        given = patiently(
            partial(admin.alter_group_offsets, "jalki", {TopicPartition(TOPIC, 0): OffsetAndMetadata(0, "", -1)}),
            time.monotonic() + 20,
        )
        assert [each.__name__ for each in given.values()] == ["NoError"]
        told(ASKED["check"], guarded.access, Misconfigured, "grant Read on group jalki")
        grant(admin, guarded, ResourceType.GROUP, "jalki", ACLOperation.READ)
        grant(admin, guarded, ResourceType.TOPIC, TOPIC, ACLOperation.WRITE)
    publish(guarded.access)
    (advice,) = check(guarded.access, [TOPIC], "jalki")
    assert "2 of 6 partitions" in advice


def grant(admin: Any, server: Kafka, kind: ResourceType, name: str, right: ACLOperation) -> None:
    rule = ACL(f"User:{server.access.user}", "*", right, ACLPermissionType.ALLOW, ResourcePattern(kind, name))
    said = admin.create_acls([rule])
    assert not said["failed"]
    # Kafka says yes a moment before it goes by the new rule.
    until(
        lambda: None if rule in admin.describe_acls(rule)[0] else "not among the rules", seconds=20, what="the new rule"
    )
