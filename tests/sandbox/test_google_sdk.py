"""Google's own SDKs work with the sandbox as with Google: login, user deletions, removals and their status."""

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from google.ads import datamanager_v1 as datamanager
from google.ads.datamanager_v1.services.ingestion_service.transports import IngestionServiceRestTransport
from google.analytics import admin_v1alpha as admin
from google.analytics.admin_v1alpha.services.analytics_admin_service.transports.rest import (
    AnalyticsAdminServiceRestTransport,
)
from google.api_core import exceptions
from google.auth import exceptions as auth_exceptions
from google.auth.transport.requests import Request
from google.oauth2 import credentials, service_account

from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.google.ads import ACCOUNT, REMOVE, REMOVE_ALL, SCOPE, STATUS, GoogleAds
from connectors.sandbox.google.analytics import PATH, GoogleAnalytics
from connectors.sandbox.google.analytics import SCOPE as ANALYTICS_SCOPE
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.serving import served_in_a_thread

PROPERTY, LIST, AINO = "312345678", "7001", hashlib.sha256(b"aino@example.fi").hexdigest()
HALF_AN_HOUR, DAY = 1_800_000_000, 86_400_000_000
Account = datamanager.ProductAccount(account_type="GOOGLE_ADS", account_id=ACCOUNT)


class Sdk:
    """The sandbox's two Googles, and the SDKs' clients of them."""

    def __init__(self, hosted: dict[str, Hosted], clock: Clock, stack: ExitStack) -> None:
        self.hosted, self.clock, self._stack = hosted, clock, stack
        self.ads_hosted, self.analytics_hosted = hosted["google-ads"], hosted["google-analytics"]

    def signed_in(self, party: str, scope: str, **changed: str) -> Any:
        """Sign in as the SDKs do, with the key file of the sandbox."""
        hosted = self.hosted[party]
        key = json.loads(hosted.vendor.credentials(hosted.url)[f"{party}.json"]) | changed
        account: Any = service_account.Credentials.from_service_account_info(key, scopes=[scope])
        request = Request()
        try:
            account.refresh(request)
        finally:
            request.session.close()
        return credentials.Credentials(token=account.token)

    def _of(self, transport: type[Any], party: str, scope: str) -> Any:
        made = transport(
            host=self.hosted[party].url.removeprefix("http://"),
            url_scheme="http",
            credentials=self.signed_in(party, scope),
        )
        self._stack.callback(made.close)
        return made

    @property
    def ads(self) -> Any:
        return datamanager.IngestionServiceClient(
            transport=self._of(IngestionServiceRestTransport, "google-ads", SCOPE)
        )

    @property
    def analytics(self) -> Any:
        return admin.AnalyticsAdminServiceClient(
            transport=self._of(AnalyticsAdminServiceRestTransport, "google-analytics", ANALYTICS_SCOPE)
        )


@pytest.fixture
def sdk() -> Iterator[Sdk]:
    clock = Clock()
    with ExitStack() as stack:
        hosted = stack.enter_context(served_in_a_thread([GoogleAds(clock), GoogleAnalytics(clock)], clock))
        made = Sdk(dict(hosted), clock, stack)
        made.ads_hosted.seed({"lists": {LIST: [f"email:{AINO}", f"phone:{AINO}"], "7002": [f"email:{AINO}"]}})
        made.analytics_hosted.seed({"properties": {PROPERTY: {"clientId": ["1.2", "3.4"]}}})
        yield made


def removal(*hashes: str, lists: tuple[str, ...] = (LIST,), **more: Any) -> Any:
    identifiers = [datamanager.UserIdentifier(email_address=each) for each in hashes or (AINO,)]
    return datamanager.RemoveAudienceMembersRequest(
        destinations=[
            datamanager.Destination(reference=each, operating_account=Account, product_destination_id=each)
            for each in lists
        ],
        audience_members=[datamanager.AudienceMember(user_data=datamanager.UserData(user_identifiers=identifiers))],
        **{"encoding": "HEX", **more},
    )


