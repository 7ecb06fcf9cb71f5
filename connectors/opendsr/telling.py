"""Tells a company that its request stands differently: the callbacks we owe as a processor (specification §8.5).

Only addresses agreed with that company are called: a request must not make us call into our own network.
"""

import json
from collections.abc import Callable, Iterable

from connectors.calling import Caller, checked_url
from connectors.opendsr.answering import Company, Standing, said_of
from connectors.opendsr.messages import LARGEST
from connectors.opendsr.signatures import Signer
from lineage.errors import Refused


class Telling:
    """Calls companies back. Keeps nothing: a change is owed once at least, so what was `Retryable` is to be tried again."""

    def __init__(
        self,
        signer: Signer,
        companies: Iterable[Company],
        clock: Callable[[], int],
        url: str,
        *,
        seconds: float = 30.0,
    ) -> None:
        """Connects to nothing yet; `url` is where we are reached.

        Raises: Misconfigured: an address that is not https, or a CA file that cannot be used.
        """
        self._signer, self._url = signer, url
        self._companies = {company.party: company for company in companies}
        self._callers: dict[str, Caller] = {}
        for party, company in self._companies.items():
            for url in company.callback_urls:
                checked_url(party, url)
            self._callers[party] = Caller(party, clock, ca_file=company.ca_file, seconds=seconds, largest=LARGEST)

    async def tell(self, company: str, request: str, standing: Standing, url: str) -> None:
        """Tell a company at one of its addresses how a request stands.

        Raises: Refused: the address was not agreed, or the company does not take the callback. Retryable: it is away.
        """
        agreed = self._companies.get(company)
        if agreed is None or url not in agreed.callback_urls:
            raise Refused(
                f"a callback address of {company} was not agreed: set it in the company's entry, or leave it out"
            )
        body = json.dumps({**said_of(company, request, standing, self._url), "status_callback_url": url}).encode()
        headers = {"Content-Type": "application/json", **self._signer.headers(body)}
        answer = await self._callers[company].call("POST", url, body, headers)
        if answer.status not in range(200, 300):
            raise Refused(f"{company} does not take our callback ({answer.status}): ask the company")

    async def close(self) -> None:
        """Let connections go."""
        for caller in self._callers.values():
            await caller.close()
