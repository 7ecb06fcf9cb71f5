"""The parties of `jalki demo`: SendGrid is the sandbox's server, called by the real connector; the others are stood in for.

Nothing leaves the machine. What SendGrid's states say is what its connector was shown by that server.
"""

import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from console.case_opening import Casebook
from console.sandboxing import shop_files
from console.stand_ins import StandIns
from lineage.clocks import day_of

if TYPE_CHECKING:
    from connectors.descriptor import Descriptor
    from connectors.protocol import Connector
    from connectors.sandbox.hosted import Hosted

CALLED = "sendgrid"
_FIRST_WAIT = 0.5
"""Seconds: a demo asks after a job sooner than a shop does."""
_JOB = 10_000_000
"""Microseconds in which a job at SendGrid of the sandbox is done."""


@dataclass(slots=True)
class DemoParties:
    """All of them. Satisfies `streams.dispatch.Directory`; a connector lives as long as one event loop."""

    book: Casebook
    others: StandIns
    vendor: "Hosted"
    descriptor: "Descriptor"
    _open: "list[Connector]" = field(default_factory=list)

    def connector(self, party: str) -> "Connector":
        """Return the connector of a party."""
        if party != CALLED:
            return self.others.connector(party)
        if not self._open:
            self._open.append(_connector(self.book, self.descriptor))
        return self._open[0]

    def mail(self, addresses: Collection[str]) -> None:
        """Let SendGrid hold those to whom the shop had it send newsletters: mail data and a contact of each."""
        held = sorted({each.strip().lower() for each in addresses})
        self.vendor.seed({"accounts": {"": {"mail": held, "contacts": [{"email": each} for each in held]}}})

    def holds(self) -> int:
        """Return how many people SendGrid has mail data or a contact of."""
        account = self.vendor.held()["accounts"][""]
        return len({*account["mail"], *(each["email"] for each in account["contacts"])})

    def let_jobs_end(self) -> None:
        """Put the clock of the sandbox forward, so that what SendGrid was told is done."""
        self.vendor.clock.forward(_JOB)

    async def close(self) -> None:
        """Let connections go; the next loop makes its own."""
        while self._open:
            await self._open.pop().close()


@contextmanager
def demo_parties(book: Casebook) -> Iterator[DemoParties]:
    """Serve SendGrid as long as the block lasts; its address, key and descriptor are written as `jalki sandbox` does."""
    # A server and connectors take longer to import than any question takes to answer.
    from connectors.descriptors import load_descriptors
    from connectors.sandbox.clock import Clock
    from connectors.sandbox.serving import served_in_a_thread
    from connectors.sandbox.vendors import VENDORS

    clock = Clock()
    with (
        tempfile.TemporaryDirectory(prefix="jalki-parties-") as folder,
        served_in_a_thread([VENDORS[CALLED](clock)], clock) as sandbox,
    ):
        for name, text in shop_files(sandbox[CALLED]).items():
            (Path(folder) / name).write_text(text + "\n", "utf-8")
        found = load_descriptors(Path(folder))[CALLED]
        descriptor = replace(found, limits=replace(found.limits, first_wait=_FIRST_WAIT))
        work = book.work
        others = StandIns(work.register, lambda: day_of(work.clock()).isoformat())
        yield DemoParties(book, others, sandbox[CALLED], descriptor)


def _connector(book: Casebook, descriptor: "Descriptor") -> "Connector":
    from connectors.channel import Ways
    from connectors.channels import open_connector

    known = book.work.register.party(CALLED)
    ways = Ways(book.work.clock, {}, book.folder.journal)
    found = open_connector(descriptor, known.name if known else CALLED, ways)
    assert found is not None  # noqa: S101 - only a system of our own has none
    return found
