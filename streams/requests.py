"""What companies ask of us over OpenDSR, as cases in the journal. Satisfies `connectors.opendsr.answering.Requests`."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

from connectors.opendsr.answering import Incoming, Standing
from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.requested import CompanyRequest, cancelled, found_of, opened, results_of
from lineage.cases.requested_standing import standing_of
from lineage.cases.words import Right

RIGHTS: dict[str, Right] = {"erasure": "erasure", "access": "access"}
T = TypeVar("T")


def request_of(incoming: Incoming) -> CompanyRequest:
    """Return a request as casework knows it. Its type is one that `Answering` takes."""
    return CompanyRequest(
        id=incoming.id,
        company=incoming.company,
        right=RIGHTS[incoming.type],
        named=incoming.identifiers,
        submitted=incoming.submitted,
        callbacks=incoming.callback_urls,
    )


@dataclass(frozen=True, slots=True)
class CompanyRequests:
    """Opens a case for each request. `thread` is where the stores are used; `moved` is called when a case has changed."""

    work: Casework
    thread: Executor
    moved: Callable[[], None]

    async def opened(self, incoming: Incoming) -> Standing:
        """Open a request durably, once for its company and id; the same one again only tells how it stands.

        Raises: Refused: the company has used the id for another request.
        """
        return await self._do(lambda: self._opened(incoming))

    async def standing(self, company: str, request: str) -> Standing | None:
        """Return how a company's request stands, None where it has none of that id."""
        return await self._do(lambda: self._standing(company, request))

    async def results(self, company: str, request: str) -> bytes | None:
        """Return the records of a company's completed request, packed; None where there are none, or none any more."""
        return await self._do(lambda: results_of(self.work, company, request))

    async def cancelled(self, company: str, request: str) -> bool:
        """Take a request back while it is pending; False where it is too late, or there is none."""
        return await self._do(lambda: self._cancelled(company, request))

    def _opened(self, incoming: Incoming) -> Standing:
        case = opened(self.work, request_of(incoming))
        self.moved()
        return self._said(case)

    def _standing(self, company: str, request: str) -> Standing | None:
        case = found_of(self.work, company, request)
        return self._said(case) if case else None

    def _cancelled(self, company: str, request: str) -> bool:
        done = cancelled(self.work, company, request)
        self.moved()
        return done

    def _said(self, case: Case) -> Standing:
        found = standing_of(self.work, case)
        return Standing(found.status, found.received, found.expected, found.results)

    async def _do(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.thread, act)
