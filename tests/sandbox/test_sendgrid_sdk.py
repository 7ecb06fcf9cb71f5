"""The vendor's own SDK works with the sandbox as with the vendor."""

import json
from typing import Any

import pytest
from python_http_client import exceptions

from connectors.sandbox.faults import Kind
from tests.sandbox.conftest import Mailer

AINO, EINO = "aino@example.fi", "eino@example.fi"


def read(answer: Any) -> Any:
    return json.loads(answer.body)


def test_a_person_is_erased_and_seen_to_be_gone(mailer: Mailer) -> None:
    sdk = mailer.sdk
    made = sdk.marketing.contacts.put(request_body={"contacts": [{"email": AINO}, {"email": EINO}]})
    mailer.hosted.seed({"accounts": {"": {"mail": [AINO, EINO]}}})
    mailer.done()
    assert read(sdk.marketing.contacts.imports._(read(made)["job_id"]).get())["status"] == "completed"
    assert "recipients.erasejob.create" in read(sdk.scopes.get())["scopes"]
    erased = sdk.recipients.erasejob.post(request_body={"email_addresses": [AINO]})
    assert (erased.status_code, list(read(erased))) == (202, ["job_id"])
    found = read(sdk.marketing.contacts.search.emails.post(request_body={"emails": [AINO]}))
    contact = found["result"][AINO]["contact"]["id"]
    deleted = sdk.marketing.contacts.delete(query_params={"ids": contact})
    mailer.done()
    assert read(sdk.marketing.contacts.imports._(read(deleted)["job_id"]).get())["results"]["deleted_count"] == 1
    with pytest.raises(exceptions.NotFoundError):
        sdk.marketing.contacts.search.emails.post(request_body={"emails": [AINO]})
    assert (mailer.held()["mail"], mailer.emails()) == ([EINO], [EINO])
    assert mailer.hosted.held()["wiped"] == 0


def test_a_person_is_suppressed_for_a_subuser(mailer: Mailer) -> None:
    mailer.hosted.seed({"accounts": {"news": {}}})
    sdk = mailer.sdk_at(mailer.hosted.url, "news")
    assert sdk.asm.suppressions._("global").post(request_body={"recipient_emails": [AINO]}).status_code == 201
    assert read(sdk.asm.suppressions._("global")._(AINO).get()) == {"recipient_email": AINO}
    assert read(mailer.sdk.asm.suppressions._("global")._(AINO).get()) == {}
    assert sdk.asm.suppressions._("global")._(AINO).delete().status_code == 204


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.BUSY, exceptions.TooManyRequestsError),
        (Kind.BROKEN, exceptions.InternalServerError),
        (Kind.AWAY, exceptions.ServiceUnavailableError),
        (Kind.EXPIRED, exceptions.UnauthorizedError),
    ],
)
def test_it_takes_faults_for_what_they_are(mailer: Mailer, kind: Kind, error: type[Exception]) -> None:
    mailer.hosted.fault(kind, "/v3/scopes")
    with pytest.raises(error):
        mailer.sdk.scopes.get()
    assert mailer.sdk.scopes.get().status_code == 200
