"""GraphML is well-formed and declares what it uses; CSV opens safely; both have every edge once."""

import csv
import io
from xml.etree import ElementTree as ET

from hypothesis import given

from console.exporting.tables import COLUMNS, EDGE_KEYS, GRAPHML, NODE_KEYS, edges_csv, graphml
from console.shapes import Shape
from tests.console.exporting.drawn import REGISTER, SHAPES, Shop

NAMED = f"{{{GRAPHML}}}"


def edges_of(text: str) -> list[tuple[str, str, str, int]]:
    """The edges of a GraphML document, after what every such document must keep to."""
    root = ET.fromstring(text.encode())  # noqa: S314 - our own text
    assert root.tag == NAMED + "graphml"
    keys = {key.attrib["id"]: key.attrib for key in root.findall(NAMED + "key")}
    assert {(key["for"], key["attr.name"]) for key in keys.values()} == {
        *(("node", each) for each in NODE_KEYS), *(("edge", each) for each in EDGE_KEYS),
    }  # fmt: skip
    graph = root.find(NAMED + "graph")
    assert graph is not None
    assert graph.attrib["edgedefault"] == "directed"
    nodes = [node.attrib["id"] for node in graph.findall(NAMED + "node")]
    assert len(set(nodes)) == len(nodes)
    found, ids = [], set()
    for edge in graph.findall(NAMED + "edge"):
        values = {keys[each.attrib["key"]]["attr.name"]: each.text or "" for each in edge.findall(NAMED + "data")}
        assert {keys[each.attrib["key"]]["for"] for each in edge.findall(NAMED + "data")} == {"edge"}
        assert {edge.attrib["source"], edge.attrib["target"]} <= set(nodes)
        ids.add(edge.attrib["id"])
        found.append((edge.attrib["source"], edge.attrib["target"], values["purpose"], int(values["disclosures"])))
    assert len(ids) == len(found)
    return found


def test_graphml_has_every_edge_of_the_shop_with_its_count(shop: Shop) -> None:
    assert edges_of(shop.exported("graphml").out) == [
        (each["from"], each["to"], each["purpose"], each["disclosures"]) for each in shop.edges
    ]


@given(SHAPES)
def test_whatever_was_shared_graphml_is_well_formed(shape: Shape) -> None:
    found = edges_of(graphml(shape, REGISTER).text)
    assert found == [(each["from"], each["to"], each["purpose"], each["disclosures"]) for each in shape["sharing"]]


def test_csv_has_every_edge_of_the_shop_with_names_and_countries(shop: Shop) -> None:
    rows = list(csv.DictReader(io.StringIO(shop.exported("csv").out, newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["from"], row["to"], row["purpose"], int(row["disclosures"])) for row in rows] == [
        (each["from"], each["to"], each["purpose"], each["disclosures"]) for each in shop.edges
    ]
    posti = next(row for row in rows if (row["from"], row["to"]) == ("order-system", "posti"))
    assert (posti["to_name"], posti["to_kind"], posti["to_country"]) == ("Posti Oy", "carrier", "FI")
    abroad = next(row for row in rows if row["transfer"])
    assert abroad["transfer"].split()[0] == next(each for each in shop.edges if each["transfer"])["transfer"]["country"]


@given(SHAPES)
def test_whatever_was_shared_no_cell_of_the_csv_is_a_formula(shape: Shape) -> None:
    rows = list(csv.reader(io.StringIO(edges_csv(shape, REGISTER).text, newline="")))
    assert len(rows) == len(shape["sharing"]) + 1
    assert {len(row) for row in rows} == {len(COLUMNS)}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
