"""The sandbox's Stripe, by Stripe's own SDK of the preview: as a client that knows nothing of us."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import stripe

from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.serving import served_in_a_thread
from connectors.sandbox.stripe.vendor import Stripe

KEY = "sk_test_of_the_sandbox"
CUS, PI = "cus_Aino", "pi_Aino"
MAIL = "aino@example.fi"
JOB_SECONDS = 10
DAY = 86_400


@dataclass(frozen=True)
class Shop:
    hosted: Hosted
    clock: Clock

    def client(self, key: str = KEY, version: str | None = None) -> Any:
        given = {"stripe_version": version} if version else {}
        return stripe.StripeClient(key, base_addresses={"api": self.hosted.url}, max_network_retries=0, **given)

    @property
    def jobs(self) -> Any:
        return self.client().v1.privacy.redaction_jobs

    def passes(self, seconds: float = JOB_SECONDS) -> None:
        self.clock.forward(int(seconds * 1_000_000))


@pytest.fixture
def shop() -> Iterator[Shop]:
    clock = Clock(stands=1_750_000_000_000_000)
    with served_in_a_thread([Stripe(clock, key=KEY, job_seconds=JOB_SECONDS)], clock) as sandbox:
        made = Shop(sandbox["stripe"], clock)
        hers = [{"id": CUS, "email": MAIL, "name": "Aino"}, {"id": PI, "customer": CUS, "email": MAIL, "age_days": 30}]
        made.hosted.seed({"objects": hers})
        yield made


def test_a_job_is_validated_run_and_done_and_what_it_names_is_redacted(shop: Shop) -> None:
    job = shop.jobs.create({"objects": {"customers": [CUS]}})
    assert (job.status, job.validation_behavior) == ("validating", "error")
    with pytest.raises(stripe.InvalidRequestError):
        shop.jobs.run(job.id)
    shop.passes()
    assert shop.jobs.retrieve(job.id).status == "ready"
    assert shop.jobs.run(job.id).status == "redacting"
    shop.passes()
    assert shop.jobs.retrieve(job.id).status == "succeeded"
    customer = shop.client().v1.customers.retrieve(CUS)
    assert (customer.email, customer.redaction.status) == ("[redacted]", "redacted")
    young = shop.client().v1.payment_intents.retrieve(PI)
    assert young.redaction.status == "validated"
    shop.passes(61 * DAY)
    assert shop.client().v1.payment_intents.retrieve(PI).redaction.status == "redacted"


def test_a_job_that_fails_says_why_and_is_validated_again_when_it_may_fix_it(shop: Shop) -> None:
    shop.hosted.seed({"objects": [{"id": PI, "customer": CUS, "final": False}]})
    job = shop.jobs.create({"objects": {"customers": [CUS]}})
    shop.passes()
    assert shop.jobs.retrieve(job.id).status == "failed"
    (error,) = shop.jobs.validation_errors.list(job.id).data
    assert (error.code, error.erroring_object.id) == ("invalid_cascading_source", PI)
    shop.jobs.update(job.id, {"validation_behavior": "fix"})
    assert shop.jobs.validate(job.id).status == "validating"
    shop.passes()
    assert shop.jobs.retrieve(job.id).status == "ready"
    assert shop.jobs.cancel(job.id).status == "canceled"
    assert [each.id for each in shop.jobs.list().data] == [job.id]


def test_two_jobs_are_not_about_one_object_at_a_time(shop: Shop) -> None:
    for _ in range(2):
        last = shop.jobs.create({"objects": {"customers": [CUS]}})
    shop.passes()
    (error,) = shop.jobs.validation_errors.list(last.id).data
    assert error.code == "locked_by_other_job"


def test_a_key_of_idempotency_gives_one_answer_for_a_day_and_is_for_one_request(shop: Shop) -> None:
    once = {"idempotency_key": "a"}
    first = shop.jobs.create({"objects": {"customers": [CUS]}}, once)
    assert shop.jobs.create({"objects": {"customers": [CUS]}}, once).id == first.id
    with pytest.raises(stripe.IdempotencyError):
        shop.jobs.create({"objects": {"payment_intents": [PI]}}, once)
    shop.passes(DAY)
    assert shop.jobs.create({"objects": {"customers": [CUS]}}, once).id != first.id


@pytest.mark.parametrize(
    "objects",
    [{}, {"customers": ["cus_Nobody"]}, {"customers": [PI]}, {"payment_intents": [f"pi_{n}" for n in range(11)]}],
)
def test_what_is_no_job_is_refused(shop: Shop, objects: dict[str, list[str]]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        shop.jobs.create({"objects": objects})
    assert shop.hosted.held()["jobs"] == {}


def test_a_customer_is_deleted_and_what_she_paid_stays(shop: Shop) -> None:
    customers = shop.client().v1.customers
    assert customers.delete(CUS).deleted is True
    assert customers.retrieve(CUS).deleted is True
    assert shop.client().v1.payment_intents.retrieve(PI).email == MAIL
    with pytest.raises(stripe.InvalidRequestError) as refused:
        customers.delete(CUS)
    assert refused.value.code == "resource_missing"


def test_jobs_are_there_by_a_version_of_the_preview_alone(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized"):
        shop.client(version="2026-09-30.dahlia").v1.privacy.redaction_jobs.list()


def test_a_body_that_is_no_form_is_refused(shop: Shop) -> None:
    headers = {"authorization": f"Bearer {KEY}", "stripe-version": "2026-09-30.preview"}
    with httpx2.Client(base_url=shop.hosted.url, headers=headers, timeout=20) as client:
        answer = client.post("/v1/privacy/redaction_jobs", json={"objects": {"customers": [CUS]}})
        assert answer.status_code == 400
        answer = client.get("/v1/privacy/redaction_jobs", headers={"authorization": ""}, auth=(KEY, ""))
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.BUSY, stripe.RateLimitError),
        (Kind.BROKEN, stripe.APIError),
        (Kind.AWAY, stripe.APIError),
        (Kind.EXPIRED, stripe.AuthenticationError),
    ],
)
def test_faults_are_taken_for_what_they_are(shop: Shop, kind: Kind, error: type[Exception]) -> None:
    shop.hosted.fault(kind)
    with pytest.raises(error):
        shop.jobs.list()
    assert shop.jobs.list().data == []


def test_a_wrong_key_opens_nothing(shop: Shop) -> None:
    with pytest.raises(stripe.AuthenticationError):
        shop.client("sk_test_other").v1.customers.retrieve(CUS)


def test_a_seed_that_is_wrong_is_refused(shop: Shop) -> None:
    for wrong in ({"objects": [{"id": "xx_1"}]}, {"objects": [{"id": "cus_1", "mail": "a"}]}):
        with pytest.raises(ValueError, match=r"begins with|mail"):
            shop.hosted.seed(wrong)
