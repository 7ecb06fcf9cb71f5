"""Stopping, and restricting: she is suppressed, for the group of the purpose or globally, and that is read back.

`Outcome.handle` is `seen.TRY`: suppressions were taken, and so often not found yet.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence

from connectors.vendors.sendgrid.accounts import Account
from connectors.vendors.sendgrid.calls import Calls
from connectors.vendors.sendgrid.saying import Addresses
from connectors.vendors.sendgrid.working import DONE, Batch, Shift, Work, all_of, batches
from lineage.cases.orders import Outcome

SUPPRESSED_AT_MOST = 1_000
"""Addresses of one call: no document says how many may be."""
TRIES = 6
Target = tuple[Account, int | None]
"""Where somebody is suppressed: a group of an account, or globally in it."""


class Stopping:
    """Suppresses. A restriction is always global: nothing is sent to her, and SendGrid knows no other one."""

    def __init__(self, calls: Calls, accounts: Sequence[Account]) -> None:
        self._calls, self._accounts = calls, accounts

    async def send(self, shift: Shift) -> None:
        """Suppress, and read back."""
        new = [each for each in shift.going if _tries(each) == 0]
        for target in self._all_targets(new):
            todo = [each for each in new if each.came is None and target in self._targets(each)]
            if target[1] is not None:
                await shift.through([todo], self._known(target))
            todo = [each for each in todo if each.came is None]
            await shift.through(batches(todo, SUPPRESSED_AT_MOST, lambda work: work.addresses), self._suppress(target))
        for work in (each for each in new if each.came is None):
            work.handle = "seen.0"
        await self.ask(shift)

    async def ask(self, shift: Shift) -> None:
        """Read back whether she is suppressed wherever she should be; changes nothing."""

        async def once(batch: Batch) -> None:
            (work,) = batch
            if all([await self._is_in(work, target) for target in self._targets(work)]):
                partly = work.unfit
                work.came = Outcome(
                    "partial" if partly else "verified", how="read-back", ground="address-unfit" if partly else None
                )
            elif _tries(work) + 1 >= TRIES:
                work.came = Outcome("failed", how="read-back", ground="not-suppressed", handle=DONE)
            else:
                again = f"seen.{_tries(work) + 1}"
                work.came = Outcome("accepted", how="http-201", handle=again, ask_again_in=shift.pause(work))

        await shift.through([[each] for each in shift.going], once)

    def _known(self, target: Target) -> Callable[[Batch], Awaitable[None]]:
        async def once(batch: Batch) -> None:
            account, group = target
            if group is None or await self._calls.has_group(group, account.name):
                return
            for work in batch:
                work.came = Outcome("manual", how="http-404", ground="group-unknown")

        return once

    def _suppress(self, target: Target) -> Callable[[Batch], Awaitable[None]]:
        async def once(batch: Batch) -> None:
            await self._calls.suppress(all_of(batch), target[0].name, target[1])

        return once

    async def _is_in(self, work: Work, target: Target) -> bool:
        account, group = target
        if group is not None:
            return set(work.low) <= await self._calls.members(Addresses.of(work.low), account.name, group)
        return all([await self._calls.is_suppressed(each, account.name) for each in work.low])

    def _targets(self, work: Work) -> list[Target]:
        """Return where she is suppressed: a purpose without a group makes it global."""
        return list(self._wanted(work))

    def _wanted(self, work: Work) -> Iterator[Target]:
        for account in self._accounts:
            groups = {account.groups.get(each) for each in work.order.purposes} or {None}
            if work.order.action == "restrict" or None in groups:
                yield account, None
            else:
                yield from ((account, group) for group in sorted(each for each in groups if each is not None))

    def _all_targets(self, works: Sequence[Work]) -> list[Target]:
        """Return all of them, each once."""
        found: list[Target] = []
        for work in works:
            found += [each for each in self._targets(work) if each not in found]
        return found


def _tries(work: Work) -> int:
    number = (work.handle or "").removeprefix("seen.")
    return int(number) if number.isdecimal() else 0
