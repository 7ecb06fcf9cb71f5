import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlencode

import httpx2
import pytest

from connectors.answers import Asked
from connectors.confirming import Confirming, Correspondent
from connectors.links import Links
from connectors.web import LARGEST_FORM, public_app
from lineage.cases.orders import Order
from lineage.register.model import midnight
from tests.connectors.kept import KeptAnswers
from tests.connectors.orders import DAY, order

NOON = midnight(date(2026, 12, 1)) + DAY // 2


class Desk:
    """A task, its link, and the pages a party sees."""

    def __init__(self, **changed: object) -> None:
        self.order: Order = order(**changed)
        asked = Asked(self.order.key, "posti", self.order.action, self.order.form, self.order.case, "sent")
        self.answers = KeptAnswers(asked)
        self.links = Links("https://answers.example", [b"s" * 32])
        self.time = NOON
        parties = {"posti": Correspondent("Posti Oy", "fi")}
        self.app = public_app(confirming=Confirming(self.links, self.answers, parties, lambda: self.time))
        self.token = self.links.token(self.order, 1, NOON + 60 * DAY)

    def get(self, token: str | None = None) -> httpx2.Response:
        return self._call("GET", token or self.token)

    def post(self, given: Mapping[str, str] | bytes, token: str | None = None) -> httpx2.Response:
        body = given if isinstance(given, bytes) else urlencode(given).encode()
        return self._call("POST", token or self.token, body)

    def _call(self, method: str, token: str, body: bytes | None = None) -> httpx2.Response:
        async def call() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=self.app)
            async with httpx2.AsyncClient(transport=transport, base_url="https://answers.example") as client:
                return await client.request(method, f"/confirm/{token}", content=body)

        return asyncio.run(call())


@pytest.mark.parametrize(
    ("given", "state", "by", "ground"),
    [
        ({"answer": "done"}, "promised", "2026-12-01", None),
        ({"answer": "not_held"}, "not_held", None, None),
        ({"answer": "declined", "ground": "own"}, "declined", None, "own"),
        ({"answer": "partial", "text": "invoices"}, "partial", None, None),
        ({"answer": "promised", "by": "2026-12-24"}, "promised", "2026-12-24", None),
    ],
)
def test_an_answer_by_link_is_what_a_person_said_and_never_a_proof(
    given: Mapping[str, str], state: str, by: str | None, ground: str | None
) -> None:
    desk = Desk()
    assert desk.post(given).status_code == 200
    [(key, outcome)] = desk.answers.outcomes
    assert (key, outcome.state, outcome.how, outcome.by, outcome.ground) == (
        desk.order.key,
        state,
        "confirmed-link",
        by,
        ground,
    )
    assert json.loads(outcome.evidence)["answer"] == given["answer"]


def test_opening_a_link_confirms_nothing_however_often_a_scanner_does_it() -> None:
    desk = Desk()
    pages = [desk.get() for _ in range(3)]
    assert {page.status_code for page in pages} == {200}
    assert "Posti Oy" in pages[0].text
    assert desk.answers.outcomes == []
    assert desk.answers.names == set()


def test_a_link_used_twice_says_so_and_changes_nothing() -> None:
    desk = Desk()
    desk.post({"answer": "done"})
    again, looked = desk.post({"answer": "not_held"}), desk.get()
    assert (again.status_code, looked.status_code) == (409, 409)
    assert "käytetty" in again.text
    assert len(desk.answers.outcomes) == 1


