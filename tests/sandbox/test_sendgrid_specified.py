"""The sandbox's SendGrid answers as the vendor's three specifications say: fuzzed by them, and judged call by call."""

import httpx2
import pytest

from tests.sandbox.conftest import KEY, Mailer
from tests.vendors import sendgrid
from tests.vendors.contracts import faults_of_answer, faults_of_request, valid_answer, valid_request
from tests.vendors.fuzzing import Otherwise, fuzz
from tests.vendors.sendgrid import ERASURE, MARKETING, SUPPRESSIONS
from tests.vendors.specifications import Specification, pointer, raw

HEADERS = {"Authorization": f"Bearer {KEY}"}
AINO = "aino@example.fi"
LISTS = ("bounces", "blocks", "spam_reports", "invalid_emails")
SPECIFIED = [
    *((ERASURE, *each) for each in (sendgrid.ERASE,)),
    *((MARKETING, *each) for each in sendgrid.OF_CONTACTS),
    *((SUPPRESSIONS, *each) for each in sendgrid.OF_SUPPRESSIONS),
]
WINDOW = 61_000_000
"""Microseconds: longer than that of any limit."""


def filled(mailer: Mailer) -> None:
    group = {"id": 5, "name": "news", "members": [AINO]}
    known = {"contacts": [{"email": AINO, "first_name": "Aino"}], "suppressed": [AINO], "groups": [group]}
    mailer.hosted.seed({"accounts": {"": {**known, **{each: [AINO] for each in LISTS}}}})


@pytest.mark.parametrize(("specification", "method", "path"), SPECIFIED, ids=lambda each: getattr(each, "name", each))
def test_no_call_of_any_kind_is_answered_otherwise_than_specified(
    mailer: Mailer, specification: Specification, method: str, path: str
) -> None:
    filled(mailer)
    examples = 6 if path == "/v3/recipients/erasejob" else 12  # thousands of addresses each
    fuzz(
        specification,
        method,
        path,
        mailer.hosted.url,
        headers=HEADERS,
        before=lambda: mailer.clock.forward(WINDOW),
        examples=examples,
    )
    assert mailer.hosted.counts[method, path] >= 2 * examples


def test_the_fuzzer_finds_an_answer_that_is_otherwise(mailer: Mailer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailer.hosted.vendor.state.jobs, "start", lambda *_: type("Job", (), {"id": 7}))
    with pytest.raises(Otherwise, match='7 is not of type "string"'):
        fuzz(ERASURE, *sendgrid.ERASE, mailer.hosted.url, headers=HEADERS, examples=2)


def calls() -> list[tuple[Specification, str, str, object]]:
    """Calls that find what there is: `(specification, method, path, body)`."""
    return [
        (ERASURE, "POST", "/v3/recipients/erasejob", {"email_addresses": [AINO]}),
        (MARKETING, "PUT", "/v3/marketing/contacts", {"contacts": [{"email": AINO}]}),
        (MARKETING, "POST", "/v3/marketing/contacts/search/emails", {"emails": [AINO, "eino@example.fi"]}),
        (MARKETING, "DELETE", "/v3/marketing/contacts?ids=1", None),
        (SUPPRESSIONS, "POST", "/v3/asm/suppressions/global", {"recipient_emails": [AINO]}),
        (SUPPRESSIONS, "GET", f"/v3/asm/suppressions/global/{AINO}", None),
        (SUPPRESSIONS, "GET", f"/v3/asm/suppressions/{AINO}", None),
        (SUPPRESSIONS, "GET", "/v3/asm/groups/5/suppressions", None),
        *((SUPPRESSIONS, "GET", f"/v3/suppression/{each}/{AINO}", None) for each in LISTS),
    ]


@pytest.mark.parametrize(
    ("specification", "method", "path", "body"), calls(), ids=lambda each: getattr(each, "name", None)
)
def test_what_is_found_is_told_as_specified(
    mailer: Mailer, specification: Specification, method: str, path: str, body: object
) -> None:
    filled(mailer)
    request = mailer.ask.build_request(method, path, json=body) if body else mailer.ask.build_request(method, path)
    answer = mailer.ask.send(request)
    assert answer.is_success
    valid_request(specification, request)
    valid_answer(specification, request, answer)


def test_jobs_are_told_as_specified_before_and_after_they_are_done(mailer: Mailer) -> None:
    job = mailer.ask.put("/v3/marketing/contacts", json={"contacts": [{"email": AINO}]}).json()["job_id"]
    for _ in range(2):
        answer = mailer.ask.get(f"/v3/marketing/contacts/imports/{job}")
        valid_answer(MARKETING, answer.request, answer)
        mailer.done()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_every_error_of_an_erasure_is_as_specified(mailer: Mailer, status: int) -> None:
    request = mailer.ask.build_request("POST", "/v3/recipients/erasejob", json={"email_addresses": [AINO]})
    said = mailer.hosted.trouble(status)
    valid_answer(
        ERASURE, request, httpx2.Response(said.status, content=said.body, headers={"content-type": "application/json"})
    )


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("/v3/recipients/erasejob", {"emails": [AINO]}, "'email_addresses' is a required property"),
        ("/v3/recipients/erasejob", {"email_addresses": AINO}, "is not of type 'array'"),
        ("/v3/recipients/erasejob", {"email_addresses": []}, "[] should be non-empty"),
        ("/v3/recipients/erasejobs", {"email_addresses": [AINO]}, "PathNotFound"),
    ],
)
def test_a_request_that_is_otherwise_is_found_out(path: str, body: object, why: str) -> None:
    found = faults_of_request(ERASURE, httpx2.Request("POST", f"http://127.0.0.1{path}", json=body, headers=HEADERS))
    assert any(why in each for each in found), found


def test_a_request_without_credentials_is_found_out() -> None:
    request = httpx2.Request("POST", "http://127.0.0.1/v3/recipients/erasejob", json={"email_addresses": [AINO]})
    assert faults_of_request(ERASURE, request)


def test_an_answer_that_is_otherwise_is_found_out() -> None:
    request = httpx2.Request("POST", "http://127.0.0.1/v3/recipients/erasejob", json={"email_addresses": [AINO]})
    found = faults_of_answer(ERASURE, request, httpx2.Response(202, json={"jobid": "1"}))
    assert any("'job_id' is a required property" in each for each in found), found


@pytest.mark.parametrize("specification", [ERASURE, MARKETING, SUPPRESSIONS], ids=lambda each: each.name)
def test_a_correction_of_a_specification_says_why_and_is_still_needed(specification: Specification) -> None:
    assert specification.whole != raw(specification.name)
    assert all(each.why for each in specification.corrections)
    assert pointer("a/b", "c~d") == "/a~1b/c~0d"
