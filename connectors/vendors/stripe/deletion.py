"""Deletes customers at Stripe, where redaction jobs are not to be had. What was paid stays there with what it says of her."""

from connectors.protocol import Limits
from connectors.vendors.stripe.calls import Calls, is_missing
from connectors.vendors.stripe.messages import Held, read
from connectors.vendors.stripe.references import CUSTOMERS, About, by_hand
from lineage.cases.orders import Order, Outcome

HANDLE = "deleted"
LOOK_SECONDS = 60.0
_UNREAD = "answer-unfit"


class Deletion:
    """Satisfies `connectors.protocol.Connector`. It never comes to more than a part: payments are other objects."""

    def __init__(self, limits: Limits, calls: Calls) -> None:
        self._limits, self._calls = limits, calls

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._limits

    async def send(self, order: Order) -> Outcome:
        """Delete the customers that an order names. Raises: as `Calls.post`, and Refused."""
        if (said := by_hand(order)) is not None:
            return said
        paths = _customers(order)
        if not paths:
            return Outcome("manual", how="no-such-call", ground="no-reference")
        for path, id_ in paths:
            answer = await self._calls.delete(path)
            held = read(Held, answer.body) if answer.status == 200 else None
            if not is_missing(answer) and (held is None or held.id != id_ or not held.deleted):
                return Outcome("failed", how=_UNREAD, ground=_UNREAD, evidence=answer.body)
        return Outcome("accepted", how="http-200", handle=HANDLE, ask_again_in=LOOK_SECONDS)

    async def ask(self, order: Order) -> Outcome:
        """Look whether the customers are gone. Raises: as `Calls.post`."""
        seen = b""
        for path, id_ in _customers(order):
            answer = await self._calls.get(path)
            held = read(Held, answer.body) if answer.status == 200 else None
            seen += answer.body + b"\n"
            if is_missing(answer) or (held is not None and held.id == id_ and held.deleted):
                continue
            return Outcome("failed", how="read-back", ground="not-deleted", handle=HANDLE, evidence=seen)
        return Outcome("partial", how="read-back", ground="payments-stay", evidence=seen)

    async def close(self) -> None:
        """Let connections go."""
        await self._calls.caller.close()


def _customers(order: Order) -> list[tuple[str, str]]:
    return [(each.path, each.id) for each in About.of(order).objects if each.type.name == CUSTOMERS]
