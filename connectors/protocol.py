"""The `Connector` protocol: how one party is told. Every connector passes `tests/contracts/connector.py`.

A connector keeps no state of its own: what it must know at the next attempt it hands back in `Outcome.handle`.
"""

from dataclasses import dataclass
from typing import Protocol

from lineage.cases.orders import Order, Outcome


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a party takes: so many calls in so many seconds, kept across restarts; and how it is tried again.

    `tries` attempts at most; between them `first_wait` seconds, doubled each time up to `longest_wait`, with full jitter.
    """

    calls: int = 60
    seconds: float = 60.0
    tries: int = 8
    first_wait: float = 2.0
    longest_wait: float = 3_600.0
    timeout: float = 30.0


class Connector(Protocol):
    """Tells one party, and asks it how it goes.

    Raises: Retryable: it is away, busy or over its limit; the same call may do later. Refused: it will never take this:
    a person must look. Misconfigured: our own settings (credentials, address) are wrong.
    """

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        ...

    async def send(self, order: Order) -> Outcome:
        """Tell the party. The same `order.key` twice has its effect once at a party that can tell."""
        ...

    async def ask(self, order: Order) -> Outcome:
        """Ask how a task goes that was sent, or read back whether the data is gone. Changes nothing at the party."""
        ...

    async def close(self) -> None:
        """Let connections go."""
        ...
