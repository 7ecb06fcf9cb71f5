"""What no event of a type could survive is refused when the type is loaded, with the file named: never later, by an event."""

from pathlib import Path

import pytest

from schemas.catalogue import SchemaFault, load_catalogue
from schemas.vocabulary import vocabulary
from tests.schemas.own_type import IDENTIFIER, VISIT, Json, changed, load, with_field, with_part, without_field

DISCLOSES, CONSENTS, LINKS = VISIT["discloses"], VISIT["consents"], VISIT["links"]
LONG, NULLABLE = {"type": "long"}, ["null", "string"]
TEXTS = {"type": "array", "items": "string"}
PERHAPS_TEXTS = {"type": "array", "items": ["null", "string"]}
FIXED = {"type": "fixed", "name": "Bits", "size": 2}
LOOP = {"type": "record", "name": "Loop", "fields": [{"name": "next", "type": ["null", "Loop"], "default": None}]}
HALF = {"type": "record", "name": "Half", "fields": [{"name": "kind", "type": "string"}]}
NUMBERED = {"type": "record", "name": "Numbered", "fields": [
    {"name": "kind", "type": "string"}, {"name": "value", "type": "long"},
]}  # fmt: skip
CONTACT = {"type": "record", "name": "Contact", "fields": [{"name": "mail", "type": "string", "category": "email"}]}
AGAIN = {"type": "record", "name": "Home", "namespace": "elsewhere", "fields": []}
DEEP: Json = {"type": "record", "name": "Deep0", "fields": []}
for depth in range(1, 300):
    DEEP = {"type": "record", "name": f"Deep{depth}", "fields": [{"name": "x", "type": DEEP}]}


def discloses(**parts: object) -> Json:
    return changed(discloses={**DISCLOSES, **parts})


def consents(**parts: object) -> Json:
    return changed(consents={**CONSENTS, **parts})


def links(**parts: object) -> Json:
    return changed(links={**LINKS, **parts})


