"""Findings are posted signed, to whom the settings say and nobody else; a receiver that is at fault gets them again."""

import asyncio
import hmac
import json
from collections.abc import Iterator, Mapping
from hashlib import sha256

import pytest

from connectors.drift_webhook import MOST, MOST_BYTES, DriftWebhook
from lineage.errors import Misconfigured, Refused, Retryable
from tests.connectors.webhook_receiver import Receiver, receiving

SECRET = b"0123456789abcdef0123456789abcdef"
NOW = 1_767_225_600_000_000
RECORDS = ['{"finding":"a","text":"päättyi"}', '{"finding":"b"}']


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def deliver(receiver: Receiver, *records: str, seconds: float = 10.0) -> None:
    async def act() -> None:
        webhook = DriftWebhook(receiver.url, SECRET, lambda: NOW, seconds=seconds)
        try:
            await webhook.deliver(records or RECORDS)
        finally:
            await webhook.close()

    asyncio.run(act())


def verified(secret: bytes, headers: Mapping[str, str], body: bytes, now: float, tolerance: float = 300) -> bool:
    """As the how-to tells receivers to do it."""
    timestamp = headers["jalki-timestamp"]
    expected = "v1=" + hmac.new(secret, timestamp.encode() + b"." + body, sha256).hexdigest()
    genuine = hmac.compare_digest(expected, headers["jalki-signature"])
    return genuine and abs(now - int(timestamp)) <= tolerance


def test_what_is_posted_is_what_was_told_and_signed(receiver: Receiver) -> None:
    deliver(receiver)
    ((path, headers, body),) = receiver.calls
    assert path == "/drift"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {"findings": [json.loads(each) for each in RECORDS]}
    at = NOW / 1_000_000
    assert verified(SECRET, headers, body, at)
    assert not verified(SECRET, headers, body + b" ", at)
    assert not verified(b"another secret of thirty-two bytes", headers, body, at)
    assert not verified(SECRET, {**headers, "jalki-timestamp": str(int(at) + 1)}, body, at)
    assert not verified(SECRET, {**headers, "jalki-signature": "v1=" + "0" * 64}, body, at)
    assert not verified(SECRET, headers, body, at + 301)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("500", Retryable), ("503", Retryable), ("429", Retryable), ("closed", Retryable), ("slow", Retryable),
        ("400", Refused), ("401", Refused), ("404", Refused), ("long", Refused), ("302", Refused), ("308", Refused),
    ],
)  # fmt: skip
def test_whatever_is_no_2xx_is_not_taken_and_nobody_else_is_called(
    receiver: Receiver, answer: str, fault: type[Exception]
) -> None:
    receiver.answers = [answer]
    with pytest.raises(fault) as told:
        deliver(receiver, seconds=1.0)
    assert "finding" not in str(told.value).replace("findings", "")
    assert [path for path, *_ in receiver.calls] == ["/drift"]
    deliver(receiver)
    assert len({body for *_, body in receiver.calls}) == 1


def test_a_receiver_that_is_not_there_is_away(receiver: Receiver) -> None:
    gone = Receiver(port=1)
    with pytest.raises(Retryable, match="does not answer"):
        deliver(gone)
    assert not receiver.calls


@pytest.mark.parametrize(
    ("url", "secret", "text"),
    [
        ("http://shop.example/drift", SECRET, "not https"),
        ("https://user:word@shop.example/drift", SECRET, "more than a host and a path"),
        ("https://shop.example/drift?token=1", SECRET, "more than a host and a path"),
        ("drift", SECRET, "not https"),
        ("https://shop.example/drift", SECRET[:31], "shorter than 32 bytes"),
    ],
)
def test_an_address_or_a_secret_that_will_not_do_is_refused(url: str, secret: bytes, text: str) -> None:
    with pytest.raises(Misconfigured, match=text) as told:
        DriftWebhook(url, secret, lambda: NOW)
    assert "word" not in str(told.value)
    assert secret.decode() not in str(told.value)


def test_a_call_is_bounded_in_number_and_size() -> None:
    webhook = DriftWebhook("https://shop.example/drift", SECRET, lambda: NOW)
    assert webhook.fits(["{}"] * 1_000) == MOST
    assert webhook.fits(["x" * (MOST_BYTES // 4)] * 10) == 3
    assert webhook.fits(["x" * MOST_BYTES * 2] * 2) == 1
    assert webhook.fits(["{}"]) == 1
    asyncio.run(webhook.close())


def test_another_address_is_another_lane() -> None:
    one, other = (DriftWebhook(f"https://{host}.example/", SECRET, lambda: NOW) for host in ("a", "b"))
    assert one.lane != other.lane
    assert "example" not in one.lane
