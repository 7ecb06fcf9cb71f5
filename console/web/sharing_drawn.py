"""The sharing graph as it is chosen from and drawn: what is shown, and where each node stands. Counts, no person."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from console.shapes import Shape
from lineage.register import PERSON, UNKNOWN

COLUMNS = ("category", "purpose", "party", "country")
MOST = 40
"""So many nodes of a column are drawn, the heaviest; all others are drawn as one: more than that nobody tells apart."""
ROWS = 24
"""Nodes one above the other; a column that has more is laid in several."""
OTHERS = ""
"""The name of the node that stands for all others of its column."""
LONGEST_LABEL = 40
"""Characters of the name beside a node."""
STEP, INNER, SLOT = 430, 340, 34
"""Between two columns, between two parts of one, and between two nodes, in pixels of the drawing."""
T = TypeVar("T")
Node = tuple[int, str]
"""A column and a name."""
NameOf = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is shown, of each thing that can be chosen; empty: all."""

    category: str = ""
    purpose: str = ""
    party: str = ""
    country: str = ""

    def of(self, graph: Shape) -> list[Shape]:
        """Return the edges of a sharing graph that are shown, the most frequent first."""
        countries = _countries(graph)
        edges = sorted(graph["sharing"], key=lambda each: (-each["disclosures"], each["from"], each["to"]))
        return [each for each in edges if self._shows(each, countries)]

    def _shows(self, edge: Shape, countries: Mapping[str, str]) -> bool:
        return (
            (not self.category or self.category in edge["categories"])
            and self.purpose in {"", edge["purpose"]}
            and self.party in {"", edge["from"], edge["to"]}
            and self.country in {"", countries.get(edge["to"], UNKNOWN)}
        )


def choices(graph: Shape) -> dict[str, list[str]]:
    """Return what can be chosen: whatever the whole graph has."""
    edges, countries = graph["sharing"], _countries(graph)
    return {
        "category": sorted({name for each in edges for name in each["categories"]}),
        "purpose": sorted({each["purpose"] for each in edges}),
        "party": sorted({each[end] for each in edges for end in ("from", "to")} - {PERSON}),
        "country": sorted({countries.get(each["to"], UNKNOWN) for each in edges}),
    }


@dataclass(slots=True)
class _Ways:
    """How often something passed between two neighbouring nodes, and which of it broke a rule."""

    counts: Counter[tuple[Node, Node]] = field(default_factory=Counter)
    drift: set[tuple[Node, Node]] = field(default_factory=set)

    def add(self, one: Node, other: Node, count: int, *, drift: bool) -> None:
        """Count what passed from one to the other."""
        self.counts[one, other] += count
        if drift:
            self.drift.add((one, other))


def drawing(graph: Shape, chosen: Chosen, name_of: NameOf, others: Callable[[int], str]) -> Shape:
    """Return nodes and ways between them as cytoscape.js takes them, each node with its place.

    From left to right they are categories, purposes, parties, countries; `name_of` says how one of a column is called, and
    `others` so many of them that are drawn as one.
    """
    ways, folded = _folded(_ways(graph, chosen))
    return {
        "nodes": [
            {
                "data": {
                    "id": _id(node),
                    "label": others(folded[node[0]]) if node[1] == OTHERS else name_of(COLUMNS[node[0]], node[1]),
                    "column": COLUMNS[node[0]],
                },
                "position": {"x": x, "y": y},
            }
            for node, (x, y) in _places(ways.counts).items()
        ],
        "edges": [
            {
                "data": {
                    "id": f"{_id(one)}>{_id(other)}", "source": _id(one), "target": _id(other), "count": count,
                    "drift": (one, other) in ways.drift,
                }
            }
            for (one, other), count in ways.counts.items()
        ],
    }  # fmt: skip


def _ways(graph: Shape, chosen: Chosen) -> _Ways:
    countries, ways = _countries(graph), _Ways()
    for edge in chosen.of(graph):
        broke = bool(edge["drift"])
        country = countries.get(edge["to"], UNKNOWN)
        for category, count in edge["categories"].items():
            if chosen.category in {"", category}:
                ways.add((0, category), (1, edge["purpose"]), count, drift=broke)
        ways.add((1, edge["purpose"]), (2, edge["to"]), edge["disclosures"], drift=broke)
        ways.add((2, edge["to"]), (3, country), edge["disclosures"], drift=broke)
    return ways


def _folded(ways: _Ways) -> tuple[_Ways, dict[int, int]]:
    """Return the ways with the lightest nodes of each column as one, and how many those are by column."""
    weights = _weights(ways.counts)
    kept: set[Node] = set()
    folded: dict[int, int] = {}
    for column in range(len(COLUMNS)):
        nodes = _heaviest_first(weights, column)
        most = MOST if len(nodes) > MOST + 1 else len(nodes)  # one alone is drawn as itself
        kept.update(nodes[:most])
        folded[column] = len(nodes) - most
    found = _Ways()
    for way, count in ways.counts.items():
        one, other = (each if each in kept else (each[0], OTHERS) for each in way)
        found.add(one, other, count, drift=way in ways.drift)
    return found, folded


def _weights(counts: Mapping[tuple[Node, Node], int]) -> Counter[Node]:
    weights: Counter[Node] = Counter()
    for (one, other), count in counts.items():
        weights[one] += count
        weights[other] += count
    return weights


def _heaviest_first(weights: Mapping[Node, int], column: int) -> list[Node]:
    """Return the nodes of a column; the one that stands for others comes last."""
    nodes = (each for each in weights if each[0] == column)
    return sorted(nodes, key=lambda each: (each[1] == OTHERS, -weights[each], each))


def _countries(graph: Shape) -> dict[str, str]:
    return {each["id"]: each["country"] for each in graph["parties"]}


def _id(node: Node) -> str:
    return f"{node[0]}:{node[1]}"


def _places(counts: Mapping[tuple[Node, Node], int]) -> dict[Node, tuple[int, int]]:
    """Return where each node stands: in its column the heaviest on top, every column about the same middle."""
    weights = _weights(counts)
    places: dict[Node, tuple[int, int]] = {}
    left = 0
    for column in range(len(COLUMNS)):
        parts = list(parts_of(_heaviest_first(weights, column)))
        for number, part in enumerate(parts):
            for row, node in enumerate(part):
                places[node] = (left + number * INNER, round((row - (len(part) - 1) / 2) * SLOT))
        left += STEP + INNER * max(0, len(parts) - 1)
    return places


def parts_of(nodes: Sequence[T]) -> Iterable[Sequence[T]]:
    """Return a column in parts that are tall enough."""
    return (nodes[first : first + ROWS] for first in range(0, len(nodes), ROWS))
