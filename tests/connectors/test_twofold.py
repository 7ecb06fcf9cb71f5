"""A party that is told by calls and by letter gets the letter once, when the calls are over."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from connectors.descriptor import By, Descriptor, Meaning
from connectors.protocol import Together
from connectors.twofold import NOT_BY_CALLS
from connectors.twofold import twofold as made
from connectors.waiting import Later
from lineage.cases.orders import Order, Outcome
from lineage.errors import JalkiError, Refused, Retryable
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


@dataclass
class Many(Party):
    """A party that is told of many at once: notes how many."""

    groups: list[tuple[str, int]] = field(default_factory=list)
    fails: JalkiError | None = None

    async def send_together(self, told: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        self.groups.append(("told", len(told)))
        if self.fails:
            raise self.fails
        return [await self.send(each) for each in told]

    async def ask_together(self, asked: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        self.groups.append(("asked", len(asked)))
        return [await self.ask(each) for each in asked]


def twofold(calls: Any, letters: Any, by: By = "channel-then-letter", **more: By) -> Any:
    means: dict[Any, Meaning] = {
        right: Meaning("…", "answered", by=each) for right, each in ({"erase": by} | more).items()
    }
    return made(Descriptor("klarna", "rest", means=means, limits=GENEROUS), calls, letters)


def order(action: str = "erase", **changed: object) -> Order:
    return orders.order(party="klarna", action=action, **changed)


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


def test_it_tells_of_many_at_once_where_its_calls_do_and_else_of_one() -> None:
    assert isinstance(twofold(Many(), Letters()), Together)
    assert not isinstance(twofold(Party(), Letters()), Together)


def test_many_are_told_in_one_call_and_each_letter_goes_after_it() -> None:
    letters, calls = (
        Letters(),
        Many(lambda each: ACCEPTED if each.key == "waits" else VERIFIED, asked=lambda _: VERIFIED),
    )
    told = twofold(calls, letters, stop="letter", restrict="channel")
    by_letter, alone, waits = order("stop"), order("restrict"), order(key="waits")
    asked, both, out = order(handle="calls-h-1"), order(), order(handle="letter-1")
    many = [by_letter, alone, waits, asked, both, out]
    answers = asyncio.run(told.send_together(many))
    assert sorted(calls.groups) == [("asked", 1), ("told", 3)]
    assert [each.handle for each in answers] == ["letter-1", "h-1", "calls-h-1", "letter-1", "letter-1", "letter-2"]
    assert [each.state for each in answers] == ["sent", "verified", "sent", "sent", "sent", "sent"]
    assert [each.key for each in letters.out] == [each.key for each in (by_letter, asked, both, out)]
    assert answers == [asyncio.run(told.send(each)) for each in many], "as if each had been told alone"


def test_an_error_of_the_calls_is_no_error_of_letters_and_a_letters_error_is_its_own() -> None:
    class Choosy(Letters):
        async def send(self, order: Order) -> Outcome:
            if order.key == "odd":
                raise Refused("no such letter")
            return await super().send(order)

    letters, calls = Choosy(), Many(fails=Retryable("away"))
    told = twofold(calls, letters, stop="letter")
    answers = asyncio.run(told.send_together([order(), order("stop", key="odd"), order("stop")]))
    assert [type(each) for each in answers] == [Retryable, Refused, Outcome]
    assert len(letters.out) == 1


def test_letters_that_an_attempt_has_no_time_for_go_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    letters, calls = Letters(), Many(lambda _: VERIFIED)
    told = twofold(calls, letters)
    seconds = iter([0.0, 0.0, GENEROUS.timeout])
    monkeypatch.setattr("connectors.twofold.monotonic", lambda: next(seconds))
    first, second = asyncio.run(told.send_together([order(), order()]))
    assert (first.state, isinstance(second, Later), len(letters.out)) == ("sent", True, 1)


def test_many_are_asked_in_one_call_and_a_letter_is_not_asked_of_the_calls() -> None:
    calls = Many(asked=lambda _: VERIFIED)
    answers = asyncio.run(
        twofold(calls, Letters()).ask_together([order(handle="h"), order(handle="letter-1"), order(handle="g")])
    )
    assert [each.state for each in answers] == ["verified", "sent", "verified"]
    assert calls.groups == [("asked", 2)]


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