MISTAKES: dict[str, tuple[Json, str]] = {
    # the envelope
    "no event_id": (without_field("event_id"), "event_id"),
    "event_id a number": (with_field("event_id", type="long"), "event_id"),
    "event_id that may be null": (with_field("event_id", type=NULLABLE), "event_id"),
    "event_id with a default": (with_field("event_id", default="x"), "event_id"),
    "no occurred_at": (without_field("occurred_at"), "occurred_at"),
    "occurred_at a plain number": (with_field("occurred_at", type="long"), "occurred_at"),
    "occurred_at in milliseconds": (
        with_field("occurred_at", type={**LONG, "logicalType": "timestamp-millis"}), "timestamp-millis"),
    "no controller": (without_field("controller"), "controller"),
    "controller a list": (with_field("controller", type=TEXTS), "controller"),
    "controller that is no party": (with_field("controller", party=...), "controller"),
    "a field named type": (with_field("type", type="string"), "field type"),
    # what it says
    "nothing said": (changed(discloses=..., consents=..., links=...), "discloses, consents or links"),
    "discloses is a word": (changed(discloses="posti"), "discloses"),
    "discloses is null": (changed(discloses=None), "discloses"),
    "discloses is empty": (changed(discloses={}), "from"),
    "categories not of a field": (discloses(categories="seen"), "categories"),
    "categories a list of words": (discloses(categories=["name"]), "categories"),
    "categories of a text": (discloses(categories="$why"), "categories"),
    "categories of a list of records": (discloses(categories="$known_by"), "categories"),
    "categories of a list that may be null": (with_field("seen", type=["null", TEXTS]), "categories"),
    "categories that may be any text": (with_field("seen", format=...), "format"),
    "from a boolean": (discloses(**{"from": "$agreed"}), "from: $agreed"),
    "from no text": (discloses(**{"from": True}), "from"),
    "from an empty text": (discloses(**{"from": ""}), "from"),
    "to a list": (discloses(to="$seen"), "to: $seen"),
    "to a text that may be null": (with_field("fitter", type=NULLABLE, party=...), "fitter"),
    "to a text that is no party": (with_field("fitter", party=...), "fitter"),
    "purpose a number": (with_field("why", type="int", format=..., default=...), "$why"),
    "purpose any text": (with_field("why", format=...), "why"),
    "adds a word": (discloses(adds="email"), "adds"),
    "adds no words": (discloses(adds=[["email"]]), "adds"),
    "consents is true": (changed(consents=True), "consents"),
    "consent to a number": (consents(purpose=3), "purpose"),
    "consent to a truth": (consents(purpose="$agreed"), "purpose: $agreed"),
    "consent to any text": (consents(purpose="$visit_id"), "visit_id"),
    "granted by a text": (consents(granted="$why"), "granted"),
    "granted by a word": (consents(granted="yes"), "granted"),
    "granted perhaps": (with_field("agreed", type=["null", "boolean"]), "granted"),
    "links is a list": (changed(links=["$one", "$other"]), "links"),
    "links not of fields": (links(left="one"), "left"),
    "links of a text": (links(right="$why"), "right"),
    "links of half an identifier": ({**with_field("x", type=HALF), "links": {**LINKS, "left": "$x"}}, "left: $x"),
    "links of a number": ({**with_field("x", type=NUMBERED), "links": {**LINKS, "left": "$x"}}, "left: $x"),
    "links of what may be null": (with_field("other", type=["null", "Identifier"]), "$other"),
    "links of a list": (links(left="$known_by"), "left"),
    "joined by a word": (links(joined="yes"), "joined"),
    "nobody can be named": (
        changed(links=..., fields=[
            {key: value for key, value in field.items() if not key.startswith("identifier")}
            for field in VISIT["fields"] if field["name"] not in {"host", "homes"}]),
        "identifier"),
    # annotations of fields
    "identifier of a number": (with_field("visit_id", type="long"), "visit_id"),
    "identifier of a list of texts": (with_field("visit_id", type=TEXTS), "visit_id"),
    "identifier of a list of texts inside": (with_part("rooms", "serials", identifier="serial"), "serials"),
    "identifier of an enum inside": (with_part("rooms", "use", category="order", identifier="use"), "use"),
    "identifier of a truth": (with_field("agreed", category="consent", identifier="agreed"), "agreed"),
    "identifier of a record": (with_field("one", category="order", identifier="one"), "field one"),
    "identifier that cannot be asked for": (with_field("visit_id", identifier="Visit id"), "visit_id"),
    "identifier that is no text": (with_field("visit_id", identifier=True), "visit_id"),
    "category of null": (with_field("mail", type="null", identifier=...), "field mail"),
    "category that is no text": (with_field("mail", category=["email"]), "field mail"),
    "category in what has none": (with_field("contact", type=CONTACT), "field contact"),
    "category in a list of what has none": (with_field("x", type={"type": "array", "items": CONTACT}), "field x"),
    "category of another person": (with_field("host", category="name"), "field host"),
    "format of a number": (with_field("until", format="word"), "field until"),
    "format of a record": (with_field("one", format="word"), "field one"),
    "format of a list of records": (with_field("known_by", format="word"), "field known_by"),
    "format of a truth inside": (with_part("rooms", "size", format="decimal"), "field size"),
    "party a list": (with_field("seen", party=True), "field seen"),
    "party that may be null": (with_field("mail", party=True), "field mail"),
    "party inside": (with_part("rooms", "price", party=True, type="string", default=""), "field price"),
    "party not true": (with_field("asker", party="yes"), "field asker"),
    "identifiers of texts": (with_field("seen", identifiers=True), "field seen"),
    "identifiers that may be null": (
        with_field("known_by", type=["null", {"type": "array", "items": "Identifier"}]), "known_by"),
    "identifiers inside": (
        with_part("rooms", "serials", type={"type": "array", "items": "Identifier"}, identifiers=True), "serials"),
    "identifiers twice": (
        with_field("more", type={"type": "array", "items": "Identifier"}, identifiers=True), "identifiers"),
    "evidence of a record": (with_field("one", evidence=True), "field one"),
    "evidence inside": (with_part("rooms", "price", evidence=True), "field price"),
    "product that is neither": (with_field("said_by", product="brand"), "field said_by"),
    "product of a record": (with_field("one", product="model"), "field one"),
    "product twice": (
        changed(fields=[*VISIT["fields"], *({"name": n, "type": "string", "product": "model"} for n in ("p1", "p2"))]),
        "product",
    ),
    "product of another person": (
        changed(fields=[*VISIT["fields"], {"name": "guest_too", "type": {"type": "record", "name": "GuestToo", "fields": [
            {"name": "phone", "type": "string", "category": "phone", "identifier": "phone"},
            {"name": "gift", "type": "string", "product": "model"}]},
            "another_person": {"reference": "consignee", "named_by": "event_id"}}]), "product"),
    "product too deep": (
        changed(fields=[*VISIT["fields"], {"name": "outer", "type": {"type": "record", "name": "Outer", "fields": [
            {"name": "inner", "type": {"type": "record", "name": "Inner", "fields": [
                {"name": "model", "type": "string", "product": "model"}]}}]}}]), "product"),
    "another person in a list": (
        with_field("rooms", category=..., another_person={"reference": "r", "named_by": "visit_id"}), "field rooms"),
    "another person in a text": (
        with_field("mail", category=..., identifier=..., another_person={"reference": "r", "named_by": "visit_id"}),
        "field mail"),
    "another person inside": (
        with_part("host", "home", another_person={"reference": "r", "named_by": "visit_id"}), "field home"),
    "another person is a word": (with_field("host", another_person="host"), "field host"),
    "another person by a number": (with_field("host", another_person={"reference": "h", "named_by": 1}), "named_by"),
    "another person by a list": (with_field("host", another_person={"reference": "h", "named_by": "seen"}), "seen"),
    "another person of no kind": (
        with_field("host", another_person={"reference": "The host", "named_by": "visit_id"}), "field host"),
    "what nobody may keep is needed": (with_field("card_number", type="string"), "card_number"),
    # Avro
    "a map": (with_field("x", type={"type": "map", "values": "string"}), "field x: type map"),
    "bytes": (with_field("x", type="bytes"), "field x: type bytes"),
    "fixed": (with_field("x", type=FIXED), "field x: type fixed"),
    "fixed inside": (with_part("rooms", "size", type=FIXED), "field size: type fixed"),
    "a date": (with_field("x", type={"type": "int", "logicalType": "date"}), "field x: logical type date"),
    "a time of day": (with_field("x", type={**LONG, "logicalType": "time-micros"}), "time-micros"),
    "a local time": (with_field("x", type={**LONG, "logicalType": "local-timestamp-micros"}), "local-timestamp-micros"),
    "a decimal": (with_field("x", type={"type": "bytes", "logicalType": "decimal", "precision": 4}), "field x"),
    "microseconds in an int": (with_field("x", type={"type": "int", "logicalType": "timestamp-micros"}), "field x"),
    "a record in itself": (with_field("x", type=LOOP), "Loop"),
    "the event in itself": (with_field("x", type=["null", "VisitBooked"], default=None), "VisitBooked"),
    "records too deep": (with_field("x", type=DEEP), "deep"),
    "a union of two types": (with_field("x", type=["string", "long"]), "field x: a union"),
    "a union of one type": (with_field("x", type=["string"]), "field x: a union"),
    "a union of three types": (with_field("x", type=["null", "string", "long"]), "field x: a union"),
    "a list of what may be null": (with_field("x", type=PERHAPS_TEXTS), "field x: a list"),
    "a list of lists": (with_field("x", type={"type": "array", "items": TEXTS}), "field x: a list"),
    "a type in a type": (with_field("x", type={"type": {"type": "string"}}), "field x"),
    "two types of one short name": (with_field("x", type=AGAIN), "Home"),
    "a field twice": (changed(fields=[*VISIT["fields"], {"name": "why", "type": "string"}]), "why"),
    "an annotation inside a type": (with_field("x", type={"type": "string", "category": "name"}), "category"),
    "fields that are no list": (changed(fields={"a": 1}), "fields"),
    "a field that is no object": (changed(fields=[*VISIT["fields"], "x"]), "field"),
    "a field without a type": (changed(fields=[*VISIT["fields"], {"name": "x"}]), "field x: lacks 'type'"),
    "a name that is a path": (changed(name="../VisitBooked"), "../VisitBooked"),
    "a default of another type": (with_field("why", default=1), "field why"),
    "a default beyond its type": (with_field("x", type="int", default=2**31), "field x"),
    "a default record": (with_part("host", "home", default={"street": ""}), "field home"),
    "a default list with something in it": (with_field("seen", default=["name"]), "field seen"),
    "a default that may not be null": (with_field("why", default=None), "field why"),
    "an enum of what are no names": (
        with_field("x", type={"type": "enum", "name": "E", "symbols": ["a b"]}), "field x"),
    "an empty enum": (with_field("x", type={"type": "enum", "name": "E", "symbols": []}), "field x"),
}  # fmt: skip


