"""Opens the clients of kafka-python and tells their faults in our words. Knows nothing of topics, groups or records."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kafka import errors
from kafka.admin import KafkaAdminClient
from kafka.net.compat import KafkaNetClient
from kafka.net.selector import NetworkSelector

from lineage.errors import JalkiError, Misconfigured, Refused, Retryable
from streams.kafka.access import KafkaAccess
from streams.kafka.probing import LONGEST_WAIT, REFUSED_LOGIN, probe

Client = TypeVar("Client")
Answer = TypeVar("Answer")

PATIENCE = 15.0
"""Seconds that a question to Kafka may take, all its attempts together."""
_PAUSE = 0.1

_AGAIN = (
    errors.OutOfOrderSequenceNumberError,
    errors.UnknownProducerIdError,
    errors.InvalidProducerEpochError,
    errors.BrokerNotAvailableError,
    errors.UnknownBrokerIdError,
    errors.UnknownError,
)
"""Passing faults that kafka-python itself does not try again."""
_TOO_OLD = (errors.IncompatibleBrokerVersion, errors.UnsupportedVersionError, errors.UnrecognizedBrokerVersion)
_TOO_LARGE = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)


def translated(error: Exception, what: str) -> JalkiError:
    """Return a fault of kafka-python as ours; `what` says what we were about, like "publishing to orders".

    Only the name of the fault is told on: its text may quote a request, and a request may hold a record.
    """
    name = type(error).__name__.removesuffix("Error")
    if isinstance(error, errors.SaslAuthenticationFailedError):
        return Misconfigured(REFUSED_LOGIN)
    if isinstance(error, errors.AuthorizationError):
        return Misconfigured(
            f"{what}: Kafka does not allow it to the user of JALKI_KAFKA_USER ({name}): grant it there"
        )
    if isinstance(error, errors.UnknownTopicOrPartitionError):
        return Misconfigured(f"{what}: the topic is missing; `jalki topics create` makes it")
    if isinstance(error, _TOO_OLD):
        return Misconfigured(f"{what}: the broker is too old ({name}); Kafka 2.5 or newer is needed")
    if isinstance(error, _TOO_LARGE):
        return Refused(
            f"{what}: a record is larger than the topic's max.message.bytes; `jalki topics create --change` sets it"
        )
    if isinstance(error, _AGAIN) or getattr(error, "retriable", False) or isinstance(error, OSError):
        return Retryable(f"{what}: Kafka is away or busy ({name})")
    return Refused(f"{what}: Kafka refuses ({name})")


@contextmanager
def translating(what: str) -> Iterator[None]:
    """Raise every fault of kafka-python inside as one of ours."""
    try:
        yield
    except (errors.KafkaError, OSError) as error:
        raise translated(error, what) from error


@contextmanager
def administrator(access: KafkaAccess, what: str, patience: float = PATIENCE) -> Iterator[KafkaAdminClient]:
    """Open an administrator's client; faults inside are translated too.

    Raises: Retryable: no broker answers. Misconfigured: it refuses us, or the settings do not fit it.
    """
    with translating(what):
        client = opened(KafkaAdminClient, access, patience)
        try:
            yield client
        finally:
            client.close()


def opened(kind: Callable[..., Client], access: KafkaAccess, patience: float, **settings: object) -> Client:
    """Open a client of kafka-python, after a knock at the broker's port. Raises: as `administrator`, and KafkaError."""
    _quieten()
    probe(access, min(LONGEST_WAIT, patience / 2))
    milliseconds = int(patience * 1000)
    given: dict[str, Any] = {
        "client_id": "jalki",
        "request_timeout_ms": milliseconds,
        "bootstrap_timeout_ms": milliseconds,
        "reconnect_backoff_max_ms": 1000,
    }
    given |= access.client_settings() | settings
    made: list[tuple[NetworkSelector, KafkaNetClient]] = []

    def network(**configs: object) -> KafkaNetClient:
        selector = NetworkSelector(**configs)
        made.append((selector, KafkaNetClient(net=selector, **configs)))
        return made[-1][1]

    try:
        return kind(kafka_client=network, **given)
    except BaseException:
        for selector, connections in made:  # a constructor that fails leaves its thread and its sockets behind
            selector.stop()
            connections.close()
        raise


def patiently(ask: Callable[[], Answer], until: float) -> Answer:
    """Ask again while Kafka says that it will pass (a coordinator not yet elected), up to the time of `time.monotonic`."""
    while True:
        try:
            return ask()
        except errors.KafkaError as error:
            if not error.retriable or time.monotonic() >= until:
                raise
        pause()


def pause(seconds: float = _PAUSE) -> None:
    """Wait until it makes sense to look again: Kafka tells nobody when a topic is there or an offset committed."""
    threading.Event().wait(seconds)


def _quieten() -> None:
    """Keep the library's log to what may be logged.

    At DEBUG it writes keys, values and passwords. At WARNING it tells of every attempt what we tell once, with what to
    do about it; so it speaks only to those who asked for INFO.
    """
    talkative = logging.getLogger().getEffectiveLevel() <= logging.INFO
    logging.getLogger("kafka").setLevel(logging.INFO if talkative else logging.CRITICAL)
