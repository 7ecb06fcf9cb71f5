"""Events drawn at random for the stores, and every question about them, to hold one store beside another."""

from collections import Counter

from hypothesis import strategies as st

from lineage.facts import Facts
from lineage.graph import NOW, Graph, Until
from tests.lineage.parts import DELIVERY, facts, key, route

NAMES = [
    f"{kind}:{number}" for kind in ("customer_id", "email", "phone", "order_id", "shipment_id") for number in (1, 2)
]
TIMES = (0, 10, 20, 30)
UNTILS = [NOW, Until(at=10), Until(known_at=20), Until(20, 10), Until(-1)]
ROUTES = [DELIVERY, route("dhl", forbidden=True), route("klarna", "payment", categories=())]
MODELS = ["model-1", "model-2"]
NAMED = st.sampled_from(NAMES)
CASES = ["case:1", "case:2"]
FORGETTING = st.fixed_dictionaries(
    {
        "holders": st.lists(NAMED, max_size=8, unique=True).map(lambda names: [key(each) for each in names]),
        "until": st.sampled_from((-1, 0, 10, 20, 30)),
        "kept": st.lists(
            st.tuples(st.integers(0, 11).map(lambda number: key(f"event-{number}")), st.integers(0, 1)), max_size=6
        ),
        "onto": st.sampled_from(CASES).map(key),
    }
)
"""What `Graph.forget` may be asked."""


@st.composite
def events(draw: st.DrawFn, event: str) -> Facts:
    pairs = st.tuples(NAMED, NAMED).filter(lambda pair: pair[0] != pair[1])
    link = draw(st.none() | st.tuples(pairs, st.booleans()))
    return facts(
        event,
        at=draw(st.sampled_from(TIMES)),
        recorded=draw(st.sampled_from(TIMES)),
        owns=draw(st.lists(pairs, max_size=3, unique=True)),
        discloses=draw(st.lists(st.tuples(NAMED, st.sampled_from(ROUTES)), max_size=2)),
        consents=draw(
            st.lists(st.tuples(NAMED, st.sampled_from(["newsletter", "analytics"]), st.booleans()), max_size=1)
        ),
        link=(*link[0], link[1]) if link else None,
        bought=draw(st.lists(st.tuples(NAMED, st.sampled_from(MODELS)), max_size=1)),
    )


def answers(graph: Graph, keys: list[bytes], until: Until) -> dict[str, object]:
    """What every question about some identifiers is answered with; a store may answer in any order."""
    return {
        "owners": Counter(graph.owners(keys, until)),
        "owned": Counter(graph.owned(keys, until)),
        "links": Counter(graph.links(keys, until)),
        "kinds": dict(graph.kinds(keys)),
        "disclosures": Counter(graph.disclosures(keys, until)),
        "consents": Counter(graph.consents(keys, until)),
    }


def added_up(
    graph: Graph, party: str, since: int | None = None, until: int | None = None, known_at: int | None = None
) -> dict[object, object]:
    """What a party got, by identifier and route: how often, first, last; a store may give it in parts."""
    found: dict[object, tuple[int, int, int]] = {}
    for each in graph.got(party, since, until, known_at):
        number, first, last = found.get((each.holder, each.kind, each.route), (0, each.first, each.last))
        times = min(first, each.first), max(last, each.last)
        found[each.holder, each.kind, each.route] = (number + each.disclosures, *times)
    return dict(found)


def totals(graph: Graph) -> dict[str, object]:
    return {
        "volumes": [Counter(graph.volumes([10, 25], until)) for until in UNTILS],
        "every": Counter(graph.every_disclosure(None)),
        "since": Counter(graph.every_disclosure(20)),
        "got": [
            added_up(graph, *asked)
            for asked in (("posti",), ("dhl", 10), ("posti", None, 20), ("klarna", 10, 20), ("posti", None, 20, 10))
        ],
        "tallies": [Counter(graph.tallies("posti", *asked)) for asked in ((None, None), (10, 20), (None, 20, 10))],
        "purchases": [graph.purchases(key(each), until) for each in MODELS for until in (NOW, Until(at=10))],
        "bought": [Counter(graph.bought(key(each))) for each in MODELS],
        "forgotten buyers": [graph.forgotten_buyers(key(each)) for each in MODELS],
        "letters": list(graph.letters()),
        "looks": list(graph.looks()),
        "counts": dict(graph.counts()),
        "contents": dict(graph.contents([key(f"event-{number}") for number in range(12)])),
    }
