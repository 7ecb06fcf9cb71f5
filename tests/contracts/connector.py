"""What every connector promises and how it is staged: one contract suite over all channels. Holds no check.

The checks are in `telling.py` and `failing.py`; each connector's `Promise` stands beside its own tests, and
`tests/connectors/test_contract.py` runs all of them. Each attempt is made by a connector of its own, as after a
restart: what is known from before is the handle alone.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

import pytest

from connectors.descriptor import Descriptor
from connectors.protocol import Connector
from connectors.waiting import Later
from lineage.cases.orders import Order, Outcome
from lineage.cases.words import Action
from lineage.errors import JalkiError, Retryable

SECRETS = ("maija.meri@example.fi", "C-1001")
PATIENCE = 20.0
"""Seconds that no attempt may take, whatever the party does; the connectors of the stages wait a few."""
ATTEMPTS = 30
LEAST_PAUSE = 1.0
Call = tuple[str, str]
"""An operation that a party is called by: method and template of the path. Of other channels there is one: `ANYTHING`."""
ANYTHING: Call = ("", "")


class Fault(StrEnum):
    """What a party may do. Most have the words of `connectors.sandbox.faults.Kind`."""

    BUSY = "busy"
    BUSY_SILENT = "busy-silent"
    BROKEN = "broken"
    BROKEN_AFTER = "broken-after"
    AWAY = "away"
    EXPIRED = "expired"
    REFUSED = "refused"
    """It does not take what is asked, and never will."""
    LOST = "lost"
    LOST_AFTER = "lost-after"
    DROPPED = "dropped"
    DROPPED_AFTER = "dropped-after"
    CUT = "cut"
    LIE = "lie"
    ERROR_INSIDE = "error-inside"
    PARTIAL = "partial"


KEYS_OF_ORDERS, CLEAN_ADDRESSES = "keys-of-orders", "clean-addresses"
"""What else a channel may lack: it tells one order from another by a key; its addresses name nobody."""
CLAIMED: Mapping[str, int] = {"sent": 0, "accepted": 1, "promised": 2, "verified": 3}
"""States that claim something, by how much."""
CLAIMS_NOTHING = frozenset({"manual", "failed", "partial", "declined"})
PROVED: Mapping[str, int] = {"none": 0, "accepted": 1, "answered": 2, "promised": 2, "verified": 3}
"""By what a descriptor says can be proved at most: how much may be claimed."""


class Stage(Protocol):
    """A party, how it is told, and an order about a person it holds something of."""

    descriptor: Descriptor | None
    """None: this channel is made without one here."""
    secrets: Sequence[str]
    """What orders say of her, and what logs in: nothing of it may be seen in clear."""
    keys: Sequence[str]
    """Of these what logs in."""
    waits: float
    """Seconds that it says to wait when it is busy and says so."""

    def connector(self) -> Connector:
        """Return a new connector, which knows of nothing before."""
        ...

    def order(self, action: Action) -> Order:
        """Return an order about her, with a key of its own; the party holds (again) what it is about."""
        ...

    def can(self, fault: Fault, call: Call) -> bool:
        """Tell whether there is such a fault of that operation."""
        ...

    def fail(self, fault: Fault | None, calls: Sequence[Call] = ()) -> None:
        """Have the first call of each of these go wrong, or all of them until time passes; None: none any more."""
        ...

    def called(self) -> Sequence[Call]:
        """Return the operations that were called since this was last asked."""
        ...

    def passes(self, seconds: float) -> None:
        """Let time pass. What goes wrong until then does so no more."""
        ...

    def told(self) -> Sequence[str] | None:
        """Return what the party was told, without doubles; None: it cannot tell orders apart."""
        ...

    def is_done(self, action: Action) -> bool:
        """Tell whether the party has done what such an order asks for, by what it holds."""
        ...

    def held(self) -> object:
        """Return all that it holds."""
        ...

    def others(self) -> object:
        """Return what it holds of others: it must not change."""
        ...

    def addresses(self) -> Sequence[str]:
        """Return every address that was called."""
        ...


@dataclass(frozen=True, slots=True)
class Promise:
    """What one connector promises.

    `most`: by what it can have done, the state that this comes to where nothing goes wrong; none may claim more.
    `never`: what there cannot be in this channel, a `Fault` or one of the two words above, and why.
    `alike`: of these another is told in the same way, so that it need not fail in each.
    """

    name: str
    most: Mapping[Action, str]
    staged: Callable[[pytest.FixtureRequest], AbstractContextManager[Stage]]
    never: Mapping[str, str] = field(default_factory=dict)
    alike: frozenset[Action] = frozenset()

    @property
    def different(self) -> Sequence[Action]:
        """Return the actions that are told each in calls of its own."""
        return [each for each in self.most if each not in self.alike]


@dataclass
class Carried:
    """An order on its way: what came of each attempt, an outcome or an error."""

    order: Order
    trail: list[Outcome | JalkiError] = field(default_factory=list)
    over: bool = False

    @property
    def outcomes(self) -> list[Outcome]:
        """Return the outcomes alone."""
        return [each for each in self.trail if isinstance(each, Outcome)]

    @property
    def errors(self) -> list[JalkiError]:
        """Return the errors alone."""
        return [each for each in self.trail if isinstance(each, JalkiError)]

    @property
    def last(self) -> Outcome:
        """Return what it came to."""
        assert self.outcomes, f"{self}"
        return self.outcomes[-1]

    def __str__(self) -> str:
        """Return what is to be read when a check fails."""
        return ", ".join(
            f"{each.state} ({each.how}, {each.ground})"
            if isinstance(each, Outcome)
            else f"{type(each).__name__} {each}"
            for each in self.trail
        )


class Told(Protocol):
    """The part of a stage that an order is carried out on."""

    def connector(self) -> Connector:
        """Return a new connector."""
        ...

    def order(self, action: Action) -> Order:
        """Return an order."""
        ...

    def passes(self, seconds: float) -> None:
        """Let time pass."""
        ...


async def attempt(stage: Told, order: Order, state: str) -> Outcome | JalkiError:
    """Tell or ask once, by a new connector, as the dispatch does."""
    connector = stage.connector()
    try:
        return await (connector.ask(order) if state in {"accepted", "promised"} else connector.send(order))
    except JalkiError as fault:
        return fault
    finally:
        await connector.close()


async def carry(
    stage: Told, order: Order, *, doubled: bool = False, enough: Callable[[Outcome], bool] = lambda _: False
) -> Carried:
    """Tell and ask until nothing more is to be asked, or it is `enough`, or an error will not pass.

    `doubled`: of each attempt the first outcome is lost.
    """
    run, state = Carried(order), "queued"
    for number in range(1, ATTEMPTS + 1):
        wanted = replace(run.order, attempt=number)
        came = await attempt(stage, wanted, state)
        if doubled:
            came = await attempt(stage, replace(wanted, attempt=number + 1), state)
        run.trail.append(came)
        if isinstance(came, Outcome):
            state = came.state
            run.order = replace(run.order, handle=came.handle or run.order.handle)
        over = (
            came.ask_again_in is None or enough(came) if isinstance(came, Outcome) else not isinstance(came, Retryable)
        )
        if over:
            run.over = True
            return run
        stage.passes(max(_pause(came), LEAST_PAUSE))
    return run


async def carried(stage: Told, action: Action) -> Carried:
    """Carry out an order of that action to its end."""
    run = await carry(stage, stage.order(action))
    assert run.over, f"{run}"
    return run


def _pause(came: Outcome | JalkiError) -> float:
    if isinstance(came, Outcome):
        return came.ask_again_in or 0.0
    return came.seconds if isinstance(came, Later) else 60.0
