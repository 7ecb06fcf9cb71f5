"""What the connector of SendGrid promises, over an account with a sub-user."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.sandbox.sendgrid.vendor import SendGrid
from tests.connectors.vendors.sandboxed import Sandboxed, SandboxedStage, staged_on
from tests.connectors.vendors.sendgrid.guarding import faults_of
from tests.connectors.vendors.sendgrid.standing import (
    JOB_SECONDS,
    KEY,
    SECRET,
    SETTINGS,
    TEXT,
    accounts,
    is_done,
    order_of,
    others,
)
from tests.contracts.connector import CLEAN_ADDRESSES, KEYS_OF_ORDERS, Fault, Promise

_STAGED = staged_on(
    Sandboxed(
        vendor=lambda clock: SendGrid(clock, key=KEY, job_seconds=JOB_SECONDS),
        text=TEXT.format(url="{url}", timeout=8) + SETTINGS,
        files=("sendgrid.key",),
        seeds=accounts,
        order=order_of,
        is_done=is_done,
        others=others,
        secrets=SECRET,
    )
)


@contextmanager
def _staged(request: pytest.FixtureRequest) -> Iterator[SandboxedStage]:
    with _STAGED(request) as stage:
        yield stage
        found = {fault for each in stage.seat.requests for fault in faults_of(each)}
        assert not found, found


SENDGRID = Promise(
    "sendgrid",
    {"erase": "promised", "stop": "verified", "restrict": "verified", "rectify": "verified", "collect": "verified"},
    _staged,
    {
        KEYS_OF_ORDERS: "SendGrid knows addresses: a call has no key, and what is told twice is the same to it.",
        CLEAN_ADDRESSES: "Whether an address is suppressed is asked with it in the path; nothing else names it there.",
        Fault.ERROR_INSIDE: "It says by its status whether a call did it.",
    },
    alike=frozenset({"restrict", "collect"}),
)
