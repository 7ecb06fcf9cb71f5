"""What every `connectors.protocol.Connector` must do, against a real server of the party, with its faults.

A `Stage` is one party and its connector. Each check runs on a stage of its own.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Literal, Protocol

import pytest

from connectors.protocol import Connector
from lineage.cases.orders import Order
from lineage.errors import JalkiError, Misconfigured, Refused, Retryable

Fault = Literal["away", "slow", "busy", "broken", "cut", "cut-after", "refused", "login"]
SECRETS = ("maija.meri@example.fi", "C-1001")
PATIENCE = 20.0
"""Seconds that no call may take, whatever the party does; the connectors of the stages wait a few."""


class Stage(Protocol):
    """A party, and what it has been told."""

    connector: Connector

    def order(self) -> Order:
        """Return an order that this party takes, about `SECRETS`."""
        ...

    def fail(self, fault: Fault | None) -> None:
        """Have the party fail so from now on; None: no more."""
        ...

    def told(self) -> Sequence[str]:
        """Return what the party was told, without doubles: how it tells them apart, in order."""
        ...


Check = Callable[[Stage], Awaitable[None]]
WHAT_FOLLOWS: dict[Fault, type[JalkiError]] = {
    "away": Retryable,
    "slow": Retryable,
    "busy": Retryable,
    "broken": Retryable,
    "cut": Retryable,
    "cut-after": Retryable,
    "refused": Refused,
    "login": Misconfigured,
}


async def telling_claims_no_more_than_was_shown(stage: Stage) -> None:
    outcome = await stage.connector.send(stage.order())
    assert outcome.state in {"sent", "accepted"}
    assert len(stage.told()) == 1


async def the_same_order_twice_is_one_to_the_party(stage: Stage) -> None:
    order = stage.order()
    first = await stage.connector.send(order)
    again = await stage.connector.send(replace(order, attempt=2))  # its outcome was lost: the handle is not known
    assert len(stage.told()) == 1
    assert (first.state, first.handle) == (again.state, again.handle)


async def another_order_is_another_to_the_party(stage: Stage) -> None:
    await stage.connector.send(stage.order())
    await stage.connector.send(stage.order())
    assert len(stage.told()) == 2


async def asking_changes_nothing_and_proves_nothing_yet(stage: Stage) -> None:
    order = stage.order()
    sent = await stage.connector.send(order)
    for _ in range(2):
        asked = await stage.connector.ask(replace(order, handle=sent.handle, attempt=2))
        assert asked.state in {"sent", "accepted"}
        assert asked.handle == sent.handle
    assert len(stage.told()) == 1


async def what_there_are_no_words_for_is_refused(stage: Stage) -> None:
    with pytest.raises(Refused):
        await stage.connector.send(replace(stage.order(), action="send"))
    assert stage.told() == []


async def an_outcome_holds_no_personal_data_in_clear(stage: Stage) -> None:
    outcome = await stage.connector.send(stage.order())
    shown = repr(replace(outcome, evidence=b""))
    assert not [each for each in SECRETS if each in shown]


def after(fault: Fault) -> Check:
    """A fault is told by what must be done, without data and in bounded time; when it has passed, the party is told once."""

    async def check(stage: Stage) -> None:
        order, began = stage.order(), time.monotonic()
        stage.fail(fault)
        with pytest.raises(WHAT_FOLLOWS[fault]) as raised:
            await stage.connector.send(order)
        assert time.monotonic() - began < PATIENCE
        assert not [each for each in (*SECRETS, order.key) if each in str(raised.value)]
        stage.fail(None)
        outcome = await stage.connector.send(replace(order, attempt=2))
        assert outcome.state in {"sent", "accepted"}
        assert len(stage.told()) == 1

    check.__name__ = f"a_party_that_is_{fault.replace('-', '_')}_is_told_once_when_that_has_passed"
    return check


CHECKS: tuple[Check, ...] = (
    telling_claims_no_more_than_was_shown,
    the_same_order_twice_is_one_to_the_party,
    another_order_is_another_to_the_party,
    asking_changes_nothing_and_proves_nothing_yet,
    what_there_are_no_words_for_is_refused,
    an_outcome_holds_no_personal_data_in_clear,
    *(after(fault) for fault in WHAT_FOLLOWS),
)
