"""Where one person's data is, as the page tells it: a tree of parties as a list, and a map of the same. Nobody is named in it.

Both are made of `console.person_tree`, as the picture of the commands is: each party once, the nearest to her first.
"""

from collections.abc import Callable, Iterable, Sequence

from console.person_tree import ROOT, Place, Tree
from console.shapes import Shape
from console.web.sharing_drawn import INNER, SLOT, STEP, parts_of

GONE = frozenset({"verified", "not_held"})
"""States of tasks by which a party has nothing any more."""
_COLUMNS = {"own-system": "system", "authority": "country"}
"""What a party is drawn as, by its role; else as a party."""
NameOf = Callable[[str], str]
"""How a party is called."""


def listed(tree: Tree, name_of: NameOf) -> list[Shape]:
    """Return the tree as nested lists: below each party those that it gave something on to, each below the first that did."""
    giver: dict[Place, Place] = {}
    depth = _depths(tree)
    for source, target in tree.edges:
        if depth[source] < depth[target] and target not in giver:
            giver[target] = source
    below: dict[Place, list[Place]] = {}
    for layer in tree.layers[1:]:
        for each in layer:
            below.setdefault(giver.get(each, ROOT), []).append(each)
    sources: dict[Place, list[str]] = {}
    for source, target in tree.edges:
        if source not in {ROOT, giver.get(target)}:
            sources.setdefault(target, []).append(name_of(source[0]))

    def branch(place: Place) -> Shape:
        return {
            "name": name_of(place[0]),
            "shared": place[1],
            "holding": tree.holdings.get(place),
            "standing": tree.standing.get(place, ()),
            "state": state_of(tree, place),
            "also_from": sorted(sources.get(place, ())),
            "below": [branch(each) for each in below.get(place, ())],
        }

    return [branch(each) for each in below.get(ROOT, ())]


def state_of(tree: Tree, place: Place) -> str:
    """Return how it stands at a party: what it has, by what was seen or declared, and what her cases did."""
    holding, states = tree.holdings.get(place), [each["state"] for each in tree.standing.get(place, ())]
    if "held" in states:
        return "kept"
    if holding is None:
        return "erased" if states and all(each in GONE for each in states) else "passed" if not states else "asked"
    return "held" if holding["observed"] else "declared"


def drawing(tree: Tree, name_of: NameOf, person: str) -> Shape:
    """Return the map as cytoscape.js takes it, each node with its place; `person` is what she is called, no name of hers."""
    places = _places(tree.layers)
    names = {place: f"{number}" for number, place in enumerate(places)}
    return {
        "nodes": [
            {
                "data": {
                    "id": names[place],
                    "label": person if place == ROOT else name_of(place[0]),
                    "column": "person" if place == ROOT else _column(tree, place),
                    "state": "" if place == ROOT else state_of(tree, place),
                },
                "position": {"x": x, "y": y},
            }
            for place, (x, y) in places.items()
        ],
        "edges": [
            {
                "data": {
                    "id": f"{names[source]}>{names[target]}", "source": names[source], "target": names[target],
                    "count": _count(tree, target), "drift": _drift(tree, target), "onward": source != ROOT,
                }
            }
            for source, target in tree.edges
        ],
    }  # fmt: skip


def _column(tree: Tree, place: Place) -> str:
    holding = tree.holdings.get(place)
    return _COLUMNS.get(holding["role"], "party") if holding else "party"


def _count(tree: Tree, place: Place) -> int:
    return int(tree.holdings[place]["disclosures"]) if place in tree.holdings else 0


def _drift(tree: Tree, place: Place) -> bool:
    return place in tree.holdings and bool(tree.holdings[place]["drift"])


def _depths(tree: Tree) -> dict[Place, int]:
    return {each: depth for depth, layer in enumerate(tree.layers) for each in layer}


def _places(layers: Iterable[Sequence[Place]]) -> dict[Place, tuple[int, int]]:
    """Return where each party stands: a layer beside the other, a tall one in several columns."""
    places: dict[Place, tuple[int, int]] = {}
    left = 0
    for layer in layers:
        parts = list(parts_of(layer))
        for number, part in enumerate(parts):
            for row, each in enumerate(part):
                places[each] = (left + number * INNER, round((row - (len(part) - 1) / 2) * SLOT))
        left += STEP + INNER * max(0, len(parts) - 1)
    return places
