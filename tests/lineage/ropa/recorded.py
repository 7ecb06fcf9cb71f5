"""A small register and made-up disclosures for the tests of the record of processing activities."""

from collections.abc import Iterable
from pathlib import Path

from lineage.facts import Route
from lineage.register import Register, load_register
from lineage.ropa import Flow, ProcessingRecord, processing_record
from tests.lineage.memory_graph import MemoryGraph
from tests.lineage.parts import facts
from tests.lineage.register.small import CATEGORIES, SMALL, at

NOW = at("2026-05-01T12:00")
SPRING = at("2026-03-01T12:00")
DELIVERY = Route("shop", "post", "delivery", ("email", "name"), "us", forbidden=False)
COLLECTED = Route("person", "shop", "delivery", ("email", "name"), "us", forbidden=False)
NEWSLETTER = Route("shop", "mailer", "newsletter", ("email",), "us", forbidden=False)


def register_of(folder: Path, text: str = SMALL) -> Register:
    file = folder / "register.yaml"
    file.write_text(text, encoding="utf-8")
    return load_register(file, CATEGORIES)


def graph_of(disclosed: Iterable[tuple[Route, int]]) -> MemoryGraph:
    """A graph in which each of these went out at its time, of a person of its own."""
    graph = MemoryGraph()
    graph.record(
        [
            facts(f"e-{number}", at=when, discloses=[(f"customer_id:{number}", route)])
            for number, (route, when) in enumerate(disclosed)
        ]
    )
    return graph


def record_of(
    register: Register, *disclosed: tuple[Route, int], until: int = NOW, since: int | None = None
) -> ProcessingRecord:
    return processing_record(graph_of(disclosed), register, until, since)


def flow(record: ProcessingRecord, source: str, target: str, purpose: str) -> Flow:
    (found,) = (each for each in record.flows if (each.source, each.target, each.purpose) == (source, target, purpose))
    return found
