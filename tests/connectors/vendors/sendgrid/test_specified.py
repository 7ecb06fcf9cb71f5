"""Every call that the connector makes is one of SendGrid's own specifications."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from lineage.cases.words import Action
from tests.connectors.vendors.sendgrid.standing import LOW, Standing, standing
from tests.contracts.connector import carried
from tests.vendors.contracts import valid_request
from tests.vendors.sendgrid import ERASURE, MARKETING, SUPPRESSIONS
from tests.vendors.specifications import Specification

FROM: dict[str, Specification] = {
    "/v3/recipients": ERASURE,
    "/v3/marketing": MARKETING,
    "/v3/asm": SUPPRESSIONS,
    "/v3/suppression": SUPPRESSIONS,
}


def judged(request: httpx2.Request) -> bool:
    """Judge a call; False: `GET /v3/scopes` alone is in no specification there is."""
    for beginning, specification in FROM.items():
        if request.url.path.startswith(beginning):
            valid_request(specification, request)
            return True
    assert request.url.path == "/v3/scopes"
    return False


@pytest.mark.parametrize("action", ["erase", "stop", "restrict", "rectify", "collect"])
def test_the_calls_of_a_right_are_as_specified(tmp_path: Path, action: Action) -> None:
    with standing(tmp_path) as stage:
        stage.order()
        stage.seed(suppressed=[LOW], spam_reports=[LOW])
        asyncio.run(carried(stage, action))
        made = stage.traffic("")
    assert len([each for each in made if judged(each)]) >= 4


def test_a_call_that_is_otherwise_is_found_out(stage: Standing) -> None:
    asyncio.run(carried(stage, "erase"))
    (request, *_) = stage.traffic("erasejob")
    wrong = httpx2.Request("POST", request.url, json={"emails": [LOW]}, headers={"Authorization": "Bearer x"})
    with pytest.raises(AssertionError, match="email_addresses"):
        judged(wrong)
