"""A vendor of the sandbox, the connector that a descriptor makes for it, and all that went between them, recorded."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from connectors.channel import Ways
from connectors.channels import open_connector
from connectors.descriptor import PROOFS, Descriptor
from connectors.descriptors import load_descriptors
from connectors.protocol import Connector
from connectors.sandbox.clock import Clock
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.serving import served_in_a_thread
from connectors.sandbox.vendor import Vendor
from lineage.cases.orders import Order, Outcome
from tests.connectors.counting import Counts

T = TypeVar("T")
BEGINS = 1_750_000_000_000_000
CLAIMS = {"verified": 0, "promised": 1, "accepted": 2, "partial": 3}
"""States of a task by how much they claim, the most first."""


@dataclass
class Seat:
    """One vendor and its connector. `requests` is what was sent, as it was."""

    hosted: Hosted
    clock: Clock
    descriptor: Descriptor
    ways: Ways
    counted: Counts
    requests: list[httpx2.Request] = field(default_factory=list)

    def run(self, act: Callable[[Connector], Awaitable[T]]) -> T:
        """Let a connector of its own do something."""

        async def once() -> T:
            connector = open_connector(self.descriptor, self.descriptor.party, self.ways)
            assert connector is not None
            try:
                return await act(connector)
            finally:
                await connector.close()

        return asyncio.run(once())

    def send(self, order: Order) -> Outcome:
        return self.run(lambda connector: connector.send(order))

    def ask(self, order: Order) -> Outcome:
        return self.run(lambda connector: connector.ask(order))

    def passes(self, seconds: float) -> None:
        self.clock.forward(int(seconds * 1_000_000))

    def within_proof(self, outcome: Outcome, right: str = "erase") -> None:
        """Assert that an outcome claims no more than the descriptor says may ever be claimed."""
        proof = self.descriptor.means[right].proof  # type: ignore[index]  # a right
        most = {each: at for at, each in enumerate(PROOFS)}
        assert CLAIMS.get(outcome.state, 9) >= most[proof], (outcome.state, proof)


@contextmanager
def seated(
    vendor: Callable[[Clock], Vendor], text: str, secrets: Sequence[str], folder: Path, record: Any
) -> Iterator[Seat]:
    """Serve a vendor and read the descriptor of its party; `{url}` in it is where it is served. `record` is monkeypatch."""
    clock, counted = Clock(stands=BEGINS), Counts()
    with ExitStack() as stack:
        made = vendor(clock)
        hosted = stack.enter_context(served_in_a_thread([made], clock))[made.name]
        for name, content in made.credentials(hosted.url).items():
            if name in secrets:
                (folder / name).write_text(content, "utf-8")
        (folder / f"{made.name}.yaml").write_text(text.replace("{url}", hosted.url), "utf-8")
        descriptor = load_descriptors(folder)[made.name]
        seat = Seat(hosted, clock, descriptor, Ways(clock, {}, counted), counted)
        recorded(record, seat.requests)
        yield seat


def recorded(monkeypatch: Any, into: list[httpx2.Request]) -> None:
    """Record every request that is sent by httpx2's asynchronous client, whole."""
    send = httpx2.AsyncClient.send

    async def recording(self: httpx2.AsyncClient, request: httpx2.Request, **given: Any) -> httpx2.Response:
        into.append(request)
        return await send(self, request, **given)

    monkeypatch.setattr(httpx2.AsyncClient, "send", recording)
