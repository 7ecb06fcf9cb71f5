"""Every trap and scenario is shown by a test that there is, or the page says why not."""

import re

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "traps.md"
WANTED = [f"Trap {number}" for number in range(1, 56)] + [
    f"Scenario {number}" for number in (*range(8, 28), *range(30, 34), 35)
]
BREACHES = "Breaches and recalls"
_ROW = re.compile(r"^\| ((?:Trap|Scenario|Breach|Recall) \d+) \| (.+?) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows(heading: str) -> dict[str, str]:
    """The last cell of each row under a heading, by its name."""
    _, _, after = PAGE.read_text("utf-8").partition(f"\n## {heading}\n")
    assert after, heading
    return {name: last for name, _, last in _ROW.findall(after.partition("\n## ")[0])}


def test_every_trap_and_scenario_has_one_row() -> None:
    found = [found[0] for found in _ROW.findall(PAGE.read_text("utf-8"))]
    assert sorted(set(found) - rows(BREACHES).keys()) == sorted(WANTED)
    assert len(set(found)) == len(found)


def test_each_is_shown_by_tests_that_there_are() -> None:
    for name, last in (rows("Traps") | rows("Scenarios") | rows(BREACHES)).items():
        named = _TEST.findall(last)
        assert named, name
        for path, test in named:
            assert (ROOT / path).is_file(), (name, path)
            assert re.search(rf"^def {test}\(", (ROOT / path).read_text("utf-8"), re.MULTILINE), (name, test)


def test_what_is_out_of_reach_says_why() -> None:
    assert all(len(last.split()) > 8 for last in rows("Out of reach").values())
