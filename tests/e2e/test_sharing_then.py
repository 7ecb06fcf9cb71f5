"""The sharing graph at other times, and what changed between them, asked of the program."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from lineage.times import now, rfc3339
from tests.e2e.events import write_lines
from tests.e2e.program import asked, called
from tests.e2e.stories import STORY

ACCOUNT, ORDER = ("person", "order-system", "account"), ("person", "order-system", "order")
DELIVERY = ("order-system", "posti", "delivery")


def edges(shape: dict[str, Any]) -> dict[tuple[str, str, str], int]:
    return {(each["from"], each["to"], each["purpose"]): each["disclosures"] for each in shape["sharing"]}


def shared(story: Path, *words: str) -> dict[tuple[str, str, str], int]:
    return edges(asked("sharing", "--json", *words, "--data", story).json)


def test_sharing_as_of_a_time_counts_what_occurred_by_then(story: Path) -> None:
    assert shared(story, "--at", "2026-02-01T06:00:00Z") == {ACCOUNT: 1}
    assert shared(story, "--at", "2026-03-02T11:30:00.499999+02:00") == {ACCOUNT: 1, ORDER: 1}
    assert shared(story, "--at", "2026-03-02T09:30:00.5Z") == {ACCOUNT: 1, ORDER: 1, DELIVERY: 1}
    assert shared(story, "--at", "2100-01-01T00:00:00Z") == shared(story) == {ACCOUNT: 1, ORDER: 1, DELIVERY: 2}
    drawn = called("sharing", "--at", "2026-02-01T06:00:00Z", "--dot", "--data", story).out
    assert ("account: 1" in drawn, "delivery" in drawn) == (True, False)


def test_sharing_says_what_time_was_asked_about_and_nothing_of_times_else(story: Path) -> None:
    plain = asked("sharing", "--json", "--data", story).json
    assert list(plain) == ["parties", "sharing"]
    then = asked("sharing", "--json", "--at", "2100-01-01T02:00:00+02:00", "--data", story).json
    assert then == {"at": "2100-01-01T00:00:00Z", "known_at": None, **plain}


def test_sharing_as_known_before_knows_nothing_of_what_was_ingested_later(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert asked("ingest", write_lines(tmp_path / "a", STORY[:2]), "--data", data).code == 0
    between = rfc3339(now())
    assert asked("ingest", write_lines(tmp_path / "b", STORY), "--data", data).code == 0
    assert shared(data, "--known-at", between) == {ACCOUNT: 1, ORDER: 1}
    assert shared(data, "--known-at", between, "--at", "2026-02-02T00:00:00Z") == {ACCOUNT: 1}
    assert shared(data) == {ACCOUNT: 1, ORDER: 1, DELIVERY: 2}
    changed = asked("sharing", "--diff", "2026-01-01T00:00:00Z", "2026-12-01T00:00:00Z", "--known-at", between,
                    "--json", "--data", data).json  # fmt: skip
    assert changed["known_at"] == between
    assert {each["to"] for each in changed["changes"]} == {"order-system"}
    early = asked("sharing", "--known-at", "2020-01-01T00:00:00Z", "--data", data)
    assert (early.code, early.out) == (0, "")
    assert "known by then" in early.said


def test_what_changed_between_two_times_is_told_in_four_forms(story: Path) -> None:
    words = ("sharing", "--diff", "2026-03-02T12:00:00Z", "2026-03-04T00:00:00Z", "--data", story)
    shape = asked(*words, "--json").json
    assert list(shape) == ["earlier", "later", "known_at", "parties", "changes"]
    assert (shape["earlier"], shape["later"], shape["known_at"]) == (
        "2026-03-02T12:00:00Z",
        "2026-03-04T00:00:00Z",
        None,
    )
    assert [(each["to"], each["change"], each["before"], each["after"]) for each in shape["changes"]] == [
        ("posti", "grew", 1, 2), ("order-system", "same", 1, 1), ("order-system", "same", 1, 1),
    ]  # fmt: skip
    assert shape["changes"][0]["categories"]["phone"] == {"before": 1, "after": 1}
    rows = list(csv.DictReader(io.StringIO(asked(*words, "--csv").out)))
    assert [(row["change"], row["before"], row["after"]) for row in rows] == [
        ("grew", "1", "2"), ("same", "1", "1"), ("same", "1", "1"),
    ]  # fmt: skip
    drawn = called(*words, "--dot").out
    assert '"order-system" -> "posti" [label="delivery: grew 1 → 2", color=blue];' in drawn
    table = called(*words)
    assert table.out.index("grew") < table.out.index("same")
    assert "1 grew, 2 same" in table.said


def test_what_is_new_is_told_with_its_categories(story: Path) -> None:
    words = ("--diff", "2026-03-01T12:00:00Z", "2026-03-04T00:00:00Z", "--json", "--data", story)
    new = asked("sharing", *words).json["changes"][0]
    assert (new["to"], new["change"], new["before"], new["after"]) == ("posti", "new", 0, 2)
    assert new["new_categories"] == ["address", "customer_id", "name", "order", "phone"]


def test_nothing_changed_between_a_time_and_itself(story: Path) -> None:
    words = ("--diff", "2026-03-04T00:00:00Z", "2026-03-04T00:00:00Z", "--json", "--data", story)
    assert {each["change"] for each in asked("sharing", *words).json["changes"]} == {"same"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--at", "yesterday"), "--at takes a time with its offset"),
        (("--at", "2026-03-01T09:30:00"), "--at takes a time with its offset"),
        (("--known-at", ""), "--known-at takes a time with its offset"),
        (("--diff", "2026-03-01T00:00:00Z", "soon"), "--diff takes a time with its offset"),
        (("--diff", "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z"), "the earlier time first"),
        (("--diff", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "--at", "2026-03-01T00:00:00Z"), "its own times"),
        (("--diff", "2026-03-01T00:00:00Z"), "requires 2 arguments"),
    ],
)
def test_times_that_make_no_sense_are_answered_with_what_to_do(story: Path, words: tuple[str, ...], said: str) -> None:
    ended = called("sharing", "--data", story, *words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.said


def test_before_the_record_begins_it_is_said_where_it_begins(story: Path) -> None:
    begins = "the record begins at 2026-02-01T06:00:00Z"
    for words in (("--at", "1999-01-01T00:00:00Z"), ("--at", "1999-01-01T00:00:00Z", "--json")):
        ended = called("sharing", "--data", story, *words)
        assert ended.code == 0
        assert begins in ended.said
    nothing = called("sharing", "--data", story, "--diff", "1999-01-01T00:00:00Z", "2000-01-01T00:00:00Z")
    assert (nothing.code, nothing.out) == (0, "")
    assert begins in nothing.said
