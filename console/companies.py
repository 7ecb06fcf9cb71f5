"""What answers companies of the group over OpenDSR, and calls them back, made of the settings. The wiring; decides nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from connectors.opendsr.answering import Answering
from connectors.opendsr.companies import load_companies
from connectors.opendsr.signatures import Signer
from connectors.opendsr.telling import Telling
from connectors.web import PROCESSOR
from console.opening import Folder
from lineage.errors import Misconfigured
from streams.calling_back import CallingBack
from streams.requests import CompanyRequests

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AskedBy:
    """What the companies of the settings ask, and how they are told."""

    answering: Answering
    telling: Telling
    calling: CallingBack

    @asynccontextmanager
    async def called_back(self) -> AsyncIterator[None]:
        """Call companies back as long as the block lasts. What is cut off at its end is told again later."""
        calling = asyncio.create_task(self.calling.run(asyncio.Event()))
        calling.add_done_callback(_ended)
        try:
            yield
        finally:
            calling.cancel()
            with suppress(asyncio.CancelledError):
                await calling
            await self.telling.close()


def asked_by(folder: Folder, thread: Executor, moved: Callable[[], None]) -> AskedBy | None:
    """Return it; None where the settings name no company. `thread` is where the folder is used; `moved` hears of changed cases.

    Raises: Misconfigured: a file cannot be used, or a company is none of the register's controllers.
    """
    asked, url = folder.settings.outward.asked, folder.settings.outward.web_url
    if asked is None or url is None:
        return None
    companies = load_companies(asked.companies)
    controllers = {each.id for each in folder.register.declared.controllers}
    if unknown := sorted({each.party for each in companies} - controllers):
        raise Misconfigured(
            f"{asked.companies.name}: {', '.join(unknown)}: only controllers of the register may ask us; "
            f"those are {', '.join(sorted(controllers))}"
        )
    signer = Signer(urlsplit(url).hostname or "", asked.certificate_file, asked.key_file)
    signer.check()
    requests = CompanyRequests(folder.casework, thread, moved)
    at = f"{url.rstrip('/')}{PROCESSOR}"
    telling = Telling(signer, companies, folder.clock, at)
    return AskedBy(
        Answering(signer, companies, requests, at, folder.clock),
        telling,
        CallingBack(requests.work, thread, telling, [each.party for each in companies if each.callback_urls]),
    )


def _ended(calling: "asyncio.Task[None]") -> None:
    if not calling.cancelled() and (fault := calling.exception()) is not None:
        _log.error("companies are not called back any more: %s; start the worker again", type(fault).__name__)
