"""The connector of SendGrid passes the contract suite of vendors' connectors, against SendGrid of the sandbox."""

import asyncio
import logging

import pytest

from console.logs import Text
from tests.connectors.vendors.sendgrid.standing import Standing
from tests.contracts.vendor_connector import CHECKS, Check, fault_checks


@pytest.mark.parametrize(
    "check", [*CHECKS, *fault_checks(["erase", "stop", "rectify"])], ids=lambda check: check.__name__
)
def test_sendgrid_is_told_as_a_vendor_must_be(check: Check, stage: Standing, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        asyncio.run(check(stage))
    # Of other libraries the program logs what is constant alone: the client's own lines hold addresses of calls.
    lines = [line for each in caplog.records if each.name != "asyncio" for line in (Text().format(each),)]
    assert not [secret for secret in stage.secrets for line in lines if secret.lower() in line.lower()]
