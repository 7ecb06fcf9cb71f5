"""`jalki reached` as a user runs it: one customer's life, a small shop, and questions asked wrongly."""

import json
import shutil
from pathlib import Path

import pytest

from tests.e2e.events import ADDRESS, event, order, write_lines
from tests.e2e.program import Ended, asked, asked_wrongly, called
from tests.e2e.stories import looks

MARCH = ("--from", "2026-03-01T00:00:00+02:00", "--to", "2026-03-31T23:59:59+03:00")


def lines(ended: Ended) -> list[dict[str, object]]:
    return [json.loads(each) for each in ended.out.splitlines()]


def test_a_party_of_one_customer_has_reached_that_customer(story: Path) -> None:
    told = asked("reached", "posti", "--json", "--data", story).json
    assert told["party"] == "posti"
    assert told["persons"] == 1
    assert told["got"] == {
        "persons": 1, "disclosures": 2, "first": "2026-03-02T09:30:00.500000Z", "last": "2026-03-03T09:30:00Z",
    }  # fmt: skip
    assert told["held"] == {"persons": 1, "promised": 0}
    assert told["categories"]["phone"] == {"persons": 1, "sensitive": None}
    assert told["contactable"]["persons"] == 1
    assert told["roles"] == ["controller"]
    assert told["duty"] == "party"
    assert (told["known"], told["notify_by"]) == (None, None)


def test_seventy_two_hours_run_from_when_it_was_known(story: Path) -> None:
    told = asked("reached", "order-system", "--known", "2026-10-24T10:15:00+03:00", "--json", "--data", story).json
    assert told["notify_by"] == "2026-10-27T07:15:00Z"
    assert told["duty"] == "controller"


def test_the_first_answer_says_what_the_whole_one_says_but_for_persons(made: Path) -> None:
    for more in ((), MARCH, ("--known", "2026-10-24T10:15:00+03:00")):
        whole = asked("reached", "posti", *more, "--json", "--data", made).json
        first = asked("reached", "posti", "--first", *more, "--json", "--data", made).json
        same = ("party", "name", "country", "from", "to", "known", "notify_by", "onward")
        assert [first[each] for each in same] == [whole[each] for each in same]
        assert first["persons"] is None
        assert first["categories"].keys() >= whole["categories"].keys()
        assert (first["got"]["first"] or "9") <= (whole["got"]["first"] or "9")
        sent = whole["got"]["disclosures"] + whole["shared"]["disclosures"]
        assert first["got"]["disclosures"] == sent
        on = first["got"]["identifiers"]
        assert 0 <= on["at_least"] <= on["at_most"] <= first["got"]["disclosures"]


def test_the_first_answer_for_people_says_that_no_person_is_counted(story: Path) -> None:
    told = asked("reached", "posti", "--first", "--data", story)
    assert "sent then: 2 disclosures on 1" in told.said + told.out
    assert "is worked out without --first" in told.said
    nothing = asked("reached", "posti", "--first", "--to", "2020-01-01T00:00:00Z", "--data", story)
    assert "nothing is recorded that it got" in nothing.out
    wrong = asked_wrongly("reached", "posti", "--first", "--persons", "--data", story)
    assert "--first tells of no persons" in wrong.said


def test_the_persons_come_line_by_line_and_the_counts_last(made: Path) -> None:
    *persons, counts = lines(asked("reached", "posti", "--persons", "--json", "--data", made))
    assert counts == asked("reached", "posti", "--json", "--data", made).json
    own = [each for each in persons if each["candidates"] == 1]
    assert len(own) == counts["persons"] > 5
    assert len(persons) - len(own) == counts["shared"]["identifiers"]
    assert len({each["person"] for each in persons}) == len(persons)
    assert sum(each["disclosures"] for each in own) == counts["got"]["disclosures"]
    assert not any("revealed" in each for each in persons)
    assert {each["earlier"] for each in persons} == {False}
    assert all(isinstance(each["earlier"], bool) for each in persons)


