"""Removes people from user lists of Google Ads by the Data Manager, of many orders in one call, and asks how that goes.

A removal has no key of ours: made twice, it has its effect once, for who is gone stays gone. There is one path to remove
by, with the members named; none clears a list.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from pydantic import BaseModel, Field

from connectors.calling import Answer
from connectors.descriptor import Descriptor
from connectors.protocol import Budget, Limits
from connectors.vendors.google.answers import OPEN, evidence, read, refusal
from connectors.vendors.google.login import Login
from connectors.vendors.google.members import Batch, Removal, body, packed, removal, rest
from connectors.vendors.google.requests import Part, Statuses, read_handle, shown, standing, written
from connectors.vendors.google.settings import AdsSettings
from lineage.cases.orders import Order, Outcome
from lineage.clocks import day_of
from lineage.errors import JalkiError

REQUESTS, DAILY = "requests", "requests-a-day"
FIRST_LOOK = 1_800.0
"""Seconds before a request may be asked after, says its guide; each wait after that is twice as long."""
LONGEST_LOOK = 21_600.0
LOOKS_AT_MOST = 60
REMOVES = frozenset({"erase", "stop", "restrict"})
KNOWN_AT_MOST = 64
"""Requests that are over, whose status is kept in memory: it will not change, and thousands of orders may ask for it."""


class _Taken(BaseModel):
    model_config = OPEN
    request: Annotated[str, Field(alias="requestId", pattern=r"^[!-:<-~]{1,256}$")]


@dataclass(slots=True)
class _Told:
    """What became of one order's members: parts that were taken, answers that refuse or cannot be read, a fault."""

    parts: list[Part] = field(default_factory=list)
    refused: list[tuple[str, bytes]] = field(default_factory=list)
    fault: JalkiError | None = None


