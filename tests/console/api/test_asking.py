"""What is not answered: whoever has no valid token, what is asked wrongly, and what cannot be read or written down."""

import json
import logging
from typing import Any

import pytest

from console.api.answering import LARGEST
from console.opening import GRAPH
from lineage.errors import Refused
from lineage.times import now
from tests.console.api.desks import DAY, WHY, Desk, Office, problem

SECRET = "aino.esimerkki@posti.example"  # noqa: S105 - somebody's address, which no problem may repeat
WHERE = {"identifier": f"email:{SECRET}", "purpose": WHY}


# ── who asks ──


@pytest.mark.parametrize("token", [None, "x", "jalki", "jalki__", "jalki_" + "0" * 12 + "_" + "A" * 43, "Ä" * 9])
def test_without_a_valid_token_nothing_is_answered(office: Office, token: str | None) -> None:
    for name in ("parties", "where"):
        given = {"Authorization": f"Bearer {token}".encode("latin-1")} if token else {}
        desk = Desk(office.url, None, given)
        answer = desk.asks(name)
        assert problem(answer) == (401, "token")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_that_is_cut_changed_or_given_by_another_scheme_is_none(office: Office) -> None:
    token = office.desk("dpo").token or ""
    head, _, secret = token.rpartition("_")
    other = "A" if secret[0] != "A" else "B"
    for wrong in (token[:-1], token + "A", f"{head}_{other}{secret[1:]}", f"other{token}", head + "_", secret):
        assert problem(Desk(office.url, wrong).asks("parties")) == (401, "token")
    assert problem(Desk(office.url, None, {"Authorization": f"Basic {token}"}).asks("parties")) == (401, "token")
    assert Desk(office.url, None, {"Authorization": f"bearer {token}"}).asks("parties").status_code == 200


def test_an_expired_token_is_worth_nothing_and_a_revoked_one_at_once(own_office: Office) -> None:
    moment = now()
    expired = own_office.grants.add("early", "dpo", None, moment - 2 * DAY, moment - DAY)
    assert problem(Desk(own_office.url, expired).asks("parties")) == (401, "token")
    token = own_office.grants.add("late", "dpo", None, moment, moment + DAY)
    assert Desk(own_office.url, token).asks("parties").status_code == 200
    own_office.grants.revoke("late", now())
    assert problem(Desk(own_office.url, token).asks("parties")) == (401, "token")


def test_where_others_may_read_who_has_tokens_nobody_is_answered(
    own_office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    desk, file = own_office.desk("dpo"), own_office.settings.access_file
    assert desk.asks("parties").status_code == 200
    file.chmod(0o644)
    with caplog.at_level(logging.ERROR):
        assert problem(desk.asks("parties")) == (503, "store")
    assert "chmod 600" in caplog.text
    file.chmod(0o600)
    assert desk.asks("parties").status_code == 200
    file.write_text("no grants")
    assert problem(desk.asks("parties")) == (503, "store")


# ── what is asked ──


@pytest.mark.parametrize("purpose", [None, "", "  ", "x", "\n\t ", 7, ["why"], "y" * 501])
def test_a_question_about_persons_says_why(office: Office, purpose: object) -> None:
    for name, given in (("where", {"identifier": "customer_id:C-17"}), ("reached", {"party": "posti"})):
        assert problem(office.desk("dpo").asks(name, **given, purpose=purpose)) == (422, "purpose")
    question = {"identifier": "customer_id:C-17"}
    assert problem(office.desk("dpo").sends("POST", "/v1/where", json=question)) == (422, "purpose")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "json"),
        (b"{", "json"),
        (b"\xff\xfe", "json"),
        (b'{"identifier": "\xe4"}', "json"),
        (b'{"identifier": "\\ud800", "purpose": "because"}', "json"),
        (b"[" * 15_000, "json"),
        (b"[]", "question"),
        (b"null", "question"),
        (json.dumps({**WHERE, SECRET: 1}).encode(), "question"),
        (json.dumps({**WHERE, "at": SECRET}).encode(), "question"),
        (json.dumps({**WHERE, "at": 1}).encode(), "question"),
        (json.dumps({**WHERE, "at": "2026-03-01T09:30:00"}).encode(), "question"),
        (json.dumps({**WHERE, "reveal": "yes"}).encode(), "question"),
        (json.dumps({**WHERE, "identifier": [SECRET]}).encode(), "question"),
        (json.dumps({**WHERE, "identifier": f"name:{SECRET}"}).encode(), "question"),
        (json.dumps({**WHERE, "identifier": "Aino Esimerkki"}).encode(), "question"),
        (json.dumps({**WHERE, "identifier": SECRET * 100}).encode(), "question"),
    ],
)
def test_a_body_that_is_no_question_is_told_so_and_not_repeated(office: Office, body: bytes, code: str) -> None:
    answer = office.desk("dpo").sends("POST", "/v1/where", content=body, headers={"Content-Type": "application/json"})
    assert problem(answer) == (400 if code == "json" else 422, code)
    assert "aino" not in answer.text.lower()


