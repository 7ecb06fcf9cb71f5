"""Schemas change only so that everything ever written can be read: an incompatible change fails here, and so fails the build."""

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import avro.compatibility
import avro.io
import avro.schema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.catalogue import (
    EVENTS,
    VERSIONS,
    Catalogue,
    EventType,
    SchemaFault,
    canonical,
    fingerprint,
    load_catalogue,
)
from schemas.codec import HEADER, MARKER, decode
from schemas.freeze import missing
from tests.schemas.making import CATALOGUE, values_of

KEPT = sorted(VERSIONS.glob("*.avsc"))
Json = dict[str, Any]


def unreadable(versions: Iterable[Path], catalogue: Catalogue) -> list[str]:
    """The kept versions that the present schemas cannot read, by the official library's own checker."""
    faults = []
    for path in versions:
        past = json.loads(path.read_text("utf-8"))
        kind = catalogue.types.get(past["name"].rpartition(".")[2])
        if kind is None:
            faults.append(
                f"{path.name}: its event type is gone; keep the schema for as long as its records may be read"
            )
            continue
        present = avro.schema.parse(json.dumps(without_annotations(kind.schema)))
        found = avro.compatibility.ReaderWriterCompatibilityChecker().get_compatibility(
            present, avro.schema.parse(json.dumps(past))
        )
        if found.compatibility is not avro.compatibility.SchemaCompatibilityType.compatible:
            faults.append(f"{path.name}: {'; '.join(sorted(map(str, found.messages)))}")
    return faults


def without_annotations(schema: Any) -> Any:
    kept = {"type", "name", "namespace", "fields", "default", "items", "symbols", "aliases"}
    if isinstance(schema, dict):
        return {key: without_annotations(value) for key, value in schema.items() if key in kept}
    return [without_annotations(part) for part in schema] if isinstance(schema, list) else schema


def test_every_version_ever_kept_can_be_read_by_the_present_schemas() -> None:
    assert KEPT
    assert not unreadable(KEPT, CATALOGUE)


def test_the_present_schemas_are_all_kept() -> None:
    assert not missing(CATALOGUE.types.values()), "run: make freeze"


def test_a_kept_version_never_changed_since() -> None:
    for path in KEPT:
        schema = json.loads(path.read_text("utf-8"))
        assert path.name == f"{schema['name'].rpartition('.')[2]}.{fingerprint(schema).hex()}.avsc"


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_record_of_every_kept_version_is_read(path: Path, data: st.DataObject) -> None:
    past = json.loads(path.read_text("utf-8"))
    event = data.draw(values_of(past))
    kind, read = decode(CATALOGUE, written_with(past, event))
    assert past["name"].endswith(f".{kind.name}")
    assert set(read) == {field["name"] for field in kind.schema["fields"]}
    # A record or list may have grown inside; a text, number or truth is what was written.
    for name in event.keys() & read.keys():
        assert read[name] == event[name] or isinstance(event[name], dict | list)
    if fingerprint(past) == kind.fingerprint:
        assert read == event


def written_with(past: Json, event: Json) -> bytes:
    out = io.BytesIO()
    avro.io.DatumWriter(avro.schema.parse(json.dumps(past))).write(event, avro.io.BinaryEncoder(out))
    return MARKER + fingerprint(past) + out.getvalue()


@pytest.fixture
def added(tmp_path: Path) -> Path:
    """A folder with one event type of a shop's own, and one older version of it."""
    folder = tmp_path / "added"
    (folder / "versions").mkdir(parents=True)
    (folder / "Parked.avsc").write_text(json.dumps(PARKED), "utf-8")
    (folder / "versions" / "Parked.old.avsc").write_text(canonical(parked_without("level", "paid")), "utf-8")
    return folder


