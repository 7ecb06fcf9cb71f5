"""The drawn sharing graph: what is chosen, where it stands, and that the drawing's library is the one that was pinned."""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from console.web.sharing_drawn import MOST, ROWS, Chosen, choices, drawing
from tests.console.web.auditing import Console, audited, empty

__all__ = ["audited", "empty"]

STATIC = Path(__file__).parents[3] / "console" / "web" / "static"
VENDOR = STATIC / "vendor"


def edge(to: str, purpose: str, count: int, *categories: str, drift: int = 0) -> dict[str, Any]:
    return {"from": "person", "to": to, "purpose": purpose, "categories": dict.fromkeys(categories, count),
            "disclosures": count, "drift": {"no-contract": drift} if drift else {}}  # fmt: skip


def graph(*edges: dict[str, Any]) -> dict[str, Any]:
    countries = {"posti": "FI", "stripe": "IE", "google": "US"}
    parties = [{"id": each, "name": each.title(), "country": country} for each, country in countries.items()]
    return {"parties": parties, "sharing": list(edges)}


SMALL = graph(
    edge("posti", "delivery", 5, "name", "address"),
    edge("stripe", "payment", 9, "payment", drift=2),
    edge("google", "analytics", 2, "device_id"),
)


def drawn(found: dict[str, Any], chosen: Chosen = Chosen()) -> dict[str, Any]:  # noqa: B008 - it is frozen
    return drawing(found, chosen, lambda _, name: name, "{} others".format)


def test_each_thing_that_can_be_chosen_leaves_what_has_it() -> None:
    wanted = {"category": "address", "purpose": "payment", "party": "google", "country": "IE"}
    found = {name: [each["to"] for each in Chosen(**{name: value}).of(SMALL)] for name, value in wanted.items()}
    assert found == {"category": ["posti"], "purpose": ["stripe"], "party": ["google"], "country": ["stripe"]}
    assert Chosen(purpose="payment", country="FI").of(SMALL) == []
    assert choices(SMALL)["country"] == ["FI", "IE", "US"]


def test_nodes_stand_in_four_columns_and_ways_lead_from_each_to_the_next() -> None:
    found = drawn(SMALL)
    column = {each["data"]["id"]: each["data"]["column"] for each in found["nodes"]}
    across = {name: {each["position"]["x"] for each in found["nodes"] if column[each["data"]["id"]] == name}
              for name in ("category", "purpose", "party", "country")}  # fmt: skip
    assert [len(each) for each in across.values()] == [1, 1, 1, 1]
    assert sorted(across.values(), key=min) == list(across.values())
    steps = {(column[each["data"]["source"]], column[each["data"]["target"]]) for each in found["edges"]}
    assert steps == {("category", "purpose"), ("purpose", "party"), ("party", "country")}


def test_what_broke_a_rule_is_marked_all_the_way() -> None:
    broke = {each["data"]["id"] for each in drawn(SMALL)["edges"] if each["data"]["drift"]}
    assert broke == {"0:payment>1:payment", "1:payment>2:stripe", "2:stripe>3:IE"}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 600))
def test_however_many_parties_there_are_none_stands_on_another_and_no_column_is_taller(count: int) -> None:
    found = drawn(graph(*(edge(f"party-{number}", "order", number + 1, "name") for number in range(count))))
    places = [(each["position"]["x"], each["position"]["y"]) for each in found["nodes"]]
    assert len(set(places)) == len(places)
    assert all(sum(x == left for x, _ in places) <= ROWS for left, _ in places)
    parties = [each["data"] for each in found["nodes"] if each["data"]["column"] == "party"]
    assert len(parties) == min(count, MOST + 1)
    assert [each["label"] for each in parties if each["id"] == "2:"] == (
        [f"{count - MOST} others"] * (count > MOST + 1)
    )
    to_countries = [each["data"]["count"] for each in found["edges"] if each["data"]["target"].startswith("3:")]
    assert sum(to_countries) == count * (count + 1) // 2


def test_the_drawing_is_counts_and_names_of_parties_and_no_person(audited: Console) -> None:
    answer = audited.asks("auditor", "GET", "/sharing/graph.json")
    assert answer.headers["content-type"] == "application/json"
    found = json.loads(answer.text)
    assert set(found) == {"nodes", "edges"}
    assert {name for each in found["edges"] for name in each["data"]} == {"id", "source", "target", "count", "drift"}
    ids = {each["data"]["id"] for each in found["nodes"]}
    assert all({each["data"]["source"], each["data"]["target"]} <= ids for each in found["edges"])


def test_what_is_chosen_is_chosen_for_drawing_and_table_alike(audited: Console) -> None:
    page = audited.page("auditor", "/sharing/graph?purpose=delivery")
    assert "/sharing/graph.json?purpose=delivery" in page.html
    assert {row[3] for row in page.rows("Who got what")} == {"delivery"}
    found = json.loads(audited.asks("auditor", "GET", "/sharing/graph.json?purpose=delivery").text)
    assert [each["data"]["label"] for each in found["nodes"] if each["data"]["column"] == "purpose"] == ["delivery"]


def test_the_drawing_has_its_words_and_its_style_in_files_of_ours(audited: Console) -> None:
    page = audited.page("auditor", "/sharing/graph")
    assert re.search(r'role="img" aria-label="Drawing of \d+ flows', page.html)
    assert '<link id="__________cytoscape_stylesheet" rel="stylesheet" href="/static/graph.css">' in page.html
    assert "position: relative" in (STATIC / "graph.css").read_text("utf-8")
    assert "'unsafe" not in audited.asks("auditor", "GET", "/sharing/graph").headers["content-security-policy"]


LICENSES = {
    "cytoscape": ("MIT", "cytoscape", "Permission is hereby granted"),
    "htmx.org": ("0BSD", "htmx", "with or without fee is hereby granted"),
    "htmx-ext-sse": ("0BSD", "htmx-ext-sse", "with or without fee is hereby granted"),
}
"""Of each package its licence, what its files are called, and what the text of the licence says."""


def test_the_files_of_others_are_those_that_were_taken_from_the_pinned_packages() -> None:
    package, lock = (json.loads((VENDOR / name).read_text("utf-8")) for name in ("package.json", "package-lock.json"))
    pinned = {name: lock["packages"][f"node_modules/{name}"] for name in LICENSES}
    versions = {name: each["version"] for name, each in pinned.items()}
    assert versions == package["dependencies"] == lock["packages"][""]["dependencies"]
    assert package["kept"]["of"] == {name: each["integrity"] for name, each in pinned.items()}
    there = {each.name for each in VENDOR.iterdir()} - {"package.json", "package-lock.json"}
    assert there == set(package["kept"]["files"])
    for name, told in package["kept"]["files"].items():
        assert f"sha256-{sha256((VENDOR / name).read_bytes()).hexdigest()}" == told
    for name, (licence, file, says) in LICENSES.items():
        assert pinned[name]["license"] == licence
        assert says in (VENDOR / f"{file}.LICENSE.txt").read_text("utf-8")
    for name, file in (("cytoscape", "cytoscape.min.js"), ("htmx.org", "htmx.min.js")):
        assert f'"{versions[name]}"' in (VENDOR / file).read_text("utf-8")


def test_the_library_comes_as_a_script(audited: Console) -> None:
    answer = audited.asks("auditor", "GET", "/static/vendor/cytoscape.min.js")
    assert answer.status_code == 200
    assert "javascript" in answer.headers["content-type"]