def test_a_body_that_is_too_large_or_no_json_is_refused(office: Office) -> None:
    desk = office.desk("dpo")
    large = {**WHERE, "purpose": "x" * LARGEST}
    assert problem(desk.sends("POST", "/v1/where", json=large)) == (413, "large")
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = desk.sends("POST", "/v1/where", content=json.dumps(WHERE), headers={"Content-Type": kind})
        assert problem(answer) == (415, "media-type")


@pytest.mark.parametrize(
    ("name", "given", "field"),
    [
        ("parties", {"x": 1}, ""),
        ("sharing", {"at": "yesterday"}, "at"),
        ("sharing-changes", {"earlier": "2026-01-01T00:00:00Z"}, "later"),
        ("sharing-changes", {"earlier": "2026-02-01T00:00:00Z", "later": "2026-01-01T00:00:00Z"}, ""),
        ("drift", {"limit": 0}, "limit"),
        ("drift", {"limit": 1001}, "limit"),
        ("drift", {"after": "1.2"}, "after"),
        ("cases", {"state": "lost"}, "state"),
        ("record", {"at": "2026-01-01T00:00:00Z", "since": "2026-02-01T00:00:00Z"}, "since"),
        ("drift", {"limit": [1, 2]}, ""),
        ("reached", {"party": "no-such-party"}, "party"),
        ("reached", {"party": "posti", "from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, ""),
        ("recall", {"model": " "}, "model"),
        ("recall", {"model": "x", "serials": "A..BB"}, "serials"),
        ("case", {"case": "2026-1"}, "case"),
    ],
)
def test_what_is_asked_wrongly_is_told_by_its_field(
    office: Office, name: str, given: dict[str, Any], field: str
) -> None:
    answer = office.desk("dpo").asks(name, **given)
    assert problem(answer) == (422, "question")
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_a_case_that_there_is_not_is_not_found(office: Office) -> None:
    assert problem(office.desk("dpo").asks("case", case="2026-7SDWG2CK")) == (404, "no-such-case")


def test_addresses_and_methods_that_there_are_not_are_problems_too(office: Office) -> None:
    desk = office.desk("dpo")
    for path in (
        "/",
        "/v1",
        "/v1/where/customer_id:C-17",
        "/v1/where?identifier=customer_id:C-17",
        "/docs",
        "/v1/parties/",
    ):
        assert problem(desk.sends("GET", path))[0] in {404, 405}
    answer = desk.sends("DELETE", "/v1/parties")
    assert problem(answer) == (405, "method")
    assert "GET" in answer.headers["allow"]


def test_no_answer_may_be_kept_by_whoever_passes_it_on(office: Office) -> None:
    desk = office.desk("dpo")
    answers = [desk.asks("parties"), desk.asks("where", identifier="x"), desk.sends("GET", "/nowhere")]
    for answer in [*answers, Desk(office.url, None).asks("parties"), desk.sends("GET", "/openapi.json")]:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers


# ── what cannot be done now ──


def test_while_the_store_is_away_nothing_is_answered_and_afterwards_all(own_office: Office) -> None:
    desk, graph = own_office.desk("dpo"), own_office.settings.data / GRAPH
    away = graph.rename(graph.with_name("away"))
    for name, given in (("parties", {}), ("where", {"identifier": "customer_id:C-17"})):
        answer = desk.asks(name, **given)
        assert problem(answer) == (503, "store")
        assert answer.headers["retry-after"]
        assert str(own_office.settings.data) not in answer.text
    away.rename(graph)
    assert desk.told("where", identifier="customer_id:C-17")["candidates"] == 1


def test_what_cannot_be_written_down_is_not_answered(own_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise Refused("graph.db cannot be written: the disk is full or failing; nothing was half written")

    monkeypatch.setattr("console.opening.write_look", full)
    desk = own_office.desk("dpo")
    answer = desk.asks("where", identifier="customer_id:C-17", reveal=True)
    assert problem(answer) == (503, "not-written")
    assert "posti" not in answer.text
    assert desk.asks("parties").status_code == 200


def test_a_fault_of_ours_tells_nothing_but_that_there_was_one(
    own_office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr("console.opening.write_look", broken)
    with caplog.at_level(logging.DEBUG):
        answer = own_office.desk("dpo").asks("where", identifier="customer_id:C-17")
    assert problem(answer) == (500, "fault")
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text + answer.text