def test_counts_agree_with_what_where_tells_of_each_person(made: Path) -> None:
    *persons, _ = lines(
        asked("reached", "posti", "--persons", "--json", "--reveal", "--reason", "a drill", "--data", made)
    )
    for each in [one for one in persons if one["candidates"] == 1][:15]:
        kind, values = next((kind, values) for kind, values in each["revealed"].items() if kind != "phone")
        told = asked("where", f"{kind}:{values[0]}", "--json", "--data", made).json
        (holding,) = [one for one in told["holdings"] if one["party"] == "posti"]
        assert (holding["disclosures"], holding["categories"]) == (each["disclosures"], each["categories"])
        assert told["identifiers"] == each["identifiers"]


def test_clear_values_are_shown_for_a_reason_alone_and_it_is_written_down(story: Path, tmp_path: Path) -> None:
    data = shutil.copytree(story, tmp_path / "data")
    plain = called("reached", "posti", "--persons", "--json", *MARCH, "--data", data)
    assert "aino" not in plain.out.lower()
    shown = called(
        "reached", "posti", "--persons", "--json", *MARCH, "--reveal", "--reason", "breach 7", "--data", data
    )
    assert "aino.esimerkki@posti.example" in lines(shown)[0]["revealed"]["email"]
    for words in (("--reveal", "--reason", "x"), ("--persons", "--reveal"), ("--persons", "--reveal", "--reason", " ")):
        ended = called("reached", "posti", *words, "--data", data)
        assert (ended.code, ended.out) == (2, "")
        assert "--reveal" in ended.said
    assert [(each["asked"], each["reason"]) for each in looks(data)] == [("reached:posti", "breach 7")]


def test_a_person_reads_the_same_in_words(story: Path) -> None:
    ended = called("reached", "posti", *MARCH, "--known", "2026-04-01T09:00:00+03:00", "--persons", "--data", story)
    assert ended.code == 0
    for words in (
        "1 person whose data was there",
        "may still be there: 1 person",
        "2026-04-04T06:00:00Z: 72 hours from",
    ):
        assert words in ended.out
    assert "information" in ended.said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("posti", "--from", "2026-03-05T00:00:00Z", "--to", "2026-03-01T00:00:00Z"), "--from lies after --to"),
        (("possti",), "did you mean posti?"),
        (("POSTI ",), "not in the register"),
        (("",), "not in the register"),
        (("aino.esimerkki@posti.example",), "not in the register"),
        (("posti", "--from", "2026-03-01"), "--from takes a time"),
        (("posti", "--known", "yesterday"), "--known takes a time"),
        (("posti", "--known", "3026-03-01T00:00:00Z"), "check the year"),
    ],
)
def test_a_question_that_cannot_be_meant_is_wrong_usage(words: tuple[str, ...], said: str, story: Path) -> None:
    ended = asked_wrongly("reached", *words, "--data", story)
    assert said in ended.said
    assert "aino" not in ended.said


def test_a_time_before_the_record_and_a_party_that_got_nothing_are_empty_answers(story: Path) -> None:
    for words in (("posti", "--to", "1970-01-01T00:00:00Z"), ("dhl",), ("posti", "--to", "0001-01-01T00:00:00Z")):
        told = asked("reached", *words, "--json", "--data", story).json
        assert (told["persons"], told["got"]["disclosures"], told["categories"]) == (0, 0, {})
    ended = called("reached", "dhl", "--data", story)
    assert ended.code == 0
    assert "no persons whose data was there" in ended.out


def test_a_national_id_and_a_bank_account_are_told_as_sensitive(tmp_path: Path) -> None:
    told = [
        order("e-1", "O-1", customer_id="C-1", national_id="010190-123A"),
        event("CreditApplied", "e-2", application_id="A-1", order_id="O-1", customer_id="C-1", lender="klarna",
              name="Aino", national_id="010190-123A", email="a@b.example", address=ADDRESS, amount="1.00", currency="EUR"),
        event("RefundIssued", "e-3", refund_id="R-1", order_id="O-1", customer_id="C-1", provider="nets",
              bank_account="FI2112345600000785", amount="1.00", currency="EUR"),
    ]  # fmt: skip
    assert asked("ingest", write_lines(tmp_path / "e.jsonl", told), "--data", tmp_path / "d").code == 0
    klarna = asked("reached", "klarna", "--json", "--data", tmp_path / "d").json
    assert klarna["categories"]["national_id"] == {"persons": 1, "sensitive": "national-id"}
    nets = asked("reached", "nets", "--json", "--data", tmp_path / "d").json
    assert nets["categories"]["bank_account"] == {"persons": 1, "sensitive": "payment"}
