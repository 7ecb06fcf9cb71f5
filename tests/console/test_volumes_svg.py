"""The months of each party as a picture: all of them are in it, one by one or together, and it says so in words."""

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.volumes_svg import MOST_DRAWN, volumes_svg
from lineage.errors import Misconfigured
from lineage.volumes_by_month import EARLIER, months_between
from tests.console.test_sharing_svg import SVG, drawn
from tests.e2e.events import write_lines
from tests.e2e.program import asked, jalki

MONTHS = months_between("2025-11", "2026-03")


def party(number: int, by_month: dict[str, int], name: str | None = None) -> dict[str, Any]:
    return {
        "id": f"p-{number}",
        "name": name or f"Party {number} Oy",
        "received": sum(by_month.values()),
        "by_month": by_month,
    }


def words(root: Element) -> list[str]:
    return [each.text or "" for each in root.iter(SVG + "text")]


def bars(root: Element) -> list[int]:
    """What the bars say, as numbers."""
    return [
        int((each.findtext(SVG + "title") or "").partition(": ")[2].replace(",", ""))
        for each in root.iter(SVG + "rect")
    ]


COUNTS = st.dictionaries(st.sampled_from(MONTHS), st.integers(1, 10**12), max_size=5)
NAMES = st.text(max_size=300).filter(lambda each: bool(each.strip()))


@given(st.lists(st.tuples(NAMES, COUNTS), max_size=40), st.integers(0, 9))
def test_all_that_was_received_is_in_one_chart_or_another(
    drawn_of: list[tuple[str, dict[str, int]]], early: int
) -> None:
    before = {EARLIER: early} if early else {}
    parties = [party(number, {**before, **counts}, name) for number, (name, counts) in enumerate(drawn_of)]
    root = drawn(volumes_svg({"months": [*before, *MONTHS], "parties": parties}))
    charts = [each for each in root.iter(SVG + "g") if each.find(SVG + "title") is not None]
    assert len(charts) == min(len(parties), MOST_DRAWN + 1)
    assert sum(bars(root)) == sum(
        count for each in parties for month, count in each["by_month"].items() if month != EARLIER
    )
    _, _, wide, high = map(float, root.attrib["viewBox"].split())
    for box in root.iter(SVG + "rect"):
        assert 0 <= float(box.attrib["x"]) <= float(box.attrib["x"]) + float(box.attrib["width"]) <= wide
        assert 0 <= float(box.attrib["y"]) <= float(box.attrib["y"]) + float(box.attrib["height"]) <= high


def test_of_five_hundred_parties_those_that_got_most_have_a_chart_and_the_picture_says_so() -> None:
    parties = [party(number, {"2026-01": number + 1}) for number in range(500)]
    text = volumes_svg({"months": ["2026-01"], "parties": parties})
    root = drawn(text)
    assert "Of 500 parties the 24 that got most have their own; the rest are one together." in " ".join(words(root))
    assert words(root).index("Party 499 Oy") < words(root).index("Party 476 Oy")
    assert "Party 475 Oy" not in words(root)
    assert "all others (476 parties)" in words(root)
    assert "all others (476 parties): 113,526" in (root.findtext(SVG + "desc") or "")
    assert len(text) < 100_000


def test_a_single_month_is_a_bar_and_nothing_is_told_as_nothing() -> None:
    root = drawn(volumes_svg({"months": ["2026-01"], "parties": [party(1, {"2026-01": 5})]}))
    assert bars(root) == [5]
    assert "2026-01, in UTC. Each chart is drawn by its own largest month." in words(root)
    empty = drawn(volumes_svg({"months": [], "parties": []}))
    assert bars(empty) == []
    assert "Nothing has been shared yet: no event is recorded." in words(empty)


def test_parties_of_one_name_are_told_apart_by_their_ids() -> None:
    parties = [party(1, {"2026-01": 5}, "Same Oy"), party(2, {"2026-01": 4}, "Same Oy"), party(3, {"2026-01": 3})]
    said = words(drawn(volumes_svg({"months": ["2026-01"], "parties": parties})))
    assert {"p-1: Same Oy", "p-2: Same Oy", "Party 3 Oy"} <= set(said)


def test_what_came_before_the_months_is_told_beside_them() -> None:
    root = drawn(volumes_svg({"months": [EARLIER, "2026-01"], "parties": [party(1, {EARLIER: 3, "2026-01": 5})]}))
    assert bars(root) == [5]
    assert "most 5 in 2026-01; 3 before 2026-01" in words(root)


def test_the_program_draws_the_months_it_counts(story: Path, tmp_path: Path) -> None:
    ended = jalki("parties", "--volumes", "--svg", "--data", story)
    assert ended.code == 0
    shape = asked("parties", "--volumes", "--json", "--data", story).json
    assert sum(bars(drawn(ended.out))) == sum(each["received"] for each in shape["parties"])
    assert jalki("parties", "--volumes", "--svg", "--data", story).out == ended.out
    assert "Aino" not in ended.out
    assert asked("ingest", write_lines(tmp_path / "none", []), "--data", tmp_path / "data").code == 0
    assert bars(drawn(asked("parties", "--volumes", "--svg", "--data", tmp_path / "data").out)) == []


@pytest.mark.parametrize("more", [(), ("--volumes", "--json")])
def test_a_picture_is_of_volumes_and_stands_alone(story: Path, more: tuple[str, ...]) -> None:
    with pytest.raises(Misconfigured, match="--svg draws what --volumes counts"):
        asked("parties", "--svg", *more, "--data", story)