PARKED: Json = {
    "type": "record", "name": "Parked", "namespace": "shop", "topic": "parking",
    "discloses": {"from": "person", "to": "order-system", "purpose": "account"},
    "fields": [
        {"name": "event_id", "type": "string"},
        {"name": "occurred_at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "controller", "type": "string", "party": True},
        {"name": "customer_id", "type": "string", "category": "customer_id", "identifier": "customer_id"},
        {"name": "level", "type": "int", "default": 2},
        {"name": "paid", "type": ["null", "string"], "default": None, "category": "payment"},
    ],
}  # fmt: skip


def parked_without(*names: str) -> Json:
    return {**PARKED, "fields": [field for field in PARKED["fields"] if field["name"] not in names]}


def test_a_record_of_an_older_version_is_read_by_its_fingerprint_with_the_defaults_of_what_was_added(
    added: Path,
) -> None:
    old = parked_without("level", "paid")
    catalogue = load_catalogue([added])
    event = {"event_id": "e", "occurred_at": 7, "controller": "multitronic", "customer_id": "C-1"}
    record = written_with(json.loads(canonical(old)), event)
    assert record[2:HEADER] != catalogue.types["Parked"].fingerprint
    assert decode(catalogue, record) == (catalogue.types["Parked"], {**event, "level": 2, "paid": None})


def test_versions_of_the_shipped_events_come_from_the_folder_of_versions(tmp_path: Path) -> None:
    """A version before a field was added, kept beside the present ones."""
    schema = json.loads((EVENTS / "LicenceIssued.avsc").read_text("utf-8"))
    old = {**schema, "fields": [field for field in schema["fields"] if field["name"] != "name"]}
    (tmp_path / "LicenceIssued.old.avsc").write_text(canonical(old), "utf-8")
    event = {
        **dict.fromkeys(["event_id", "controller", "licence_id", "order_id", "vendor", "email"], "x"),
        "occurred_at": 1,
        "customer_id": None,
    }
    record = written_with(json.loads(canonical(old)), event)
    assert decode(load_catalogue(versions=tmp_path), record)[1] == {**event, "name": None}
    assert fingerprint(old) not in load_catalogue().writers


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": "new", "type": "string"}, "new"),
        ({"name": "level", "type": "string"}, "not compatible"),
    ],
    ids=["a field without default was added", "a field changed its type"],
)
def test_an_incompatible_change_is_found(added: Path, changed: Json, why: str) -> None:
    versions = added / "versions"
    (versions / "Parked.new.avsc").write_text(canonical(PARKED), "utf-8")
    assert not unreadable(sorted(versions.iterdir()), load_catalogue([added]))
    fields = [field for field in PARKED["fields"] if field["name"] != changed["name"]]
    (added / "Parked.avsc").write_text(json.dumps({**PARKED, "fields": [*fields, changed]}), "utf-8")
    faults = unreadable(sorted(versions.iterdir()), load_catalogue([added]))
    assert faults
    assert faults[0].startswith("Parked.new.avsc: ")
    assert why in faults[0]


def test_a_removed_event_type_is_found_and_said_by_file(added: Path) -> None:
    (added / "Parked.avsc").rename(added / "Left.avsc")
    (added / "Left.avsc").write_text(json.dumps({**PARKED, "name": "Left"}), "utf-8")
    assert "is gone" in unreadable([added / "versions" / "Parked.old.avsc"], CATALOGUE)[0]
    with pytest.raises(SchemaFault, match=r"Parked\.old\.avsc.*no schema any more"):
        load_catalogue([added])


def test_a_schema_that_was_not_kept_is_found_and_keeping_it_suffices(added: Path, tmp_path: Path) -> None:
    catalogue = load_catalogue([added])
    files = missing(catalogue.types.values())
    assert [path.name.split(".")[0] for path in files] == ["Parked"]
    everything = missing(catalogue.types.values(), tmp_path)
    assert len(everything) == len(catalogue.types)
    for path, text in everything.items():
        path.write_text(text, encoding="utf-8")
    assert not missing(catalogue.types.values(), tmp_path)


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"type": "enum"}', '{"type": "record", "name": "Parked", "fields": [{"name": "x"}]}'],
    ids=range(4),
)
def test_a_damaged_version_is_named_by_its_file(added: Path, text: str) -> None:
    (added / "versions" / "Parked.bad.avsc").write_text(text, "utf-8")
    with pytest.raises(SchemaFault, match=r"^Parked\.bad\.avsc: "):
        load_catalogue([added])


def kinds_of(catalogue: Catalogue) -> list[EventType]:
    return [kind for kind in catalogue.types.values() if kind.name not in CATALOGUE.types]


def test_an_added_folder_adds_its_types_and_topics(added: Path) -> None:
    catalogue = load_catalogue([added])
    assert [kind.name for kind in kinds_of(catalogue)] == ["Parked"]
    assert set(catalogue.topics) - set(CATALOGUE.topics) == {"parking"}
