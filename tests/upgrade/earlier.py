"""What an earlier version of the program kept, as it left it, and what it answered then. Made by `tests.upgrade.make`."""

import base64
import json
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neo4j import Driver

KEPT = Path(__file__).parent / "kept"
DATA, ANSWERS, GRAPH = "data", "answers.json", "graph.jsonl"


@dataclass(frozen=True, slots=True)
class Earlier:
    """One version's data folder, the graph that it had in Neo4j, if any, and its answers: the words asked, and JSON."""

    data: Path
    graph: Path | None
    answers: tuple[tuple[tuple[str, ...], Any], ...]

    def answered(self, *words: str) -> Any:
        """Return what it answered to this question."""
        return dict(self.answers)[words]


def unpacked(name: str, folder: Path) -> Earlier:
    """Return a copy of what the version of this name kept, in an empty folder."""
    with tarfile.open(KEPT / f"{name}.tar.xz") as kept:
        kept.extractall(folder, filter="data")
    asked = json.loads((folder / ANSWERS).read_text("utf-8"))
    graph = folder / GRAPH
    return Earlier(
        folder / DATA,
        graph if graph.exists() else None,
        tuple((tuple(each["asked"]), each["answer"]) for each in asked),
    )


def dumped(driver: Driver) -> Iterator[str]:
    """Yield the whole graph, a line a node and then a line a relation. Constraints are not in it; `restored` is told them."""
    nodes = "MATCH (n) RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS has ORDER BY id"
    for row in driver.execute_query(nodes).records:
        yield json.dumps({"id": row["id"], "labels": sorted(row["labels"]), "has": _plain(row["has"])})
    between = (
        "MATCH (a)-[r]->(b) RETURN elementId(a) AS of, elementId(b) AS to, type(r) AS type, properties(r) AS has "
        "ORDER BY of, to, type"
    )
    for row in driver.execute_query(between).records:
        yield json.dumps({"of": row["of"], "to": row["to"], "type": row["type"], "has": _plain(row["has"])})


def restored(driver: Driver, graph: Path) -> None:
    """Fill an empty Neo4j with a graph that was dumped."""
    rows = [json.loads(line) for line in graph.read_text("utf-8").splitlines()]
    made: dict[str, str] = {}
    for row in rows:
        if "labels" in row:
            labels = "".join(f":`{label}`" for label in row["labels"])
            made[row["id"]] = driver.execute_query(
                f"CREATE (n{labels}) SET n = $has RETURN elementId(n) AS id", has=_whole(row["has"])
            ).records[0]["id"]
        else:
            driver.execute_query(
                f"MATCH (a), (b) WHERE elementId(a) = $of AND elementId(b) = $to CREATE (a)-[r:`{row['type']}`]->(b) "
                "SET r = $has",
                of=made[row["of"]],
                to=made[row["to"]],
                has=_whole(row["has"]),
            )


def _plain(has: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"b64": base64.b64encode(it).decode()} if isinstance(it, bytes) else it for name, it in has.items()}


def _whole(has: Mapping[str, Any]) -> dict[str, Any]:
    return {name: base64.b64decode(it["b64"]) if isinstance(it, dict) else it for name, it in has.items()}
