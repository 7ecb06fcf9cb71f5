"""The connector of SendGrid: each order to what carries its action out, many at once. Knows no call."""

from collections.abc import Sequence
from time import monotonic

from connectors.descriptor import Descriptor
from connectors.protocol import Limits
from connectors.vendors.sendgrid.calls import Calls
from connectors.vendors.sendgrid.collecting import Collecting
from connectors.vendors.sendgrid.erasing import Erasing
from connectors.vendors.sendgrid.rectifying import Rectifying
from connectors.vendors.sendgrid.stopping import Stopping
from connectors.vendors.sendgrid.working import Shift, work_of
from lineage.cases.orders import Order, Outcome
from lineage.cases.words import Action
from lineage.errors import JalkiError

_NO_CALL = Outcome("manual", how="no-such-call")
_LIFTED = Outcome("manual", how="no-such-call", ground="suppression-may-be-hers")
"""A suppression does not say who made it: taking it out may undo what she wished herself."""


class SendGrid:
    """Tells SendGrid. Satisfies `connectors.protocol.Connector` and `Together`."""

    def __init__(
        self,
        descriptor: Descriptor,
        calls: Calls,
        erasing: Erasing,
        stopping: Stopping,
        rectifying: Rectifying,
        collecting: Collecting,
    ) -> None:
        self._descriptor, self._calls, self._erasing = descriptor, calls, erasing
        self._stopping, self._rectifying, self._collecting = stopping, rectifying, collecting

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._descriptor.limits

    async def send(self, order: Order) -> Outcome:
        """Tell it of one person. Raises: as the protocol."""
        return _alone(await self.send_together([order]))

    async def ask(self, order: Order) -> Outcome:
        """Read back how one task stands. Raises: as the protocol."""
        return _alone(await self.ask_together([order]))

    async def send_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Tell it of many, in as few calls as it takes."""
        return await self._together(orders, asking=False)

    async def ask_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Read back what can be read back of many; changes nothing there."""
        return await self._together(orders, asking=True)

    async def close(self) -> None:
        """Let connections go."""
        await self._calls.close()

    async def _together(self, orders: Sequence[Order], *, asking: bool) -> Sequence[Outcome | JalkiError]:
        works, began = [work_of(each, self._descriptor) for each in orders], monotonic()
        for action in dict.fromkeys(each.action for each in orders):
            shift = Shift([each for each in works if each.order.action == action], self._descriptor, began)
            await self._carry(action, shift, asking=asking)
            shift.end()
        return [each.came or _NO_CALL for each in works]

    async def _carry(self, action: Action, shift: Shift, *, asking: bool) -> None:
        match action:
            case "erase":
                await (self._erasing.ask(shift) if asking else self._erasing.send(shift))
            case "stop" | "restrict":
                await (self._stopping.ask(shift) if asking else self._stopping.send(shift))
            case "rectify":
                await self._rectifying.send(shift)  # it is never `accepted`, so never asked
            case "collect":
                await self._collecting.send(shift)
            case "lift" | "send":
                for work in shift.works:
                    work.came = _LIFTED if action == "lift" else _NO_CALL


def _alone(answers: Sequence[Outcome | JalkiError]) -> Outcome:
    (answer,) = answers
    if isinstance(answer, JalkiError):
        raise answer
    return answer
