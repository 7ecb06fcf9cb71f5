import json
from pathlib import Path
from typing import Any

from console.opening import opened_for_writing
from console.settings import read_settings
from schemas.records import JsonRecords
from streams.recorder import POSITION
from streams.records import GROUP, Outgoing
from tests.e2e.events import SCHEMAS, event, line, write_lines
from tests.e2e.program import called, counts
from tests.e2e.stories import STORY

OWN_EVENT: dict[str, Any] = {
    "type": "record", "name": "ReviewWritten", "namespace": "own.events", "doc": "A review went to a platform.",
    "topic": "reviews", "discloses": {"from": "order-system", "to": "$platform", "purpose": "customer-contact"},
    "fields": [
        {"name": "event_id", "type": "string"},
        {"name": "occurred_at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "controller", "type": "string", "party": True},
        {"name": "review_id", "type": "string", "category": "order", "identifier": "review_id"},
        {"name": "customer_id", "type": ["null", "string"], "default": None, "category": "customer_id",
         "identifier": "customer_id"},
        {"name": "name", "type": ["null", "string"], "default": None, "category": "name"},
        {"name": "platform", "type": "string", "party": True},
    ],
}  # fmt: skip


def test_an_event_type_of_ones_own_needs_a_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "ReviewWritten.avsc").write_text(json.dumps(OWN_EVENT))
    settings = {"JALKI_SCHEMAS": tmp_path / "schemas"}
    review = event("ReviewWritten", "r-1", "2026-04-01T10:00:00Z", review_id="R-1", customer_id="C-17", name="Aino",
                   platform="meta")  # fmt: skip
    file = write_lines(tmp_path / "f.jsonl", [*STORY, review])
    data = tmp_path / "data"
    assert called("ingest", file, "--data", data).code == 1
    assert called("ingest", file, "--data", data, settings=settings).code == 0
    for identifier in ("customer_id:C-17", "review_id:R-1"):
        found = called("where", identifier, "--json", "--data", data, settings=settings).json
        meta = next(each for each in found["holdings"] if each["party"] == "meta")
        assert meta["categories"] == ["customer_id", "name", "order"]
        assert (meta["purposes"], meta["drift"]) == (["customer-contact"], ["undeclared-recipient"])
    assert (SCHEMAS / "OrderPlaced.avsc").exists()


OWN_REGISTER = """\
eea: [FI, SE]
controllers:
  multitronic: {business_id: 1008670-9, financial_year_ends: 12-31, financial_year_confirmed: true}
parties:
  multitronic: {name: Us Oy, kind: group, country: FI}
  order-system: {name: Shop, kind: own-system, country: FI}
  posti: {name: The Other Post Oy, kind: carrier, country: SE}
purposes:
  account: {text: Account, basis: contract, article: 6(1)(b), dpv: 'https://w3id.org/dpv#AccountManagement'}
  order: {text: Order, basis: contract, article: 6(1)(b), dpv: 'https://w3id.org/dpv#OrderManagement'}
  delivery: {text: Deliver, basis: contract, article: 6(1)(b), dpv: 'https://w3id.org/dpv#DeliveryOfGoods'}
recipients:
  - {parties: order-system, purposes: [account, order], role: own-system, from: person,
     categories: [customer_id, email, phone, name, address, order]}
  - {parties: posti, purposes: delivery, role: processor, from: order-system, categories: [order, customer_id, name, phone]}
retention:
  - {rule: H05, categories: [customer_id, email, phone, name, address, order], purposes: [account, order, delivery],
     law: contract, after: order-closed, days: 0}
"""


def test_a_register_of_ones_own_judges_in_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "register.yaml").write_text(OWN_REGISTER)
    settings = {"JALKI_REGISTER": tmp_path / "register.yaml"}
    data = tmp_path / "data"
    file = write_lines(tmp_path / "f.jsonl", [*STORY, {**STORY[2], "event_id": "s-9", "carrier": "dhl"}])
    ended = called("ingest", file, "--data", data, settings=settings)
    assert ended.code == 1
    assert f"{file}:5: unknown party" in ended.said
    found = called("where", "customer_id:C-17", "--json", "--data", data, settings=settings).json
    assert [each["party"] for each in found["holdings"]] == ["order-system", "posti"]
    posti = found["holdings"][1]
    assert (posti["name"], posti["country"], posti["role"]) == ("The Other Post Oy", "SE", "processor")
    assert posti["drift"] == ["category-not-allowed"]
    assert [each["id"] for each in called("parties", "--json", "--data", data, settings=settings).json] == [
        "multitronic", "order-system", "posti",
    ]  # fmt: skip
    assert called("register", "check", tmp_path / "register.yaml", settings=settings).code in (0, 1)


def test_a_record_may_be_read_under_a_register_that_no_longer_knows_a_party(story: Path, tmp_path: Path) -> None:
    text = "\n".join(each for each in OWN_REGISTER.splitlines() if "posti" not in each)
    (tmp_path / "register.yaml").write_text(text.replace("     categories: [order, customer_id, name, phone]}", ""))
    settings = {"JALKI_REGISTER": tmp_path / "register.yaml"}
    ended = called("where", "customer_id:C-17", "--json", "--data", story, settings=settings)
    assert (ended.code, ended.err) == (0, "")
    posti = next(each for each in ended.json["holdings"] if each["party"] == "posti")
    assert posti["drift"] == ["undeclared-recipient"]
    for command in ("parties", "sharing", "drift"):
        assert called(command, "--json", "--data", story, settings=settings).code == 0


def left_on_the_stream(data: Path, settings: dict[str, Path], lines: list[bytes]) -> None:
    """Leave records as a run does that ends when they are on the stream and not yet recorded."""
    read = read_settings({name: str(value) for name, value in settings.items()}, data)
    with opened_for_writing(read) as (folder, _, log):
        log.subscribe(GROUP, folder.catalogue.topics)
        records = JsonRecords(folder.catalogue)
        for each in lines:
            encoded = records.encode(each)
            log.append({encoded.topic: [Outgoing(encoded.record, headers=((POSITION, b"reviews.jsonl:1"),))]})


def test_records_left_on_a_topic_that_is_gone_wait_until_its_event_type_is_back(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "ReviewWritten.avsc").write_text(json.dumps(OWN_EVENT))
    settings = {"JALKI_SCHEMAS": tmp_path / "schemas"}
    data = tmp_path / "data"
    reviews = [event("ReviewWritten", f"r-{number}", review_id=f"R-{number}", platform="meta") for number in (1, 2)]
    left_on_the_stream(data, settings, list(map(line, reviews)))
    file = write_lines(tmp_path / "f.jsonl", STORY)
    for recorded in (len(STORY), 0):
        without = called("ingest", file, "--json", "--data", data)
        assert (without.code, counts(without)) == (0, (len(STORY), recorded, len(STORY) - recorded, 0))
        assert "2 records wait on topics of event types that are not there now: set JALKI_SCHEMAS" in without.said
    assert called("where", "review_id:R-1", "--json", "--data", data).json["candidates"] == 0
    back = called("ingest", file, "--json", "--data", data, settings=settings)
    assert (back.code, counts(back)) == (0, (len(STORY), 0, len(STORY), 0))
    assert "wait on topics" not in back.said
    for review in ("R-1", "R-2"):
        found = called("where", f"review_id:{review}", "--json", "--data", data).json
        assert [(each["party"], each["disclosures"]) for each in found["holdings"]] == [("meta", 1)]
