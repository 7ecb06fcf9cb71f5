"""The provenance is whole: whatever is named is there, each passed entity comes from one activity, counts add up."""

import json
from collections import Counter
from typing import Any
from urllib.parse import unquote

from hypothesis import given

from console.exporting.prov import CONTEXT, prov
from console.shapes import Shape
from tests.console.exporting.drawn import REGISTER, SHAPES, Shop

LINKS = [name for name, term in CONTEXT.items() if isinstance(term, dict) and term["@id"].startswith("prov:")
         and term["@type"] == "@id" and name != "generated"]  # fmt: skip
OF_PROV = {"prov:Agent", "prov:Organization", "prov:SoftwareAgent", "prov:Entity", "prov:Activity"}


def named(node: dict[str, Any], link: str) -> list[str]:
    found = node.get(link, [])
    return [found] if isinstance(found, str) else found


def assert_whole(document: Any, edges: list[Shape]) -> None:
    nodes = {node["@id"]: node for node in document["@graph"]}
    assert list(nodes) == sorted(nodes)
    assert len(nodes) == len(document["@graph"])
    assert {node["@type"] for node in nodes.values()} <= OF_PROV
    assert {name for node in nodes.values() for name in node} <= {"@id", "@type", *CONTEXT}
    for node in nodes.values():
        for link in LINKS:
            assert set(named(node, link)) <= nodes.keys(), link
    activities = [node for node in nodes.values() if node["@type"] == "prov:Activity"]
    assert sum(node["disclosures"] for node in activities) == sum(each["disclosures"] for each in edges)
    passed = [node for node in nodes.values() if "wasGeneratedBy" in node]
    counted = Counter((unquote(node["@id"].split(":")[3]), node["category"]) for node in passed)
    assert counted == Counter((each["from"], category) for each in edges for category in each["categories"])


def test_the_provenance_of_a_shop_is_whole(shop: Shop) -> None:
    document = json.loads(shop.exported("prov").out)
    assert_whole(document, shop.edges)
    order = next(each for each in document["@graph"] if each["@id"] == "urn:jalki:disclosure:person:order-system:order")
    assert order["hasPurpose"] == ["https://w3id.org/dpv#CustomerOrderManagement"]
    assert order["wasAssociatedWith"] == ["urn:jalki:agent:person", "urn:jalki:agent:order-system"]


@given(SHAPES)
def test_whatever_was_shared_the_provenance_is_whole(shape: Shape) -> None:
    assert_whole(json.loads(prov(shape, REGISTER).text), shape["sharing"])


def test_every_term_is_one_of_prov_dpv_or_ours() -> None:
    for term in CONTEXT.values():
        text = term["@id"] if isinstance(term, dict) else term
        assert text.startswith(("prov:", "dpv:", "jalki:", "rdfs:", "http", "urn:jalki:"))