def refusal(folder: Path, schema: object) -> str:
    with pytest.raises(SchemaFault) as caught:
        load(folder, schema)
    said = str(caught.value)
    assert said.startswith("VisitBooked.avsc: ")
    return said.removeprefix("VisitBooked.avsc: ")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_type_that_would_break_later_is_refused_when_it_is_loaded(tmp_path: Path, mistake: str) -> None:
    schema, named = MISTAKES[mistake]
    assert named in refusal(tmp_path, schema)


def test_the_type_without_mistakes_is_loaded(tmp_path: Path) -> None:
    """Without it the test above could pass for another reason."""
    assert load(tmp_path, VISIT).types["VisitBooked"].topic == "visits"


@pytest.mark.parametrize(
    "topic", ["", " ", "Visits", "visits/new", "käynnit", "x" * 250, ".", "..", "visits\n", 1, None]
)
def test_a_topic_that_kafka_would_not_take_is_refused(tmp_path: Path, topic: object) -> None:
    assert "topic" in refusal(tmp_path, changed(topic=topic))


@pytest.mark.parametrize("topic", ["v", "shop.visits_2-a", "x" * 249])
def test_a_topic_that_kafka_takes_is_taken(tmp_path: Path, topic: str) -> None:
    assert load(tmp_path, changed(topic=topic)).types["VisitBooked"].topic == topic


