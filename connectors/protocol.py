"""The `Connector` protocol: how one party is told. Every connector passes the suite of `tests/contracts/connector.py`.

A connector keeps no state of its own: what it must know at the next attempt it hands back in `Outcome.handle`.
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

    To write one: say no more than was shown. A 2xx is `accepted`; only a read-back or a signed answer is `verified`; a
    party's word is `promised`. Here is one of a party with an address book, which can be read back:

    >>> import asyncio
    >>> from lineage.cases.orders import Order, Outcome
    >>> class AddressBook:
    ...     def __init__(self, book: set[str]) -> None:
    ...         self.book, self.limits = book, Limits(calls=10, seconds=1.0)
    ...
    ...     async def send(self, order: Order) -> Outcome:
    ...         if order.action != "erase":
    ...             return Outcome("manual", how="no-such-call")  # a person must do it
    ...         self.book -= {value for _, value in order.identifiers}  # twice has its effect once
    ...         return Outcome("accepted", how="http-202", handle=order.key, ask_again_in=60.0)
    ...
    ...     async def ask(self, order: Order) -> Outcome:
    ...         left = self.book & {value for _, value in order.identifiers}
    ...         return Outcome("partial" if left else "verified", how="read-back", handle=order.handle)
    ...
    ...     async def close(self) -> None: ...
    >>> order = Order(
    ...     "6f2d…", "t-1", "2026-1", "book", "instruction", "erase", "multitronic",
    ...     identifiers=(("email", "a@b.example"),), categories=("email",), purposes=("newsletter",), due="2027-01-15",
    ... )
    >>> connector: Connector = AddressBook({"a@b.example", "c@d.example"})
    >>> asyncio.run(connector.send(order)).state
    'accepted'
    >>> asyncio.run(connector.ask(order)).state
    'verified'

    Then describe it as a `connectors.channel.Channel`, name that as an entry point of the group `jalki.channels`, and name
    the entry point as `channel` in the party's descriptor. Its `Promise` (`tests/contracts/connector.py`) puts it under the
    contract suite, which says what else it must stand.

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
