"""What Google may answer to a removal or to a look, rightly or not, and what that comes to."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.calling import Answer
from connectors.sandbox.faults import Kind
from connectors.sandbox.google.ads import REMOVE, STATUS
from connectors.waiting import Later
from lineage.errors import Retryable
from tests.connectors.vendors.google.stages import (
    ADS,
    HALF_AN_HOUR,
    LIST,
    MAIL,
    Google,
    ask,
    held,
    of_ads,
    run,
    said,
    seeded,
    send,
    taken,
)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (Kind.BUSY, Later),
        (Kind.BUSY_SILENT, Retryable),
        (Kind.AWAY, Later),
        (Kind.BROKEN, Retryable),
        (Kind.BROKEN_AFTER, Retryable),
        (Kind.DROPPED, Retryable),
        (Kind.DROPPED_AFTER, Retryable),
        (Kind.CUT, Retryable),
        (Kind.LOST, Retryable),
        (Kind.LOST_AFTER, Retryable),
    ],
)
@pytest.mark.parametrize("act", ["send", "ask"])
def test_a_fault_is_told_and_passes(ads: Google, kind: Kind, error: type[Exception], act: str) -> None:
    seeded(ads, MAIL)
    order, path = of_ads(), REMOVE if act == "send" else STATUS
    if act == "ask":
        (order,) = taken(ads, [order])
    ads.hosted.fault(kind, path)
    with pytest.raises(error) as raised:
        run(ads.connector(ADS, "limits: {timeout: 1}"), act, order)
    assert MAIL not in f"{raised.value}"
    outcome = run(ads.connector(ADS), act, replace(order, attempt=2))
    assert outcome.state == ("accepted" if act == "send" else "promised")
    ads.later(HALF_AN_HOUR)
    assert held(ads)[LIST] == []


UNREADABLE = [
    said(200),
    said(200, error={"code": 500, "message": MAIL}),
    said(200, requestId=7),
    said(200, requestId="a;b"),
    said(200, requestId=""),
    said(400, error={"message": MAIL}),
    Answer(200, {}, b'{"requestId": "cut of'),
    Answer(200, {}, b"<html>"),
    Answer(302, {}, b""),
]


@pytest.mark.parametrize("answer", UNREADABLE)
def test_an_answer_that_fits_nothing_is_failed_with_the_answer_kept(ads: Google, answer: Answer) -> None:
    seeded(ads)
    ads.wire.answers.append(answer)
    outcome = send(ads, of_ads())
    assert (outcome.state, outcome.ground, outcome.evidence) == ("failed", "removal-refused", answer.body)
    assert MAIL not in repr(replace(outcome, evidence=b""))


@pytest.mark.parametrize(
    "answer",
    [
        said(200, requestStatusPerDestination="SUCCESS"),
        said(200, requestStatusPerDestination=[{"requestStatus": "ERASED"}]),
        said(400),
        Answer(200, {}, b"<html>"),
    ],
)
def test_a_status_that_fits_nothing_is_failed_with_the_answer_kept(ads: Google, answer: Answer) -> None:
    seeded(ads)
    (order,) = taken(ads, [of_ads()])
    ads.wire.answers.append(answer)
    outcome = ask(ads, order)
    assert (outcome.state, outcome.ground, outcome.evidence) == ("failed", "request-unknown", answer.body)


@pytest.mark.parametrize(
    "statuses",
    [
        [],
        [{"requestStatus": "SUCCESS"}],
        [{"destination": {"productDestinationId": "7002"}, "requestStatus": "SUCCESS"}],
        [{"destination": {"productDestinationId": LIST}}],
        [{"destination": {"productDestinationId": LIST}, "requestStatus": "REQUEST_STATUS_UNKNOWN"}],
    ],
)
def test_a_status_that_does_not_name_her_list_proves_nothing(ads: Google, statuses: list[Any]) -> None:
    seeded(ads)
    (order,) = taken(ads, [of_ads()])
    ads.wire.answers.append(said(200, requestStatusPerDestination=statuses))
    assert ask(ads, order).state == "accepted"
