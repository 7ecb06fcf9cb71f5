"""Prism, between the vendor's SDK and the sandbox, has nothing against a request or an answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from python_http_client import exceptions

from connectors.sandbox.calls import said
from connectors.sandbox.faults import Kind
from tests.sandbox.conftest import Mailer
from tests.vendors import sendgrid
from tests.vendors.prism import proxied, violations

AINO, EINO = "aino@example.fi", "eino@example.fi"
GROUP = {"id": 5, "name": "news", "members": [AINO]}


def judged(ask: Callable[[], Any], status: int) -> Any:
    """Ask, and assert that Prism has nothing against it."""
    try:
        answer = ask()
    except exceptions.HTTPError as refused:
        answer = refused
    assert not (found := violations(dict(answer.headers), answer.body)), found
    assert answer.status_code == status
    return answer


def objection(ask: Callable[[], Any]) -> str:
    with pytest.raises(exceptions.HTTPError) as refused:
        ask()
    return " ".join(violations(dict(refused.value.headers), refused.value.body))


@contextmanager
def watched(mailer: Mailer, specification: Any, operations: Any, folder: Path) -> Iterator[Any]:
    with proxied(specification.of(operations), mailer.hosted.url, folder) as url:
        yield mailer.sdk_at(url)


def test_erasures(mailer: Mailer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mailer.hosted.seed({"accounts": {"": {"mail": [AINO]}}})
    with watched(mailer, sendgrid.ERASURE, (sendgrid.ERASE,), tmp_path) as sdk:
        erase = sdk.recipients.erasejob.post
        judged(lambda: erase(request_body={"email_addresses": [AINO]}), 202)
        judged(lambda: erase(request_body={"email_addresses": [AINO]}, request_headers={"on-behalf-of": "nobody"}), 403)
        for kind, status in ((Kind.BUSY, 429), (Kind.BUSY_SILENT, 429), (Kind.BROKEN, 500), (Kind.EXPIRED, 401)):
            mailer.hosted.fault(kind)
            judged(lambda: erase(request_body={"email_addresses": [AINO]}), status)
        mailer.done()
        assert mailer.held()["mail"] == []

        # And it would have: a request, then an answer, that are otherwise.
        assert "email_addresses" in objection(lambda: erase(request_body={"emails": [AINO]}))
        monkeypatch.setattr(mailer.hosted.vendor, "trouble", lambda *_: said(500, {"errors": "many"}))
        mailer.hosted.fault(Kind.BROKEN)
        assert "must be array" in objection(lambda: erase(request_body={"email_addresses": [AINO]}))


def test_contacts(mailer: Mailer, tmp_path: Path) -> None:
    mailer.hosted.seed({"accounts": {"": {"contacts": [{"email": AINO, "first_name": "Aino"}]}}})
    number = mailer.held()["contacts"][0]["id"]
    with watched(mailer, sendgrid.MARKETING, sendgrid.OF_CONTACTS, tmp_path) as sdk:
        contacts = sdk.marketing.contacts
        judged(lambda: contacts.search.emails.post(request_body={"emails": [AINO, EINO]}), 200)
        judged(lambda: contacts.put(request_body={"contacts": [{"email": EINO}]}), 202)
        judged(lambda: contacts.delete(query_params={"ids": number}), 202)
        mailer.done()
        judged(lambda: contacts.search.emails.post(request_body={"emails": [AINO]}), 404)
        judged(lambda: contacts.imports._("unknown").get(), 404)
    assert (mailer.emails(), mailer.hosted.held()["wiped"]) == ([EINO], 0)


def test_suppressions(mailer: Mailer, tmp_path: Path) -> None:
    mailer.hosted.seed({"accounts": {"": {"groups": [GROUP], "bounces": [AINO]}}})
    with watched(mailer, sendgrid.SUPPRESSIONS, sendgrid.OF_SUPPRESSIONS, tmp_path) as sdk:
        everywhere, group = sdk.asm.suppressions._("global"), sdk.asm.groups._("5").suppressions
        judged(lambda: everywhere.post(request_body={"recipient_emails": [EINO]}), 201)
        judged(lambda: everywhere._(EINO).get(), 200)
        judged(lambda: everywhere._(AINO).get(), 200)
        judged(lambda: everywhere._(EINO).delete(), 204)
        judged(lambda: group.post(request_body={"recipient_emails": [EINO]}), 201)
        judged(lambda: group.get(), 200)
        judged(lambda: group._(EINO).delete(), 204)
        judged(lambda: sdk.asm.suppressions._(AINO).get(), 200)
        judged(lambda: sdk.suppression.bounces._(AINO).get(), 200)
        judged(lambda: sdk.suppression.bounces._(AINO).delete(), 204)
    assert mailer.held()["groups"] == {"5": [AINO]}