class Audiences:
    """The connector of one account. Satisfies `connectors.protocol.Together`."""

    def __init__(
        self,
        descriptor: Descriptor,
        said: AdsSettings,
        url: str,
        login: Login,
        budget: Budget,
        clock: Callable[[], int],
    ) -> None:
        """`url` is the address without a slash at its end."""
        self._descriptor, self._said, self._login, self._budget, self._clock = descriptor, said, login, budget, clock
        self._url = f"{url}/v1"
        self._over: dict[str, Statuses] = {}

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._descriptor.limits

    async def send(self, order: Order) -> Outcome:
        """Remove one person. Raises: as `Login.call`."""
        return _alone(await self.send_together([order]))

    async def ask(self, order: Order) -> Outcome:
        """Ask how a removal goes. Raises: as `Login.call`."""
        return _alone(await self.ask_together([order]))

    async def close(self) -> None:
        """Let connections go."""
        await self._login.close()

    async def send_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Remove people, in as few calls as Google allows. A call that fails is the fault of those in it and in later ones."""
        rules = self._descriptor.identifiers
        wanted = [
            removal(each, at, self._said, rules) if each.action in REMOVES else Removal((), "no-such-call")
            for at, each in enumerate(orders)
        ]
        told = [_Told() for _ in orders]
        fault: JalkiError | None = None
        for batch in packed([member for each in wanted for member in each.members]):
            if fault is None:
                fault = await self._remove(batch, told)
            if fault is not None:
                for owner in batch.places():
                    told[owner].fault = told[owner].fault or fault
        return [self._answer(each, come) for each, come in zip(wanted, told, strict=True)]

    async def ask_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Ask how removals go: once for each request, however many orders are in it."""
        known: dict[str, Statuses | Outcome | JalkiError] = {}
        handles = [read_handle(each.handle) for each in orders]
        for found in handles:
            for part in found[0] if found else ():
                if part.request not in known:
                    known[part.request] = await self._status(part.request)
        return [self._stands(order, found, known) for order, found in zip(orders, handles, strict=True)]

    async def _remove(self, batch: Batch, told: Sequence[_Told]) -> JalkiError | None:
        """Send a request; where Google refuses all of it, once more for each list, for one unknown list spoils all others."""
        try:
            answer = await self._post(batch)
            if answer.status == 400 and len(batch.lists) > 1:
                for user_list in batch.lists:
                    one = batch.only(user_list)
                    self._keep(one, await self._post(one), told)
            else:
                self._keep(batch, answer, told)
        except JalkiError as fault:
            return fault
        return None

    async def _post(self, batch: Batch) -> Answer:
        return await self._call("POST", f"{self._url}/audienceMembers:remove", body(batch, self._said))

    async def _call(self, method: str, url: str, content: bytes | None = None) -> Answer:
        await self._budget.take(REQUESTS)
        await self._budget.take(DAILY)
        answer = await self._login.call(method, url, content)
        fault = refusal(self._descriptor.party, answer, self._clock())
        if fault is not None:
            raise fault
        return answer

    def _keep(self, batch: Batch, answer: Answer, told: Sequence[_Told]) -> None:
        taken = self._taken(answer) if answer.status == 200 else None
        how = f"http-{answer.status}" if answer.status != 200 else "answer-unfit"
        for owner, (first, last, lists) in batch.places().items():
            if taken is None:
                told[owner].refused.append((how, evidence(answer)))
            else:
                told[owner].parts.append(Part(taken, first, last, lists))

    def _taken(self, answer: Answer) -> str | None:
        """Return the id of a request that was taken; of one that was only to be judged there is none, and none is needed."""
        if self._said.validate_only:
            return "validated"
        said = read(_Taken, answer)
        return None if said is None else said.request

    def _answer(self, wanted: Removal, told: _Told) -> Outcome | JalkiError:
        """Return what came of sending one order."""
        if told.fault is not None:
            return told.fault
        kept = b"\n".join(content for _, content in told.refused)
        if not wanted.members:
            return Outcome("manual", how="no-such-call", ground=wanted.ground or "no-identifier-it-takes")
        if not told.parts:
            return Outcome("failed", how=told.refused[0][0], ground="removal-refused", evidence=kept)
        if self._said.validate_only:
            return Outcome("manual", how="validated-only", ground="validate-only", evidence=kept)
        handle = written(told.parts, refused=bool(told.refused))
        return Outcome("accepted", how="http-200", handle=handle, ask_again_in=FIRST_LOOK, evidence=kept)

    async def _status(self, request: str) -> Statuses | Outcome | JalkiError:
        """Return how a request stands, what to say where Google does not say it, or what went wrong."""
        if request in self._over:
            return self._over[request]
        try:
            answer = await self._call("GET", f"{self._url}/requestStatus:retrieve?requestId={quote(request, safe='')}")
        except JalkiError as fault:
            return fault
        said = read(Statuses, answer) if answer.status == 200 else None
        if said is None:
            how = f"http-{answer.status}" if answer.status != 200 else "answer-unfit"
            return Outcome("failed", how=how, ground="request-unknown", evidence=evidence(answer))
        if said.over:
            self._over[request] = said
            while len(self._over) > KNOWN_AT_MOST:
                del self._over[next(iter(self._over))]
        return said

    def _stands(
        self,
        order: Order,
        found: tuple[Sequence[Part], bool] | None,
        known: Mapping[str, Statuses | Outcome | JalkiError],
    ) -> Outcome | JalkiError:
        if found is None:
            return Outcome("manual", how="no-handle", ground="no-handle")
        told: dict[Part, Statuses] = {}
        for part in found[0]:
            said = known[part.request]
            if not isinstance(said, Statuses):
                return said
            told[part] = said
        stand = {standing(part, said) for part, said in told.items()}
        if "open" in stand:
            return self._wait(order)
        if stand == {"failed"} and not found[1]:
            return Outcome("failed", how="request-status", ground="removal-failed", evidence=shown(told))
        ground = "partly-removed" if stand != {"removed"} or found[1] else rest(order, self._said)
        meaning = self._descriptor.means_for(order.action)
        by = day_of(self._clock()) + timedelta(days=(meaning.within or 0) if meaning else 0)
        return Outcome(
            "partial" if ground else "promised",
            how="request-status",
            by=by.isoformat(),
            ground=ground,
            evidence=shown(told),
        )

    def _wait(self, order: Order) -> Outcome:
        """Ask again later, twice as long each time; in the end a person must look."""
        if order.attempt > LOOKS_AT_MOST:
            return Outcome("manual", how="no-answer-yet", ground="no-status-in-time", handle=order.handle)
        wait = min(FIRST_LOOK * 2 ** min(max(order.attempt - 1, 0), 20), LONGEST_LOOK)
        return Outcome("accepted", how="http-200", handle=order.handle, ask_again_in=wait)


def _alone(answers: Sequence[Outcome | JalkiError]) -> Outcome:
    (answer,) = answers
    if isinstance(answer, JalkiError):
        raise answer
    return answer
