"""The Confluent wire format: what it says is what the event says in single-object encoding, whoever registered its schema."""

import io
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import avro.io
import avro.schema
import fastavro.utils
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.errors import Retryable
from schemas import registered
from schemas.catalogue import EventType, canonical, parse
from schemas.codec import CONFLUENT_HEADER, LARGEST, decode, encode
from schemas.extract import InvalidEvent, said
from schemas.registered import RegisteredSchema, RegisteredWriters, WriterOf
from tests.schemas.making import CATALOGUE, TYPES, events, example

Json = dict[str, Any]
ORDER = CATALOGUE.types["OrderPlaced"]
CLAIM = CATALOGUE.types["ClaimOpened"]
by_type = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)


class Kept:
    """A registry in memory, which counts how often it is asked."""

    def __init__(self, schemas: Mapping[int, RegisteredSchema]) -> None:
        self.schemas = dict(schemas)
        self.asked: list[int] = []

    def by_id(self, schema_id: int) -> RegisteredSchema | None:
        self.asked.append(schema_id)
        return self.schemas.get(schema_id)


def registry(*schemas: object) -> Kept:
    """Registered under 1, 2, 3 …; what is no text is written as JSON."""
    texts = [each if isinstance(each, str) else json.dumps(each) for each in schemas]
    return Kept({number: RegisteredSchema("AVRO", (text,)) for number, text in enumerate(texts, 1)})


def writer_of(*schemas: object) -> WriterOf:
    return RegisteredWriters(CATALOGUE, registry(*schemas)).writer


def confluent(body: bytes, schema_id: int = 1) -> bytes:
    return b"\x00" + schema_id.to_bytes(4) + body


def written(schema: Json, event: Mapping[str, Any]) -> bytes:
    """By the official library, as a producer of the shop would."""
    out = io.BytesIO()
    avro.io.DatumWriter(avro.schema.parse(json.dumps(schema))).write(event, avro.io.BinaryEncoder(out))
    return confluent(out.getvalue())


def changed(schema: Json, **fields: Any) -> Json:
    """With these types in place of what it has, a field more for each new one, and less for None."""
    kept = [{**each, "type": fields.pop(each["name"], each["type"])} for each in plain(schema)["fields"]]
    kept += [{"name": name, "type": avro} for name, avro in fields.items()]
    return {**plain(schema), "fields": [each for each in kept if each["type"] is not None]}


def plain(schema: Json) -> Json:
    parsed: Json = json.loads(canonical(schema))
    return parsed


def claim() -> Json:
    fields = {key: value for key, value in example(CLAIM).items() if key != "type"}
    return {**fields, "occurred_at": 7, "address": None}


def in_order(event: Json) -> str:
    return json.dumps(event)


@by_type
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_an_event_says_the_same_in_either_encoding(kind: EventType, data: st.DataObject) -> None:
    event = data.draw(events(kind))
    ours = decode(CATALOGUE, encode(kind, event))
    renamed = {**plain(kind.schema), "name": f"fi.shop.{kind.name}"}
    backwards = {**plain(kind.schema), "fields": _definitions_first(plain(kind.schema)["fields"])}
    for schema in (kind.schema, plain(kind.schema), renamed, backwards):
        read = decode(CATALOGUE, written(parse_free(schema), event), writer_of(schema))
        assert read == ours
        assert in_order(read[1]) == in_order(ours[1])


def parse_free(schema: Json) -> Json:
    """Without logical types, for the official writer wants dates for them."""
    free: Json = json.loads(json.dumps(parse(schema), default=str))
    return {key: value for key, value in free.items() if not key.startswith("__")}


def _definitions_first(fields: list[Json]) -> list[Json]:
    """Another order of the fields: those of plain types turned round, behind those that define or name a type."""
    simple = [each for each in fields if set(json.dumps(each["type"])) <= set('"nulstrigoebaf[], dv')]
    return [each for each in fields if each not in simple] + simple[::-1]


def test_the_newest_schema_is_read_as_fast_as_by_its_fingerprint_whatever_its_namespace() -> None:
    for schema in (ORDER.schema, plain(ORDER.schema), {**ORDER.schema, "namespace": "fi.shop", "doc": "theirs"}):
        assert writer_of(schema)(1)[1] is ORDER.reader


