"""Meta's own SDK and specification judge what our connector sends: the same payloads, edges and parameters."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from facebook_business.adobjects.customaudience import CustomAudience
from facebook_business.api import FacebookAdsApi
from facebook_business.session import FacebookSession
from facebook_business.typechecker import TypeChecker

from tests.connectors.orders import MAIL
from tests.connectors.vendors.meta.seat import APP_SECRET, LAPTOPS, PHONE, TOKEN, erasure, parts_of, seat, upload
from tests.connectors.vendors.seats import Seat
from tests.vendors.specifications import raw

__all__ = ["seat"]


def edge(method: str, name: str) -> dict[str, str]:
    """Return the parameters of an edge of the specification, by name."""
    apis = raw("meta.CustomAudience.json")["apis"]
    (found,) = [each for each in apis if (each["method"], each.get("endpoint")) == (method, name)]
    return {each["name"]: each["type"] for each in found["params"]}


def told(seat: Seat) -> tuple[Any, Any]:
    order = erasure(upload(LAPTOPS, ("email", MAIL), ("phone", PHONE)))
    seat.send(order)
    (call,) = seat.requests
    seat.requests.clear()
    handle = seat.send(order).handle
    seat.requests.clear()
    from dataclasses import replace

    seat.ask(replace(order, handle=handle))
    return parts_of(call), parts_of(seat.requests[0])


def test_every_part_of_a_batch_is_an_edge_of_the_specification_with_parameters_of_its_types(seat: Seat) -> None:
    removals, questions = told(seat)
    for part in (*removals, *questions):
        target = urlsplit(part["relative_url"])
        audience, name = target.path.split("/")
        types = edge(part["method"], name)
        fields = {**part["fields"], **{key: int(value) for key, value in parse_qsl(target.query)}}
        assert audience == LAPTOPS
        checker = TypeChecker(types, {})
        assert fields
        assert all(checker.is_valid_pair(key, value) for key, value in fields.items())


def test_what_meta_says_of_a_session_is_what_the_specification_names() -> None:
    from connectors.vendors.meta.sessions import Session

    fields = {each["name"]: each["type"] for each in raw("meta.CustomAudienceSession.json")["fields"]}
    assert set(Session.model_fields) <= set(fields)
    assert set(fields.values()) == {"string"}


def test_a_removal_is_the_one_that_metas_sdk_makes_of_the_same_person(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail, _ = told(seat)[0]
    monkeypatch.setattr(FacebookSession, "GRAPH", seat.hosted.url)
    api = FacebookAdsApi(FacebookSession("1", APP_SECRET, TOKEN))
    with api._session.requests:
        batch = api.new_batch()
        session = {"session_id": 1, "batch_seq": 1, "last_batch_flag": True, "estimated_num_total": 1}
        params = CustomAudience.format_params(CustomAudience.Schema.email_hash, [MAIL], session=session)
        call = batch.add("DELETE", (LAPTOPS, "users"), params)
    theirs = {name: json.loads(value) for name, value in parse_qsl(call["body"])}
    assert (call["method"], call["relative_url"]) == (mail["method"], mail["relative_url"])
    assert theirs["payload"] == mail["fields"]["payload"]
    assert theirs["session"].keys() == mail["fields"]["session"].keys()


def test_the_proof_of_the_app_is_the_one_that_metas_sdk_makes(seat: Seat) -> None:
    seat.send(erasure())
    sent = dict(parse_qsl(seat.requests[0].content.decode()))
    session = FacebookSession("1", APP_SECRET, TOKEN)
    with session.requests:
        assert sent["appsecret_proof"] == session._gen_appsecret_proof()
    assert seat.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_the_version_is_the_one_that_metas_sdk_speaks(seat: Seat) -> None:
    assert seat.descriptor.settings.version == FacebookAdsApi.API_VERSION  # type: ignore[union-attr]  # of Meta's settings
