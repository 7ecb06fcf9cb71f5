"""A new event type is one new file and no Python; a mistake in that file is named with the file."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from lineage.facts import facts_of
from lineage.graph import NOW
from lineage.persons import find_person
from lineage.pseudonyms import Pseudonyms
from lineage.stores.sqlite import SqliteGraph
from schemas.catalogue import SchemaFault, load_catalogue
from schemas.codec import decode
from schemas.extract import said
from schemas.records import JsonRecords
from tests.schemas.making import line

Json = dict[str, Any]

GIFT: Json = {
    "type": "record", "name": "GiftCardSent", "namespace": "shop.events", "topic": "gift-cards",
    "discloses": {"from": "order-system", "to": "$printer", "purpose": "order", "adds": ["payment"]},
    "fields": [
        {"name": "event_id", "type": "string"},
        {"name": "occurred_at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "controller", "type": "string", "party": True},
        {"name": "gift_card_id", "type": "string", "category": "payment", "identifier": "gift_card_id"},
        {"name": "buyer_mail", "type": ["null", "string"], "default": None, "category": "email", "identifier": "email"},
        {"name": "printer", "type": "string", "party": True},
        {"name": "weight", "type": "double", "default": 0.5},
        {"name": "value", "type": "string", "format": "decimal"},
        {"name": "recipient", "type": ["null", {"type": "record", "name": "Recipient", "fields": [
            {"name": "full_name", "type": "string", "category": "name"},
            {"name": "mobile", "type": ["null", "string"], "default": None, "category": "phone", "identifier": "phone"},
            {"name": "home", "type": ["null", {"type": "record", "name": "Home", "fields": [
                {"name": "street", "type": "string"}, {"name": "door", "type": ["null", "string"], "default": None}]}],
             "default": None, "category": "address"},
        ]}], "default": None, "another_person": {"reference": "gift_recipient", "named_by": "gift_card_id"}},
        {"name": "giver", "type": ["null", "shop.events.Home"], "default": None, "category": "address"},
        {"name": "first", "type": {"type": "enum", "name": "Wrapping", "symbols": ["plain", "red"]}},
        {"name": "second", "type": ["null", "Wrapping"], "default": None},
    ],
}  # fmt: skip


def load(folder: Path, schema: Json) -> JsonRecords:
    (folder / "GiftCardSent.avsc").write_text(json.dumps(schema), "utf-8")
    return JsonRecords(load_catalogue([folder]))


def test_a_new_type_goes_from_json_to_a_person_by_its_file_alone(tmp_path: Path) -> None:
    records = load(tmp_path, GIFT)
    catalogue, pseudonyms = load_catalogue([tmp_path]), Pseudonyms(b"k" * 32)
    encoded = records.encode(line({
        "type": "GiftCardSent", "event_id": "g-1", "occurred_at": "2026-03-01T10:00:00+02:00", "controller": "multitronic",
        "gift_card_id": "G1", "buyer_mail": "Buyer@Example.fi", "printer": "posti", "value": "50.00", "first": "red",
        "second": "plain",
        "recipient": {"full_name": "R", "mobile": "040 1234567", "home": {"street": "S 1"}}, "giver": {"street": "S 2"},
    }))  # fmt: skip
    assert encoded.topic == "gift-cards"
    kind, event = decode(catalogue, encoded.record)
    told = said(kind, event)
    assert event["weight"] == 0.5
    assert [set(each.categories) for each in told.people] == [
        {"payment", "email", "address"},
        {"name", "phone", "address"},
    ]
    facts = facts_of(told, b"content", pseudonyms, 9, {"multitronic", "posti"}.__contains__)
    graph = SqliteGraph(tmp_path / "graph.db")
    graph.record([facts])
    buyer = find_person(graph, pseudonyms.identifier("email", "buyer@example.fi"), NOW)
    assert sorted(buyer.members.values()) == ["email", "gift_card_id"]
    (disclosure,) = graph.disclosures(buyer.members.keys(), NOW)
    assert disclosure.route[:3] == ("order-system", "posti", "order")
    recipient = find_person(graph, pseudonyms.identifier("phone", "+358401234567"), NOW)
    assert sorted(recipient.members.values()) == ["gift_recipient", "phone"]
    assert not recipient.members.keys() & buyer.members.keys()
    assert len(graph.disclosures(recipient.members.keys(), NOW)) == 1
    graph.close()


def broken(**record: object) -> Json:
    return {**deepcopy(GIFT), **record}


def with_field(name: str, **attributes: object) -> Json:
    schema = deepcopy(GIFT)
    for field in schema["fields"]:
        if field["name"] == name:
            field.update(attributes)
    return schema


def with_nested(**attributes: object) -> Json:
    schema = deepcopy(GIFT)
    recipient = next(field for field in schema["fields"] if field["name"] == "recipient")
    recipient["type"][1]["fields"][1].update(attributes)
    return schema


def without(name: str) -> Json:
    return {key: value for key, value in GIFT.items() if key != name}


DISCLOSES = GIFT["discloses"]
MISTAKES: dict[str, tuple[Json, str]] = {
    "record attribute": (broken(topics="x"), "topics is not known"),
    "field attribute": (with_field("buyer_mail", identifer="email"), "field buyer_mail: attribute identifer"),
    "nested attribute": (with_nested(catgory="phone"), "field mobile: attribute catgory"),
    "category": (with_field("buyer_mail", category="mail"), "category mail is not in the vocabulary"),
    "added category": (broken(discloses={**DISCLOSES, "adds": ["paymnt"]}), "category paymnt"),
    "format": (with_field("value", format="money"), "field value: format money is not known"),
    "unknown field in discloses": (broken(discloses={**DISCLOSES, "to": "$printr"}), "printr is not a field"),
    "unknown field in consents": (broken(consents={"purpose": "$purpos", "granted": True}), "purpos is not a field"),
    "unknown field in links": (broken(links={"left": "$one", "right": "$other", "joined": True}), "is not a field"),
    "part of discloses": (broken(discloses={**DISCLOSES, "categorys": "$printer"}), "discloses: attribute categorys"),
    "part of consents": (broken(consents={"purpose": "x", "granted": True, "grant": True}), "consents: attribute grant"),
    "part of another person": (
        with_field("recipient", another_person={"reference": "r", "named_by": "gift_card_id", "nam": 1}), "attribute nam",
    ),
    "unknown field in another person": (
        with_field("recipient", another_person={"reference": "r", "named_by": "gift_id"}), "gift_id is not a field",
    ),
    "missing part of discloses": (broken(discloses={"from": "person", "to": "$printer"}), "purpose"),
    "missing part of another person": (with_field("recipient", another_person={"reference": "r"}), "named_by"),
    "no topic": (without("topic"), "topic"),
    "no fields": (without("fields"), "fields"),
    "no name": (without("name"), "name"),
    "not a record": (broken(type="enum"), "not a record schema"),
    "unknown Avro type": (with_field("value", type="strng"), "strng"),
    "a name used twice": (with_field("second", type={"type": "enum", "name": "Wrapping", "symbols": ["a"]}), "Wrapping"),
    "a name of a shipped type": (broken(name="OrderPlaced"), "a second schema named OrderPlaced"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_schema_is_refused_with_its_file_named(tmp_path: Path, mistake: str) -> None:
    schema, reason = MISTAKES[mistake]
    with pytest.raises(SchemaFault) as caught:
        load(tmp_path, schema)
    assert str(caught.value).startswith("GiftCardSent.avsc: ")
    assert reason in str(caught.value)


def test_a_file_that_is_not_json_is_refused_with_its_file_named(tmp_path: Path) -> None:
    (tmp_path / "Bad.avsc").write_text("{", "utf-8")
    with pytest.raises(SchemaFault, match=r"^Bad\.avsc: not JSON"):
        load_catalogue([tmp_path])
