"""Deletes users of Google Analytics 4 by its Admin interface: one call an identifier. Asks nothing: there is no status call.

What Google answers is the time up to which data will go, so the most that is claimed is `promised`, by the day that its
documentation gives. The calls of a day are counted; what does not fit into one goes on the next, from where it stopped.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic

from pydantic import AwareDatetime, BaseModel, Field

from connectors.calling import Answer
from connectors.descriptor import Descriptor
from connectors.normalisers import variants
from connectors.protocol import Budget, Limits
from connectors.vendors.google.answers import OPEN, evidence, read, refusal
from connectors.vendors.google.login import Login
from connectors.vendors.google.settings import AnalyticsSettings
from connectors.waiting import Later
from lineage.cases.orders import Order, Outcome
from lineage.clocks import day_of
from lineage.errors import JalkiError, Misconfigured, Retryable

WRITES, DELETIONS = "writes", "deletions"
WITHIN = 62
"""Days. Google's servers delete at the next of the runs that are two months apart; two months are 62 days at most."""
NAMES_AT_MOST = 5_000
_SECOND = 1_000_000
_PROGRESS = re.compile(r"(\d{1,5})/(\d{1,5})/(\d{1,5})")
_HASH = re.compile(r"[0-9a-fA-F]{64}")


class _Deleted(BaseModel):
    model_config = OPEN
    requested: AwareDatetime = Field(alias="deletionRequestTime")


@dataclass(frozen=True, slots=True)
class Named:
    """Whom to delete: (field of the request, value), in the order they are sent. `left`: something cannot be said so."""

    names: tuple[tuple[str, str], ...]
    left: bool = False


@dataclass(slots=True)
class _Progress:
    """How far a task is: identifiers done, and how many of them Google refused; what it said in this attempt."""

    done: int
    refused: int
    said: list[bytes] = field(default_factory=list)
    last: datetime | None = None


def named(order: Order, said: AnalyticsSettings, descriptor: Descriptor) -> Named:
    """Return whom to delete: each device; her account where user ids were sent; addresses in the form Google keeps."""
    names: dict[tuple[str, str], None] = {}
    left = False
    for kind, value in order.identifiers:
        if kind == "device_id" and value:
            names[said.device_ids, value] = None
        elif kind == "customer_id" and said.user_ids and value:
            names["userId", value] = None
        elif kind in ("email", "phone") and (rules := descriptor.identifiers.get(kind)):
            if _HASH.fullmatch(value):  # it takes none: whom this is about cannot be said
                left = True
            else:
                names |= dict.fromkeys(("userProvidedData", form) for form in variants(rules, value))
    return Named(tuple(names)[:NAMES_AT_MOST], left or len(names) > NAMES_AT_MOST)


