"""What has come of calls: in a handle, and together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vendors.rest.progress import Known, Progress, evidence_of, state_of, weakest
from connectors.vendors.rest.shapes import AnswerSettings, CallSettings, State
from connectors.vendors.rest.units import Request, Unit

STATES: tuple[State, ...] = (
    "accepted", "promised", "verified", "partial", "declined", "not_held", "manual", "failed", "letter",
)  # fmt: skip


def call(*, optional: bool = False) -> CallSettings:
    return CallSettings.model_validate(
        {
            "name": "member",
            "for_each": "email",
            "optional": optional,
            "request": {"call": "DELETE /v1/${identifier}"},
            "answers": [{"status": 204, "state": "accepted"}, {"status": 404, "state": "not_held"}],
            "read_back": {
                "request": {"call": "GET /v1/${identifier}"},
                "answers": [{"status": 404, "state": "verified"}],
            },
        }
    )


REQUEST = Request("DELETE", "/v1/x", None, {}, None, None)


def units(number: int, *, optional: bool = False) -> list[Unit]:
    return [Unit(call(optional=optional), 0, REQUEST, REQUEST)] * number


def known(state: State, within: int | None = None) -> Known:
    if state == "promised" and within is None:
        within = 1
    ground = "law" if state == "declined" else None
    return Known(AnswerSettings(status=204, state=state, within=within, ground=ground), 204)


@given(st.lists(st.none() | st.integers(0, 1), max_size=200), st.data())
def test_a_handle_tells_what_was_done_and_nothing_else(told: list[int | None], data: st.DataObject) -> None:
    read = data.draw(st.lists(st.none() | st.just(0), min_size=len(told), max_size=len(told)))
    progress = Progress.of(None, [call()], units(len(told)))
    for place, (at, seen) in enumerate(zip(told, read, strict=True)):
        progress = progress if at is None else progress.with_told(place, at)
        progress = progress if seen is None else progress.with_read(place, seen)
    assert Progress.of(progress.handle, [call()], units(len(told))) == progress


@given(st.text(max_size=40) | st.from_regex(r"rest\.[0-9a-f]{8}\.[0-9a-p-]{0,5}\.[0-9a-p-]{0,5}", fullmatch=True))
def test_a_handle_that_is_none_of_these_settings_has_got_nowhere(handle: str) -> None:
    progress = Progress.of(handle, [call()], units(3))
    assert progress == Progress.of(None, [call()], units(3))


@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=6), st.randoms())
def test_the_least_is_claimed_in_whatever_order_it_came(states: list[State], random: object) -> None:
    found = [(unit, known(state)) for unit, state in zip(units(len(states)), states, strict=True)]
    claim = state_of(weakest(found))
    random.shuffle(found)  # type: ignore[attr-defined]  # hypothesis's own
    assert state_of(weakest(found)) == claim
    if claim in {"verified", "promised", "accepted"}:
        assert set(states) <= {"verified", "promised", "accepted", "not_held"}
    if claim == "verified":
        assert set(states) <= {"verified", "not_held"}
    assert (claim == "not_held") == (set(states) == {"not_held"})
    assert "failed" not in states or claim == "failed"


def test_what_is_kept_of_a_part_is_partial_and_a_promise_is_the_latest() -> None:
    one, other = units(2)
    assert state_of(weakest([(one, known("declined")), (other, known("accepted"))])) == "partial"
    latest = weakest([(one, known("promised", 5)), (other, known("promised", 30))])
    assert latest.settings is not None
    assert latest.settings.within == 30


@pytest.mark.parametrize(("state", "claim"), [("accepted", "not_held"), ("failed", "failed"), ("not_held", "not_held")])
def test_a_preparation_is_claimed_only_where_it_did_not_do(state: State, claim: State) -> None:
    (preparing,), (main,) = units(1, optional=True), units(1)
    assert state_of(weakest([(preparing, known(state)), (main, known("not_held"))])) == claim


def test_no_more_is_kept_of_answers_than_can_be() -> None:
    kept = evidence_of([("member", 200, b"x" * 400_000), ("member", 200, b"y" * 400_000)])
    assert len(kept) < 700_000
    assert b'"cut": true' in kept
