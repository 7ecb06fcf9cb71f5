"""Parties told over REST for tests: a descriptor, a server of the sandbox's kind, and the connector between them."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from connectors.channel import Ways
from connectors.channels import channels
from connectors.descriptor import Descriptor
from connectors.descriptors import SHIPPED, load_descriptors
from connectors.protocol import Connector
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.serving import served_in_a_thread
from connectors.sandbox.vendor import Vendor
from tests.contracts.connector import Fault
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "how-to" / "own-party.md"
NOON = 1_767_261_600_000_000
"""2026-01-01 12:00 in Helsinki, microseconds UTC."""
KINDS: Mapping[Fault, Kind] = {
    "away": Kind.DROPPED,
    "slow": Kind.LOST,
    "busy": Kind.BUSY,
    "broken": Kind.BROKEN,
    "cut": Kind.DROPPED,
    "cut-after": Kind.DROPPED_AFTER,
    "login": Kind.EXPIRED,
}


@dataclass
class Counts:
    """Counts calls as the journal does."""

    spent: dict[tuple[str, int], int] = field(default_factory=dict)

    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:
        had = self.spent.get((lane, window), 0)
        if had + calls > limit:
            return False
        self.spent[lane, window] = had + calls
        return True


@dataclass
class Told:
    """A party that is told: its server, its descriptor, its connector."""

    hosted: Hosted
    clock: Clock
    descriptor: Descriptor
    connector: Connector
    counts: Counts

    @property
    def state(self) -> Any:
        vendor: Any = self.hosted.vendor
        return vendor.state

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
        counts = Counts()
        connector = channels()[descriptor.channel].connect(descriptor, "Party", Ways(clock, {}, counts))
        assert connector is not None
        yield Told(hosted, clock, descriptor, connector, counts)


def fail(hosted: Hosted, fault: Fault | None) -> None:
    """Have a server fail from now on; None: no more."""
    hosted.well()
    if fault is not None:
        hosted.fault(KINDS[fault], calls=100)


def ours(log: pytest.LogCaptureFixture) -> str:
    """What our own loggers wrote; of others' the product lets nothing through that is not constant."""
    return "\n".join(each.getMessage() for each in log.records if each.name.startswith("connectors"))
