"""The sandbox's Meta, by Meta's own SDK: as a client that knows nothing of us."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from facebook_business.adobjects.customaudience import CustomAudience
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.meta.vendor import Meta
from connectors.sandbox.serving import served_in_a_thread

TOKEN, SECRET = "EAA-of-the-sandbox", "secret-of-the-app"
AINO, EINO = "aino@example.fi", "eino@example.fi"
ID = "23842000000000001"
EMAIL = CustomAudience.Schema.email_hash
JOB_SECONDS = 60


@dataclass(frozen=True)
class Advertiser:
    hosted: Hosted
    clock: Clock
    api: FacebookAdsApi

    @property
    def audience(self) -> CustomAudience:
        return CustomAudience(ID, api=self.api)

    def members(self) -> list[dict[str, str]]:
        return list(self.hosted.held()["audiences"][ID]["members"])

    def done(self) -> None:
        self.clock.forward(JOB_SECONDS * 1_000_000)


@pytest.fixture
def advertiser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Advertiser]:
    clock = Clock(stands=1_750_000_000_000_000)
    vendor = Meta(clock, token=TOKEN, app_secret=SECRET, job_seconds=JOB_SECONDS)
    with served_in_a_thread([vendor], clock) as sandbox:
        hosted = sandbox["meta"]
        hosted.seed({"audiences": [{"id": ID, "name": "laptops"}]})
        monkeypatch.setattr(FacebookSession, "GRAPH", hosted.url)
        session = FacebookSession("1", SECRET, TOKEN, timeout=20)
        with session.requests:
            yield Advertiser(hosted, clock, FacebookAdsApi(session))


def test_people_are_added_and_removed_and_the_effect_comes_later(advertiser: Advertiser) -> None:
    added = advertiser.audience.add_users(EMAIL, [AINO, EINO]).json()
    assert (added["num_received"], added["num_invalid_entries"]) == (2, 0)
    assert advertiser.members() == []
    advertiser.done()
    assert len(advertiser.members()) == 2
    advertiser.audience.remove_users(EMAIL, [AINO.upper()])
    advertiser.done()
    assert len(advertiser.members()) == 1


def test_people_are_removed_in_a_batch_and_their_session_tells_of_it(advertiser: Advertiser) -> None:
    advertiser.audience.add_users(EMAIL, [AINO, EINO])
    advertiser.done()
    told: list[Any] = []
    batch = advertiser.api.new_batch()
    session = {"session_id": 42, "batch_seq": 1, "last_batch_flag": True, "estimated_num_total": 1}
    params = CustomAudience.format_params(EMAIL, [AINO], session=session)
    advertiser.audience.delete_users(params=params, batch=batch, success=told.append)
    advertiser.audience.delete_users(params={"payload": {}}, batch=batch, failure=told.append)
    assert batch.execute() is None
    good, bad = told
    assert good.json()["session_id"] == "42"
    assert (bad.status(), bad.error().api_error_code()) == (400, 100)
    (before,) = advertiser.audience.get_sessions(params={"session_id": 42})
    assert (before["num_received"], before.get("end_time")) == ("1", None)
    advertiser.done()
    (after,) = advertiser.audience.get_sessions(params={"session_id": 42})
    assert (after["num_matched"], after["end_time"]) == ("1", "1750000120")
    assert len(advertiser.members()) == 1


def test_several_keys_remove_whom_they_all_fit(advertiser: Advertiser) -> None:
    keys = [CustomAudience.Schema.MultiKeySchema.email, CustomAudience.Schema.MultiKeySchema.phone]
    advertiser.audience.add_users(keys, [[AINO, "+358401234567"], [EINO, "+358401234567"]], is_raw=True)
    advertiser.done()
    advertiser.audience.remove_users(keys, [[AINO, "+358 40 1234567"]], is_raw=True)
    advertiser.done()
    assert len(advertiser.members()) == 1


def test_a_row_that_is_no_hash_is_counted_and_not_taken(advertiser: Advertiser) -> None:
    told = advertiser.audience.add_users(EMAIL, [AINO, "not a hash"], pre_hashed=True).json()
    assert (told["num_received"], told["num_invalid_entries"]) == (2, 2)


def test_a_flagged_audience_takes_nothing(advertiser: Advertiser) -> None:
    advertiser.hosted.seed({"audiences": [{"id": ID, "flagged": True}]})
    with pytest.raises(FacebookRequestError) as refused:
        advertiser.audience.remove_users(EMAIL, [AINO])
    assert (refused.value.api_error_code(), refused.value.api_error_subcode()) == (100, 1_713_230)
    status = advertiser.audience.api_get(fields=["operation_status"])["operation_status"]
    assert status["code"] == 471


@pytest.mark.parametrize(
    ("token", "secret", "code"),
    [("EAA-other", SECRET, 190), (TOKEN, "another secret of an app", 100), (TOKEN, None, 100)],
)
@pytest.mark.usefixtures("advertiser")
def test_token_and_proof_are_wanted(token: str, secret: str | None, code: int) -> None:
    session = FacebookSession("1", secret, token, timeout=20)
    with session.requests, pytest.raises(FacebookRequestError) as refused:
        CustomAudience(ID, api=FacebookAdsApi(session)).remove_users(EMAIL, [AINO])
    assert refused.value.api_error_code() == code


@pytest.mark.parametrize(
    ("kind", "code", "transient"),
    [(Kind.BUSY, 80_003, False), (Kind.BROKEN, 1, True), (Kind.AWAY, 2, True), (Kind.EXPIRED, 190, False)],
)
def test_faults_have_the_numbers_that_the_sdk_looks_for(
    advertiser: Advertiser, kind: Kind, code: int, transient: bool
) -> None:
    advertiser.hosted.fault(kind, seconds=120)
    with pytest.raises(FacebookRequestError) as refused:
        advertiser.audience.remove_users(EMAIL, [AINO])
    assert (refused.value.api_error_code(), bool(refused.value.api_transient_error())) == (code, transient)
    if kind is Kind.BUSY:
        (use,) = next(iter(json.loads(refused.value.http_headers()["X-Business-Use-Case-Usage"]).values()))
        assert use["estimated_time_to_regain_access"] == 2


def test_a_batch_with_an_error_inside_is_a_200(advertiser: Advertiser) -> None:
    advertiser.hosted.fault(Kind.ERROR_INSIDE)
    told: list[Any] = []
    batch = advertiser.api.new_batch()
    advertiser.audience.delete_users(
        params=CustomAudience.format_params(EMAIL, [AINO]), batch=batch, failure=told.append
    )
    batch.execute()
    (failed,) = told
    assert (failed.status(), failed.error().api_error_code()) == (200, 80_003)


def test_a_batch_has_fifty_parts_at_most(advertiser: Advertiser) -> None:
    batch = [{"method": "GET", "relative_url": ID}] * 51
    with pytest.raises(FacebookRequestError, match="Maximum batch size is 50"):
        advertiser.api.call("POST", (), {"batch": batch})


def test_a_seed_that_is_wrong_is_refused(advertiser: Advertiser) -> None:
    for wrong in ({"audiences": [{"id": "x"}]}, {"audiences": [{"id": "1", "members": [{"EMIL": "a"}]}]}):
        with pytest.raises(ValueError, match=r"id|keys"):
            advertiser.hosted.seed(wrong)
