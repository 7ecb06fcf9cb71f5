"""The sandbox's SendGrid, served for one test by a clock that stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from sendgrid import SendGridAPIClient

from connectors.sandbox.clock import Clock
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.sendgrid.vendor import SendGrid
from connectors.sandbox.serving import served_in_a_thread

KEY = "SG.of-the-sandbox"
JOB_SECONDS = 30


@dataclass(frozen=True)
class Mailer:
    hosted: Hosted
    clock: Clock
    ask: httpx2.Client

    @property
    def sdk(self) -> Any:
        return self.sdk_at(self.hosted.url)

    def sdk_at(self, url: str, subuser: str | None = None) -> Any:
        return SendGridAPIClient(KEY, host=url, impersonate_subuser=subuser).client

    def held(self, account: str = "") -> Any:
        return self.hosted.held()["accounts"][account]

    def emails(self) -> list[str]:
        return [each["email"] for each in self.held()["contacts"]]

    def done(self) -> None:
        """Let all jobs that were asked for until now be done."""
        self.clock.forward(JOB_SECONDS * 1_000_000)


@pytest.fixture
def mailers() -> Iterator[Callable[..., Mailer]]:
    """Makes them, with options of their own."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def make(**options: Any) -> Mailer:
            clock = Clock(stands=1_750_000_000_000_000)
            vendor = SendGrid(clock, key=KEY, job_seconds=JOB_SECONDS, **options)
            hosted = stack.enter_context(served_in_a_thread([vendor], clock))["sendgrid"]
            headers = {"Authorization": f"Bearer {KEY}"}
            ask = stack.enter_context(httpx2.Client(base_url=hosted.url, headers=headers, timeout=20))
            return Mailer(hosted, clock, ask)

        yield make


@pytest.fixture
def mailer(mailers: Callable[..., Mailer]) -> Mailer:
    return mailers()
