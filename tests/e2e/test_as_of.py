"""The officer's questions as of two times, as a user asks them: the contract's `--at` and `--known-at`."""

from pathlib import Path

import pytest

from tests.e2e.program import asked, called

MECHANISM = ("transfers", "--mechanism", "scc", "--annulled", "2026-01-01T00:00:00Z")
QUESTIONS = (
    ("reached", "posti"), ("reached", "posti", "--first"), ("remaining", "posti"), MECHANISM,
    ("recall", "--model", "kettle x1"), ("recall", "--model", "kettle x1", "--first"),
)  # fmt: skip
OLD, BETWEEN = "1999-01-01T00:00:00Z", "2026-03-02T12:00:00Z"


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize("option", ["--at", "--known-at"])
@pytest.mark.parametrize("time", ["yesterday", "2026-03-01T09:30:00", ""])
def test_a_time_without_an_offset_is_refused_as_by_where(
    story: Path, question: tuple[str, ...], option: str, time: str
) -> None:
    words = (option, time, "--data", story)
    ended, where = called(*question, *words), called("where", "customer_id:C-17", *words)
    assert (ended.code, ended.out, ended.said) == (2, "", where.said)
    assert f"{option} takes a time with its offset" in ended.said


@pytest.mark.parametrize("question", [each for each in QUESTIONS if each != MECHANISM], ids=" ".join)
def test_before_the_record_begins_the_answer_is_empty_and_it_is_said_where_it_begins(
    story: Path, question: tuple[str, ...]
) -> None:
    ended = asked(*question, "--at", OLD, "--json", "--data", story)
    shape = ended.json
    assert (shape["at"], shape["known_at"]) == (OLD, None)
    assert "the record begins at 2026-02-01T06:00:00Z: nothing can be said of before" in ended.said
    assert not any(shape.get(each) for each in ("persons", "buyers", "purchases"))
    known = asked(*question, "--known-at", OLD, "--json", "--data", story).json
    assert (known["at"], known["known_at"]) == (None, OLD)
    assert known == {**shape, "at": None, "known_at": OLD, **({"as_of": known["as_of"]} if "as_of" in known else {})}


def test_what_occurred_later_is_in_no_count(story: Path) -> None:
    now = asked("reached", "posti", "--json", "--data", story).json
    then = asked("reached", "posti", "--at", BETWEEN, "--json", "--data", story).json
    first = asked("reached", "posti", "--first", "--at", BETWEEN, "--json", "--data", story).json
    assert (now["got"]["disclosures"], then["got"]["disclosures"], first["got"]["disclosures"]) == (2, 1, 1)
    assert then["got"]["last"] == "2026-03-02T09:30:00.500000Z"
    assert "as of 2026-03-02T12:00:00Z" in called("reached", "posti", "--at", BETWEEN, "--data", story).out


def test_in_the_future_what_is_there_then_is_judged_by_retention(story: Path) -> None:
    told = asked("remaining", "posti", "--at", "2999-01-01T00:00:00Z", "--json", "--data", story).json
    assert told["as_of"] == told["at"] == "2999-01-01T00:00:00Z"
    assert told["persons"] + told["gone"]["retention"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("reached", "posti", "--from", BETWEEN, "--at", OLD), "--from lies after --at"),
        ((*MECHANISM, "--at", OLD), "--annulled lies after --at"),
        (("recall", "--model", "x", "--first", "--persons"), "--first tells of no persons"),
        (("recall", "--model", "x", "--first", "--serials", "A1..A9"), "no serial numbers"),
    ],
)
def test_what_contradicts_itself_is_said(words: tuple[str, ...], said: str, story: Path) -> None:
    ended = called(*words, "--data", story)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.said


def test_the_record_of_processing_is_told_as_it_was_known(story: Path) -> None:
    shape = asked("register", "ropa", "--known-at", OLD, "--json", "--data", story).json
    assert shape["known_at"] == OLD
    assert shape["summary"]["disclosures"] == 0
    page = called("register", "ropa", "--known-at", OLD, "--html", "--data", story).out
    assert "Observed, as known at" in page
    assert "Observed, as known at" not in called("register", "ropa", "--html", "--data", story).out


def test_what_is_kept_too_long_is_told_as_of_then(story: Path) -> None:
    assert called("drift", "--overdue", "--json", "--at", OLD, "--data", story).out == ""
    assert called("drift", "--overdue", "--json", "--at", "2999-01-01T00:00:00Z", "--data", story).out
