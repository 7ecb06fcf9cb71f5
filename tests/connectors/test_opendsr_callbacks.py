import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from connectors.answers import Asked
from connectors.opendsr.callbacks import AT_ONCE, Callbacks
from connectors.opendsr.messages import LARGEST
from connectors.opendsr.signatures import DOMAIN_HEADER, SIGNATURE_HEADER
from connectors.web import CALLBACKS, public_app
from lineage.cases.words import Action, TaskState
from lineage.errors import Misconfigured
from tests.connectors.companies import CALLBACK, Processor
from tests.connectors.kept import KeptAnswers
from tests.connectors.keys import Authority
from tests.connectors.orders import MAIL

KEY, OTHER = "a7551968-d5d6-44b2-9831-815ac9017798", "b7551968-d5d6-44b2-9831-815ac9017798"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def party(authority: Authority, tmp_path: Path) -> Iterator[Processor]:
    with Processor(authority, tmp_path).running() as made:
        yield made


class Desk:
    """Where callbacks of `multicare` come in, about its task and one of another party."""

    def __init__(self, party: Processor, state: TaskState = "accepted", action: Action = "erase") -> None:
        self.party = party
        mine = Asked(KEY, "multicare", action, "instruction", "2026-000017", state)
        self.answers = KeptAnswers(mine, replace(mine, key=OTHER, party="smartdeals"))

    def post(self, *messages: tuple[Mapping[str, str], bytes]) -> list[int]:
        """Post callbacks one after the other, as one process would get them."""

        async def post() -> list[int]:
            known = self.party.known()
            app = public_app(callbacks=Callbacks([known], self.answers, CALLBACK, self.party.clock))
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="https://a.example") as to:
                statuses = [(await to.post(CALLBACKS, content=body, headers=headers)) for headers, body in messages]
            await known.close()
            return [each.status_code for each in statuses]

        return asyncio.run(post())

    def signed(self, status: str, **changed: object) -> tuple[Mapping[str, str], bytes]:
        said = {
            "controller_id": "multitronic",
            "expected_completion_time": "2027-01-01T15:00:01Z",
            "status_callback_url": CALLBACK,
            "subject_request_id": KEY,
            "request_status": status,
        }
        return self.sealed(json.dumps(said | changed).encode())

    def sealed(self, body: bytes) -> tuple[Mapping[str, str], bytes]:
        return self.party.signer().headers(body), body

    @property
    def state(self) -> TaskState:
        return self.answers.tasks[KEY].state


def test_a_signed_word_that_it_is_done_is_a_proof(party: Processor) -> None:
    desk = Desk(party)
    assert desk.post(desk.signed("completed")) == [202]
    [(key, outcome)] = desk.answers.outcomes
    assert (key, outcome.state, outcome.how) == (KEY, "verified", "signed-answer")
    assert json.loads(outcome.evidence)["domain"] == "localhost"


def test_a_callback_that_comes_twice_counts_once(party: Processor) -> None:
    desk = Desk(party)
    assert desk.post(desk.signed("completed"), desk.signed("completed")) == [202, 202]
    assert len(desk.answers.outcomes) == 1


def test_callbacks_out_of_order_never_take_a_proof_back(party: Processor) -> None:
    desk = Desk(party, "sent")
    words = ("in_progress", "completed", "in_progress", "pending", "cancelled")
    assert desk.post(*(desk.signed(word) for word in words)) == [202] * 5
    assert [outcome.state for _, outcome in desk.answers.outcomes] == ["accepted", "verified"]
    assert desk.state == "verified"


@pytest.mark.parametrize("state", ["overdue", "failed", "manual", "promised", "partial"])
def test_a_late_proof_counts_and_a_late_word_that_it_was_begun_does_not(party: Processor, state: TaskState) -> None:
    desk = Desk(party, state)
    desk.post(desk.signed("in_progress"))
    assert desk.answers.outcomes == []
    desk.post(desk.signed("completed"))
    assert desk.state == "verified"


@pytest.mark.parametrize("state", ["queued", "sent", "accepted", "overdue", "failed", "manual"])
def test_that_a_copy_is_ready_has_the_party_asked_where_it_is_at_once_and_is_no_proof_yet(
    party: Processor, state: TaskState
) -> None:
    """Whatever address a callback names is not called: where the copy is the party says when it is asked."""
    desk = Desk(party, state, "collect")
    ready = desk.signed("completed", results_url="https://elsewhere.example/copy", results_count=1)
    assert desk.post(ready, ready) == [202, 202]
    [(_, outcome)] = desk.answers.outcomes
    assert (outcome.state, outcome.ask_again_in, outcome.copy) == ("accepted", AT_ONCE, b"")
    assert not [each for each in party.app.calls if "copy" in each[1]]


