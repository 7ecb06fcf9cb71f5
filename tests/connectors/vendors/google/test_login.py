import asyncio
import json
import logging
from typing import Any

import pytest
from google.auth import jwt

from connectors.calling import Answer, Caller
from connectors.channel import Ways
from connectors.channels import open_connector
from connectors.descriptors import load_descriptors
from connectors.sandbox.faults import Kind
from connectors.sandbox.google.analytics import PATH
from connectors.sandbox.google.desk import TOKEN_PATH
from connectors.vendors.google.login import api_url, token_url
from lineage.errors import Misconfigured, Refused, Retryable
from tests.connectors.vendors.google.stages import ANALYTICS, PROPERTY, Google, of_analytics

HOUR = 3_600


@pytest.fixture
def google(analytics: Google) -> Google:
    analytics.hosted.seed({"properties": {PROPERTY: {}}})
    return analytics


def sends(google: Google, *pauses: float, connector: Any = None) -> list[str]:
    """Send, once more after each pause; by one connector."""
    connector = connector or google.connector(ANALYTICS)

    async def run() -> list[str]:
        try:
            states = [(await connector.send(of_analytics())).state]
            for each in pauses:
                google.later(each)
                states.append((await connector.send(of_analytics())).state)
            return states
        finally:
            await connector.close()

    return asyncio.run(run())


def tokens(google: Google) -> int:
    return google.hosted.counts.get(("POST", TOKEN_PATH), 0)


def test_a_token_is_used_until_shortly_before_it_ends(google: Google) -> None:
    assert sends(google, 60, HOUR - 200) == ["promised"] * 3
    assert tokens(google) == 1
    assert sends(google, HOUR - 30) == ["promised"] * 2
    assert tokens(google) == 3


def test_a_token_that_google_takes_no_more_is_renewed_once(google: Google) -> None:
    google.hosted.fault(Kind.EXPIRED, PATH)
    assert sends(google) == ["promised"]
    assert tokens(google) == 2
    google.hosted.fault(Kind.EXPIRED, PATH, calls=2)
    with pytest.raises(Misconfigured, match="takes no token for google-analytics"):
        sends(google)
    assert tokens(google) == 4


def test_the_assertion_says_what_google_wants_and_is_signed_by_the_key(google: Google) -> None:
    sends(google)
    ((call, headers, _),) = [each for each in google.wire.sent if each[0].url.endswith(TOKEN_PATH)]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assertion = call.body.decode().partition("assertion=")[2]
    claims = jwt.decode(assertion, verify=False)
    key = json.loads(google.hosted.vendor.credentials(google.hosted.url)["google-analytics.json"])
    assert claims == {
        "iss": key["client_email"],
        "aud": key["token_uri"],
        "scope": "https://www.googleapis.com/auth/analytics.edit",
        "iat": 1_750_000_000,
        "exp": 1_750_003_600,
    }
    assert jwt.decode_header(assertion)["kid"] == key["private_key_id"]


