"""What lies in a drop: a CSV file of orders, its manifest, and the answer of the party. Pure; its names hold nothing of a person.

The manifest comes last: a file without one is not whole yet. A key that came before is the same order, in whatever file.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lineage.cases.orders import Order

SCHEMA = "jalki.drop/1"
ANSWER_SCHEMA = "jalki.drop.answer/1"
COLUMNS = ("key", "reference", "form", "action", "controller", "due", "what", "name", "value")
LARGEST = 1 << 20
"""Bytes of a manifest or an answer."""
MANIFEST, ANSWER = ".manifest.json", ".answer.json"
_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)

Name = Annotated[str, Field(pattern=r"^jalki-[0-9a-f]{32}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Said = Literal["taken", "done", "promised", "partial", "not_held", "declined", "refused"]
S = TypeVar("S", bound=BaseModel)


class Manifest(BaseModel):
    """Says that a file is whole: how many rows it has, of which bytes it is, which orders are in it."""

    model_config = _CLOSED
    schema_: Literal["jalki.drop/1"] = Field(alias="schema")
    file: Name
    sha256: Digest
    count: Annotated[int, Field(ge=1)]
    orders: Annotated[list[Key], Field(min_length=1)]


class Answered(BaseModel):
    """What the party says of one order. `on` and `by` are ISO days: when it was done, until when it will be."""

    model_config = _CLOSED
    key: Key
    state: Said
    on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    by: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    ground: Literal["law", "claims", "contract", "own"] | None = None


class Answer(BaseModel):
    """The party's answer to a file: of which bytes it is, and what became of its orders."""

    model_config = _CLOSED
    schema_: Literal["jalki.drop.answer/1"] = Field(alias="schema")
    file: Name
    sha256: Digest
    orders: list[Answered]

    def of(self, key: str) -> Answered | None:
        """Return what it says of an order; None where it says nothing of it."""
        return next((each for each in self.orders if each.key == key), None)


def name_of(orders: Sequence[Order]) -> str:
    """Return the name of the file with these orders, the same for the same ones."""
    keys = "\n".join(sorted(each.key for each in orders))
    return f"jalki-{hashlib.sha256(keys.encode()).hexdigest()[:32]}"


def written(orders: Sequence[Order]) -> tuple[str, bytes, bytes]:
    """Return the name, the CSV file and the manifest of orders. The same orders make the same bytes."""
    name = name_of(orders)
    text = io.StringIO(newline="")
    rows = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    count = 0
    for order in sorted(orders, key=lambda each: each.key):
        head = (order.key, order.case, order.form, order.action, order.controller, order.due)
        for about in _about(order):
            rows.writerow((*head, *about))
            count += 1
    content = text.getvalue().encode()
    manifest = {
        "schema": SCHEMA,
        "file": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "count": count,
        "orders": sorted(each.key for each in orders),
    }
    return name, content, json.dumps(manifest, indent=1).encode()


def _about(order: Order) -> Iterator[tuple[str, str, str]]:
    yield from (("identifier", kind, value) for kind, value in order.identifiers)
    yield from (("category", each, "") for each in order.categories)
    yield from (("purpose", each, "") for each in order.purposes)
    yield from (("change", category, new) for category, new in sorted(order.changes.items()))


def read_manifest(content: bytes) -> Manifest | None:
    """Return a manifest; None for what is none."""
    return _read(Manifest, content)


def read_answer(content: bytes) -> Answer | None:
    """Return an answer; None for what is none: days that no calendar has, a promise without a day, other keys."""
    found = _read(Answer, content)
    if found is None or not all(_fits(each) for each in found.orders):
        return None
    return found


def _fits(said: Answered) -> bool:
    try:
        for day in (said.on, said.by):
            if day is not None:
                date.fromisoformat(day)
    except ValueError:
        return False
    return (said.state == "promised") == (said.by is not None) and (said.state == "declined") == (
        said.ground is not None
    )


def _read(shape: type[S], content: bytes) -> S | None:
    try:
        return shape.model_validate_json(content)
    except ValidationError:
        return None
