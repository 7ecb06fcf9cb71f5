"""Where one person's data is as a picture, SVG: the person by pseudonym, each party that got it, and whom it gave it on to.

Drawn from the shape of `where` and from what her cases did. No identifier and no value of hers is in it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

from console.drawing import listed, named, picture, said, text, written
from console.person_tree import ROOT, Place, Tree, tree_of
from console.shapes import Shape

CARD, STEP, LEFT, TOP, LINE, PAD, GAP = 300, 390, 20, 92, 16, 10, 18
ROOM = CARD - 2 * PAD
ASIDE = 14
RULES = 3
"""Broken rules that are named on a card."""
TITLE = "Where one person's data went"
STYLE = """
svg { background: #ffffff; font: 12px system-ui, sans-serif; }
text { fill: #1b1f24; } .head { font-weight: bold; } .large { font-size: 16px; font-weight: bold; }
.small { fill: #57606a; } .bad { fill: #b3261e; font-weight: bold; }
.card { fill: #f4f7fa; stroke: #57606a; } .declared { stroke-dasharray: 5 3; } .erased { fill: none; stroke-dasharray: 2 3; }
.held { stroke-width: 3; } .drift { stroke: #b3261e; stroke-width: 2; }
.way { fill: none; stroke: #4a7fb5; stroke-width: 1.5; } .onward { stroke: #57606a; } .back { stroke-dasharray: 4 3; }
.tip { fill: #57606a; }
@media (prefers-color-scheme: dark) {
  svg { background: #14171b; } text { fill: #e8eaed; } .small { fill: #a3abb3; } .bad { fill: #ff8a80; }
  .card { fill: #1d232a; stroke: #a3abb3; } .erased { fill: none; } .drift { stroke: #ff8a80; }
  .way { stroke: #7fb0e0; } .onward { stroke: #a3abb3; } .tip { fill: #a3abb3; }
}
"""
_GONE = frozenset({"verified", "not_held"})


class _Card(NamedTuple):
    """A box with lines of text, each of a kind, and what it says whole for whoever points at it."""

    lines: Sequence[tuple[str, str | None]]
    kinds: tuple[str, ...]
    said: str

    @property
    def tall(self) -> float:
        return 2 * PAD + LINE * len(self.lines) - 4


def person_svg(pseudonym: str, shape: Shape, standing: Mapping[str, Sequence[Shape]]) -> str:
    """Return the picture as XML. `standing` is by party what her cases did there (`console.person_standing`)."""
    tree = tree_of(shape, standing)
    cards = {each: _card(each, tree, pseudonym, shape) for layer in tree.layers for each in layer}
    places, high = _places(tree, cards)
    desc = " ".join([_about(shape, tree), *(f"{cards[each].said}." for layer in tree.layers for each in layer)])
    wide = max(LEFT + CARD + STEP * (len(tree.layers) - 1) + 60, 760)
    root = picture(TITLE, desc, wide, high, STYLE)
    text(root, TITLE, LEFT, 30, "large")
    text(root, _about(shape, tree), LEFT, 52, "small")
    ways = SubElement(root, "g")
    for source, target in tree.edges:
        _draw_way(ways, source, target, places, cards)
    boxes = SubElement(root, "g")
    for each, place in places.items():
        _draw_card(boxes, cards[each], place)
    return written(root)


def _about(shape: Shape, tree: Tree) -> str:
    if len(tree.layers) == 1:
        return "Nothing is recorded of this person" + (" by then." if shape["at"] or shape["known_at"] else ".")
    told = "Each party once" + ("; what she shares with others apart" if shape["shared"] else "")
    told += ". A broken box is only declared, or erased; a thick one is kept by law; a broken line goes back."
    times = [f"{name} {shape[field]}" for name, field in (("as of", "at"), ("as known", "known_at")) if shape[field]]
    if times:
        told += f" Drawn {', '.join(times)}; what cases did is not in it."
    if tree.left_out:
        told += f" {tree.left_out:,} parties further away, or with less, are not drawn."
    return told


def _card(place: Place, tree: Tree, pseudonym: str, shape: Shape) -> _Card:
    if place == ROOT:
        return _root(pseudonym, shape)
    holding = tree.holdings.get(place)
    lines: list[tuple[str, str | None]] = []
    kinds = ["card"]
    if holding is None:
        lines.append((named(place[0], ROOM), "head"))
        if place in tree.passed_on:
            lines.append(("passed it on; no event shows how it got it", "small"))
            kinds.append("declared")
    else:
        lines += _held(holding)
        kinds += ["declared"] * (not holding["observed"])
    if place[1]:
        lines.append(("under what she shares with others", "small"))
    states = tree.standing.get(place, ())
    lines += [(_state(each), "small") for each in states]
    kinds += ["held"] * any(each["state"] == "held" for each in states)
    kinds += ["erased"] * (holding is None and bool(states) and all(each["state"] in _GONE for each in states))
    if holding is not None and holding["drift"]:
        lines += [(f"drift: {each}", "bad") for each in holding["drift"][:RULES]]
        lines += [(f"and {more:,} more", "bad")] if (more := len(holding["drift"]) - RULES) > 0 else []
        kinds.append("drift")
    return _Card(lines, tuple(kinds), "; ".join(line for line, _ in lines) + _from(place, tree))


def _root(pseudonym: str, shape: Shape) -> _Card:
    many = shape["candidates"] > 1
    who = f"shared by {shape['candidates']:,} persons" if many else "the person"
    counts = [f"{count:,} {kind}" for kind, count in shape["identifiers"].items()]
    lines = [(who, "head"), (f"pseudonym {pseudonym[:16]}", "small")]
    lines += [(listed(counts, ROOM), "small")] if counts else []
    return _Card(lines, ("card",), f"{who}, pseudonym {pseudonym}")


def _held(holding: Shape) -> list[tuple[str, str | None]]:
    name = holding["name"]
    same = name == holding["party"]
    whose = f"{holding['role']}, {holding['country']}"
    lines: list[tuple[str, str | None]] = [(named(name, ROOM), "head")]
    lines.append((whose if same else f"{named(holding['party'], ROOM - 150)}: {whose}", "small"))
    lines.append((listed(holding["categories"], ROOM), None))
    bases = f" ({', '.join(holding['bases'])})" if holding["bases"] else ""
    lines.append((f"for {listed(holding['purposes'], ROOM - 20)}", None))
    lines += [(f"on {listed(holding['bases'], ROOM - 20)}", None)] if bases else []
    if holding["observed"]:
        days = sorted({holding["first"][:10], holding["last"][:10]})
        times = "once" if holding["disclosures"] == 1 else f"{holding['disclosures']:,} times"
        lines.append((f"{times}, {' to '.join(days)}", "small"))
    else:
        lines.append(("declared copy; no event shows it", "small"))
    if holding["transfer"] is not None:
        by = ", ".join(holding["transfer"]["mechanisms"])
        where = f"outside the EEA: {holding['transfer']['country']}"
        lines.append((f"{where}, by {by}" if by else f"{where}, by nothing", None if by else "bad"))
    return lines


def _state(each: Shape) -> str:
    times = f" ({each['tasks']:,} tasks)" if each["tasks"] > 1 else ""
    until = f" until {each['until']}" if each["until"] else ""
    return f"{each['action']}: {each['state'].replace('_', ' ')}{until}{times}"


def _from(place: Place, tree: Tree) -> str:
    sources = [named(source[0], ROOM) for source, target in tree.edges if target == place]
    return f"; from {', '.join(sources)}" if sources else ""


def _places(tree: Tree, cards: Mapping[Place, _Card]) -> tuple[dict[Place, tuple[float, float]], float]:
    """Return where each card begins, and how tall the picture is; a layer stands in the middle of the tallest."""
    tall = [sum(cards[each].tall + GAP for each in layer) - GAP for layer in tree.layers]
    places: dict[Place, tuple[float, float]] = {}
    for depth, layer in enumerate(tree.layers):
        top = TOP + (max(tall) - tall[depth]) / 2
        for each in layer:
            places[each] = (LEFT + depth * STEP, top)
            top += cards[each].tall + GAP
    return places, TOP + max(tall) + 40


def _draw_way(
    group: Element,
    source: Place,
    target: Place,
    places: Mapping[Place, tuple[float, float]],
    cards: Mapping[Place, _Card],
) -> None:
    """Draw a line from who gave to who got, with a tip; what does not lead outwards is broken, and beside the others."""
    (left, top), (right, down) = places[source], places[target]
    start, end = top + cards[source].tall / 2, down + cards[target].tall / 2
    onward = "" if source == ROOT else " onward"
    if right > left:
        middle = (left + CARD + right) / 2
        curve = (
            f"M{left + CARD:.0f} {start:.1f}C{middle:.0f} {start:.1f} {middle:.0f} {end:.1f} {right - 7:.0f} {end:.1f}"
        )
        tip = f"M{right - 8:.0f} {end - 4:.1f}v8l8 -4z"
    elif right == left:
        start, end, out = start + ASIDE, end - ASIDE, left + CARD
        curve = f"M{out:.0f} {start:.1f}C{out + 50:.0f} {start:.1f} {out + 50:.0f} {end:.1f} {out + 7:.0f} {end:.1f}"
        tip = f"M{out + 8:.0f} {end - 4:.1f}v8l-8 -4z"
        onward += " back"
    else:
        start, end, into = start + ASIDE, end + ASIDE, right + CARD
        middle = (left + into) / 2
        curve = f"M{left:.0f} {start:.1f}C{middle:.0f} {start:.1f} {middle:.0f} {end:.1f} {into + 7:.0f} {end:.1f}"
        tip = f"M{into + 8:.0f} {end - 4:.1f}v8l-8 -4z"
        onward += " back"
    path = SubElement(group, "path", {"class": f"way{onward}", "d": curve})
    giver = "the person" if source == ROOT else named(source[0], ROOM)
    said(path, f"{giver} to {named(target[0], ROOM)}")
    SubElement(group, "path", {"class": "tip", "d": tip})


def _draw_card(group: Element, card: _Card, place: tuple[float, float]) -> None:
    left, top = place
    box = SubElement(group, "g")
    said(box, card.said)
    SubElement(box, "rect", {
        "class": " ".join(card.kinds), "x": f"{left:.0f}", "y": f"{top:.1f}", "width": f"{CARD}",
        "height": f"{card.tall:.1f}", "rx": "4",
    })  # fmt: skip
    for number, (words, kind) in enumerate(card.lines):
        text(box, words, left + PAD, top + PAD + 10 + number * LINE, kind)
