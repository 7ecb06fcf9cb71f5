"""What Meta's connector does and says, against the sandbox."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.normalisers import sha256_hex
from connectors.sandbox.calls import said
from connectors.sandbox.faults import Kind
from connectors.sandbox.meta import users
from connectors.sandbox.meta import vendor as vendor_of_sandbox
from connectors.waiting import Later
from lineage.cases.orders import Outcome, Sending
from lineage.errors import JalkiError, Misconfigured, Refused, Retryable
from tests.connectors.orders import MAIL
from tests.connectors.vendors.meta.seat import (
    JOB_SECONDS,
    LAPTOPS,
    LOYAL,
    OTHER,
    PHONE,
    PHONE_DIGITS,
    erasure,
    mails,
    member,
    parts_of,
    seat,
    upload,
)
from tests.connectors.vendors.seats import Seat

__all__ = ["seat"]
BATCH = "/{version}/"
DAY = 86_400


def answered(monkeypatch: pytest.MonkeyPatch, content: Any, status: int = 200) -> None:
    """Let Meta answer every removal so."""
    monkeypatch.setattr(users, "change", lambda *_: said(status, content))


def test_a_person_is_taken_out_of_every_audience_she_was_put_in_and_nobody_else_is(seat: Seat) -> None:
    order = erasure(upload(LAPTOPS), upload("aud-loyal"))
    sent = seat.send(order)
    assert (sent.state, sent.how, sent.by) == ("accepted", "http-200", None)
    seat.passes(JOB_SECONDS)
    assert mails(seat, LAPTOPS) == mails(seat, LOYAL) == [sha256_hex(OTHER)]
    asked = seat.ask(replace(order, handle=sent.handle))
    assert (asked.state, asked.by, asked.handle) == ("promised", "2025-06-16", None)
    seat.within_proof(sent)
    seat.within_proof(asked)


def test_all_that_is_said_of_it_is_in_one_body_and_the_address_holds_nothing(seat: Seat) -> None:
    sent = seat.send(erasure(upload(LAPTOPS, ("email", MAIL), ("phone", PHONE))))
    seat.ask(replace(erasure(), handle=sent.handle))
    assert {str(each.url) for each in seat.requests} == {f"{seat.hosted.url}/v26.0/"}
    mail, phone = parts_of(seat.requests[0])
    assert (mail["method"], mail["relative_url"]) == ("DELETE", f"{LAPTOPS}/users")
    assert mail["fields"]["payload"] == {"schema": "EMAIL_SHA256", "is_raw": False, "data": [sha256_hex(MAIL)]}
    assert phone["fields"]["payload"]["data"] == [sha256_hex(PHONE_DIGITS), sha256_hex(PHONE)]
    session = mail["fields"]["session"]
    assert (session["batch_seq"], session["last_batch_flag"], session["estimated_num_total"]) == (1, True, 1)
    assert 0 < session["session_id"] < 2**63


def test_a_removal_that_is_under_way_is_accepted_until_its_session_is_over_or_a_day_has_passed(seat: Seat) -> None:
    order = erasure()
    handle = seat.send(order).handle
    assert seat.ask(replace(order, handle=handle)).state == "accepted"
    seat.hosted.vendor.state.audiences[LAPTOPS].sessions.clear()  # Meta knows nothing of it any more
    seat.passes(DAY - 1)
    assert seat.ask(replace(order, handle=handle)).state == "accepted"
    seat.passes(1)
    assert seat.ask(replace(order, handle=handle)).state == "promised"


def test_what_was_sent_as_a_hash_is_taken_out_by_that_hash(seat: Seat) -> None:
    hashed = sha256_hex(MAIL).upper()
    seat.send(erasure(upload(LAPTOPS, ("email", hashed), sent_as="sha256")))
    (part,) = parts_of(seat.requests[0])
    assert part["fields"]["payload"]["data"] == [sha256_hex(MAIL)]


def test_an_address_is_taken_out_in_every_form_it_may_have_been_sent_in(seat: Seat) -> None:
    seat.send(erasure(upload(LAPTOPS, ("email", " MÄKI@example.com. "))))
    (part,) = parts_of(seat.requests[0])
    forms = ["mäki@example.com.", "mäki@example.com", " MÄKI@example.com. "]
    assert part["fields"]["payload"]["data"] == [sha256_hex(each) for each in forms]


def test_many_persons_go_in_one_call_for_all_their_audiences(seat: Seat) -> None:
    orders = [erasure(upload(LAPTOPS), upload(LOYAL)), erasure(upload(LAPTOPS, ("email", OTHER)))]
    first, second = seat.run(lambda connector: connector.send_together(orders))  # type: ignore[attr-defined]  # Together
    assert first.state == second.state == "accepted"
    assert first.handle == second.handle
    assert seat.hosted.counts == {("POST", BATCH): 1}
    assert [len(each["fields"]["payload"]["data"]) for each in parts_of(seat.requests[0])] == [2, 1]
    seat.passes(JOB_SECONDS)
    assert (mails(seat, LAPTOPS), mails(seat, LOYAL)) == ([], [sha256_hex(OTHER)])
    told = [replace(each, handle=first.handle) for each in orders]
    answers = seat.run(lambda connector: connector.ask_together(told))  # type: ignore[attr-defined]  # Together
    assert [each.state for each in answers] == ["promised", "promised"]
    assert len(parts_of(seat.requests[1])) == 2  # a question for each session, whoever is in it


def test_whose_rows_are_no_good_is_found_out_and_the_others_are_not_blamed(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = sha256_hex("bad@example.fi")
    monkeypatch.setattr(users, "_HASH", type("_", (), {"fullmatch": staticmethod(lambda text: text != bad)}))
    orders = [erasure(upload(LAPTOPS, ("email", f"{each}@example.fi"))) for each in ("a", "b", "bad", "c", "d")]
    answers = seat.run(lambda connector: connector.send_together(orders))  # type: ignore[attr-defined]  # Together
    assert [(each.state, each.ground) for each in answers] == [
        ("accepted", None), ("accepted", None), ("partial", "invalid-entries"), ("accepted", None), ("accepted", None),
    ]  # fmt: skip


def test_what_meta_does_for_a_part_is_told_as_a_part(seat: Seat) -> None:
    seat.hosted.fault(Kind.PARTIAL, BATCH)
    outcome = seat.send(erasure(upload(LAPTOPS, ("email", MAIL), ("phone", PHONE))))
    assert (outcome.state, outcome.ground) == ("partial", "invalid-entries")
    assert b"num_invalid_entries" in outcome.evidence


def test_more_rows_than_a_call_takes_go_in_several_of_one_session(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.vendors.meta import audiences, sessions

    monkeypatch.setattr(sessions, "ROWS_AT_MOST", 2)
    monkeypatch.setattr(audiences, "ROWS_AT_MOST", 2)
    addresses = tuple(("email", f"m{each}@example.fi") for each in range(5))
    order = erasure(upload(LAPTOPS, *addresses))
    outcome = seat.send(order)
    told = [part["fields"]["session"] for each in seat.requests for part in parts_of(each)]
    assert len(seat.requests) == 3
    assert len({each["session_id"] for each in told}) == 1
    assert [(each["batch_seq"], each["last_batch_flag"]) for each in told] == [(1, False), (2, False), (3, True)]
    seat.passes(JOB_SECONDS)
    assert seat.ask(replace(order, handle=outcome.handle)).state == "promised"


def test_a_shop_that_uploads_by_several_keys_is_taken_at_its_word(seat: Seat) -> None:
    settings = seat.descriptor.settings.model_copy(update={"keys": ["EMAIL", "PHONE", "EXTERN_ID"]})  # type: ignore[union-attr]
    seat.descriptor = replace(seat.descriptor, settings=settings)
    seat.hosted.seed({"audiences": [{"id": "1", "members": [member(PHONE=sha256_hex(PHONE_DIGITS), EXTERN_ID="C-1")]}]})
    seat.send(erasure(upload("1", ("email", MAIL), ("phone", PHONE), ("customer_id", "C-1"))))
    (part,) = parts_of(seat.requests[0])
    payload = part["fields"]["payload"]
    assert (payload["schema"], payload["is_raw"]) == (["EMAIL", "PHONE", "EXTERN_ID"], True)
    assert payload["data"][0] == [sha256_hex(MAIL), sha256_hex(PHONE_DIGITS), "C-1"]
    seat.passes(JOB_SECONDS)
    assert seat.hosted.held()["audiences"]["1"]["members"] == []


@pytest.mark.parametrize(
    ("sendings", "ground"),
    [
        ((upload(None),), "events-by-hand"),
        ((upload("Customers of spring"),), "audience-unknown"),
        ((upload(LAPTOPS, ("customer_id", "C-1")),), "events-by-hand"),
    ],
)
def test_what_no_audience_holds_is_a_persons_task(seat: Seat, sendings: tuple[Sending, ...], ground: str) -> None:
    outcome = seat.send(erasure(*sendings))
    assert (outcome.state, outcome.how, outcome.ground) == ("manual", "no-such-call", ground)
    assert seat.requests == []


def test_a_plan_from_before_sendings_were_kept_is_a_persons_task(seat: Seat) -> None:
    assert seat.send(replace(erasure(), sendings=())).state == "manual"


def test_events_beside_audiences_leave_a_part_to_a_person_when_the_rest_is_done(seat: Seat) -> None:
    order = erasure(upload(LAPTOPS), upload(None))
    sent = seat.send(order)
    assert sent.state == "accepted"
    seat.passes(JOB_SECONDS)
    asked = seat.ask(replace(order, handle=sent.handle))
    assert (asked.state, asked.ground) == ("partial", "events-by-hand")


@pytest.mark.parametrize(
    ("audience", "ground"),
    [
        ({"id": "7", "flagged": True}, "audience-flagged"),
        ({"id": "7", "too_small": True}, "audience-too-small"),
        ({"id": "8"}, "audience-unknown"),
    ],
)
def test_an_audience_that_takes_no_removal_is_a_persons_task(seat: Seat, audience: dict[str, Any], ground: str) -> None:
    seat.hosted.seed({"audiences": [audience]})
    outcome = seat.send(erasure(upload("7")))
    assert (outcome.state, outcome.ground) == ("manual", ground)
    assert b'"code"' in outcome.evidence


def test_a_flagged_audience_does_not_keep_the_others_from_being_told(seat: Seat) -> None:
    seat.hosted.seed({"audiences": [{"id": "7", "flagged": True}]})
    outcome = seat.send(erasure(upload(LAPTOPS), upload("7")))
    assert (outcome.state, outcome.ground) == ("manual", "audience-flagged")
    seat.passes(JOB_SECONDS)
    assert mails(seat) == [sha256_hex(OTHER)]


def test_an_error_inside_a_200_inside_a_200_is_seen_and_its_minutes_are_waited_for(seat: Seat) -> None:
    seat.hosted.fault(Kind.ERROR_INSIDE, BATCH)

    async def twice(connector: Any) -> list[JalkiError]:
        found = []
        for _ in range(2):
            with pytest.raises(Later) as raised:
                await connector.send(erasure())
            found.append(raised.value)
        return found

    waits = [each.seconds for each in seat.run(twice)]  # type: ignore[attr-defined]  # of Later
    assert waits == [120, 120]
    assert len(seat.requests) == 1  # the second was not made
    assert len(mails(seat)) == 2


def test_usage_near_its_end_is_heeded_before_meta_refuses(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    from connectors.sandbox.meta.saying import usage

    monkeypatch.setattr(seat.hosted.vendor, "shown", lambda *_: usage("1", 96))

    async def twice(connector: Any) -> Outcome:
        first = await connector.send(erasure())
        with pytest.raises(Later) as raised:
            await connector.send(erasure())
        assert raised.value.seconds == 300
        seat.passes(300)
        assert (await connector.send(erasure())).state == "accepted"
        return first

    assert seat.run(twice).state == "accepted"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"audience_id": LOYAL, "num_received": 1, "num_invalid_entries": 0}, 200),  # of another audience
        ({"audience_id": LAPTOPS, "num_received": 0, "num_invalid_entries": 0}, 200),  # not of what was sent
        ({"audience_id": LAPTOPS, "session_id": "1", "num_received": 1, "num_invalid_entries": 0}, 200),
        ({"audience_id": LAPTOPS, "num_received": 1}, 200),
        ({"success": True}, 200),
        (["?"], 200),
        ({"audience_id": LAPTOPS, "num_received": 1, "num_invalid_entries": 0}, 400),
    ],
)
def test_an_answer_that_fits_not_what_was_sent_is_kept_for_a_person(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, content: Any, status: int
) -> None:
    answered(monkeypatch, content, status)
    outcome = seat.send(erasure())
    assert (outcome.state, outcome.how) == ("failed", "answer-unfit")
    assert outcome.evidence


def error(code: int, subcode: int | None = None, **more: Any) -> dict[str, Any]:
    return {"error": {"message": MAIL, "type": "OAuthException", "code": code, "error_subcode": subcode, **more}}


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("content", "raised"),
    [
        (error(190, 463), Misconfigured),
        (error(200), Misconfigured),
        (error(10), Misconfigured),
        (error(1), Retryable),
        (error(2), Retryable),
        (error(99, is_transient=True), Retryable),
        (error(4), Later),
        (error(17, 2446079), Later),
        (error(613, 1487742), Later),
        (error(80014), Later),
    ],
)
def test_an_error_is_taken_by_its_number_and_its_text_goes_nowhere(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, content: Any, status: int, raised: type[JalkiError]
) -> None:
    answered(monkeypatch, content, status)
    with pytest.raises(raised) as found:
        seat.send(erasure())
    assert MAIL not in str(found.value)


@pytest.mark.parametrize("content", [error(100), error(368), {"error": "no"}, {"error": {"message": MAIL}}])
def test_an_error_nobody_knows_is_a_persons_task(seat: Seat, monkeypatch: pytest.MonkeyPatch, content: Any) -> None:
    answered(monkeypatch, content)
    outcome = seat.send(erasure())
    assert (outcome.state, outcome.ground) == ("manual", "refused-by-party")
    assert MAIL not in repr(replace(outcome, evidence=b""))


def test_a_part_that_meta_did_not_get_to_is_sent_again(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor_of_sandbox, "_inside", lambda _: None)
    with pytest.raises(Retryable):
        seat.send(erasure())


@pytest.mark.parametrize(
    ("action", "how"), [("collect", "write-only"), ("rectify", "no-such-call"), ("lift", "no-such-call")]
)
def test_what_meta_has_no_call_for_is_a_persons_task(seat: Seat, action: str, how: str) -> None:
    outcome = seat.send(erasure(action=action))
    assert (outcome.state, outcome.how) == ("manual", how)
    assert seat.requests == []


def test_a_task_without_its_removal_is_not_asked_about(seat: Seat) -> None:
    with pytest.raises(Refused):
        seat.ask(erasure())


def test_a_task_that_has_no_rows_any_more_is_not_promised(seat: Seat) -> None:
    order = erasure()
    handle = seat.send(order).handle
    seat.passes(2 * DAY)
    assert seat.ask(replace(order, handle=handle, sendings=())).state == "manual"


def test_a_person_with_more_rows_than_anybody_has_is_refused(seat: Seat) -> None:
    many = tuple(("email", f"m{each}@example.fi") for each in range(1_001))
    with pytest.raises(Refused):
        seat.send(erasure(upload(LAPTOPS, *many)))
