"""Orders while they are told together: whom each is about, how far it is, and what came of it. Calls nothing.

A `Shift` is one attempt for many orders. It goes through batches, splits one that SendGrid does not like until the order
that it does not like stands alone, and stops where the party is away, keeping what was done.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from connectors.calling import NotSent
from connectors.descriptor import Descriptor
from connectors.normalisers import variants
from connectors.vendors.sendgrid.outlines import outline
from connectors.vendors.sendgrid.saying import Addresses, Unfit, is_address
from connectors.waiting import Later
from lineage.cases.orders import Order, Outcome
from lineage.errors import JalkiError, Misconfigured, Retryable

PART_OF_TIMEOUT = 0.6
"""So much of an attempt's time is worked; the rest is for the call that is under way."""
LARGEST = 250_000
"""Bytes of the addresses of one call: 256 KB are taken."""
DONE = "done"
"""The handle of what is over: whoever sends it out again begins anew."""
_SPLITS = 64
Batch = Sequence["Work"]


@dataclass(slots=True)
class Work:
    """One order. `handle` is how far it is; `came` what came of this attempt, None as long as it goes on."""

    order: Order
    addresses: tuple[str, ...]
    unfit: bool
    """Whether something that was sent as her address is none, and can be told to nobody."""
    handle: str | None
    came: Outcome | JalkiError | None = None
    evidence: list[bytes] = field(default_factory=list)

    @property
    def low(self) -> tuple[str, ...]:
        """Her addresses as SendGrid keeps those of contacts."""
        return tuple(dict.fromkeys(each.lower() for each in self.addresses))


def work_of(order: Order, descriptor: Descriptor) -> Work:
    """Return an order with the addresses it is about: as they were sent, and as SendGrid may have written them."""
    names, fit, unfit = descriptor.identifiers.get("email", ()), [], False
    given = [pair for each in order.sendings for pair in each.identifiers] + list(order.identifiers)
    for value in dict.fromkeys(value for kind, value in given if kind == "email"):
        forms = [form for form in (value, *variants(names, value)) if is_address(form)]
        fit += forms
        unfit |= not forms
    work = Work(order, tuple(dict.fromkeys(fit)), unfit, order.handle)
    if not fit:
        work.came = Outcome("manual", how="no-identifier", ground="address-unfit" if unfit else None)
    return work


class Shift:
    """One attempt for these orders, within a part of the time that it may take."""

    def __init__(self, works: Sequence[Work], descriptor: Descriptor, began: float) -> None:
        """`began` is when the attempt did, by the monotonic clock."""
        limits = descriptor.limits
        self.works, self._party = works, descriptor.party
        self._first, self._longest = limits.first_wait, limits.longest_wait
        self._until = began + PART_OF_TIMEOUT * limits.timeout
        self._splits = _SPLITS
        self._dry: NotSent | None = None

    @property
    def going(self) -> list[Work]:
        """Those that nothing came of yet."""
        return [each for each in self.works if each.came is None]

    def pause(self, work: Work) -> float:
        """Return after how many seconds to come again: twice as long each time."""
        return float(max(min(self._first * 2 ** min(work.order.attempt, 20), self._longest), 1.0))

    async def through(self, batches: Iterable[Batch], once: Callable[[Batch], Awaitable[None]]) -> None:
        """Do something for each batch."""
        waiting = [batch for batch in batches if batch]
        while waiting:
            batch = waiting.pop(0)
            if monotonic() > self._until:
                self._stop(
                    [batch, *waiting], Later(f"{self._party} is told of more than one attempt has time for", 1.0)
                )
                return
            try:
                await once(batch)
            except Unfit as fault:
                waiting[:0] = self._split(batch, fault)
            except NotSent as fault:  # a dry run: the next call is to be seen too
                self._dry = fault
            except Retryable as fault:
                self._stop([batch, *waiting], fault)
                return
            except Misconfigured as fault:  # it will be no better for any other; what was done for some is kept
                for work in self.going:
                    work.came = fault
                return

    def end(self) -> None:
        """Let something have come of each order; what was said on the way is its evidence."""
        for each in self.works:
            if each.came is None:
                each.came = self._dry or Retryable(f"{self._party} was not told to the end")
            elif isinstance(each.came, Outcome) and each.evidence:
                each.came = replace(each.came, evidence=b"\n".join((*each.evidence, each.came.evidence)).strip())

    def put_off(self, work: Work, fault: Retryable) -> None:
        """Keep what was done for an order where the rest must wait; the fault itself, where nothing was."""
        done = work.handle is not None and work.handle != work.order.handle
        wait = max(fault.seconds, 1.0) if isinstance(fault, Later) else self.pause(work)
        work.came = Outcome("sent", how="http-202", handle=work.handle, ask_again_in=wait) if done else fault

    def _stop(self, batches: Sequence[Batch], fault: Retryable) -> None:
        for work in (each for batch in batches for each in batch if each.came is None):
            self.put_off(work, fault)

    def _split(self, batch: Batch, fault: Unfit) -> list[Batch]:
        """Return the halves of a batch with something in it that is not taken; nothing, where it cannot be told which."""
        if not fault.rejected or len(batch) == 1 or self._splits <= 0:
            self._failed(batch, fault)
            return []
        self._splits -= 1
        half = len(batch) // 2
        return [batch[:half], batch[half:]]

    def _failed(self, batch: Batch, fault: Unfit) -> None:
        """What nobody knows how to read goes to a person. What came about many may name others: each keeps its outline."""
        kept = fault.answer
        if len(batch) > 1:
            kept = json.dumps({"sendgrid": {"answer": outline(fault.answer), "about": len(batch)}}).encode()
        for work in batch:
            if work.came is None:
                work.evidence.append(kept)
                work.came = Outcome("failed", how="answer-unfit", handle=DONE)


def batches(works: Sequence[Work], most: int, addresses: Callable[[Work], Sequence[str]]) -> Iterator[list[Work]]:
    """Return orders as so many addresses go into one call, each order whole."""
    batch: list[Work] = []
    size, room = 0, LARGEST
    for work in works:
        names = addresses(work)
        weight = sum(len(each) + 4 for each in names)
        if batch and (size + len(names) > most or weight > room):
            yield batch
            batch, size, room = [], 0, LARGEST
        batch.append(work)
        size, room = size + len(names), room - weight
    if batch:
        yield batch


def all_of(batch: Batch) -> Addresses:
    """Return the addresses of orders as they were sent."""
    return Addresses.of(each for work in batch for each in work.addresses)
