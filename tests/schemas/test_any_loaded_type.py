"""Whatever a file says: it is refused when it is loaded, or every event of it is recorded or bad input. Nothing else happens."""

import json
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from lineage.errors import Invalid
from lineage.facts import facts_of
from lineage.pseudonyms import Pseudonyms
from schemas import catalogue as loading
from schemas.catalogue import Catalogue, EventType, SchemaFault
from schemas.codec import decode, encode
from schemas.extract import InvalidEvent, said
from schemas.forbidden import without_forbidden
from schemas.records import JsonRecords
from tests.schemas.making import events, example, line
from tests.schemas.own_type import VISIT, Json

TEXTS = {"type": "array", "items": "string"}
PIECES: list[Any] = [
    None, True, False, 0, 1.5, "", "x", "$why", "$seen", "$one", "$host", "$", "person", "name", "word", "visit_id", [], {},
    "string", "long", "double", "bytes", "null", "Home", "Host", "VisitBooked", ["null", "string"], ["string", "null"],
    ["null", TEXTS], TEXTS, {"type": "array", "items": "Home"}, {"type": "array", "items": ["null", "Home"]},
    {"type": "map", "values": "string"}, {"type": "long", "logicalType": "timestamp-micros"}, ["null", "Home"],
    {"type": "fixed", "name": "Bits", "size": 2}, {"type": "enum", "name": "Few", "symbols": ["a"]}, ["null"],
    {"type": "int", "logicalType": "date"}, {"reference": "host", "named_by": "why"}, {"name": "new", "type": "string"},
]  # fmt: skip
WORDS = ["type", "name", "namespace", "default", "aliases", "items", "fields", "symbols", "logicalType", "doc", "topic",
         "category", "identifier", "party", "format", "another_person", "identifiers", "evidence", "product",
         "discloses", "consents",
         "links", "from", "to", "purpose", "categories", "adds", "granted", "left", "right", "joined", "reference",
         "named_by"]  # fmt: skip
PSEUDONYMS = Pseudonyms(b"k" * 32)


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every place inside a JSON tree: what holds it, and its key or index."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    return [place for key in keys for place in [(tree, key), *places(tree[key])]]


@st.composite
def files(draw: st.DrawFn) -> Json:
    """The type that uses every annotation, or says less, changed in one to three places."""
    schema = deepcopy(VISIT)
    for word in draw(st.sets(st.sampled_from(["discloses", "consents", "links"]), max_size=2)):
        del schema[word]
    for _ in range(draw(st.integers(1, 3))):
        found = places(schema)
        holder, key = draw(st.sampled_from(found))
        pieces = st.sampled_from(PIECES) | st.sampled_from([other[place] for other, place in found])
        match draw(st.sampled_from(["put", "put", "add", "take away"])):
            case "put":
                holder[key] = deepcopy(draw(pieces))
            case "add" if isinstance(holder, dict):
                holder[draw(st.sampled_from(WORDS))] = deepcopy(draw(pieces))
            case "add":
                holder.append(deepcopy(draw(pieces)))
            case _:
                del holder[key]
    return schema


def loaded(schema: Json) -> EventType | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "VisitBooked.avsc"
        path.write_text(json.dumps(schema), "utf-8")
        try:
            return loading._read_type(path)  # the shipped types beside it would take most of the time
        except SchemaFault:
            return None


def recorded(catalogue: Catalogue, record: bytes) -> bool:
    try:
        kind, fields = decode(catalogue, record)
        others = frozenset(other.name for other in kind.annotations.others)
        for each, whose in ((fields, frozenset[str]()), without_forbidden(fields, others)):
            facts_of(said(kind, each, whose), b"content", PSEUDONYMS, 9, lambda _: True)
    except (InvalidEvent, Invalid):
        return False
    return True


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_type_is_refused_when_it_is_loaded_or_none_of_its_events_breaks_anything(data: st.DataObject) -> None:
    kind = loaded(data.draw(files()))
    event("refused" if kind is None else "loaded")
    if kind is None:
        return
    catalogue = Catalogue({kind.name: kind}, {kind.fingerprint: (kind, kind.reader)})
    records = JsonRecords(catalogue)
    event("recorded" if recorded(catalogue, encode(kind, data.draw(events(kind)))) else "bad input")
    sample = example(kind)
    needed = {"type", *(field["name"] for field in kind.schema["fields"] if "default" not in field)}
    for given_ in (sample, {name: value for name, value in sample.items() if name in needed}):
        try:
            recorded(catalogue, records.encode(line(given_)).record)
        except InvalidEvent as reason:
            event(f"in JSON: {reason}")
