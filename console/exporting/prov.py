"""The sharing graph as PROV-O in JSON-LD: agents, what they hold by category, and one activity for each edge.

What an edge brings is an entity of its own, a specialization of what the receiver holds: in PROV an entity is generated
once. https://www.w3.org/TR/prov-o/, https://www.w3.org/TR/json-ld11/
"""

import json
from collections.abc import Iterator
from urllib.parse import quote

from console.exporting.ends import PREFIX, Exported, category_iri, ends, purpose_iris
from console.shapes import Shape
from lineage.register import PERSON, Register

CONTEXT: Shape = {
    "prov": "http://www.w3.org/ns/prov#",
    "dpv": "https://w3id.org/dpv#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "jalki": PREFIX + "vocabulary:",
    "label": "rdfs:label",
    "startedAtTime": {"@id": "prov:startedAtTime", "@type": "xsd:dateTime"},
    "endedAtTime": {"@id": "prov:endedAtTime", "@type": "xsd:dateTime"},
    **{
        name: {"@id": f"prov:{name}", "@type": "@id"}
        for name in (
            "used", "generated", "wasAssociatedWith", "wasAttributedTo", "wasDerivedFrom", "wasGeneratedBy", "specializationOf",
        )
    },
    "hasPurpose": {"@id": "dpv:hasPurpose", "@type": "@id"},
    "hasPersonalData": {"@id": "dpv:hasPersonalData", "@type": "@id"},
    **{
        name: f"jalki:{name}"
        for name in ("purpose", "basis", "role", "category", "disclosures", "kind", "country", "drift")
    },
}  # fmt: skip
_SOFTWARE = "own-system"


def prov(shape: Shape, register: Register) -> Exported:
    """Return one JSON-LD document, its nodes sorted by `@id`."""
    nodes = {each["@id"]: each for each in _nodes(shape, register)}
    document = {"@context": CONTEXT, "@graph": [nodes[each] for each in sorted(nodes)]}
    return Exported(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def _nodes(shape: Shape, register: Register) -> Iterator[Shape]:
    for end in ends(shape):
        yield _agent(end)
    for edge in shape["sharing"]:
        activity = _name("disclosure", edge["from"], edge["to"], edge["purpose"])
        yield {
            "@id": activity,
            "@type": "prov:Activity",
            "label": f"{edge['from']} to {edge['to']}: {edge['purpose']}",
            "startedAtTime": edge["first"],
            "endedAtTime": edge["last"],
            "wasAssociatedWith": [_name("agent", edge["from"]), _name("agent", edge["to"])],
            "used": [_name("held", edge["from"], category) for category in edge["categories"]],
            "hasPurpose": list(purpose_iris(edge["purpose"], register)),
            **{name: edge[name] for name in ("purpose", "basis", "role", "disclosures")},
            "drift": sorted(edge["drift"]),
        }
        for category, count in edge["categories"].items():
            yield from _passed(edge, category, count, activity)


def _agent(end: Shape) -> Shape:
    kinds = {PERSON: "prov:Agent", _SOFTWARE: "prov:SoftwareAgent"}
    node = {
        "@id": _name("agent", end["id"]),
        "@type": kinds.get(end["kind"], "prov:Organization"),
        "label": end["name"],
        "kind": end["kind"],
    }
    return node if end["id"] == PERSON else {**node, "country": end["country"]}


def _passed(edge: Shape, category: str, count: int, activity: str) -> Iterator[Shape]:
    """Yield what a category is at both ends, and what of it passed this way."""
    iri = category_iri(category)
    for party in (edge["from"], edge["to"]):
        yield {
            "@id": _name("held", party, category),
            "@type": "prov:Entity",
            "label": f"{category} at {party}",
            "wasAttributedTo": _name("agent", party),
            "category": category,
            **({"hasPersonalData": iri} if iri else {}),
        }
    yield {
        "@id": _name("passed", edge["from"], edge["to"], edge["purpose"], category),
        "@type": "prov:Entity",
        "wasGeneratedBy": activity,
        "specializationOf": _name("held", edge["to"], category),
        "wasDerivedFrom": _name("held", edge["from"], category),
        "category": category,
        "disclosures": count,
    }


def _name(kind: str, *parts: str) -> str:
    return PREFIX + ":".join((kind, *(quote(each, safe="") for each in parts)))
