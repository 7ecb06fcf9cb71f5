"""One person's data as a graph to draw: who gave it to whom, each party once, in layers from the person outwards. Pure.

Made of the shape of `where`, of which the identifier asked about is left out. A circle of parties is walked once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from console.shapes import Shape
from lineage.register import PERSON

MOST_DRAWN = 60
"""Parties that are drawn: the nearest to the person first, of these those that got something most often."""
Place = tuple[str, bool]
"""A party, and whether what it holds hangs on something that she shares with others."""
ROOT: Place = (PERSON, False)


@dataclass(slots=True)
class Tree:
    """What is drawn. `holdings` has no entry for a party that only passed on, or of which only a case tells."""

    layers: list[list[Place]]
    holdings: Mapping[Place, Shape]
    standing: Mapping[Place, Sequence[Shape]]
    edges: list[tuple[Place, Place]]
    left_out: int
    passed_on: set[Place] = field(default_factory=set)
    """Parties that gave something on although no event shows that they got it."""


def tree_of(shape: Shape, standing: Mapping[str, Sequence[Shape]]) -> Tree:
    """Return the graph of a `where` shape, with what cases did at each party. The same shape gives the same graph."""
    holdings: dict[Place, Shape] = {}
    for name, shared in (("holdings", False), ("shared", True)):
        holdings |= {(each["party"], shared): each for each in shape[name]}
    edges, passed_on = _edges(holdings)
    # Of a party that holds nothing any more only her cases tell; it is drawn beside those that she gave to herself.
    told = {(party, False) for party in standing}
    edges |= {(ROOT, each) for each in told - holdings.keys() - passed_on}
    depths = _depths(edges, holdings)
    kept = sorted(depths, key=lambda each: (depths[each], -_disclosures(holdings, each), each))[: MOST_DRAWN + 1]
    layers = _layers(kept, depths, edges)
    drawn = set(kept)
    return Tree(
        layers=layers,
        holdings=holdings,
        standing={(party, False): states for party, states in standing.items()},
        edges=sorted((source, target) for source, target in edges if {source, target} <= drawn),
        left_out=len(depths) - len(kept),
        passed_on=passed_on & drawn,
    )


def _edges(holdings: Mapping[Place, Shape]) -> tuple[set[tuple[Place, Place]], set[Place]]:
    edges: set[tuple[Place, Place]] = set()
    passed_on: set[Place] = set()
    for (party, shared), holding in holdings.items():
        for source in holding["from"]:
            giver = ROOT if source == PERSON else next(
                (each for each in ((source, shared), (source, False)) if each in holdings), (source, shared)
            )  # fmt: skip
            edges.add((giver, (party, shared)))
            if giver != ROOT and giver not in holdings:
                passed_on.add(giver)
    return edges | {(ROOT, each) for each in passed_on}, passed_on


def _depths(edges: Iterable[tuple[Place, Place]], holdings: Mapping[Place, Shape]) -> dict[Place, int]:
    """Return how many hands each party is away from the person; of a circle that she gave nothing to, its first is one."""
    leads: dict[Place, list[Place]] = {}
    for source, target in edges:
        leads.setdefault(source, []).append(target)
    depths = {ROOT: 0}
    _walk([ROOT], leads, depths)
    for each in sorted(holdings, key=lambda each: (holdings[each]["first"], each)):
        if each not in depths:
            depths[each] = 1
            _walk([each], leads, depths)
    return depths


def _walk(begun: list[Place], leads: Mapping[Place, Sequence[Place]], depths: dict[Place, int]) -> None:
    """Give all that is reached from those its depth, the nearest first."""
    while begun:
        following: list[Place] = []
        for each in begun:
            for target in leads.get(each, ()):
                if target not in depths:
                    depths[target] = depths[each] + 1
                    following.append(target)
        begun = following


def _disclosures(holdings: Mapping[Place, Shape], place: Place) -> int:
    return holdings[place]["disclosures"] if place in holdings else 0


def _layers(
    kept: Sequence[Place], depths: Mapping[Place, int], edges: Iterable[tuple[Place, Place]]
) -> list[list[Place]]:
    """Return the parties by layer; in each by where those stand that they got it from, so that few lines cross."""
    sources: dict[Place, list[Place]] = {}
    for source, target in edges:
        sources.setdefault(target, []).append(source)
    rows: dict[Place, float] = {}
    layers: list[list[Place]] = []
    for depth in range(max((depths[each] for each in kept), default=0) + 1):
        layer = [each for each in kept if depths[each] == depth]
        layer.sort(
            key=lambda each: (_middle([rows[one] for one in sources.get(each, ()) if one in rows]), each[1], each)
        )
        rows |= {each: float(row) for row, each in enumerate(layer)}
        layers.append(layer)
    return layers


def _middle(rows: Sequence[float]) -> float:
    return sum(rows) / len(rows) if rows else 0.0