@pytest.mark.parametrize("kind", sorted(vocabulary().never_identify))
def test_a_kind_that_identifies_nobody_is_refused_as_an_identifier(tmp_path: Path, kind: str) -> None:
    assert f"{kind} identifies nobody" in refusal(tmp_path, with_field("visit_id", identifier=kind))
    assert f"{kind} identifies nobody" in refusal(tmp_path, with_part("host", "mobile", identifier=kind))
    another = {"reference": kind, "named_by": "visit_id"}
    assert f"{kind} identifies nobody" in refusal(tmp_path, with_field("host", another_person=another))


@pytest.mark.parametrize(
    "schema",
    [
        with_field("mail", type=["string", "null"], default="x"),
        with_field("known_by", default=[]),
        with_field("one", type=IDENTIFIER | {"doc": "x", "aliases": ["Old"]}),
        with_field("said_by", type=NULLABLE, default=None, evidence=True),
        with_field("secret", type="boolean", evidence=True, party=False),
        with_field("notes", type=["null", TEXTS], default=None, category="claim", format="word"),
        with_field("card_number", type=NULLABLE, default=None),
        with_field("weight", type="float", category="order"),
        changed(discloses=..., consents=...),
        changed(discloses=..., links=..., consents={"purpose": "newsletter", "granted": False}),
    ],
    ids=range(10),
)
def test_what_every_event_survives_is_loaded(tmp_path: Path, schema: Json) -> None:
    assert "VisitBooked" in load(tmp_path, schema).types


@pytest.mark.parametrize("text", [b"[" * 100_000, b"\xff", b""], ids=["deep", "not UTF-8", "empty"])
def test_a_file_that_no_reader_reads_is_refused_with_its_name(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "Odd.avsc").write_bytes(text)
    with pytest.raises(SchemaFault, match=r"^Odd\.avsc: not JSON"):
        load_catalogue([tmp_path])


def test_a_folder_named_like_a_schema_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "Odd.avsc").mkdir()
    with pytest.raises(SchemaFault, match=r"^Odd\.avsc cannot be read"):
        load_catalogue([tmp_path])


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    load(tmp_path, VISIT)
    for path in (tmp_path / "VisitBooked.avsc", tmp_path / "nothing"):
        with pytest.raises(SchemaFault, match=r"must be a folder") as caught:
            load_catalogue([path])
        assert str(path) in str(caught.value)


def test_a_folder_without_any_schema_is_refused(tmp_path: Path) -> None:
    (tmp_path / "VisitBooked.json").write_text("{}")
    with pytest.raises(SchemaFault, match=r"holds no \*\.avsc file") as caught:
        load_catalogue([tmp_path])
    assert str(tmp_path) in str(caught.value)
