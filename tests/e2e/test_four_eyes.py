"""An approval that takes two persons, on the command line."""

from pathlib import Path

from tests.e2e.events import write_lines
from tests.e2e.program import called
from tests.e2e.stories import STORY


def test_who_approves_twice_under_another_name_is_still_one_person(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert called("ingest", write_lines(tmp_path / "s.jsonl", STORY), "--data", data).code == 0
    settings = {"JALKI_FOUR_EYES": "erasure"}
    opened = called("case", "open", "erasure", "customer_id:C-17", "--channel", "account", "--data", data)
    case = opened.out.strip()
    first = called("case", "approve", case, "--data", data, settings={**settings, "LOGNAME": "anna"})
    assert (first.code, "it takes another person, too" in first.said) == (3, True)
    again = called("case", "approve", case, "--data", data, settings={**settings, "LOGNAME": "berit", "USER": "berit"})
    assert (again.code, "you have approved it" in again.said) == (1, True)
    assert called("case", "show", case, "--data", data, "--json").json["state"] == "received"