def statuses(client: Any, request_id: str) -> list[str]:
    asked = datamanager.RetrieveRequestStatusRequest(request_id=request_id)
    found = client.retrieve_request_status(asked).request_status_per_destination
    return [each.request_status.name for each in found]


def test_a_person_is_removed_from_a_list_when_the_request_is_processed(sdk: Sdk) -> None:
    client = sdk.ads
    taken = client.remove_audience_members(removal())
    assert taken.request_id
    assert statuses(client, taken.request_id) == ["PROCESSING"]
    sdk.clock.forward(HALF_AN_HOUR)
    assert statuses(client, taken.request_id) == ["SUCCESS"]
    asked = datamanager.RetrieveRequestStatusRequest(request_id=taken.request_id)
    (status,) = client.retrieve_request_status(asked).request_status_per_destination
    removed = status.audience_members_removal_status.user_data_removal_status
    assert (removed.record_count, removed.user_identifier_count) == (1, 1)
    assert status.destination.product_destination_id == LIST
    assert sdk.ads_hosted.held()["lists"] == {LIST: [f"phone:{AINO}"], "7002": [f"email:{AINO}"]}


def test_hashes_may_be_in_base64_and_lists_several(sdk: Sdk) -> None:
    encoded = base64.b64encode(bytes.fromhex(AINO)).decode()
    sdk.ads.remove_audience_members(removal(encoded, lists=(LIST, "7002"), encoding="BASE64"))
    sdk.clock.forward(HALF_AN_HOUR)
    assert sdk.ads_hosted.held()["lists"] == {LIST: [f"phone:{AINO}"], "7002": []}


def test_what_is_only_to_be_judged_changes_nothing(sdk: Sdk) -> None:
    assert sdk.ads.remove_audience_members(removal(validate_only=True)).request_id == ""
    assert sdk.ads_hosted.held()["requests"] == 0


@pytest.mark.parametrize(
    "request_",
    [
        removal("no hash"),
        removal(lists=("9999",)),
        removal(lists=()),
        removal(*[AINO] * 11),
        removal(encoding="ENCODING_UNSPECIFIED"),
        datamanager.RemoveAudienceMembersRequest(),
    ],
)
def test_what_google_does_not_take_is_refused(sdk: Sdk, request_: Any) -> None:
    with pytest.raises(exceptions.BadRequest):
        sdk.ads.remove_audience_members(request_)


def test_another_account_is_none_of_the_callers(sdk: Sdk) -> None:
    wrong = removal()
    wrong.destinations[0].operating_account.account_id = "1111111111"
    with pytest.raises(exceptions.Forbidden):
        sdk.ads.remove_audience_members(wrong)
    with pytest.raises(exceptions.NotFound):
        statuses(sdk.ads, "unknown")


def test_an_order_to_remove_everybody_is_counted(sdk: Sdk) -> None:
    everybody = datamanager.RemoveAllAudienceMembersRequest(destinations=removal().destinations)
    sdk.ads.remove_all_audience_members(everybody)
    assert sdk.ads_hosted.held()["wiped"] == 1
    assert sdk.ads_hosted.held()["lists"][LIST] == []
    assert sdk.ads_hosted.counts["POST", REMOVE_ALL] == 1


@pytest.mark.parametrize(
    ("kind", "ends"),
    [(Kind.PARTIAL, "PARTIAL_SUCCESS"), (Kind.ERROR_INSIDE, "FAILED"), (Kind.LIE, "SUCCESS")],
)
def test_a_request_may_end_otherwise(sdk: Sdk, kind: Kind, ends: str) -> None:
    sdk.ads_hosted.fault(kind, REMOVE)
    wanted = removal()
    other = datamanager.UserIdentifier(email_address="0" * 64)
    first = datamanager.AudienceMember(user_data=datamanager.UserData(user_identifiers=[other]))
    wanted.audience_members.insert(0, first)
    client = sdk.ads
    taken = client.remove_audience_members(wanted)
    sdk.clock.forward(HALF_AN_HOUR)
    assert statuses(client, taken.request_id) == [ends]
    assert f"email:{AINO}" in sdk.ads_hosted.held()["lists"][LIST]


def deletion(**who: str) -> Any:
    return admin.SubmitUserDeletionRequest(name=f"properties/{PROPERTY}", **who)


