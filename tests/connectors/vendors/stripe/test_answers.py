"""What Stripe's connector makes of answers that are errors, or none."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.sandbox.calls import said
from connectors.sandbox.stripe import redacting
from lineage.errors import JalkiError, Misconfigured, Refused, Retryable
from tests.connectors.orders import MAIL
from tests.connectors.vendors.seats import Seat
from tests.connectors.vendors.stripe.seat import erasure, seat

__all__ = ["seat"]


def error(kind: str = "invalid_request_error", code: str | None = None) -> dict[str, Any]:
    return {"error": {"type": kind, "message": MAIL, **({"code": code} if code else {})}}


@pytest.mark.parametrize(
    ("status", "content", "raised"),
    [
        (401, error(), Misconfigured),
        (403, error(), Misconfigured),
        (404, error(), Misconfigured),
        (409, error("idempotency_error", "idempotency_key_in_use"), Retryable),
        (400, error("idempotency_error"), Refused),
        (429, error(code="rate_limit"), Retryable),
        (500, error("api_error"), Retryable),
    ],
)
def test_an_error_is_told_by_what_must_be_done_and_its_text_goes_nowhere(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, status: int, content: Any, raised: type[JalkiError]
) -> None:
    monkeypatch.setattr(redacting, "create", lambda *_: said(status, content))
    with pytest.raises(raised) as found:
        seat.send(erasure())
    assert MAIL not in str(found.value)


@pytest.mark.parametrize(
    ("status", "content", "state"),
    [
        (400, error(code="parameter_invalid"), "manual"),
        (200, {"id": "prj_1", "object": "privacy.redaction_job", "status": "purged"}, "failed"),
        (200, {"id": "prj 1", "object": "privacy.redaction_job", "status": "ready"}, "failed"),
        (200, {"id": "cus_1", "object": "customer", "status": "ready"}, "failed"),
        (200, error(), "failed"),
        (200, [], "failed"),
        (302, {}, "failed"),
    ],
)
def test_an_answer_that_is_none_is_kept_for_a_person(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, status: int, content: Any, state: str
) -> None:
    monkeypatch.setattr(redacting, "create", lambda *_: said(status, content))
    outcome = seat.send(erasure())
    assert (outcome.state, outcome.handle) == (state, None)
    assert outcome.evidence
    assert MAIL not in repr(replace(outcome, evidence=b""))


def test_an_account_without_the_preview_says_what_to_set(seat: Seat) -> None:
    seat.hosted.seed({"preview": False})
    with pytest.raises(Misconfigured, match="by: deletion"):
        seat.send(erasure())