class UserDeletions:
    """The connector of one property."""

    def __init__(
        self,
        descriptor: Descriptor,
        said: AnalyticsSettings,
        url: str,
        login: Login,
        budget: Budget,
        clock: Callable[[], int],
    ) -> None:
        """`url` is the address without a slash at its end."""
        self._descriptor, self._said, self._login, self._budget, self._clock = descriptor, said, login, budget, clock
        self._url = f"{url}/v1alpha/properties/{said.property}:submitUserDeletion"

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._descriptor.limits

    async def send(self, order: Order) -> Outcome:
        """Have each of her identifiers deleted, from where the last attempt stopped.

        Raises: Retryable, Misconfigured: as `Login.call`; only where this attempt came no further.
        """
        if order.action != "erase":
            return Outcome(
                "manual", how="no-such-call", ground="stop-at-the-source" if order.action == "stop" else "no-such-call"
            )
        if self._said.property is None:
            return Outcome("not_held", how="vendor-closed", evidence=self._closed())
        whom = named(order, self._said, self._descriptor)
        if not whom.names:
            return Outcome("manual", how="no-such-call", ground="no-identifier-it-takes")
        progress = _began(order.handle, len(whom.names))
        wait = await self._go_on(whom.names, progress)
        return self._ended(whom, progress) if wait is None else self._stopped(whom, progress, wait)

    async def ask(self, order: Order) -> Outcome:
        """There is nothing to ask it by: a person must look."""
        return Outcome("manual", how="no-status-call", handle=order.handle)

    async def close(self) -> None:
        """Let connections go."""
        await self._login.close()

    async def _go_on(self, names: Sequence[tuple[str, str]], progress: _Progress) -> float | None:
        """Send what is left, for half the time of an attempt; return the seconds until it goes on, None when all is sent."""
        until, began = monotonic() + self.limits.timeout / 2, progress.done
        while progress.done < len(names):
            try:
                await self._delete(*names[progress.done], progress)
            except Retryable as fault:
                if progress.done == began:
                    raise
                return max(fault.seconds if isinstance(fault, Later) else self.limits.first_wait, 1.0)
            if monotonic() >= until and progress.done < len(names):
                return 1.0
        return None

    async def _delete(self, field: str, value: str, progress: _Progress) -> None:
        await self._budget.take(WRITES)
        await self._budget.take(DELETIONS)
        answer = await self._login.call("POST", self._url, json.dumps({field: value}).encode())
        fault: JalkiError | None = refusal(self._descriptor.party, answer, self._clock())
        if fault is not None:
            raise fault
        if answer.status == 404:
            raise Misconfigured(
                f"{self._descriptor.party} has no such property (404): check `property` and the address"
            )
        requested = self._requested(answer)
        progress.said.append(evidence(answer))
        progress.done += 1
        if requested is None:
            progress.refused += 1
        else:
            progress.last = max(progress.last or requested, requested)

    def _requested(self, answer: Answer) -> datetime | None:
        """Return the time up to which data will go; None: Google refuses this identifier, or says nothing that can be true."""
        said = read(_Deleted, answer) if answer.status == 200 else None
        now = datetime.fromtimestamp(self._clock() // _SECOND, UTC)
        return said.requested if said and abs(said.requested - now) < timedelta(days=1) else None

    def _stopped(self, whom: Named, progress: _Progress, wait: float) -> Outcome:
        handle = f"{progress.done}/{len(whom.names)}/{progress.refused}"
        return Outcome("sent", how="in-part", handle=handle, ask_again_in=wait, evidence=b"\n".join(progress.said))

    def _ended(self, whom: Named, progress: _Progress) -> Outcome:
        kept = b"\n".join([*progress.said, *([self._closed()] if self._said.universal else [])])
        if progress.refused == len(whom.names):
            return Outcome("failed", how="answer-unfit", ground="identifiers-refused", evidence=kept)
        meaning = self._descriptor.means_for("erase")
        within = meaning.within if meaning and meaning.within is not None else WITHIN
        # The last part was perhaps sent in an earlier attempt: today is no earlier than that.
        last = progress.last or datetime.fromtimestamp(self._clock() // _SECOND, UTC)
        by = (day_of(int(last.timestamp()) * _SECOND) + timedelta(days=within)).isoformat()
        ground = self._remains(whom, progress)
        return Outcome("partial" if ground else "promised", how="http-200", by=by, ground=ground, evidence=kept)

    def _remains(self, whom: Named, progress: _Progress) -> str | None:
        """Return what a person must still do, None: nothing that we know of."""
        if progress.refused:
            return "identifiers-refused"
        if whom.left:
            return "identifier-not-taken"
        return "bigquery-export-by-hand" if self._said.bigquery_export else None

    def _closed(self) -> bytes:
        """Why nothing is called for an old property: what Google has documented."""
        return json.dumps(
            {
                "property": self._said.universal,
                "closed": "Universal Analytics: Google deletes its data from the week of 2024-07-01 on; no call is left",
            }
        ).encode()


def _began(handle: str | None, total: int) -> _Progress:
    """Return how far a task is by its handle; from the beginning where that is not about these identifiers."""
    found = _PROGRESS.fullmatch(handle or "")
    if found is None or int(found[2]) != total or not int(found[3]) <= int(found[1]) <= total:
        return _Progress(0, 0)
    return _Progress(int(found[1]), int(found[3]))
