"""stripe-mock judges every request that our connector makes, and what the sandbox says by its side."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
import stripe
from stripe.params.privacy import RedactionJobCreateParamsObjects

from connectors.vendors.stripe.references import About
from tests.connectors.vendors.seats import Seat
from tests.connectors.vendors.stripe.seat import CH, CS, CUS, IN, JOB_SECONDS, PI, SETI, erasure, seat
from tests.vendors import stripe_mock

__all__ = ["seat"]
PATH = "/v1/privacy/redaction_jobs"


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    with (
        stripe_mock.stripe_mock(tmp_path_factory.mktemp("stripe-mock")) as url,
        httpx2.Client(base_url=url, timeout=30) as client,
    ):
        yield client


def judged(judge: httpx2.Client, request: httpx2.Request, **changed: object) -> httpx2.Response:
    """Send a request that was made to the sandbox to the judge, as it was but for the key, of which it wants a certain form."""
    kept = ("content-type", "stripe-version", "idempotency-key")
    headers = {name: request.headers[name] for name in kept if name in request.headers}
    given = {"content": request.content, "headers": {**headers, "authorization": "Bearer sk_test_123"}} | changed
    return judge.request(request.method, request.url.path, **given)  # type: ignore[arg-type]  # as a request has them


def whole(seat: Seat) -> list[httpx2.Request]:
    """Make every kind of request that there is."""
    order = erasure(CUS, PI, CH, CS, SETI, IN)
    handle = seat.send(order).handle
    seat.passes(JOB_SECONDS)
    seat.send(replace(order, handle=handle))
    seat.passes(JOB_SECONDS)
    seat.ask(replace(order, handle=handle))
    seat.hosted.vendor.state.redactions[handle].status = "failed"
    failed = seat.ask(replace(order, handle=handle))
    seat.send(replace(order, handle=failed.handle))
    settings = seat.descriptor.settings.model_copy(update={"by": "deletion"})  # type: ignore[union-attr]  # of Stripe's settings
    seat.descriptor = replace(seat.descriptor, settings=settings)
    seat.send(order)
    seat.ask(order)
    return seat.requests


def test_no_request_of_ours_is_refused(seat: Seat, judge: httpx2.Client) -> None:
    requests = whole(seat)
    templates = {(each.method, each.url.path.rpartition("/")[0]) for each in requests}
    assert ("POST", "/v1/privacy") in templates
    acts = {each.url.path.rpartition("/")[2] for each in requests}
    assert {"redaction_jobs", "run", "validate", "validation_errors"} <= acts
    assert len(requests) >= 12
    assert [each.status_code for each in (judged(judge, request) for request in requests)] == [200] * len(requests)
    assert {method for method, _ in seat.hosted.counts} == {"GET", "POST", "DELETE"}


def test_it_would_have_refused_what_is_otherwise(seat: Seat, judge: httpx2.Client) -> None:
    seat.send(erasure(CUS))
    (made,) = seat.requests
    form = {"content-type": "application/x-www-form-urlencoded", "authorization": "Bearer sk_test_123"}
    assert judged(judge, made, content=b"validation_behavior=error", headers=form).status_code == 400
    assert (
        judged(judge, made, content=b"objects[customers][]=cus_1&validation_behavior=force", headers=form).status_code
        == 400
    )
    # It takes a type of objects that there is not; the names of types are judged by the SDK, below.
    json = {**form, "content-type": "application/json"}
    assert judged(judge, made, content=b'{"objects":{"customers":["cus_1"]}}', headers=json).status_code == 400
    assert judged(judge, made, headers={}).status_code == 401


def test_the_sandbox_says_what_stripes_own_stand_in_says(seat: Seat, judge: httpx2.Client) -> None:
    """Of each object and job: no field that it lacks, and each of the type that it has."""
    order = erasure(CUS, PI, CH, CS, SETI, IN)
    handle = seat.send(order).handle
    with httpx2.Client(base_url=seat.hosted.url, timeout=20) as sandbox:
        key = seat.hosted.vendor.credentials("")["stripe.key"]
        headers = {"authorization": f"Bearer {key}", "stripe-version": "2026-09-30.preview"}
        paths = [f"{PATH}/{handle}", f"{PATH}/{handle}/validation_errors", PATH]
        paths += [f"/v1/customers/{CUS}", f"/v1/payment_intents/{PI}", f"/v1/charges/{CH}"]
        paths += [f"/v1/checkout/sessions/{CS}", f"/v1/setup_intents/{SETI}"]
        for path in paths:
            ours = sandbox.get(path, headers=headers).json()
            theirs = judge.get(path, headers={"authorization": "Bearer sk_test_123"}).json()
            assert ours["object"] == theirs["object"], path
            for name in ("id", "created", "livemode", "status", "data", "has_more"):
                assert type(ours.get(name, theirs.get(name))) is type(theirs.get(name, ours.get(name))), (path, name)


def test_the_preview_that_is_pinned_knows_which_objects_tell_of_their_redaction() -> None:
    """The read-back rests on this field: a preview that drops it, or gives it to more, is to be noticed here."""
    made = {
        "customers": stripe.Customer,
        "payment_intents": stripe.PaymentIntent,
        "charges": stripe.Charge,
        "checkout_sessions": stripe.checkout.Session,
        "setup_intents": stripe.SetupIntent,
        "invoices": stripe.Invoice,
    }
    about = About.of(erasure(CUS, PI, CH, CS, SETI, IN))
    assert {each.type.name: each.type.tells for each in about.objects} == {
        name: "redaction" in kind.__annotations__ for name, kind in made.items()
    }


def test_the_version_is_the_one_that_stripes_sdk_speaks(seat: Seat) -> None:
    assert seat.descriptor.settings.version == stripe.api_version  # type: ignore[union-attr]  # of Stripe's settings


def test_the_objects_of_a_job_are_named_as_stripes_sdk_names_them() -> None:
    named = {each.type.name for each in About.of(erasure(CUS, PI, CH, CS, SETI, IN)).objects}
    assert named <= set(RedactionJobCreateParamsObjects.__annotations__)


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_go_the_judge_fails_in_ci(
    ci: str, outcome: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.setenv("JALKI_TEST_CACHE", f"{tmp_path}")
    monkeypatch.setattr(stripe_mock, "_program", stripe_mock._program.__wrapped__)
    with pytest.raises(outcome, match="no go"), stripe_mock.stripe_mock(tmp_path):
        pass
