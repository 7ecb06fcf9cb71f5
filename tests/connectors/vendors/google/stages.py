"""Google of the sandbox, its connectors as descriptors make them, and every call that these make."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.calling import Answer, Call, Caller
from connectors.channel import Ways
from connectors.channels import open_connector
from connectors.descriptors import load_descriptors
from connectors.normalisers import sha256_hex
from connectors.sandbox.clock import Clock
from connectors.sandbox.google.ads import ACCOUNT, GoogleAds
from connectors.sandbox.google.analytics import GoogleAnalytics
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.serving import served_in_a_thread
from lineage.cases.orders import Order, Outcome, Sending
from tests.connectors import orders
from tests.connectors.counting import Counts

NOW = 1_750_000_000_000_000
HALF_AN_HOUR = 1_800
PROPERTY = "312345678"
LIST = "7001"
MAIL, CUSTOMER, PHONE, DEVICE = orders.MAIL, orders.CUSTOMER, "+358401234567", "1234567890.1700000000"
ANALYTICS = f"property: '{PROPERTY}', bigquery_export: false"
ADS = f"account: '{ACCOUNT}', lists: {{aud-loyal: '{LIST}', aud-lapsed: '7002'}}"


class Wire:
    """What the connectors sent, and what came back."""

    def __init__(self) -> None:
        self.sent: list[tuple[Call, dict[str, str], Answer | None]] = []
        self.answers: list[Answer] = []
        """Given instead of the vendor's own, one a call at its interface."""

    def bodies(self, ending: str) -> list[bytes]:
        return [call.body for call, _, _ in self.sent if call.url.endswith(ending)]


@contextmanager
def wired(party: str) -> Iterator[Wire]:
    """Record what is sent to one party, as long as the block lasts."""
    wire, call_as_ever = Wire(), Caller.call

    async def call(
        self: Caller, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        if self._party != party:
            return await call_as_ever(self, method, url, body, headers)
        at = len(wire.sent)
        wire.sent.append((Call(self._party, method, url, body or b""), dict(headers or {}), None))
        answer = await call_as_ever(self, method, url, body, headers)
        if wire.answers and not url.endswith("/token"):
            answer = wire.answers.pop(0)
        wire.sent[at] = (*wire.sent[at][:2], answer)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Caller, "call", call)
        yield wire


class Google:
    """One of the two parties."""

    def __init__(self, hosted: Hosted, clock: Clock, wire: Wire, folder: Path) -> None:
        self.hosted, self.clock, self.wire, self.folder, self.counts = hosted, clock, wire, folder, Counts()

    def connector(self, settings: str, more: str = "", dry: Callable[[Call], None] | None = None) -> Any:
        """Return a connector of its own, as after a start of the program."""
        party = self.hosted.vendor.name
        for name, content in self.hosted.vendor.credentials(self.hosted.url).items():
            (self.folder / name).write_text(content)
        secret = f"secret: {{file: {party}.json}}"
        text = f"channel: {party}\naddress: {self.hosted.url}\nsettings: {{{secret}, {settings}}}\n{more}\n"
        (self.folder / f"{party}.yaml").write_text(text)
        descriptor = load_descriptors(self.folder)[party]
        return open_connector(descriptor, "Google", Ways(self.clock, {}, self.counts, dry=dry))

    def later(self, seconds: float) -> None:
        self.clock.forward(int(seconds * 1_000_000))


@contextmanager
def served(vendor: Callable[[Clock], Any], folder: Path) -> Iterator[Google]:
    clock = Clock(stands=NOW)
    made = vendor(clock)
    with served_in_a_thread([made], clock) as sandbox, wired(made.name) as wire:
        yield Google(sandbox[made.name], clock, wire, folder)


@contextmanager
def analytics(folder: Path) -> Iterator[Google]:
    with served(GoogleAnalytics, folder) as google:
        yield google


@contextmanager
def ads(folder: Path) -> Iterator[Google]:
    with served(GoogleAds, folder) as google:
        yield google


def of_analytics(*identifiers: tuple[str, str], **changed: object) -> Order:
    return orders.order(
        party="google-analytics", form="instruction", identifiers=identifiers or (("device_id", DEVICE),), **changed
    )


def of_ads(*sendings: Sending, **changed: object) -> Order:
    given = sendings or (uploaded(("email", MAIL)),)
    identifiers = tuple(sorted({pair for each in given for pair in each.identifiers}))
    return orders.order(party="google-ads", identifiers=identifiers, sendings=given, **changed)


def uploaded(*identifiers: tuple[str, str], audience: str = "aud-loyal") -> Sending:
    return Sending(identifiers, "advertising", {"audience_id": audience, "sent_as": "sha256"})


def converted(*identifiers: tuple[str, str]) -> Sending:
    return Sending(identifiers, "advertising", {})


def run(connector: Any, act: str, given: object) -> Any:
    async def once() -> Any:
        try:
            return await getattr(connector, act)(given)
        finally:
            await connector.close()

    return asyncio.run(once())


def send(google: Google, order: Order, settings: str = ADS) -> Outcome:
    outcome: Outcome = run(google.connector(settings), "send", order)
    return outcome


def ask(google: Google, order: Order, settings: str = ADS) -> Outcome:
    outcome: Outcome = run(google.connector(settings), "ask", order)
    return outcome


def seeded(google: Google, *values: str, lists: Sequence[str] = (LIST, "7002")) -> None:
    kept = [f"{'phone' if each.startswith('+') else 'email'}:{sha256_hex(each)}" for each in values]
    google.hosted.seed({"lists": dict.fromkeys(lists, kept)})


def held(google: Google) -> dict[str, list[str]]:
    found: dict[str, list[str]] = google.hosted.held()["lists"]
    return found


def taken(google: Google, orders: Sequence[Order]) -> list[Order]:
    answers = run(google.connector(ADS), "send_together", orders)
    google.later(HALF_AN_HOUR)
    return [replace(each, handle=come.handle) for each, come in zip(orders, answers, strict=True)]


def said(status: int, **content: object) -> Answer:
    return Answer(status, {}, json.dumps(content).encode())
