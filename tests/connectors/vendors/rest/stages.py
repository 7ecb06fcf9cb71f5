"""Parties told over REST for tests: a descriptor, a server of the sandbox's kind, and the connector between them."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from connectors.channel import Ways
from connectors.channels import channels
from connectors.descriptor import Descriptor
from connectors.descriptors import SHIPPED, load_descriptors
from connectors.protocol import Connector
from connectors.sandbox.clock import Clock
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.serving import served_in_a_thread
from connectors.sandbox.vendor import Vendor
from lineage.cases.orders import Order, Outcome
from tests.connectors.counting import Counts
from tests.docs.pages import ROOT, blocks

T = TypeVar("T")
PAGE = ROOT / "docs" / "how-to" / "own-party.md"
NOON = 1_767_261_600_000_000
"""2026-01-01 12:00 in Helsinki, microseconds UTC."""


@dataclass
class Told:
    """A party that is told: its server and its descriptor."""

    hosted: Hosted
    clock: Clock
    descriptor: Descriptor
    counts: Counts

    @property
    def state(self) -> Any:
        vendor: Any = self.hosted.vendor
        return vendor.state

    def open(self) -> Connector:
        """A connector, as a program that starts opens it. To be closed."""
        ways = Ways(self.clock, {}, self.counts)
        connector = channels()[self.descriptor.channel].connect(self.descriptor, "Party", ways)
        assert connector is not None
        return connector

    def forward(self, seconds: float) -> None:
        self.clock.forward(int(seconds * 1_000_000))


def page_text() -> str:
    """The descriptor that the page shows."""
    (block,) = [each for each in blocks(PAGE) if each.title == "bonus-club.yaml"]
    return block.text


def shipped_text(party: str) -> str:
    return (SHIPPED / f"{party}.yaml").read_text("utf-8")


def addressed(text: str, url: str, **filled: str) -> str:
    """A descriptor with the address of a server, constants filled in, and patience for tests."""
    text = re.sub(r"^address: .*$", f"address: {url}", text, flags=re.MULTILINE)
    for name, value in filled.items():
        text, times = re.subn(rf"^(\s+{name}): ['\"]{{2}}", rf"\1: '{value}'", text, flags=re.MULTILINE)
        assert times == 1, name
    return re.sub(r"^limits:\n", "limits:\n  timeout: 2\n", text, flags=re.MULTILINE)


@contextmanager
def told(vendor: Vendor, clock: Clock, text: str, folder: Path, **filled: str) -> Iterator[Told]:
    """Serve a vendor, and open the connector of its descriptor, written beside what it logs in with."""
    with served_in_a_thread([vendor], clock) as sandbox:
        hosted = sandbox[vendor.name]
        put = {name: value.replace("{url}", hosted.url) for name, value in filled.items()}
        (folder / f"{vendor.name}.yaml").write_text(addressed(text, hosted.url, **put), "utf-8")
        for name, content in vendor.credentials(hosted.url).items():
            (folder / name).write_text(content, "utf-8")
        descriptor = load_descriptors(folder)[vendor.name]
        yield Told(hosted, clock, descriptor, Counts())


def send(party: Told, order: Order) -> Outcome:
    """Tell it, by a connector of its own."""
    return with_connector(party, lambda connector: connector.send(order))


def send_then_ask(party: Told, order: Order, seconds: float) -> tuple[Outcome, Outcome]:
    """Tell it, and ask so many seconds later."""

    async def act(connector: Connector) -> tuple[Outcome, Outcome]:
        sent = await connector.send(order)
        party.forward(seconds)
        return sent, await connector.ask(replace(order, handle=sent.handle, attempt=2))

    return with_connector(party, act)


def with_connector(party: Told, act: Callable[[Connector], Awaitable[T]]) -> T:
    """Do something with a connector, and close it."""

    async def go() -> T:
        connector = party.open()
        try:
            return await act(connector)
        finally:
            await connector.close()

    return asyncio.run(go())


def ours(log: pytest.LogCaptureFixture) -> str:
    """What our own loggers wrote; of others' the product lets nothing through that is not constant."""
    return "\n".join(each.getMessage() for each in log.records if each.name.startswith("connectors"))
