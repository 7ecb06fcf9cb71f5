"""Tells a party over its REST interface, call by call, and reads back what can be read back. Knows no party."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.calling import Answer, Caller
from connectors.descriptor import ACTION_OF, Descriptor, Meant
from connectors.protocol import Budget, Limits
from connectors.twofold import NOT_BY_CALLS
from connectors.vendors.rest.attempt import Attempt
from connectors.vendors.rest.login import Login
from connectors.vendors.rest.progress import Progress
from connectors.vendors.rest.shapes import CallSettings, RestSettings
from connectors.vendors.rest.units import Request, Work, work_of
from lineage.cases.orders import Order, Outcome
from lineage.cases.words import Action
from lineage.errors import Misconfigured, Refused
from lineage.register.model import HELSINKI

_RIGHTS: Mapping[Action, Meant] = {action: right for right, action in ACTION_OF.items()}
RATE = "calls"
"""The rate of calls that name no other."""


class Rest:
    """The connector of one party. Its handles tell which calls were made: an attempt that ended half-way is gone on with."""

    def __init__(
        self,
        descriptor: Descriptor,
        settings: RestSettings,
        addresses: Mapping[str | None, str],
        caller: Caller,
        budget: Budget,
        clock: Callable[[], int],
        *,
        dry: bool = False,
    ) -> None:
        """`addresses` are by name, None the party's own. In a dry run nobody is logged in and nothing counted."""
        self._descriptor, self._settings, self._addresses = descriptor, settings, addresses
        self._caller, self._budget, self._clock, self._dry = caller, budget, clock, dry
        self._login = Login(settings.login, descriptor, self._post, clock)

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._descriptor.limits

    async def send(self, order: Order) -> Outcome:
        """Make the calls of an order that were not made yet.

        Raises: Refused: there are none for this right, or too many. Retryable, Misconfigured: as `connectors.calling`.
        """
        calls = self._calls(order)
        work = self._work(calls, order)
        if not work.units:
            return Outcome("manual", how=NOT_BY_CALLS, ground=work.reason, handle=order.handle)
        return await Attempt(self, order, work, Progress.of(order.handle, calls, work.units)).told()

    async def ask(self, order: Order) -> Outcome:
        """Read back what can be, of calls that were made. Raises: as `send`."""
        calls = self._calls(order)
        work = self._work(calls, order)
        return await Attempt(self, order, work, Progress.of(order.handle, calls, work.units)).asked()

    async def close(self) -> None:
        """Let connections go."""
        await self._caller.close()

    async def call(self, request: Request) -> Answer:
        """Make one request, logged in; once more where a token has ended meanwhile.

        Raises: Misconfigured: the login is refused. Refused: the party sends us elsewhere. Retryable: as `Caller`.
        """
        answer = await self._once(request)
        if answer.status == 401 and self._login.renews():
            answer = await self._once(request)
        party = self._descriptor.party
        if answer.status == 401:
            raise Misconfigured(f"{party} refuses our login (401): check the secrets of its descriptor")
        if answer.status // 100 == 3:
            raise Refused(f"{party} sends us elsewhere ({answer.status}), where nobody follows: check its address")
        return answer

    def today(self, days: int = 0) -> str:
        """Return the day in Helsinki, so many days from now."""
        now = datetime.fromtimestamp(self._clock() // 1_000_000, UTC).astimezone(HELSINKI)
        return (now.date() + timedelta(days=days)).isoformat()

    @property
    def party(self) -> str:
        """Its id."""
        return self._descriptor.party

    async def _once(self, request: Request) -> Answer:
        headers = dict(request.headers)
        if not self._dry:
            await self._budget.take(request.rate or RATE)
            headers |= await self._login.headers()
        url = self._addresses[request.at] + request.path
        return await self._caller.call(request.method, url, request.body, headers)

    async def _post(self, at: str | None, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        return await self._caller.call("POST", self._addresses[at] + path, body, headers)

    def _calls(self, order: Order) -> Sequence[CallSettings]:
        right = _RIGHTS.get(order.action)
        calls = self._settings.calls.get(right, ()) if right else ()
        if not calls:
            raise Refused(f"the descriptor of {self.party} has no call to {order.action}: tell it by hand")
        return calls

    def _work(self, calls: Sequence[CallSettings], order: Order) -> Work:
        constants = {f"constants.{name}": value for name, value in self._settings.constants.items()}
        return work_of(calls, order, constants, self._descriptor.identifiers)
