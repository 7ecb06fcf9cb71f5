"""What all pictures have in common: an SVG that stands alone, says what it shows in words, and holds no text as it was given.

Nothing is fetched and nothing runs. Names are cut to the room there is, and cannot turn the text around them.
"""

import re
import unicodedata
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from console.xml_text import xml_text

MOST = 200
"""Letters of a name that are looked at: one of ten thousand is cut before it is measured."""
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ISOLATED = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_CUT = "\N{HORIZONTAL ELLIPSIS}"


def picture(title: str, desc: str, width: float, height: float, style: str) -> Element:
    """Return an empty picture; `desc` is in words what it shows, for whoever does not see it. Sizes are pixels."""
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width:.0f} {height:.0f}",
            "role": "img",
            "aria-labelledby": "title desc",
        },
    )
    SubElement(root, "title", {"id": "title"}).text = title
    SubElement(root, "desc", {"id": "desc"}).text = xml_text(desc)
    SubElement(root, "style").text = style
    return root


def written(root: Element) -> str:
    """Return a picture as XML: the same for the same picture."""
    indent(root)
    return tostring(root, encoding="unicode")


def text(parent: Element, words: str, x: float, y: float, kind: str | None = None) -> None:
    """Write a line of words at a place."""
    given = {"x": f"{x:.0f}", "y": f"{y:.1f}"}
    SubElement(parent, "text", {"class": kind, **given} if kind else given).text = xml_text(words)


def said(parent: Element, words: str) -> None:
    """Say what an element shows, for whoever points at it or does not see it."""
    SubElement(parent, "title").text = xml_text(words)


def named(name: str, width: float) -> str:
    """Return a name on one line, cut to so many pixels, with nothing in it that turns what stands around it."""
    flat = " ".join(_TURNING.sub("", xml_text(name[:MOST])).split())
    cut = _fitting(flat, width)
    shown = flat if len(cut) == len(flat) and len(name) <= MOST else cut.rstrip() + _CUT
    if any(unicodedata.bidirectional(each) in {"R", "AL", "AN"} for each in shown):
        return shown.join(_ISOLATED)
    return shown


def listed(names: Sequence[str], width: float) -> str:
    """Return as many names as there is room for, and how many there are more."""
    shown: list[str] = []
    for number, each in enumerate(names):
        rest = f" +{len(names) - number}"
        line = ", ".join([*shown, named(each, width)])
        if shown and _wide(line + (rest if number < len(names) - 1 else "")) > width:
            return ", ".join(shown) + rest
        shown.append(named(each, width))
    return ", ".join(shown)


def _fitting(name: str, width: float) -> str:
    room = width
    for number, each in enumerate(name):
        room -= _wide(each)
        if room < 0:
            return name[: max(1, number - 1)]
    return name


def _wide(name: str) -> float:
    """Return about how many pixels a text takes, bold and 12 pixels tall; rather too many than too few."""
    return sum(_letter(each) for each in name)


def _letter(letter: str) -> float:
    if unicodedata.combining(letter):
        return 1.0
    if unicodedata.east_asian_width(letter) in "WF":
        return 13.0
    if letter in "mwMW@%":
        return 13.5 if letter.isupper() else 11.0
    return 9.5 if letter.isupper() else 7.4
