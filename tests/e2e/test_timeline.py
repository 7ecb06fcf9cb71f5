"""`jalki timeline` as a user runs it: one customer's life, and questions asked wrongly."""

import json
import shutil
from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from tests.e2e.program import asked, called


def test_one_customers_life_is_told_moment_by_moment_and_the_counts_last(story: Path) -> None:
    *moments, rest = [
        json.loads(each) for each in asked("timeline", "customer_id:C-17", "--json", "--data", story).out.splitlines()
    ]
    assert [(each["at"], each["to"]) for each in moments] == [
        ("2026-02-01T06:00:00Z", "order-system"),
        ("2026-03-01T09:30:00Z", "order-system"),
        ("2026-03-02T09:30:00.500000Z", "posti"),
        ("2026-03-03T09:30:00Z", "posti"),
    ]
    assert all(each["known"] > each["at"] for each in moments)
    assert rest["moments"] == {"disclosed": 4}
    assert (rest["candidates"], rest["erased"], rest["looks_at_many"]) == (1, [], 0)


def test_a_look_in_clear_is_a_moment_of_hers_by_whichever_identifier_it_was(story: Path, tmp_path: Path) -> None:
    data = str(shutil.copytree(story, tmp_path / "data"))
    assert called("where", "order_id:O-17", "--reveal", "--reason", "she called", "--data", data).code == 0
    told = called("timeline", "customer_id:C-17", "--json", "--data", data).out
    assert told.count('"kind": "revealed"') == 1
    assert "she called" not in told


def test_nobody_and_a_time_before_her_are_empty_answers(story: Path) -> None:
    nobody = called("timeline", "customer_id:C-99", "--data", story)
    assert (nobody.code, nobody.out) == (0, "")
    assert "nothing is recorded" in nobody.said
    before = called("timeline", "customer_id:C-17", "--at", "2020-01-01T00:00:00Z", "--data", story)
    assert (before.code, before.out) == (0, "")
    assert "in that time" in before.said


def test_an_interval_that_ends_before_it_begins_is_asked_wrongly(story: Path) -> None:
    words = ("--since", "2026-03-02T00:00:00Z", "--until", "2026-03-01T00:00:00Z")
    with pytest.raises(Misconfigured, match="after --until"):
        asked("timeline", "customer_id:C-17", *words, "--data", story)
