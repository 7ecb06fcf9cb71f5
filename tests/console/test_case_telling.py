"""`case show` tells what each party would be told: by kinds, and in clear only with a reason."""

from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from tests.console.test_case_commands import opened
from tests.e2e.program import asked

EMAIL = "Aino.Esimerkki@posti.example"


def test_a_preview_says_how_many_identifiers_of_which_kind_go_to_whom_and_shows_none(story_copy: Path) -> None:
    case = opened(story_copy)
    ended = asked("case", "show", case, "--preview", "--requests", "--json", "--data", story_copy)
    told = {each["party"]: each["identifiers"] for each in ended.json["tasks"]}
    assert any("email" in kinds for kinds in told.values())
    assert all(count > 0 for kinds in told.values() for count in kinds.values())
    assert EMAIL not in ended.out + ended.err
    assert ended.json["requests"] == [], "no party of the shipped descriptors is told by calls"


def test_identifiers_are_shown_as_sent_only_with_a_reason(story_copy: Path) -> None:
    case = opened(story_copy)
    with pytest.raises(Misconfigured, match="--reason"):
        asked("case", "show", case, "--preview", "--reveal", "--data", story_copy)
    ended = asked("case", "show", case, "--preview", "--reveal", "--reason", "test", "--json", "--data", story_copy)
    sent = [each for task in ended.json["tasks"] for each in task["sent"]]
    assert EMAIL in {each["value"].strip() for each in sent if each["kind"] == "email"}
