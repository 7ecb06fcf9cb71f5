"""The truth about a simulated shop as one JSON file, written piece by piece so that it need not fit in one string."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from streams.shop.diary import Event, Fault
from streams.shop.truth import Truth, written

_MOMENTS = 8
_ASKED_AT_EACH = 12


def write_truth(path: Path, events: Iterable[Event], planted: Iterable[Fault], *, persons: int, seed: int) -> None:
    """Write what the answers about these events must be.

    The keys: `seed`, `persons`, `events` (different event ids), `identifiers` (each with its `where`),
    `at` (a sample, each with a time), `drift` (what was planted), `sharing` (counts by way).

    Raises:
        OSError: the file cannot be written.
    """
    truth = Truth(events)
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"seed": {seed}, "persons": {persons}, "events": {len(truth)}')
        for key, entries in (
            ("identifiers", ({"identifier": one, "where": truth.where(one)} for one in truth.identifiers())),
            ("at", _sample(truth, seed)),
            ("drift", (asdict(fault) for fault in planted)),
            ("sharing", iter(truth.sharing())),
        ):
            file.write(f',\n"{key}": [')
            for number, entry in enumerate(entries):
                file.write(",\n" if number else "\n")
                file.write(json.dumps(entry, ensure_ascii=False))
            file.write("\n]")
        file.write("}\n")


def _sample(truth: Truth, seed: int) -> Iterator[dict[str, object]]:
    """Some identifiers at some moments, each moment being that of an event or a microsecond before it."""
    chance = Random(f"{seed}/at")  # noqa: S311 - repeatable on purpose, nothing secret
    times, identifiers = truth.times(), truth.identifiers()
    for _ in range(_MOMENTS if times else 0):
        moment = times[int(chance.random() * len(times))] - int(chance.random() * 2)
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment)
        for _ in range(_ASKED_AT_EACH):
            identifier = identifiers[int(chance.random() * len(identifiers))]
            yield {"identifier": identifier, "at": written(moment), "where": truth.where(identifier, at)}
