"""Meta of the sandbox, its connector, and orders about a person in its audiences."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import pytest

from connectors.normalisers import sha256_hex
from connectors.sandbox.meta.vendor import Meta
from lineage.cases.orders import Order, Sending
from tests.connectors.orders import CUSTOMER, MAIL, order
from tests.connectors.vendors.seats import Seat, seated

TOKEN, APP_SECRET = "EAA-of-the-sandbox", "app-secret-of-the-sandbox"
LAPTOPS, LOYAL = "23842000000000001", "23842000000000002"
PHONE = "+358 40 123 4567"
PHONE_DIGITS = "358401234567"
OTHER = "eino.esimerkki@example.fi"
JOB_SECONDS = 60.0
DESCRIPTOR = """channel: meta
address: {url}
limits: {timeout: 4}
settings:
  token: {file: meta.token}
  app_secret: {file: meta.app-secret}
  audiences: {aud-loyal: "23842000000000002"}
identifiers:
  email: [meta-email@2, meta-email@1]
  phone: [meta-phone@2, meta-phone@1]
"""


def vendor(clock: Any) -> Meta:
    return Meta(clock, token=TOKEN, app_secret=APP_SECRET, job_seconds=JOB_SECONDS)


def member(mail: str = MAIL, **more: str) -> dict[str, str]:
    return {"EMAIL": sha256_hex(mail), **more}


def upload(audience: str | None, *identifiers: tuple[str, str], sent_as: str = "raw") -> Sending:
    places = {"sent_as": sent_as} | ({"audience_id": audience} if audience else {})
    return Sending(identifiers or (("customer_id", CUSTOMER), ("email", MAIL)), "advertising", places)


def erasure(*sendings: Sending, **changed: Any) -> Order:
    sendings = sendings or (upload(LAPTOPS),)
    identifiers = tuple(dict.fromkeys(pair for each in sendings for pair in each.identifiers))
    given = {"party": "meta", "form": "instruction", "sendings": sendings, "identifiers": identifiers}
    return order(**(given | changed))


def parts_of(request: httpx2.Request) -> Sequence[Mapping[str, Any]]:
    """Return the parts of a batch, with what is in the body of each."""
    parts = json.loads(dict(parse_qsl(request.content.decode()))["batch"])
    for each in parts:
        each["fields"] = {name: json.loads(value) for name, value in parse_qsl(each.get("body", ""))}
    return parts


@pytest.fixture
def seat(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seat]:
    with seated(vendor, DESCRIPTOR, ("meta.token", "meta.app-secret"), tmp_path, monkeypatch) as made:
        audiences = [{"id": each, "members": [member(), member(OTHER)]} for each in (LAPTOPS, LOYAL)]
        made.hosted.seed({"audiences": audiences})
        yield made


def mails(seat: Seat, audience: str = LAPTOPS) -> list[str]:
    return [each["EMAIL"] for each in seat.hosted.held()["audiences"][audience]["members"]]
