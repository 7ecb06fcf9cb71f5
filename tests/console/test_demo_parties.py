"""What the demo shows of SendGrid is what the real connector was shown by the sandbox's server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from connectors.sandbox.faults import Kind
from console.case_logs import opened_for_cases
from console.case_opening import Casebook
from console.demo_erasure import at_sendgrid, dispatch
from console.demo_parties import DemoParties, demo_parties
from console.settings import read_settings
from lineage.cases.deciding import approve, preview
from tests.console.shops import Desk

HER, OTHER = "anna@example.fi", "eino@example.fi"
CONTACTS = "/v3/marketing/contacts"


@contextmanager
def approved(folder: Path) -> Iterator[tuple[Casebook, DemoParties, str]]:
    """An approved erasure of somebody whom SendGrid has, and the demo's parties."""
    desk = Desk(folder)
    case = desk.opens("erasure")
    with opened_for_cases(read_settings({}, folder / "data")) as book, demo_parties(book) as parties:
        preview(book.work, case)
        approve(book.work, case)
        parties.mail([HER.upper(), OTHER])
        yield book, parties, case


def test_a_state_comes_from_the_connector_which_sees_when_nothing_was_deleted(tmp_path: Path) -> None:
    with approved(tmp_path) as (book, parties, case):
        parties.vendor.fault(Kind.LIE, CONTACTS, method="DELETE")
        dispatch(book, parties, case)
        (task,) = at_sendgrid(book.work.case(case))
        assert (task.state, task.how) == ("promised", "contact-gone")
        assert parties.vendor.counts["DELETE", CONTACTS] == 2, "the first deletion was a lie, and was found out"
        account = parties.vendor.held()["accounts"][""]
        assert [each["email"] for each in account["contacts"]] == account["mail"] == [OTHER]
        assert parties.holds() == 1


def test_a_vendor_that_refuses_the_key_is_shown_as_a_persons_task(tmp_path: Path) -> None:
    with approved(tmp_path) as (book, parties, case):
        parties.vendor.fault(Kind.EXPIRED, calls=100)
        dispatch(book, parties, case)
        (task,) = at_sendgrid(book.work.case(case))
        assert task.state == "manual"
        assert parties.holds() == 2


def test_the_server_is_on_loopback_and_ends_with_the_demo(tmp_path: Path) -> None:
    with approved(tmp_path) as (_, parties, _case):
        url = parties.vendor.url
        assert url.startswith("http://127.0.0.1:")
        assert httpx2.get(f"{url}/v3/scopes").status_code == 401
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{url}/v3/scopes")
