"""A party that is told by calls and by letter: by each of what it is good for, as its descriptor says (`by`). Speaks neither.

The calls come first where both are needed: a token is cancelled, then the party reads what else is asked of it.
"""

from dataclasses import dataclass, replace

from connectors.descriptor import By, Descriptor
from connectors.manual import Letters
from connectors.protocol import Connector, Limits
from lineage.cases.orders import Order, Outcome

NOT_BY_CALLS = "not-by-calls"
"""How an outcome is known (`manual`) that the calls have no words for, or not for all of it: a letter can say it."""
_LETTER = "letter-"
_CALLS = "calls-"
"""Before the handle of calls that are still to be asked after, while the letter waits for them."""
_DONE = frozenset({"accepted", "verified", "promised", "not_held"})
"""What the calls must have come to before the letter goes; with anything else a person looks first."""


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
        by, handle = self._by(order), order.handle or ""
        if by == "letter" or handle.startswith(_LETTER):
            return await self.letters.send(order)
        if by == "channel":
            return await self.calls.send(order)
        if handle.startswith(_CALLS):
            return await self._then(order, await self.calls.ask(replace(order, handle=handle.removeprefix(_CALLS))))
        return await self._then(order, await self.calls.send(order))

    async def ask(self, order: Order) -> Outcome:
        """Ask how it goes. Raises: as the two."""
        by_letter = (order.handle or "").startswith(_LETTER)
        return await (self.letters.ask(order) if by_letter else self.calls.ask(order))

    async def close(self) -> None:
        """Let connections go."""
        await self.calls.close()
        await self.letters.close()

    def _by(self, order: Order) -> By:
        meaning = self.descriptor.means_for(order.action)
        return "letter" if meaning is None else meaning.by

    async def _then(self, order: Order, called: Outcome) -> Outcome:
        """Send the letter once the calls are over. What they came to stays as evidence: the answer is the letter's."""
        if called.state == "accepted" and called.ask_again_in is not None:
            # Told as no more than `sent`: from `accepted` no task goes back to a letter that nobody has answered.
            return replace(called, state="sent", handle=_CALLS + (called.handle or ""))
        if called.state not in _DONE and called.how != NOT_BY_CALLS:
            return called
        sent = await self.letters.send(replace(order, handle=None))
        return replace(sent, how=f"{called.how}+{sent.how}", evidence=called.evidence + b"\n" + sent.evidence)
