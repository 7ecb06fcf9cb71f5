"""A party that is told by calls and by letter gets the letter once, when the calls are over."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from connectors.descriptor import By, Descriptor, Meaning
from connectors.twofold import NOT_BY_CALLS, Twofold
from lineage.cases.orders import Order, Outcome
from tests.cases.events import account, mailed, subscribed
from tests.cases.stage import GENEROUS, Party, Stage, staged, task_of
from tests.connectors import orders

ACCEPTED = Outcome("accepted", "http-204", handle="h-1", ask_again_in=600.0)
VERIFIED = Outcome("verified", "read-back", handle="h-1")


@dataclass
class Letters:
    """Stands in for `connectors.manual.Letters`: counts what goes out."""

    out: list[Order] = field(default_factory=list)

    async def send(self, order: Order) -> Outcome:
        self.out.append(order)
        number = int((order.handle or "letter-0").removeprefix("letter-")) + 1
        return Outcome("sent", "smtp-250", handle=f"letter-{number}")

    async def ask(self, order: Order) -> Outcome:
        return Outcome("sent", "no-answer-yet", handle=order.handle)

    async def close(self) -> None:
        """Nothing to let go."""


def twofold(calls: Any, letters: Any, by: By = "channel-then-letter") -> Twofold:
    descriptor = Descriptor("klarna", "rest", means={"erase": Meaning("…", "answered", by=by)}, limits=GENEROUS)
    return Twofold(descriptor, calls, letters)


@pytest.mark.parametrize(
    ("called", "letter"),
    [
        (Outcome("accepted", "http-204"), True),
        (Outcome("not_held", "http-404"), True),
        (VERIFIED, True),
        (Outcome("manual", NOT_BY_CALLS, ground="no-identifier"), True),
        (ACCEPTED, False),
        (Outcome("sent", "in-part", handle="h-1", ask_again_in=1.0), False),
        (Outcome("manual", "http-200"), False),
        (Outcome("failed", "http-418"), False),
        (Outcome("declined", "http-403", ground="own"), False),
    ],
)
def test_the_letter_goes_when_the_calls_are_over_or_there_are_none_to_make(called: Outcome, letter: bool) -> None:
    letters = Letters()
    outcome = asyncio.run(twofold(Party(lambda _: called), letters).send(orders.order(party="klarna")))
    assert bool(letters.out) == letter
    assert outcome.state == ("sent" if letter or called == ACCEPTED else called.state)


def test_by_the_channel_alone_no_letter_goes() -> None:
    letters = Letters()
    outcome = asyncio.run(twofold(Party(lambda _: ACCEPTED), letters, "channel").send(orders.order(party="klarna")))
    assert (outcome, letters.out) == (ACCEPTED, [])


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as opened:
        yield opened


def test_a_letter_that_waits_for_a_read_back_goes_once(shop: Stage) -> None:
    shop.record(account(), subscribed(), mailed())
    letters, seen = Letters(), [ACCEPTED]
    told = twofold(Party(lambda _: ACCEPTED, asked=lambda _: seen[-1]), letters)
    shop.parties.by_id["sendgrid"] = told  # type: ignore[assignment]  # a connector as any other
    case = shop.approve(shop.preview(shop.open("erasure", ("customer_id", "C-1"))))
    assert (task_of(case, "sendgrid").state, letters.out) == ("sent", [])
    shop.at("2026-03-01T11:00:00+02:00")
    assert (task_of(shop.run(case), "sendgrid").state, letters.out) == ("sent", [])
    seen.append(VERIFIED)
    for hour in ("13", "15", "17", "19"):
        shop.at(f"2026-03-01T{hour}:00:00+02:00")
        task = task_of(shop.run(case), "sendgrid")
        assert (task.state, task.handle, len(letters.out)) == ("sent", "letter-1", 1)
    shop.at("2026-03-09T12:00:00+02:00")
    task = task_of(shop.run(case), "sendgrid")
    assert (task.state, task.handle) == ("sent", "letter-2"), "it is reminded as any other"
