"""The `Connector` protocol: how one party is told. Every connector passes `tests/contracts/connector.py`.

A connector keeps no state of its own: what it must know at the next attempt it hands back in `Outcome.handle`.
How to write one is told, and run, in `docs/how-to/write-a-connector.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from lineage.cases.orders import Order, Outcome
from lineage.errors import JalkiError


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls in so many seconds. With a `zone` (IANA name) a window of days begins at midnight there."""

    calls: int
    seconds: float
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a party takes: so many attempts in so many seconds, kept across restarts; and how it is tried again.

    `tries` attempts at most; between them `first_wait` seconds, doubled each time up to `longest_wait`, with full jitter.
    `rates` are those of single calls, by name (`erasejob`): a connector takes them from its `Budget`.
    `together` orders at most are told in one attempt; more than one only by a connector that is `Together`.
    """

    calls: int = 60
    seconds: float = 60.0
    tries: int = 8
    first_wait: float = 2.0
    longest_wait: float = 3_600.0
    timeout: float = 30.0
    rates: Mapping[str, Rate] = field(default_factory=dict)
    together: int = 1


class Budget(Protocol):
    """Counts a party's calls by the `rates` of its limits, durably: whoever starts again has not forgotten them."""

    async def take(self, rate: str, calls: int = 1) -> None:
        """Take that many calls at once, all or none.

        Raises: Later: the window has no room for them; it says when the next one begins. Retryable: the store is away.
        """
        ...


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


@runtime_checkable
class Together(Protocol):
    """A connector that tells its party of several people in one call. `send` and `ask` of it are those of one.

    An answer a task, in the order of the tasks: an outcome, or the error that is this task's alone. What is raised is the
    error of all of them. A call that was made twice has its effect once, also with other orders beside.
    """

    async def send_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Tell the party, in as few calls as it allows."""
        ...

    async def ask_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Ask how these tasks go, in as few calls as it allows. Changes nothing at the party."""
        ...
