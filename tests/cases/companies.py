"""Companies that ask over OpenDSR, as the journal and the callbacks see them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from connectors.opendsr.answering import Incoming, Standing
from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.requested import found_of
from streams.backoff import Backoff
from streams.calling_back import CallingBack
from streams.requests import CompanyRequests

ONE, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
URL, SECOND_URL = "https://multicare.example/opendsr/callbacks", "https://multicare.example/also"
HER = (("customer_id", "C-1"), ("email", "anna@example.fi"))
T = TypeVar("T")


def incoming(now: int, **changed: object) -> Incoming:
    """A request of multicare to erase Anna."""
    given: dict[str, object] = {
        "id": ONE,
        "company": "multicare",
        "type": "erasure",
        "identifiers": HER,
        "submitted": now,
        "callback_urls": (URL,),
    }
    return Incoming(**(given | changed))  # type: ignore[arg-type]  # each is what its name says


def asking(work: Casework, act: Callable[[CompanyRequests], Awaitable[T]]) -> T:
    """Ask as the public pages do."""

    async def run() -> T:
        with ThreadPoolExecutor(1) as thread:
            return await act(CompanyRequests(work, thread, lambda: None))

    return asyncio.run(run())


def ask(work: Casework, **changed: object) -> Standing:
    return asking(work, lambda requests: requests.opened(incoming(work.clock(), **changed)))


def standing(work: Casework, id_: str = ONE, company: str = "multicare") -> Standing | None:
    return asking(work, lambda requests: requests.standing(company, id_))


def status(work: Casework, id_: str = ONE, company: str = "multicare") -> str | None:
    found = standing(work, id_, company)
    return found.status if found else None


def cancel(work: Casework, id_: str = ONE, company: str = "multicare") -> bool:
    return asking(work, lambda requests: requests.cancelled(company, id_))


def case_of(work: Casework, id_: str = ONE, company: str = "multicare") -> Case:
    found = found_of(work, company, id_)
    assert found is not None
    return found


@dataclass(slots=True)
class Heard:
    """Stands in for companies that are called: what they heard, and what becomes of a call by its address."""

    calls: list[tuple[str, str, str, str]] = field(default_factory=list)
    faults: dict[str, BaseException] = field(default_factory=dict)
    after: dict[str, BaseException] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    """Which turns the process that calls has taken, and how often it was refused."""

    async def tell(self, company: str, request: str, standing: Standing, url: str) -> None:
        if url in self.faults:
            raise self.faults[url]
        self.calls.append((company, request, standing.status, url))
        if url in self.after:
            raise self.after[url]

    def statuses(self, id_: str = ONE, url: str = URL) -> list[str]:
        return [told for _, request, told, at in self.calls if (request, at) == (id_, url)]


def call_back(work: Casework, heard: Heard, companies: Sequence[str] = ("multicare",)) -> None:
    """Tell all that is due now."""

    async def run() -> None:
        with ThreadPoolExecutor(1) as thread:
            calling = CallingBack(work, thread, heard, companies, Backoff(first=0.001, most=0.001))
            calling._turns, calling._refusals = heard.turns, heard.refusals
            for each in companies:
                await calling.round(each)

    asyncio.run(run())
