"""What a party sends as the results of an access or portability request, as records. Pure; its form nobody specifies.

JSON and CSV are read. Whatever is not said of a field is taken for free text: e-mail addresses and phone numbers in it that
are not the person's are made unreadable by whoever answers her.
"""

import csv
import io
import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from lineage.answers.others import WITHHELD
from lineage.answers.records import MOST_KEPT, UNSORTED, Cell, Nature, Record, Value, packed, records_as_json
from lineage.answers.unsaid import named_secret
from schemas.vocabulary import vocabulary

LARGEST = 4 << 20
"""Bytes of the results of one person."""
MOST_VALUES = 50_000
_WHOLE = "data"
_DEEPEST = 20
_LONGEST = 200
_SOMEBODY = re.compile(r"@|\d{6}")
_ODD = re.compile(r"[\x00-\x1f\x7f]")


class ResultField(BaseModel):
    """What a field of a party's results is: its category, whether she gave it, and whose it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    category: str
    nature: Nature = "observed"
    about: Literal["person", "other", "text"] = "person"

    @field_validator("category")
    @classmethod
    def _known(cls, category: str) -> str:
        if category not in vocabulary().categories:
            raise ValueError(f"there is no such category: it is one of {', '.join(sorted(vocabulary().categories))}")
        return category


def read_results(
    media: str,
    body: bytes,
    party: str,
    purposes: Sequence[str],
    fields: Mapping[str, ResultField],
    categories: Collection[str],
) -> tuple[Record, ...] | None:
    """Return results of a media type (`Content-Type`) as records of a party, which got the data for these purposes.

    None for what is not what it says, of another type, too deep, of too many values, or in which a key stands twice.

    A list is a table, and each of its members a row; so is each list of objects below an object, whose own values are one
    more row. `fields` says by path (`recipient.phone`) what a value is; of one that it leaves out the category is that of
    its name, where `categories` has it. Of fields named like a secret the values are not read.
    """
    reading = _Reading(party, purposes[0] if purposes else _WHOLE, fields, categories)
    try:
        found = tuple(reading.record(*each) for each in _rows(media.partition(";")[0].strip().lower(), body))
        records_as_json(found)  # a text that is none in UTF-8 cannot be kept
    except (ValueError, RecursionError, csv.Error):
        return None
    return tuple(each for each in found if each.cells)


def fits(records: Sequence[Record]) -> bytes | None:
    """Return records packed, as they are kept with the case; None where they are too much for that."""
    kept = packed(records)
    return kept if len(kept) <= MOST_KEPT else None


def results_json(records: Iterable[Record]) -> bytes:
    """Return records as we give them ourselves: a list of rows for each table, named by its system and itself."""
    tables: dict[str, list[Mapping[str, Value]]] = {}
    for each in records:
        row: dict[str, Value] = {}
        for cell in each.cells:
            alike = sum(name == cell.name or name.startswith(f"{cell.name} (") for name in row)
            row[f"{cell.name} ({alike + 1})" if alike else cell.name] = cell.value
        tables.setdefault(f"{each.system}: {each.table}", []).append(row)
    return json.dumps(tables, ensure_ascii=False).encode()


class _Reading:
    """Makes records of rows, and counts their values."""

    def __init__(
        self, party: str, purpose: str, fields: Mapping[str, ResultField], categories: Collection[str]
    ) -> None:
        self._party, self._purpose, self._fields, self._categories = party, purpose, fields, categories
        self._values = 0

    def record(self, table: str, row: Mapping[str, Any]) -> Record:
        """Return one row. Raises: ValueError: there are too many."""
        cells = tuple(self._cell(path, value) for path, value in _flat(row, "", 0))
        self._values += len(cells)
        if self._values > MOST_VALUES:
            raise ValueError
        return Record(self._party, table, cells)

    def _cell(self, path: str, value: Value) -> Cell:
        if named_secret(path):
            value = WITHHELD
        said = self._fields.get(path)
        if said is not None:
            return Cell(path, value, said.category, self._purpose, said.nature, said.about)
        name = path.rpartition(".")[2].lower().replace("-", "_")
        return Cell(path, value, name if name in self._categories else UNSORTED, self._purpose, "observed", "text")


def _rows(media: str, body: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    text = body.decode("utf-8-sig")
    match media:
        case "application/json":
            told = json.loads(text, object_pairs_hook=_once, parse_constant=_finite, parse_float=_finite)
            yield from _tables(told, _WHOLE)
        case "text/csv":
            yield from ((_WHOLE, each) for each in _lines(text))
        case _:
            raise ValueError


def _tables(told: object, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield rows with the name of their table."""
    match told:
        case list():
            for each in told:
                yield name, each if isinstance(each, dict) else {"value": each}
        case dict():
            lists = {key: each for key, each in told.items() if _is_table(each)}
            if own := {key: each for key, each in told.items() if key not in lists}:
                yield name, own
            for key, each in lists.items():
                yield from _tables(each, _shown(key))
        case _:
            raise ValueError


def _is_table(told: object) -> bool:
    return isinstance(told, list) and bool(told) and all(isinstance(each, dict) for each in told)


def _flat(told: Mapping[str, Any], above: str, depth: int) -> Iterator[tuple[str, Value]]:
    """Yield the values below an object by their path, with dots. Lists inside a row stand as JSON."""
    if depth > _DEEPEST:
        raise ValueError
    for key, value in told.items():
        path = f"{above}.{_shown(key)}" if above else _shown(key)
        if isinstance(value, dict):
            yield from _flat(value, path, depth + 1)
        elif isinstance(value, list):
            yield path, json.dumps(value, ensure_ascii=False)
        else:
            yield path, value


def _lines(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the lines below the head of a CSV, by the names in it."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    head = next(lines, [])
    if not all(head) or len(set(head)) != len(head):
        raise ValueError
    for line in lines:
        if line:
            yield dict(zip(head, line, strict=True))


def _shown(name: str) -> str:
    """Return a name as it may be shown: one that could be somebody's address or number is none."""
    return "?" if not name.strip() or _SOMEBODY.search(name) else _ODD.sub(" ", name)[:_LONGEST]


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number
