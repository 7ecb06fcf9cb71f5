"""The sharing graph as one picture, SVG: categories, purposes, parties, countries, and bands between them by how often.

Stands alone: no script, nothing fetched, light and dark by what the viewer prefers. Drawn from a shape; no person in it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement

from console.drawing import named, picture, said, text, written
from console.shapes import Shape
from lineage.register import UNKNOWN

COLUMNS = ("category", "purpose", "party", "country")
WIDTH, TOP, SLOT, GAP, NODE = 1240, 64, 18, 6, 12
STEP = 320
ROOM = 240
"""For a name beside its node, in pixels."""
LOW = 2.0
TALL = 640
"""How tall all bands are together, in pixels."""
STYLE = """
svg { background: #ffffff; font: 12px system-ui, sans-serif; }
text { fill: #1b1f24; } .head { font-weight: bold; } .node { fill: #36506c; }
.band { fill: none; stroke: #4a7fb5; stroke-opacity: .38; } .band.drift { stroke: #c0271d; stroke-opacity: .6; }
@media (prefers-color-scheme: dark) {
  svg { background: #14171b; } text { fill: #e8eaed; } .node { fill: #a9c4e0; }
  .band { stroke: #7fb0e0; } .band.drift { stroke: #ff7a6e; }
}
"""
Node = tuple[int, str]
"""A column and a name."""


@dataclass(slots=True)
class _Bands:
    """How often something passed between two neighbouring nodes, and whether it broke a rule."""

    counts: Counter[tuple[Node, Node]] = field(default_factory=Counter)
    drift: set[tuple[Node, Node]] = field(default_factory=set)


def sharing_svg(shape: Shape) -> str:
    """Return the picture as XML. A disclosure counts once for each of its categories, in every column alike."""
    bands = _bands(shape)
    weights = _weights(bands.counts)
    scale = TALL / max(1, sum(weight for (column, _), weight in weights.items() if not column))
    places, height = _places(weights, scale)
    root = picture("Who gets which personal data, why and where", _described(weights), WIDTH, height, STYLE)
    _draw_bands(SubElement(root, "g"), bands, places, scale)
    _draw_nodes(SubElement(root, "g"), weights, places, scale)
    return written(root)


def _bands(shape: Shape) -> _Bands:
    countries = {party["id"]: party["country"] for party in shape["parties"]}
    found = _Bands()
    for edge in shape["sharing"]:
        for category, count in (edge["categories"] or {"no category": edge["disclosures"]}).items():
            way = (category, edge["purpose"], edge["to"], countries.get(edge["to"], UNKNOWN))
            for ends in pairwise(enumerate(way)):
                found.counts[ends] += count
                if edge["drift"]:
                    found.drift.add(ends)
    return found


def _weights(counts: Mapping[tuple[Node, Node], int]) -> Counter[Node]:
    """Return how often something passed each node: as much comes out of it as goes in."""
    weights: Counter[Node] = Counter()
    for (source, target), count in counts.items():
        weights[source] += count
        if target[0] == len(COLUMNS) - 1:
            weights[target] += count
    return weights


def _places(weights: Mapping[Node, int], scale: float) -> tuple[dict[Node, float], float]:
    """Return where each node begins from above, the heaviest first, and how tall the picture is."""
    below = [float(TOP)] * len(COLUMNS)
    places = {}
    for node in _ordered(weights):
        tall = weights[node] * scale
        slot = max(SLOT, tall)  # what is thin stands in the middle of its line of text
        places[node] = below[node[0]] + (slot - max(LOW, tall)) / 2
        below[node[0]] += slot + GAP
    return places, max(below) + GAP


def _ordered(weights: Mapping[Node, int]) -> list[Node]:
    return sorted(weights, key=lambda node: (node[0], -weights[node], node[1]))


def _draw_bands(group: Element, bands: _Bands, places: Mapping[Node, float], scale: float) -> None:
    leaving, coming = dict(places), dict(places)
    for ends in sorted(bands.counts, key=lambda ends: (places[ends[0]], places[ends[1]], ends)):
        source, target = ends
        wide = bands.counts[ends] * scale
        start, end = leaving[source] + wide / 2, coming[target] + wide / 2
        leaving[source] += wide
        coming[target] += wide
        left, right = _left(source) + NODE, _left(target)
        middle = (left + right) / 2
        drifted = ends in bands.drift
        path = SubElement(group, "path", {
            "class": "band drift" if drifted else "band",
            "d": f"M{left:.0f} {start:.1f}C{middle:.0f} {start:.1f} {middle:.0f} {end:.1f} {right:.0f} {end:.1f}",
            "stroke-width": f"{max(1.0, wide):.1f}",
        })  # fmt: skip
        ways = f"{named(source[1], ROOM)} to {named(target[1], ROOM)}"
        said(path, f"{ways}: {bands.counts[ends]:,}" + (", with drift" if drifted else ""))


def _draw_nodes(group: Element, weights: Mapping[Node, int], places: Mapping[Node, float], scale: float) -> None:
    for column, name in enumerate(COLUMNS):
        text(group, name, _left((column, name)), TOP - 24, "head")
    for node in _ordered(weights):
        left, top, tall = _left(node), places[node], max(LOW, weights[node] * scale)
        box = {"x": f"{left:.0f}", "y": f"{top:.1f}", "width": f"{NODE}", "height": f"{tall:.1f}", "class": "node"}
        SubElement(group, "rect", box)
        text(group, f"{named(node[1], ROOM)} {weights[node]:,}", left + NODE + 6, top + tall / 2 + 4)


def _left(node: Node) -> float:
    return 20 + node[0] * STEP


def _described(weights: Mapping[Node, int]) -> str:
    """Return in words what the picture shows, for whoever does not see it."""
    by_column = ((name, [node for node in _ordered(weights) if node[0] == place]) for place, name in enumerate(COLUMNS))
    return " ".join(_listed(name, nodes, weights) for name, nodes in by_column)


def _listed(name: str, nodes: Iterable[Node], weights: Mapping[Node, int]) -> str:
    listed = ", ".join(f"{named(node[1], ROOM)} {weights[node]:,}" for node in nodes)
    return f"By {name}: {listed or 'nothing'}."