def test_a_key_of_another_account_is_refused_and_told_as_such(google: Google) -> None:
    connector = google.connector(ANALYTICS)
    key = json.loads((google.folder / "google-analytics.json").read_text())
    (google.folder / "google-analytics.json").write_text(json.dumps({**key, "client_email": "x@y.example"}))
    with pytest.raises(Misconfigured, match="refuses the login") as raised:
        sends(google, connector=connector)
    assert "x@y.example" not in f"{raised.value}"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"token_uri": "https://token.example/"}, "not Google's"),
        ({"token_uri": "http://oauth2.googleapis.com/token"}, "not https"),
        ({"token_uri": "https://oauth2.googleapis.com.example/token"}, "not Google's"),
        ({"token_uri": "https://oauth2.googleapis.com@token.example/token"}, "more than a host"),
        ({"private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}, "no RSA key"),
        ({"private_key": "secret"}, "no RSA key"),
        ({"type": "authorized_user"}, "not the key file"),
        ({"client_email": None}, "not the key file"),
    ],
)
def test_a_key_file_of_no_use_is_told_without_a_word_of_it(
    google: Google, changed: dict[str, object], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    connector = google.connector(ANALYTICS)
    key = json.loads((google.folder / "google-analytics.json").read_text())
    (google.folder / "google-analytics.json").write_text(json.dumps({**key, **changed}))
    with caplog.at_level(logging.DEBUG), pytest.raises(Misconfigured, match=words) as raised:
        sends(google, connector=connector)
    assert key["private_key"][40:80] not in f"{raised.value}{raised.value.__cause__}{caplog.text}"
    assert not google.wire.sent


@pytest.mark.parametrize("content", ["", " \n", "{", "[]", "x" * 20_000])
def test_what_is_no_key_file_is_told_as_such(google: Google, content: str) -> None:
    connector = google.connector(ANALYTICS)
    (google.folder / "google-analytics.json").write_text(content)
    with pytest.raises(Misconfigured):
        sends(google, connector=connector)


def test_the_key_file_may_stand_in_the_environment(google: Google, monkeypatch: pytest.MonkeyPatch) -> None:
    key = google.hosted.vendor.credentials(google.hosted.url)["google-analytics.json"]
    assert key.count("\n") > 5
    google.connector(ANALYTICS)
    file = google.folder / "google-analytics.yaml"
    file.write_text(file.read_text().replace("file: google-analytics.json", "variable: GOOGLE_KEY"))
    connector = open_connector(
        load_descriptors(google.folder)["google-analytics"], "Google", Ways(google.clock, {}, google.counts)
    )
    with pytest.raises(Misconfigured, match="is empty"):
        asyncio.run(connector.send(of_analytics()))  # type: ignore[union-attr]  # it has an address
    monkeypatch.setenv("GOOGLE_KEY", key)
    assert sends(google, connector=connector) == ["promised"]


@pytest.mark.parametrize(
    "token",
    [
        {},
        {"access_token": "a b", "expires_in": 1, "token_type": "Bearer"},
        {"access_token": "a\r\nX: y", "expires_in": 1, "token_type": "Bearer"},
        {"access_token": "a", "expires_in": -1, "token_type": "Bearer"},
        {"access_token": "a", "expires_in": 10, "token_type": "mac"},
    ],
)
def test_an_answer_without_a_good_token_is_refused(
    google: Google, monkeypatch: pytest.MonkeyPatch, token: dict[str, object]
) -> None:
    async def answered(*_: object, **__: object) -> Answer:
        return Answer(200, {}, json.dumps(token).encode())

    connector = google.connector(ANALYTICS)
    monkeypatch.setattr(Caller, "call", answered)
    with pytest.raises(Refused, match="no token"):
        sends(google, connector=connector)


def test_a_login_that_is_away_is_tried_again(google: Google) -> None:
    google.hosted.fault(Kind.AWAY, TOKEN_PATH)
    with pytest.raises(Retryable):
        sends(google)
    assert sends(google) == ["promised"]


def test_a_token_goes_to_google_alone() -> None:
    assert api_url("x", "https://datamanager.googleapis.com/") == "https://datamanager.googleapis.com"
    assert api_url("x", "http://127.0.0.1:8080") == "http://127.0.0.1:8080"
    assert token_url("x", "https://oauth2.googleapis.com/token") == "https://oauth2.googleapis.com/token"
    for url in ("https://datamanager.example", "https://googleapis.com.example", "https://evilgoogleapis.com"):
        with pytest.raises(Misconfigured, match="not at googleapis"):
            api_url("x", url)


def test_neither_key_nor_token_nor_person_is_logged(google: Google, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        sends(google)
    assert "google-analytics" in caplog.text
    secrets = [headers["Authorization"][7:] for _, headers, _ in google.wire.sent if "Authorization" in headers]
    assert secrets
    assert not [each for each in (*secrets, of_analytics().identifiers[0][1]) if each in caplog.text]
