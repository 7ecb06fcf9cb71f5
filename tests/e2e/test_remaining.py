"""`jalki remaining` as a user runs it: the exit code, persons line by line, and a party that nobody knows."""

import json
from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from tests.e2e.program import asked, called


def test_the_exit_code_says_whether_anything_may_be_left(story: Path) -> None:
    left = called("remaining", "posti", "--data", story)
    assert left.code == 3
    assert "nobody has asked" in left.out
    assert "controller too" in left.said
    nothing = called("remaining", "schenker", "--data", story)
    assert nothing.code == 0
    assert "nothing is left there" in nothing.said


def test_the_persons_come_line_by_line_and_the_counts_last(made: Path) -> None:
    ended = called("remaining", "posti", "--persons", "--json", "--data", made)
    *persons, counts = [json.loads(each) for each in ended.out.splitlines()]
    assert ended.code == 3
    own = [each for each in persons if each["candidates"] == 1]
    assert len(own) == counts["persons"] > 5
    assert len(persons) - len(own) == counts["shared"]
    assert counts["standing"] == {"unasked": len(own), "asked": 0, "promised": 0}
    found = asked("reached", "posti", "--json", "--data", made).json
    assert counts["persons"] == found["held"]["persons"]
    assert counts["gone"]["retention"] == found["gone"]["retention"]


def test_a_party_that_nobody_knows_is_asked_wrongly_and_one_written_almost_so_is_named(story: Path) -> None:
    with pytest.raises(Misconfigured, match="did you mean posti"):
        asked("remaining", "postti", "--data", story)
