"""Erasure: mail data of every account, lists of addresses, contacts; then the contacts are read back.

`Outcome.handle` is one of: `mail.N.PRINT`, erasure of mail data was taken for the first N accounts; `job.TRY.ID`, contacts are
being deleted; `lists.TRY`, the lists still held her. Each attempt begins where the handle says; all of it may be done twice.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from itertools import groupby

from connectors.descriptor import Descriptor
from connectors.vendors.sendgrid.accounts import Account, print_of
from connectors.vendors.sendgrid.calls import LISTS, TECHNICAL, Calls, List
from connectors.vendors.sendgrid.saying import (
    ADDRESSES_AT_MOST,
    IDS_AT_MOST,
    LONGEST_SEARCHED,
    SEARCHED_AT_MOST,
    Addresses,
    ContactIds,
)
from connectors.vendors.sendgrid.working import DONE, Batch, Shift, Work, all_of, batches
from lineage.cases.orders import Outcome
from lineage.clocks import day_of

SCOPE = "recipients.erasejob.create"
TRIES = 4
"""So often contacts are deleted, or lists cleared, that are still found afterwards; then a person must look."""
CLEARED_AT_MOST = 1_000
"""Addresses that are taken out of a list by one call: no document says how many may be."""
READ_AT_MOST = 25
"""Addresses of one attempt for which the lists are read back: they can be asked for one address at a time alone."""


class Erasing:
    """Has people erased. One `TRY` is one deletion of contacts, or one clearing of the lists."""

    def __init__(
        self, calls: Calls, accounts: Sequence[Account], descriptor: Descriptor, clock: Callable[[], int]
    ) -> None:
        self._calls, self._accounts, self._descriptor, self._clock = calls, accounts, descriptor, clock
        self._may = False

    async def send(self, shift: Shift) -> None:
        """Carry each order as far as it goes in one attempt."""
        new = [each for each in shift.going if _kind(each) not in {"job", "lists"}]
        await shift.through([new] if new else [], self._check_scope)
        for number, account in enumerate(self._accounts):
            todo = [each for each in new if each.came is None and self._mailed(each) <= number]
            await shift.through(
                batches(todo, ADDRESSES_AT_MOST, lambda work: work.addresses), self._mail(number, account)
            )
        await self._clear(shift, [each for each in shift.going if _kind(each) != "job"])
        await self._jobs(shift)
        await self._contacts(shift)

    async def ask(self, shift: Shift) -> None:
        """Read back whether contacts are gone; changes nothing."""
        found = await self._found(shift, shift.going)
        gone = [each for each in shift.going if not found.get(each.order.task, True)]
        for work in shift.going:
            if found.get(work.order.task):
                work.came = Outcome("failed", how="read-back", ground="contact-still-there", handle=DONE)
        await self._end(shift, gone, asking=True)

    async def _check_scope(self, batch: Batch) -> None:
        """An account from before 2023-07-25 may not erase mail data until SendGrid's support lets it."""
        self._may = self._may or SCOPE in await self._calls.scopes()
        if not self._may:
            for work in batch:
                work.came = Outcome("manual", how="http-200", ground="scope-missing")

    def _mailed(self, work: Work) -> int:
        """Return for how many accounts the erasure of her mail data was taken."""
        parts = (work.handle or "").split(".")
        known = len(parts) == 3 and parts[0] == "mail" and parts[2] == print_of(self._accounts) and parts[1].isdecimal()
        return int(parts[1]) if known else 0

    def _mail(self, number: int, account: Account) -> Callable[[Batch], Awaitable[None]]:
        async def once(batch: Batch) -> None:
            job = await self._calls.erase_mail(all_of(batch), account.name)
            for work in batch:
                work.handle = f"mail.{number + 1}.{print_of(self._accounts)}"
                work.evidence.append(_told(mail_data="accepted", account=number, job=job))

        return once

    async def _clear(self, shift: Shift, works: Sequence[Work]) -> None:
        """Take her out of the lists that say why mail did not arrive. Her own word not to be written to stays."""
        for account in self._accounts:
            for which in TECHNICAL:

                async def once(batch: Batch, which: List = which, account: Account = account) -> None:
                    await self._calls.clear(which, all_of(batch), account.name)

                going = [each for each in works if each.came is None]
                await shift.through(batches(going, CLEARED_AT_MOST, lambda work: work.addresses), once)

    async def _jobs(self, shift: Shift) -> None:
        """Ask how deletions stand, each once; who is in one that is not over waits."""
        works = sorted((each for each in shift.going if _kind(each) == "job"), key=_job)

        async def once(batch: Batch) -> None:
            if await self._calls.job_status(_job(batch[0])) == "pending":
                for work in batch:
                    work.came = _again(shift, work)

        await shift.through([list(each) for _, each in groupby(works, _job)], once)

    async def _contacts(self, shift: Shift) -> None:
        """Search contacts; delete those that are there, and end with those that have none."""
        going = shift.going
        found = await self._found(shift, going)
        there = [each for each in going if each.came is None and found.get(each.order.task)]
        for work in there:
            if _tries(work) >= TRIES:
                work.came = Outcome("failed", how="read-back", ground="contact-still-there", handle=DONE)

        async def once(batch: Batch) -> None:
            ids = dict.fromkeys(id_ for work in batch for id_ in found[work.order.task])
            job = await self._calls.delete_contacts(ContactIds(tuple(ids)[:IDS_AT_MOST]))
            for work in batch:
                work.handle = f"job.{_tries(work) + 1}.{job}"
                work.evidence.append(_told(contact="deletion accepted", job=job))
                work.came = _again(shift, work)

        todo = [each for each in there if each.came is None]
        await shift.through(batches(todo, IDS_AT_MOST, lambda work: found[work.order.task]), once)
        gone = [each for each in going if each.came is None and found.get(each.order.task) == ()]
        await self._end(shift, gone)

    async def _found(self, shift: Shift, works: Sequence[Work]) -> dict[str, tuple[str, ...]]:
        """Return the ids of contacts by task; none for a task about which nothing was said."""
        found: dict[str, tuple[str, ...]] = {}

        async def once(batch: Batch) -> None:
            sought = [each for work in batch for each in _searched(work)]
            told = await self._calls.search(Addresses.of(sought)) if sought else {}
            for work in batch:
                contacts = (told[each] for each in _searched(work))
                found[work.order.task] = tuple(dict.fromkeys(each.id for each in contacts if each is not None))

        await shift.through(batches(works, SEARCHED_AT_MOST, _searched), once)
        return found

    async def _end(self, shift: Shift, works: Sequence[Work], *, asking: bool = False) -> None:
        """Say what it came to. The lists are read back where they are few: one address is asked for at a time."""
        if sum(len(each.low) for each in works) > READ_AT_MOST:
            for work in works:
                work.came = self._ended(work, "lists-unread")
            return

        async def once(batch: Batch) -> None:
            (work,) = batch
            left, kept = await self._standing(work)
            work.evidence.append(_told(contact="not found", left=left, kept=kept))
            if not left:
                work.came = self._ended(work, "suppression-kept" if kept else None)
            elif asking or _tries(work) >= TRIES:
                work.came = Outcome("partial", how="read-back", ground="entries-left", handle=DONE)
            else:
                work.handle = f"lists.{_tries(work) + 1}"
                work.came = _again(shift, work)

        await shift.through([[each] for each in works], once)

    async def _standing(self, work: Work) -> tuple[list[str], list[str]]:
        """Return the lists that still hold her: those that should not, and those where she said herself to be left alone."""
        left: set[str] = set()
        kept: set[str] = set()
        for account in self._accounts:
            for address in work.low:
                for which in LISTS:
                    if await self._calls.entries(which, address, account.name):
                        (left if which in TECHNICAL else kept).add(which)
                if await self._calls.is_suppressed(address, account.name):
                    kept.add("global")
                if await self._calls.groups(address, account.name):
                    kept.add("groups")
        return sorted(left), sorted(kept)

    def _ended(self, work: Work, ground: str | None) -> Outcome:
        """Contacts are gone, as was read back; of mail data there is the vendor's word alone, and a day at most."""
        if work.unfit or len(_searched(work)) < len(work.low):
            return Outcome("partial", how="contact-gone", ground="address-unfit", handle=DONE)
        meaning = self._descriptor.means_for("erase")
        if meaning is None or meaning.within is None or meaning.proof not in {"verified", "promised"}:
            return Outcome("accepted", how="contact-gone", ground=ground, handle=DONE)
        by = day_of(self._clock()) + timedelta(days=meaning.within)
        return Outcome("promised", how="contact-gone", by=by.isoformat(), ground=ground)


def _searched(work: Work) -> list[str]:
    """Return those of her addresses that can be searched for."""
    return [each for each in work.low if len(each) <= LONGEST_SEARCHED]


def _kind(work: Work) -> str:
    return (work.handle or "").partition(".")[0]


def _tries(work: Work) -> int:
    parts = (work.handle or "").split(".")
    return int(parts[1]) if parts[0] in {"job", "lists"} and len(parts) > 1 and parts[1].isdecimal() else 0


def _job(work: Work) -> str:
    return (work.handle or "").split(".", 2)[-1]


def _again(shift: Shift, work: Work) -> Outcome:
    return Outcome("sent", how="http-202", handle=work.handle, ask_again_in=shift.pause(work))


def _told(**said: object) -> bytes:
    return json.dumps({"sendgrid": said}, sort_keys=True).encode()
