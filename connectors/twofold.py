"""A party that is told by calls and by letter: by each of what it is good for, as its descriptor says (`by`). Speaks neither.

The calls come first where both are needed: a token is cancelled, then the party reads what else is asked of it.
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Literal

from connectors.descriptor import By, Descriptor
from connectors.manual import Letters
from connectors.protocol import Connector, Limits, Together
from connectors.waiting import Later
from lineage.cases.orders import Order, Outcome
from lineage.errors import JalkiError

Way = Literal["letter", "tell", "ask"]
"""How an order goes on: by a letter, by calls, or by asking after calls that were made."""

NOT_BY_CALLS = "not-by-calls"
"""How an outcome is known (`manual`) that the calls have no words for, or not for all of it: a letter can say it."""
_LETTER = "letter-"
_CALLS = "calls-"
"""Before the handle of calls that are still to be asked after, while the letter waits for them."""
_DONE = frozenset({"accepted", "verified", "promised", "not_held"})
"""What the calls must have come to before the letter goes; with anything else a person looks first."""
_REST_SECONDS = 1.0
"""After so long the letters go on for which an attempt had no time."""


def twofold(descriptor: Descriptor, calls: Connector, letters: Letters) -> "Twofold | TwofoldTogether":
    """Return the connector of a party with both: it tells of many at once where its calls do."""
    both = Twofold(descriptor, calls, letters)
    return TwofoldTogether(both, calls) if isinstance(calls, Together) else both


@dataclass(frozen=True, slots=True)
class Twofold:
    """Satisfies `connectors.protocol.Connector`. `Outcome.handle` tells by which of the two a task is on its way."""

    descriptor: Descriptor
    calls: Connector
    letters: Letters

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self.calls.limits

    async def send(self, order: Order) -> Outcome:
        """Tell the party. Raises: as the two."""
        way = self.way(order)
        if way == "letter":
            return await self.letters.send(order)
        called = await (self.calls.ask if way == "ask" else self.calls.send)(as_called(order))
        return self.without_letter(order, called) or await self.letter_after(order, called)

    async def ask(self, order: Order) -> Outcome:
        """Ask how it goes. Raises: as the two."""
        return await (self.letters.ask(order) if is_out(order) else self.calls.ask(order))

    async def close(self) -> None:
        """Let connections go."""
        await self.calls.close()
        await self.letters.close()

    def way(self, order: Order) -> Way:
        """Return how an order that is sent goes on."""
        by = self._by(order)
        if by == "letter" or is_out(order):
            return "letter"
        return "ask" if by == "channel-then-letter" and (order.handle or "").startswith(_CALLS) else "tell"

    def without_letter(self, order: Order, called: Outcome) -> Outcome | None:
        """Return what is said of calls after which no letter goes, or not yet; None: it goes."""
        if self._by(order) == "channel":
            return called
        if called.state == "accepted" and called.ask_again_in is not None:
            # Told as no more than `sent`: from `accepted` no task goes back to a letter that nobody has answered.
            return replace(called, state="sent", handle=_CALLS + (called.handle or ""))
        return called if called.state not in _DONE and called.how != NOT_BY_CALLS else None

    async def letter_after(self, order: Order, called: Outcome) -> Outcome:
        """Send the letter, the calls being over. What they came to stays as evidence: the answer is the letter's."""
        sent = await self.letters.send(replace(order, handle=None))
        return replace(sent, how=f"{called.how}+{sent.how}", evidence=called.evidence + b"\n" + sent.evidence)

    def _by(self, order: Order) -> By:
        meaning = self.descriptor.means_for(order.action)
        return "letter" if meaning is None else meaning.by


@dataclass(frozen=True, slots=True)
class TwofoldTogether:
    """`one`, whose `calls` tell of many at once. Satisfies `connectors.protocol.Connector` and `Together`.

    All calls are made before the first letter: whose letter fails has no say in others' calls.
    """

    one: Twofold
    calls: Together

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self.one.limits

    async def send(self, order: Order) -> Outcome:
        """Tell of one. Raises: as the two."""
        return await self.one.send(order)

    async def ask(self, order: Order) -> Outcome:
        """Ask about one. Raises: as the two."""
        return await self.one.ask(order)

    async def close(self) -> None:
        """Let connections go."""
        await self.one.close()

    async def send_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Tell of many in as few calls as they allow, then send the letters. An error of calls is of those in them alone.

        A letter for which half the time of an attempt is not enough is `Later`: what takes longer would be cut off whole.
        """
        ends = monotonic() + self.limits.timeout / 2
        ways = [self.one.way(each) for each in orders]
        told = await self._called("tell", orders, ways) | await self._called("ask", orders, ways)
        return [await self._ended(each, told.get(at), ends) for at, each in enumerate(orders)]

    async def ask_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Ask about many: after calls in as few as they allow; a letter cannot be asked."""
        told = await self._called("ask", orders, ["letter" if is_out(each) else "ask" for each in orders])
        return [told[at] if at in told else await self.one.ask(each) for at, each in enumerate(orders)]

    async def _called(self, way: Way, orders: Sequence[Order], ways: Sequence[Way]) -> dict[int, Outcome | JalkiError]:
        """Return what came of the calls for orders that go on in that way, by their place."""
        places = [at for at, each in enumerate(ways) if each == way]
        if not places:
            return {}
        act = self.calls.ask_together if way == "ask" else self.calls.send_together
        answers = await _each(act([as_called(orders[at]) for at in places]), len(places))
        return dict(zip(places, answers, strict=True))

    async def _ended(self, order: Order, called: Outcome | JalkiError | None, ends: float) -> Outcome | JalkiError:
        """Return what comes of an order: what its calls came to, or its letter; None of `called`: there is the letter alone."""
        if isinstance(called, JalkiError):
            return called
        if called is not None and (said := self.one.without_letter(order, called)) is not None:
            return said
        if monotonic() >= ends:
            return Later(
                f"{order.party} gets more letters than go in one attempt: the rest goes in the next", _REST_SECONDS
            )
        try:
            return await (self.one.letters.send(order) if called is None else self.one.letter_after(order, called))
        except JalkiError as fault:
            return fault


def is_out(order: Order) -> bool:
    """Tell whether a letter of this order is out."""
    return (order.handle or "").startswith(_LETTER)


def as_called(order: Order) -> Order:
    """Return an order as its calls know it."""
    return replace(order, handle=order.handle.removeprefix(_CALLS)) if order.handle else order


async def _each(act: Awaitable[Sequence[Outcome | JalkiError]], number: int) -> Sequence[Outcome | JalkiError]:
    try:
        return await act
    except JalkiError as fault:
        return [fault] * number
