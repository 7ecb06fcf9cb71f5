"""The picture is well-formed, stands alone, says its figures in words, and as much leaves each node as comes in."""

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

from hypothesis import given

from console.shapes import Shape
from console.sharing_svg import COLUMNS, sharing_svg
from tests.console.exporting.drawn import SHAPES
from tests.e2e.program import jalki

SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str) -> ET.Element:
    """The picture, after what every one must keep to."""
    root = ET.fromstring(text.encode())  # noqa: S314 - our own text
    assert root.attrib["role"] == "img"
    named = {each.attrib["id"]: each.text for each in root if "id" in each.attrib}
    assert all(named[each] for each in root.attrib["aria-labelledby"].split())
    tags = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "g", "path", "rect", "text"}
    assert not re.search(r"href|url\(|@import|javascript|\son\w+=", text)
    assert "prefers-color-scheme: dark" in text
    return root


def bands(root: ET.Element) -> Counter[str]:
    """How much the titles of bands say, by the column they lead from."""
    found: Counter[str] = Counter()
    for path in root.iter(SVG + "path"):
        said = path.findtext(SVG + "title") or ""
        column = (int(re.findall(r"^M(\d+)", path.attrib["d"])[0]) - 32) // 320
        found[COLUMNS[column]] += int(re.findall(r": ([\d,]+)(?:, with drift)?$", said)[0].replace(",", ""))
    return found


@given(SHAPES)
def test_whatever_was_shared_is_drawn_whole(shape: Shape) -> None:
    root = drawn(sharing_svg(shape))
    total = sum(sum(each["categories"].values()) or each["disclosures"] for each in shape["sharing"])
    assert set(bands(root).values()) <= {total}
    high = float(root.attrib["viewBox"].split()[3])
    for box in root.iter(SVG + "rect"):
        assert 0 <= float(box.attrib["y"]) <= float(box.attrib["y"]) + float(box.attrib["height"]) <= high


def test_the_program_draws_one_customers_life(story: Path) -> None:
    ended = jalki("sharing", "--svg", "--data", story)
    assert ended.code == 0
    root = drawn(ended.out)
    words = {each.text for each in root.iter(SVG + "text")}
    assert {"category", "purpose", "party", "country"} <= words
    assert {"address 3", "delivery 9", "posti 9"} <= words
    assert "posti 9" in (root.findtext(SVG + "desc") or "")
    assert "Aino" not in ended.out
    assert jalki("sharing", "--svg", "--data", story).out == ended.out


def test_drift_is_red_and_said() -> None:
    edge = {"from": "order-system", "to": "posti", "purpose": "delivery", "categories": {"name": 2}, "disclosures": 2}
    shape = {
        "parties": [],
        "sharing": [{**edge, "drift": {"undeclared-recipient": 1}}, {**edge, "to": "dhl", "drift": {}}],
    }
    said = {
        each.attrib["class"]: each.findtext(SVG + "title") or ""
        for each in drawn(sharing_svg(shape)).iter(SVG + "path")
    }
    assert "with drift" in said["band drift"]
    assert "with drift" not in said["band"]


def test_a_picture_is_one_form_at_a_time(story: Path) -> None:
    assert jalki("sharing", "--svg", "--json", "--data", story).code == 2
    times = ("--diff", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
    ended = jalki("sharing", "--svg", *times, "--data", story)
    assert (ended.code, ended.out) == (2, "")
    assert "--dot" in ended.said
