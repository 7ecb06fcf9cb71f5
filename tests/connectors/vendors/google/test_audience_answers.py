"""What Google may answer to a removal or to a look, rightly or not, and what that comes to."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.calling import Answer
from tests.connectors.vendors.google.stages import (
    LIST,
    MAIL,
    Google,
    ask,
    of_ads,
    said,
    seeded,
    send,
    taken,
)

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
