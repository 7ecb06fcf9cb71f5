"""Every connector passes the one contract suite."""

import asyncio
import logging
from urllib.parse import unquote

import pytest

from connectors.channels import BUILT_IN
from console.logs import Text
from tests.connectors.promises import PROMISES
from tests.contracts import failing, telling
from tests.contracts.connector import Promise
from tests.contracts.telling import Check

PAIRS = [
    pytest.param(promise, check, id=f"{promise.name}-{check.__name__}")
    for promise in PROMISES
    for check in (
        *telling.CHECKS,
        *(check for check, faults in failing.CHECKS if not set(faults) <= promise.never.keys()),
    )
]


def test_every_channel_that_tells_anybody_has_promised_something() -> None:
    assert {each.name.partition(":")[0] for each in PROMISES} - {"twofold"} == BUILT_IN.keys() - {"internal", "none"}


@pytest.mark.parametrize(("promise", "check"), PAIRS)
def test_a_connector(
    promise: Promise, check: Check, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    with promise.staged(request) as stage, caplog.at_level(logging.DEBUG):
        asyncio.run(check(promise, stage))
        # Of other libraries the program logs what is constant alone: the client's own lines hold addresses of calls.
        lines = [line for each in caplog.records if each.name != "asyncio" for line in (Text().format(each),)]
        assert not [secret for secret in stage.secrets for line in lines if secret.lower() in unquote(line).lower()]