def test_fields_of_no_concern_are_passed_over_and_missing_ones_get_their_defaults() -> None:
    event = claim()
    schema = changed(
        CLAIM.schema,
        address=None,
        ratings={"type": "map", "values": {"type": "array", "items": "double"}},
        photo=["null", "bytes", {"type": "fixed", "name": "Hash", "size": 4}],
        urgency={"type": "enum", "name": "Urgency", "symbols": ["low", "high"]},
        shop={"type": "record", "name": "Shop", "fields": [{"name": "where", "type": "string"}]},
    )
    theirs = {**event, "ratings": {"a": [1.0, 2.0]}, "photo": b"1234", "urgency": "high", "shop": {"where": "Vaasa"}}
    del theirs["address"]
    kind, read = decode(CATALOGUE, written(schema, theirs), writer_of(schema))
    assert kind is CLAIM
    assert in_order(read) == in_order(decode(CATALOGUE, encode(CLAIM, event))[1])


def test_a_field_that_may_be_null_by_their_schema_and_not_by_ours_is_bad_input_only_where_it_is() -> None:
    schema = changed(CLAIM.schema, name=["null", "string"], occurred_at="int")
    assert decode(CATALOGUE, written(schema, claim()), writer_of(schema))[1] == claim()
    with pytest.raises(InvalidEvent, match="not Avro of its schema"):
        decode(CATALOGUE, written(schema, {**claim(), "name": None}), writer_of(schema))


def test_a_schema_may_refer_to_others() -> None:
    address = next(field["type"] for field in plain(ORDER.schema)["fields"] if field["name"] == "address")
    inline = json.dumps(address, separators=(",", ":"))
    text = canonical(ORDER.schema)
    assert inline in text
    shared = '"fi.shop.Address"'
    whole = text.replace(inline, shared).replace(f'"{address["name"]}"', shared)
    kept = Kept({1: RegisteredSchema("AVRO", (json.dumps({**address, "name": "fi.shop.Address"}), whole))})
    assert RegisteredWriters(CATALOGUE, kept).writer(1) == (ORDER, ORDER.reader)
    with pytest.raises(InvalidEvent, match="a type that is not defined"):
        writer_of(whole)(1)


def fields_of(kind: EventType) -> list[str]:
    return [each["name"] for each in kind.schema["fields"]]


def nested(depth: int) -> Any:
    avro: Any = "int"
    for _ in range(depth):
        avro = {"type": "array", "items": avro}
    return avro


MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
RECURSIVE = {"type": "record", "name": "Node", "fields": [{"name": "next", "type": ["null", "Node"]}]}
NOTHING = {"type": "record", "name": "Nothing", "fields": []}


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"a":' + "9" * 5000 + "}", "not JSON"),
        ("\ud800", "not JSON"),
        (f'"{"x" * LARGEST}"', "larger than 1 MiB"),
        ("null", "a type is a name, a list or an object"),
        ('"string"', "not the record of an event type"),
        ([plain(CLAIM.schema)], "not the record of an event type"),
        ({"type": "enum", "name": "ClaimOpened", "symbols": ["a"]}, "not the record of an event type"),
        ({**plain(CLAIM.schema), "name": "Elsewhere"}, "not the record of an event type"),
        ({**plain(CLAIM.schema), "name": "Claim Opened"}, "a name is of letters"),
        ({**plain(CLAIM.schema), "name": ["x"]}, "a name is of letters"),
        ({**plain(CLAIM.schema), "fields": {}}, "the fields of a record"),
        ({"type": {"type": ["x"]}}, "not defined"),
        ({"type": {"a": {}}}, "a type is a name"),
        (changed(CLAIM.schema, name=None), "name: missing"),
        (changed(CLAIM.schema, name="long"), "name: not of a type that can be read as ours"),
        (changed(CLAIM.schema, occurred_at=MILLIS), "occurred_at: not of the same logical type"),
        (changed(CLAIM.schema, occurred_at=["null", MILLIS]), "occurred_at: not of the same logical type"),
        (changed(CLAIM.schema, name={"type": "bytes", "logicalType": "decimal"}), "name: not of the same logical type"),
        (changed(CLAIM.schema, address={"type": "fixed", "name": "Address", "size": 2}), "address: not of a type"),
        (changed(CLAIM.schema, address={"type": "enum", "name": "Address", "symbols": ["a"]}), "address: not of a"),
        (changed(CLAIM.schema, address=NOTHING), "address: not of a type"),
        (changed(CLAIM.schema, address={**NOTHING, "name": "Address"}), r"address\.\w+: missing"),
        (changed(CLAIM.schema, more=RECURSIVE), "Node refers to itself"),
        (changed(CLAIM.schema, more=nested(40)), "deep"),
        (changed(CLAIM.schema, more=nested(400)), "deep"),
        (changed(CLAIM.schema, more={"type": "array", "items": "null"}), "takes no bytes"),
        (changed(CLAIM.schema, more={"type": "map", "values": {"type": "fixed", "name": "F", "size": -1}}), "the size"),
        (changed(CLAIM.schema, more={"type": "array", "items": NOTHING}), "takes no bytes"),
        (changed(CLAIM.schema, **{f"more{number}": "null" for number in range(100)}), "parts that take no bytes"),
        (changed(CLAIM.schema, **{f"more{number}": "int" for number in range(5000)}), "more than 4000 types"),
        (changed(CLAIM.schema, more=["int", ["null"]]), "a union is"),
        (changed(CLAIM.schema, more=["int", "int"]), "a union is"),
        (changed(CLAIM.schema, more=[]), "a union is"),
        (changed(CLAIM.schema, more={"type": "enum", "name": "E", "symbols": ["A", "A"]}), "not Avro"),
        (changed(CLAIM.schema, more={"type": "enum", "name": "E", "symbols": "AB"}), "a name is"),
        (changed(CLAIM.schema, more={"type": "record", "name": "ClaimOpened", "fields": []}), "another type named"),
    ],
    ids=range(38),
)
def test_a_schema_that_cannot_be_used_makes_its_records_bad_input_and_says_why(schema: object, why: str) -> None:
    kept = registry(schema)
    writers = RegisteredWriters(CATALOGUE, kept)
    for _ in range(3):
        with pytest.raises(InvalidEvent, match=f"schema 1 of the registry cannot be used: .*{why}") as raised:
            decode(CATALOGUE, confluent(b"abc"), writers.writer)
        assert len(str(raised.value)) < 300
    assert kept.asked == [1]


def test_a_claim_of_being_parsed_already_is_not_believed() -> None:
    forged = {**plain(CLAIM.schema), "__fastavro_parsed": True, "__named_schemas": {"x": {"type": "y"}}}
    assert writer_of(forged)(1) == (CLAIM, CLAIM.reader)


@pytest.mark.parametrize("language", ["PROTOBUF", "JSON", "avro", ""])
def test_a_schema_of_another_language_makes_its_records_bad_input(language: str) -> None:
    kept = Kept({9: RegisteredSchema(language, ("syntax = 'proto3';",))})
    with pytest.raises(InvalidEvent, match="schema 9 of the registry cannot be used: it is not Avro"):
        decode(CATALOGUE, confluent(b"abc", 9), RegisteredWriters(CATALOGUE, kept).writer)


def test_without_a_registry_such_a_record_is_bad_input_and_says_which_setting_is_missing() -> None:
    with pytest.raises(InvalidEvent, match="no schema registry is set: JALKI_SCHEMA_REGISTRY"):
        decode(CATALOGUE, confluent(b""))


@pytest.mark.parametrize("length", range(CONFLUENT_HEADER))
def test_a_header_that_is_cut_off_is_bad_input(length: int) -> None:
    with pytest.raises(InvalidEvent, match="nor the Confluent wire format"):
        decode(CATALOGUE, confluent(b"")[:length], writer_of(CLAIM.schema))


def test_bytes_cut_off_or_left_over_are_bad_input() -> None:
    record = written(plain(CLAIM.schema), claim())
    for wrong in [record + b"\x00", *(record[:end] for end in range(CONFLUENT_HEADER, len(record)))]:
        with pytest.raises(InvalidEvent):
            decode(CATALOGUE, wrong, writer_of(CLAIM.schema))