def test_a_device_is_gone_from_reports_in_three_days_and_from_servers_at_the_next_run(sdk: Sdk) -> None:
    answer = sdk.analytics.submit_user_deletion(deletion(client_id="1.2"))
    assert abs(answer.deletion_request_time.timestamp() - sdk.clock() / 1_000_000) < 60
    sdk.clock.forward(3 * DAY)
    held = sdk.analytics_hosted.held()["properties"][PROPERTY]
    assert (held["reports"]["clientId"], held["servers"]["clientId"]) == (["3.4"], ["1.2", "3.4"])
    sdk.clock.forward(59 * DAY)
    assert sdk.analytics_hosted.held()["properties"][PROPERTY]["servers"]["clientId"] == ["3.4"]


def test_what_is_measured_after_a_deletion_stays(sdk: Sdk) -> None:
    sdk.analytics.submit_user_deletion(deletion(client_id="1.2"))
    sdk.clock.forward(1)
    sdk.analytics_hosted.seed({"properties": {PROPERTY: {"clientId": ["1.2"]}}})
    sdk.clock.forward(62 * DAY)
    assert "1.2" in sdk.analytics_hosted.held()["properties"][PROPERTY]["servers"]["clientId"]


def test_no_identifier_and_an_unknown_property_are_refused(sdk: Sdk) -> None:
    with pytest.raises(exceptions.BadRequest):
        sdk.analytics.submit_user_deletion(deletion())
    with pytest.raises(exceptions.Forbidden):
        sdk.analytics.submit_user_deletion(admin.SubmitUserDeletionRequest(name="properties/9", client_id="1.2"))


def test_five_hundred_deletions_are_a_day_that_begins_at_midnight_in_the_west(sdk: Sdk) -> None:
    client = sdk.analytics
    sdk.analytics_hosted.vendor.state.today = ("", {})
    client.submit_user_deletion(deletion(client_id="1.2"))
    sdk.analytics_hosted.vendor.state.today[1][PROPERTY] = 500
    with pytest.raises(exceptions.TooManyRequests):
        client.submit_user_deletion(deletion(client_id="3.4"))
    sdk.clock.forward(DAY)
    sdk.analytics.submit_user_deletion(deletion(client_id="3.4"))
    assert sdk.analytics_hosted.held()["deletions"] == 2


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.BUSY, exceptions.TooManyRequests),
        (Kind.BROKEN, exceptions.InternalServerError),
        (Kind.AWAY, exceptions.ServiceUnavailable),
        (Kind.EXPIRED, auth_exceptions.RefreshError),
    ],
)
def test_they_take_faults_for_what_they_are(sdk: Sdk, kind: Kind, error: type[Exception]) -> None:
    sdk.analytics_hosted.fault(kind, PATH)
    with pytest.raises(error):
        sdk.analytics.submit_user_deletion(deletion(client_id="1.2"), retry=None)
    sdk.ads_hosted.fault(kind, STATUS)
    with pytest.raises(error):
        statuses_once(sdk)


def statuses_once(sdk: Sdk) -> None:
    sdk.ads.retrieve_request_status(datamanager.RetrieveRequestStatusRequest(request_id="any"), retry=None)


@pytest.mark.parametrize(
    "changed", [{"client_email": "x@y.example"}, {"private_key_id": "another"}, {"scope": "https://other"}]
)
def test_who_is_another_gets_no_token(sdk: Sdk, changed: dict[str, str]) -> None:
    scope = changed.pop("scope", SCOPE)
    with pytest.raises(auth_exceptions.RefreshError):
        sdk.signed_in("google-ads", scope, **changed)


# Their credentials want to renew a token that is taken no more, and these have nothing to renew it by.
def test_a_token_ends_after_an_hour(sdk: Sdk) -> None:
    client = sdk.analytics
    client.submit_user_deletion(deletion(client_id="1.2"))
    sdk.clock.forward(HALF_AN_HOUR * 2)
    with pytest.raises(auth_exceptions.RefreshError):
        client.submit_user_deletion(deletion(client_id="1.2"), retry=None)
