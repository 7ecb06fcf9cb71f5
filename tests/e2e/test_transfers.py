"""`jalki transfers` as a user runs it: a small shop, persons line by line, and questions asked wrongly."""

import json
from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from tests.e2e.program import asked, called

MIDDLE = ("--mechanism", "dpf", "--annulled", "2025-03-01T00:00:00Z")


def test_before_and_after_together_are_all_that_went_to_those_parties(made: Path) -> None:
    told = asked("transfers", *MIDDLE, "--json", "--data", made).json
    assert {each["party"] for each in told["parties"]} >= {"google-analytics", "sendgrid"}
    received = {each["id"]: each["received"] for each in asked("parties", "--json", "--data", made).json}
    for each in told["parties"]:
        spans = [*each["before"], *each["after"]]
        assert sum(span["disclosures"] for span in spans) == received[each["party"]]
        assert all(span["mechanisms"] for span in spans)
        assert not any("dpf" in span["mechanisms"] for span in each["after"])
    assert told["without_any_other"] == {"parties": 0, "disclosures": 0}


def test_the_persons_come_line_by_line_and_the_counts_last(made: Path) -> None:
    ended = called("transfers", *MIDDLE, "--persons", "--json", "--data", made)
    *persons, counts = [json.loads(each) for each in ended.out.splitlines()]
    assert ended.code == 0
    own = sum(span["persons"] for each in counts["parties"] for span in (*each["before"], *each["after"]))
    assert len([each for each in persons if each["candidates"] == 1]) == own > 5
    assert {each["when"] for each in persons} == {"before", "after"}
    printed = called("transfers", *MIDDLE, "--data", made)
    assert "by scc" in printed.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--mechanism", "hope", "--annulled", "2026-03-01T00:00:00Z"), "--mechanism takes one of"),
        (("--mechanism", "adequacy", "--annulled", "2026-03-01T00:00:00Z"), "--country"),
        (("--mechanism", "dpf", "--annulled", "2999-03-01T00:00:00Z"), "future"),
        ((*MIDDLE, "--party", "sendgird"), "did you mean sendgrid"),
    ],
)
def test_what_is_asked_wrongly_is_said(words: tuple[str, ...], said: str, story: Path) -> None:
    with pytest.raises(Misconfigured, match=said):
        asked("transfers", *words, "--data", story)