@pytest.mark.parametrize("item", ["boolean", "double", {"type": "fixed", "name": "Hash", "size": 4}], ids=range(3))
def test_a_list_of_no_concern_that_claims_to_be_endless_ends_with_the_record(item: object) -> None:
    schema = {**plain(CLAIM.schema), "fields": [{"name": "more", "type": {"type": "array", "items": item}}]}
    schema["fields"] += plain(CLAIM.schema)["fields"]
    with pytest.raises(InvalidEvent, match="not Avro of its schema"):
        decode(CATALOGUE, confluent(b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"), writer_of(schema))


def test_an_unknown_schema_is_asked_for_again_each_time_and_a_known_one_never() -> None:
    kept = registry()
    writers = RegisteredWriters(CATALOGUE, kept)
    record = written(plain(CLAIM.schema), claim())
    for _ in range(2):
        with pytest.raises(InvalidEvent, match="schema 1 is not in the schema registry"):
            decode(CATALOGUE, record, writers.writer)
    kept.schemas[1] = RegisteredSchema("AVRO", (json.dumps(CLAIM.schema),))
    for _ in range(2):
        assert decode(CATALOGUE, record, writers.writer) == (CLAIM, claim())
    assert kept.asked == [1, 1, 1]


@pytest.mark.parametrize("schema_id", [2**31 - 1, 2**31, 2**32 - 1])
def test_a_number_that_may_be_text_is_not_told_and_one_that_no_registry_gives_not_asked_for(schema_id: int) -> None:
    kept = registry()
    with pytest.raises(InvalidEvent, match=r"^its schema is not in the schema registry$"):
        decode(CATALOGUE, confluent(b"", schema_id), RegisteredWriters(CATALOGUE, kept).writer)
    assert kept.asked == [schema_id] * (schema_id < 2**31)


def test_a_registry_that_is_away_is_no_bad_input() -> None:
    class Away:
        def by_id(self, schema_id: int) -> RegisteredSchema | None:
            raise Retryable(f"{schema_id}")

    with pytest.raises(Retryable):
        decode(CATALOGUE, confluent(b""), RegisteredWriters(CATALOGUE, Away()).writer)


def test_schemas_kept_are_bounded_and_the_longest_unused_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registered, "KEPT", 2)
    kept = registry(CLAIM.schema, ORDER.schema, "{")
    writers = RegisteredWriters(CATALOGUE, kept)
    ask: Callable[[int], object] = writers.writer
    for number in (1, 2, 1):
        ask(number)
    with pytest.raises(InvalidEvent):
        ask(3)
    ask(1)
    ask(2)
    assert kept.asked == [1, 2, 3, 2]


NAMES = st.sampled_from(["Address", "Item", "Consignee", "OrderPlaced", "Other"])
AVRO: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.sampled_from(["null", "boolean", "int", "long", "float", "double", "bytes", "string", "Address"]),
        st.builds(lambda name, size: {"type": "fixed", "name": name, "size": size}, NAMES, st.integers(0, 3)),
        st.builds(lambda name: {"type": "enum", "name": name, "symbols": ["FI", "SE"]}, NAMES),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3),
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda values: {"type": "map", "values": values}, inner),
        st.builds(
            lambda name, types: {
                "type": "record",
                "name": name,
                "fields": [{"name": field, "type": avro} for field, avro in types.items()],
            },
            NAMES,
            st.dictionaries(st.sampled_from(["street", "city", "country", "postcode", "name"]), inner, max_size=5),
        ),
    ),
    max_leaves=6,
)


@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_whatever_is_registered_a_record_is_an_event_of_our_types_or_bad_input(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([ORDER, CLAIM, CATALOGUE.types["DataDisclosed"]]))
    fields = data.draw(st.dictionaries(st.sampled_from([*fields_of(kind), "theirs"]), AVRO | st.none(), max_size=2))
    schema = changed(kind.schema, **fields)
    # The bytes of an int may say more than an int holds, in either encoding.
    shapes = json.loads(canonical(kind.schema).replace('"int"', '"long"'))
    try:
        _, writer = find = RegisteredWriters(CATALOGUE, registry(schema)).writer(1)
        body = io.BytesIO()
        fastavro.schemaless_writer(body, writer, fastavro.utils.generate_one(writer))
        random = data.draw(st.binary(max_size=8))
        place = data.draw(st.integers(0, len(body.getvalue())))
        for record in (body.getvalue(), body.getvalue()[:place] + random + body.getvalue()[place:]):
            _, event = decode(CATALOGUE, confluent(record), lambda _: find)
            assert fastavro.validate(event, shapes, strict=True, raise_errors=False)
            with suppress(InvalidEvent):
                said(kind, event)
    except InvalidEvent:
        return
