"""One attempt at an order: its calls in their order, as far as time allows, and what they come to together."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic
from typing import Protocol

from connectors.calling import Answer
from connectors.protocol import Limits
from connectors.twofold import NOT_BY_CALLS
from connectors.vendors.rest.answers import meaning_of
from connectors.vendors.rest.progress import Known, Progress, evidence_of, state_of, weakest
from connectors.vendors.rest.shapes import DONE, CallSettings
from connectors.vendors.rest.units import Request, Unit, Work
from connectors.waiting import Later
from lineage.cases.orders import Ended, Order, Outcome
from lineage.errors import JalkiError, Misconfigured, Retryable

_ASKED = frozenset({"accepted", "promised"})
"""What is looked at again, where it can be."""
_SOON = 1.0
_BEGIN_WITHIN = 0.5
"""The part of an attempt's seconds in which calls are begun."""
_END_WITHIN = 0.95


class Party(Protocol):
    """The part of a connector that an attempt needs."""

    @property
    def party(self) -> str:
        """Its id."""
        ...

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        ...

    async def call(self, request: Request) -> Answer:
        """Make one request. Raises: as `connectors.calling`."""
        ...

    def today(self, days: int = 0) -> str:
        """Return an ISO day, so many from now."""
        ...


class Attempt:
    """Made for one attempt, and gone with it."""

    def __init__(self, party: Party, order: Order, work: Work, progress: Progress) -> None:
        self._party, self._order, self._work, self._progress = party, order, work, progress
        self._odd: dict[int, Known] = {}
        """Units whose answer the descriptor does not name."""
        self._receipts: list[tuple[str, int, bytes]] = []
        self._begun = monotonic()

    async def told(self) -> Outcome:
        """Make the calls that were not made yet. Raises: Retryable, Misconfigured, Refused: before any was made."""
        which = made = 0
        for place, unit in enumerate(self._work.units):
            if unit.which > which:
                if not self._goes_on(unit):
                    break
                which = unit.which
            if self._progress.told[place] is not None:
                continue
            if made and self._spent() > _BEGIN_WITHIN:
                return self._ended("sent", "in-part", again=_SOON)
            try:
                await self._tell(place, unit)
            except JalkiError as fault:
                if not made:
                    raise
                return self._broken_off(fault)
            made += 1
        return self._outcome()

    async def asked(self) -> Outcome:
        """Read back what was not seen to be done yet. Raises: Retryable, Misconfigured, Refused."""
        if not self._work.units or any(at is None for at in self._progress.told):
            return Outcome("failed", how="settings-changed", handle=self._order.handle)
        looked = 0
        for place, unit in enumerate(self._work.units):
            if not self._is_to_be_read(place, unit) or unit.reading is None:
                continue
            if looked and self._spent() > _BEGIN_WITHIN:
                return self._outcome(again=_SOON)
            await self._read(place, unit, unit.reading)
            looked += 1
        return self._outcome(asking=True)

    async def _tell(self, place: int, unit: Unit) -> None:
        answer = await self._call(unit.call, unit.request)
        at = meaning_of(answer, unit.call.answers)
        if at is None:
            self._odd[place] = self._unnamed(answer)
        else:
            self._progress = self._progress.with_told(place, at)

    async def _read(self, place: int, unit: Unit, request: Request) -> None:
        back = unit.call.read_back
        answer = await self._call(unit.call, request)
        at = meaning_of(answer, back.answers) if back else None
        if back is None or at is None:
            self._odd[place] = self._unnamed(answer)
        elif back.answers[at].state not in _ASKED:  # what is still there changes nothing of what was claimed
            self._progress = self._progress.with_read(place, at)

    async def _call(self, call: CallSettings, request: Request) -> Answer:
        seconds = self._party.limits.timeout * (_END_WITHIN - min(self._spent(), _BEGIN_WITHIN))
        try:
            async with asyncio.timeout(seconds):
                answer = await self._party.call(request)
        except TimeoutError as cause:
            raise Retryable(f"{self._party.party} did not answer within {seconds:g} s") from cause
        self._receipts.append((call.name, answer.status, answer.body))
        return answer

    def _unnamed(self, answer: Answer) -> Known:
        if answer.status == 403:
            raise Misconfigured(f"{self._party.party} does not allow us this call (403): check the rights of our login")
        return Known(None, answer.status)

    def _goes_on(self, unit: Unit) -> bool:
        """Tell whether all calls before have come to what this one wants."""
        return all(state_of(known) in unit.call.after for other, known in self._known() if other.which < unit.which)

    def _is_to_be_read(self, place: int, unit: Unit) -> bool:
        known = self._progress.known(place, unit)
        return unit.reading is not None and known is not None and not known.read and state_of(known) in _ASKED

    def _known(self) -> Iterator[tuple[Unit, Known]]:
        for place, unit in enumerate(self._work.units):
            known = self._odd.get(place) or self._progress.known(place, unit)
            if known is not None:
                yield unit, known

    def _outcome(self, *, asking: bool = False, again: float | None = None) -> Outcome:
        """Return what the calls came to together: the least of it."""
        known = list(self._known())
        claim = weakest(known)
        state = state_of(claim)
        undone = any(not unit.call.optional for unit in self._work.units[len(known) :])
        if state in DONE and undone:
            return self._ended("manual", "stopped")
        if state in DONE and self._work.reason:
            return self._ended("manual", NOT_BY_CALLS, ground=self._work.reason)
        readable = [each for place, each in enumerate(self._work.units) if self._is_to_be_read(place, each)]
        if state == "promised":
            return self._promised(claim, readable, asking=asking)
        if state == "letter":
            return self._ended("manual", NOT_BY_CALLS, ground=claim.settings.ground if claim.settings else None)
        how = "read-back" if claim.read and state == "verified" else f"http-{claim.status}"
        ground = claim.settings.ground if claim.settings else "unknown-answer"
        if state == "accepted":
            return self._ended(state, how, ground=ground, again=again or self._again(readable))
        return self._ended(state, how, ground=ground)

    def _promised(self, claim: Known, readable: list[Unit], *, asking: bool) -> Outcome:
        """Return a promise; one that can be read back is looked at when its day is over, as often as the settings say."""
        within = claim.settings.within if claim.settings and claim.settings.within else 0
        by, how = self._party.today(0 if asking else within), f"http-{claim.status}"
        if asking and self._again(readable) is None:
            return self._ended("failed", "read-back", ground="still-there")
        ended = self._ended("promised", how, by=by, ground=claim.settings.ground if claim.settings else None)
        return ended if readable else replace(ended, handle=None)

    def _ended(
        self, state: Ended, how: str, *, by: str | None = None, ground: str | None = None, again: float | None = None
    ) -> Outcome:
        handle = self._progress.handle
        return Outcome(state, how, by, ground, handle, again, evidence_of(self._receipts))

    def _again(self, readable: list[Unit]) -> float | None:
        """Return after how many seconds to look again; None: there is nothing to see, or we have looked often enough."""
        backs = [unit.call.read_back for unit in readable if unit.call.read_back]
        return min((each.after for each in backs if self._order.attempt <= each.times), default=None)

    def _broken_off(self, fault: JalkiError) -> Outcome:
        """Some calls are made, and the next one is not: they are remembered, and the others made later, or by a person."""
        if not isinstance(fault, Retryable):
            return self._ended("manual", "refused", ground=str(fault))
        limits = self._party.limits
        pause = min(limits.first_wait * 2.0 ** min(self._order.attempt, 30), limits.longest_wait)
        return self._ended("sent", "in-part", again=max(fault.seconds if isinstance(fault, Later) else pause, _SOON))

    def _spent(self) -> float:
        """The part of this attempt's seconds that is over."""
        return (monotonic() - self._begun) / self._party.limits.timeout
