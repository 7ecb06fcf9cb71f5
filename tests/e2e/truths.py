"""A simulated shop with its truth, spoilt as much as can be, and the answers about it as the truth tells them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.opening import Folder
from console.shapes import where_shape
from lineage.graph import Until
from lineage.identifiers import read_identifier
from lineage.times import now
from lineage.where import where
from schemas.records import microseconds
from streams.shop import Disorder, Fault, simulate, write_truth
from tests.e2e.events import with_bad_lines, write_lines

SEED = 77
COMPARED = ("party", "from", "categories", "purposes", "first", "last", "disclosures")


@dataclass(frozen=True, slots=True)
class Told:
    """A file of events and what the answers to it must be. `lines` of it are read; `dead` of them are bad input."""

    file: Path
    lines: int
    events: int
    dead: int
    truth: dict[str, Any]
    planted: tuple[Fault, ...]
    occurred: dict[str, str]

    @property
    def questions(self) -> list[tuple[str, str | None]]:
        """Every identifier of the truth, and the moments that it is asked about."""
        return [(each["identifier"], each.get("at")) for each in (*self.truth["identifiers"], *self.truth["at"])]


def told(folder: Path, persons: int) -> Told:
    """All of a shop out of order, a fifth of it repeated, every kind of bad line in between."""
    simulated = simulate(persons, SEED, Disorder(repeated=0.2, shuffled=True))
    lines, good, dead = with_bad_lines(list(simulated), seed=5)
    write_truth(folder / "truth.json", good, simulated.planted(), persons=persons, seed=SEED)
    return Told(
        file=write_lines(folder / "shop.jsonl", lines),
        lines=len(lines),
        events=len({each["event_id"] for each in good}),
        dead=dead,
        truth=json.loads((folder / "truth.json").read_bytes()),
        planted=simulated.planted(),
        occurred={str(each["event_id"]): str(each["occurred_at"]) for each in good},
    )


def answer(folder: Folder, identifier: str, at: str | None, moment: int | None = None) -> dict[str, Any]:
    """What `where --json` prints, worked out in this process; `moment` is what it takes for now."""
    kind, value = read_identifier(identifier)
    until = Until(microseconds(at) if at else None)
    key = folder.pseudonyms.identifier(kind, value)
    found = where(folder.graph, folder.register, key, until, now() if moment is None else moment)
    return where_shape(identifier, until.at, None, found)


def as_the_truth_says_it(got: dict[str, Any]) -> dict[str, Any]:
    held = {
        part: [{name: each[name] for name in COMPARED} for each in got[part] if each["observed"]]
        for part in ("holdings", "shared")
    }
    return {"identifiers": got["identifiers"], "candidates": got["candidates"], **held}


def planted_as_found(shop: Told, folder: Folder) -> list[tuple[str, str, str, str, int]]:
    """The planted drift as `found_drift` gives it."""
    return sorted(
        (
            folder.pseudonyms.event(each.event_id).hex(), each.rule, each.party, each.purpose,
            microseconds(shop.occurred[each.event_id]),
        )
        for each in shop.planted
    )  # fmt: skip


def found_drift(shapes: list[dict[str, Any]]) -> list[tuple[str, str, str, str, int]]:
    return sorted(
        (each["event"], rule, each["to"], each["purpose"], microseconds(each["at"]))
        for each in shapes
        for rule in each["rules"]
    )