@pytest.mark.parametrize("state", ["verified", "not_held", "declined", "cancelled"])
def test_that_a_copy_is_ready_is_no_news_of_one_that_is_here_or_not_wanted(party: Processor, state: TaskState) -> None:
    desk = Desk(party, state, "collect")
    assert desk.post(desk.signed("completed")) == [202]
    assert desk.answers.outcomes == []


def test_a_forged_or_misdirected_word_that_a_copy_is_ready_has_nobody_asked(party: Processor) -> None:
    desk = Desk(party, "accepted", "collect")
    headers, body = desk.signed("completed")
    elsewhere = desk.signed("completed", status_callback_url="https://other.example/opendsr/callbacks")
    of_another = desk.signed("completed", subject_request_id=OTHER)
    assert desk.post((headers, body + b" "), elsewhere, of_another) == [403, 400, 404]
    assert desk.answers.outcomes == []


def test_a_request_the_party_has_dropped_is_not_taken_for_done(party: Processor) -> None:
    desk = Desk(party)
    desk.post(desk.signed("cancelled"))
    assert desk.state == "failed"


def test_what_was_withdrawn_stays_so(party: Processor) -> None:
    desk = Desk(party, "cancelled")
    assert desk.post(desk.signed("completed"), desk.signed("pending")) == [202, 202]
    assert desk.answers.outcomes == []


def test_what_is_not_signed_by_a_party_we_know_is_refused_before_it_is_read(
    party: Processor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(party)
    headers, body = desk.signed("completed")
    stranger = Authority(tmp_path / "other").issue("localhost", "stranger")
    party.tls, own = stranger, party.tls
    by_stranger = desk.signed("completed")
    party.tls = own
    wrong = [
        ({}, body),
        ({DOMAIN_HEADER: "localhost"}, body),
        ({**headers, SIGNATURE_HEADER: ""}, body),
        ({**headers, SIGNATURE_HEADER: "not base64"}, body),
        ({**headers, SIGNATURE_HEADER: "QUFB" * 2_000}, body),
        ({**headers, DOMAIN_HEADER: "evil.example"}, body),
        (headers, body + b" "),
        (headers, MAIL.encode()),
        by_stranger,
    ]
    with caplog.at_level(logging.INFO):
        assert desk.post(*wrong) == [403] * len(wrong)
    assert desk.answers.outcomes == []
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("connectors")]
    assert len(ours) == len(wrong)
    assert not [line for line in ours if MAIL in line or KEY in line or "evil" in line]


def test_forged_callbacks_do_not_make_us_call_the_party_each_time(party: Processor) -> None:
    desk = Desk(party)
    headers, body = desk.signed("completed")
    desk.post(*[(headers, body + b" ")] * 5)
    assert len([path for _, path in party.app.calls if path.endswith("/discovery")]) == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"subject_request_id": "c7551968-d5d6-44b2-9831-815ac9017798"}, 404),
        ({"subject_request_id": OTHER}, 404),
        ({"status_callback_url": "https://elsewhere.example/opendsr/callbacks"}, 400),
        ({"status_callback_url": None}, 400),
        ({"request_status": "erased"}, 400),
        ({"subject_request_id": KEY.upper()}, 400),
    ],
)
def test_a_party_moves_its_own_tasks_alone_and_by_the_words_of_the_specification(
    party: Processor, changed: dict[str, object], status: int
) -> None:
    desk = Desk(party)
    assert desk.post(desk.signed("completed", **changed)) == [status]
    assert desk.answers.outcomes == []


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"[" * 50_000, b'{"a":' * 10_000])
def test_what_is_signed_but_cannot_be_read_is_refused(party: Processor, body: bytes) -> None:
    desk = Desk(party)
    assert desk.post(desk.sealed(body)) == [400]


def test_what_is_too_large_is_not_read_to_its_end(party: Processor) -> None:
    desk = Desk(party)
    assert desk.post(desk.sealed(b"x" * (LARGEST + 1))) == [413]


def test_while_the_store_or_the_partys_certificate_is_away_it_is_to_be_sent_again(party: Processor) -> None:
    desk = Desk(party)
    desk.answers.away = True
    assert desk.post(desk.signed("completed")) == [503]
    desk.answers.away = False
    party.app.fault = "broken"
    assert desk.post(desk.signed("completed")) == [503]
    party.app.fault = None
    assert desk.post(desk.signed("completed")) == [202]


def test_two_parties_cannot_have_one_domain(party: Processor) -> None:
    with pytest.raises(Misconfigured, match="domain"):
        Callbacks([party.known(), party.known(party="smartdeals")], KeptAnswers(), CALLBACK, party.clock)