def test_two_who_answer_at_the_same_moment_give_one_answer() -> None:
    desk = Desk()

    async def both() -> list[int]:
        transport = httpx2.ASGITransport(app=desk.app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://answers.example") as client:
            posts = [client.post(f"/confirm/{desk.token}", content=b"answer=done") for _ in range(2)]
            return sorted(each.status_code for each in await asyncio.gather(*posts))

    assert asyncio.run(both()) == [200, 409]
    assert len(desk.answers.outcomes) == 1


def test_a_reminder_has_a_link_of_its_own_for_a_later_answer() -> None:
    desk = Desk()
    desk.post({"answer": "promised", "by": "2026-12-24"})
    reminder = desk.links.token(desk.order, 2, NOON + 60 * DAY)
    assert desk.post({"answer": "done"}, reminder).status_code == 200
    assert [outcome.by for _, outcome in desk.answers.outcomes] == ["2026-12-24", "2026-12-01"]


def test_forged_unknown_and_foreign_links_get_one_and_the_same_page_and_are_logged_without_their_token(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    other = Links("https://answers.example", [b"o" * 32])
    tokens = [
        other.token(desk.order, 1, NOON + DAY),  # forged
        desk.links.token(order(), 1, NOON + DAY),  # ours, of no task
        desk.links.token(order(key=desk.order.key, party="klarna"), 1, NOON + DAY),  # of another party
        "x" * 100,
        "x",
    ]
    with caplog.at_level(logging.INFO):
        pages = [page for token in tokens for page in (desk.get(token), desk.post({"answer": "done"}, token))]
    assert {page.status_code for page in pages} == {404}
    assert len({page.text for page in pages}) == 1
    assert desk.answers.outcomes == []
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("connectors")]
    assert len(ours) == len(pages)
    assert not [token for token in tokens for line in ours if len(token) > 1 and token in line]


def test_a_link_ends() -> None:
    desk = Desk()
    desk.time = NOON + 60 * DAY
    assert (desk.get().status_code, desk.post({"answer": "done"}).status_code) == (410, 410)
    assert desk.answers.outcomes == []


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"answer": "verified"},
        {"answer": "declined"},
        {"answer": "declined", "ground": "because"},
        {"answer": "promised"},
        {"answer": "promised", "by": "2026-11-30"},
        {"answer": "promised", "by": "2028-12-01"},
        {"answer": "promised", "by": "2026-02-30"},
        {"answer": "done", "text": "x" * 501},
        {str(number): "x" for number in range(11)},
    ],
)
def test_an_answer_that_is_not_complete_is_asked_for_again_and_uses_nothing_up(given: Mapping[str, str]) -> None:
    desk = Desk()
    assert desk.post(given).status_code == 422
    assert desk.answers.outcomes == []
    assert desk.post({"answer": "done"}).status_code == 200


def test_a_processor_may_keep_data_because_of_a_law_and_on_no_ground_of_its_own() -> None:
    desk = Desk(form="instruction")
    assert 'value="own"' not in desk.get().text
    assert desk.post({"answer": "declined", "ground": "own"}).status_code == 422
    assert desk.post({"answer": "declined", "ground": "law"}).status_code == 200


def test_what_somebody_writes_is_kept_sealed_with_the_evidence_and_nowhere_else() -> None:
    desk = Desk()
    desk.post({"answer": "declined", "ground": "law", "text": "Maija Meri,\n invoices"})
    outcome = desk.answers.outcomes[0][1]
    assert json.loads(outcome.evidence)["text"] == "Maija Meri, invoices"
    assert "Maija" not in (outcome.ground or "") + outcome.how


def test_an_answer_that_cannot_be_kept_now_is_not_lost_silently() -> None:
    desk = Desk()
    desk.answers.away = True
    assert desk.post({"answer": "done"}).status_code == 503
    desk.answers.away = False
    assert desk.post({"answer": "done"}).status_code == 200


def test_pages_are_strict_and_hold_no_identifier() -> None:
    page = Desk().get()
    headers = page.headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script" not in page.text
    assert not [value for _, value in order().identifiers if value in page.text]


def test_an_answer_that_is_too_large_or_no_text_is_refused() -> None:
    desk = Desk()
    assert desk.post(b"answer=done&text=" + b"x" * LARGEST_FORM).status_code == 413
    assert desk.post(b"answer=\xff").status_code == 422
    assert desk.answers.outcomes == []


def test_a_page_that_breaks_says_and_logs_nothing_of_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()

    async def broken(_key: str) -> None:
        raise ValueError("Maija Meri")

    desk.answers.asked = broken  # type: ignore[method-assign, assignment]  # a fault that nobody foresaw
    page = desk.get()
    assert (page.status_code, page.text) == (500, "500")
    assert "Maija" not in caplog.text
    assert "ValueError" in caplog.text
