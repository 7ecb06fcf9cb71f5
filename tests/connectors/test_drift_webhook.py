"""Findings are posted signed, to whom the settings say and nobody else; a receiver that is at fault gets them again."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


def test_what_is_posted_is_what_was_told_and_signed(receiver: Receiver) -> None:
    deliver(receiver)
    ((path, headers, body),) = receiver.calls
    assert path == "/drift"
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {"findings": [json.loads(each) for each in RECORDS]}
    assert headers["jalki-timestamp"] == str(NOW // 1_000_000)


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


def test_the_check_that_the_how_to_gives_receivers_takes_what_is_genuine_and_nothing_forged(receiver: Receiver) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "drift.md").read_text("utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    given: dict[str, Any] = {}
    exec(code, given)  # noqa: S102 - the page's own example
    is_genuine = given["is_genuine"]
    deliver(receiver)
    ((_, headers, body),) = receiver.calls
    timestamp, signature, at = headers["jalki-timestamp"], headers["jalki-signature"], NOW / 1_000_000
    assert is_genuine(SECRET, timestamp, signature, body, at)
    for forged in (
        (SECRET[::-1], timestamp, signature, body, at),
        (SECRET, str(int(timestamp) + 1), signature, body, at),
        (SECRET, timestamp, signature[:-1] + ("0" if signature[-1] != "0" else "1"), body, at),
        (SECRET, timestamp, signature, body.replace(b"a", b"b", 1), at),
        (SECRET, timestamp, signature, body, at + 301),
    ):
        assert not is_genuine(*forged)
