"""The sharing graph as GraphML (http://graphml.graphdrawing.org/) and as CSV: an edge for each way and purpose."""

import io
from collections.abc import Mapping
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from console.exporting.ends import Exported, ends
from console.shapes import Shape
from console.xml_text import xml_text
from lineage.answers.cells import as_csv
from lineage.register import Register

GRAPHML = "http://graphml.graphdrawing.org/xmlns"
NODE_KEYS: Mapping[str, str] = {"name": "string", "kind": "string", "country": "string"}
EDGE_KEYS: Mapping[str, str] = {
    "purpose": "string",
    "basis": "string",
    "role": "string",
    "categories": "string",
    "disclosures": "long",
    "first": "string",
    "last": "string",
    "transfer": "string",
    "drift": "string",
}
COLUMNS = ("from", "from_name", "to", "to_name", "to_kind", "to_country", *EDGE_KEYS, "drifted")


def graphml(shape: Shape, register: Register) -> Exported:  # noqa: ARG001 - formats are asked alike
    """Return a directed graph: nodes are parties and all customers together, edges have their counts."""
    root = Element("graphml", {"xmlns": GRAPHML})
    for place, keys in (("node", NODE_KEYS), ("edge", EDGE_KEYS)):
        for name, kind in keys.items():
            SubElement(root, "key", {"id": f"{place}_{name}", "for": place, "attr.name": name, "attr.type": kind})
    graph = SubElement(root, "graph", {"id": "sharing", "edgedefault": "directed"})
    for end in ends(shape):
        _filled(SubElement(graph, "node", {"id": xml_text(end["id"])}), "node", {name: end[name] for name in NODE_KEYS})
    for number, edge in enumerate(shape["sharing"]):
        ways = {"id": f"e{number}", "source": xml_text(edge["from"]), "target": xml_text(edge["to"])}
        _filled(SubElement(graph, "edge", ways), "edge", _flat(edge))
    indent(root)
    text = io.BytesIO()
    ElementTree(root).write(text, encoding="utf-8", xml_declaration=True)
    return Exported(text.getvalue().decode() + "\n")


def edges_csv(shape: Shape, register: Register) -> Exported:  # noqa: ARG001 - formats are asked alike
    """Return the edges as CSV that a spreadsheet opens safely, with the names of both ends."""
    known = {each["id"]: each for each in ends(shape)}
    rows = []
    for edge in shape["sharing"]:
        source, target = known[edge["from"]], known[edge["to"]]
        told = (source["id"], source["name"], target["id"], target["name"], target["kind"], target["country"])
        rows.append((*told, *_flat(edge).values(), sum(edge["drift"].values())))
    return Exported(as_csv(COLUMNS, rows).decode())


def _flat(edge: Shape) -> dict[str, object]:
    """Return an edge with its lists as text, in the order of `EDGE_KEYS`."""
    transfer = edge["transfer"]
    texts = {
        "categories": " ".join(f"{name}={count}" for name, count in edge["categories"].items()),
        "drift": " ".join(f"{rule}={count}" for rule, count in edge["drift"].items()),
        "transfer": " ".join((transfer["country"], *transfer["mechanisms"])) if transfer else "",
    }
    return {name: texts.get(name, edge.get(name)) for name in EDGE_KEYS}


def _filled(element: Element, place: str, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        if value not in (None, ""):
            SubElement(element, "data", {"key": f"{place}_{name}"}).text = xml_text(str(value))
