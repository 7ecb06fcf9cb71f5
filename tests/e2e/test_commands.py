import csv
import getpass
import io
import json
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from console.opening import LOOKS, opened
from console.settings import read_settings
from lineage.revealing import read_look
from lineage.times import now, rfc3339
from streams.shop import simulate
from tests.e2e.events import ADDRESS, SCHEMAS, event, order, shop, write_lines
from tests.e2e.program import asked, jalki

COMMANDS = (
    "demo", "simulate", "ingest", "where", "parties", "sharing", "drift", "dead-letters", "doctor", "register",
    "register check",
)  # fmt: skip
STORY = [
    event("AccountOpened", "s-1", "2026-02-01T08:00:00+02:00", customer_id="C-17", email=" Aino.Esimerkki@posti.example",
          phone="040 123 4567", name="Aino Esimerkki"),
    {**order("s-2", "O-17", customer_id="C-17", phone="+358 40 123 4567"), "occurred_at": "2026-03-01T09:30:00Z"},
    event("ShipmentBooked", "s-3", "2026-03-02T09:30:00.5Z", shipment_id="S-17", order_id="O-17", customer_id="C-17",
          carrier="posti", name="Aino Esimerkki", address=ADDRESS, phone="0401234567"),
    event("ShipmentBooked", "s-4", "2026-03-03T11:30:00+02:00", shipment_id="S-18", order_id="O-17", customer_id="C-17",
          carrier="posti", name="Aino Esimerkki", address=ADDRESS),
]  # fmt: skip


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One customer's life; for reading."""
    folder = tmp_path_factory.mktemp("story")
    assert asked("ingest", write_lines(folder / "s.jsonl", STORY), "--data", folder / "data").code == 0
    return folder / "data"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_explains_itself(command: str, tmp_path: Path) -> None:
    ended = jalki(*command.split(), "--help", cwd=tmp_path)
    assert ended.code == 0
    assert "Usage: jalki" in ended.out
    assert len(ended.out) > 200
    assert list(tmp_path.iterdir()) == []


def test_the_help_names_every_command_and_setting() -> None:
    text = " ".join(jalki("--help").out.split())
    for word in (*(each for each in COMMANDS if " " not in each), "JALKI_DATA", "JALKI_REGISTER", "JALKI_LOG_LEVEL"):
        assert word in text


def test_wrong_usage_is_code_2(tmp_path: Path) -> None:
    for words in (
        ("nonsense",),
        ("where",),
        ("where", "a:b", "--nonsense"),
        ("ingest",),
        ("simulate", "--persons", "x"),
    ):
        ended = jalki(*words, cwd=tmp_path)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err


def test_the_folder_may_be_named_before_or_after_the_command_or_by_a_setting(story: Path, tmp_path: Path) -> None:
    words = ("where", "customer_id:C-17", "--json")
    nowhere = {"JALKI_DATA": tmp_path / "nowhere"}
    ways = [
        jalki("--data", story, *words, settings=nowhere),
        jalki(*words, "--data", story, settings=nowhere),
        jalki("--data", tmp_path / "nowhere", *words, "--data", story),
        jalki(*words, settings={"JALKI_DATA": story}),
    ]
    assert {each.code for each in ways} == {0}
    assert len({each.out for each in ways}) == 1
    assert jalki(*words, settings=nowhere).code == 2


def test_where_prints_exactly_the_shape_of_the_contract(story: Path) -> None:
    ended = jalki("where", "email:aino.esimerkki@posti.example", "--json", "--data", story)
    found = ended.json
    assert list(found) == ["asked", "at", "known_at", "identifiers", "candidates", "holdings", "shared"]
    assert found["asked"] == "email:aino.esimerkki@posti.example"
    assert (found["at"], found["known_at"], found["candidates"], found["shared"]) == (None, None, 1, [])
    assert found["identifiers"] == {"customer_id": 1, "email": 1, "order_id": 1, "phone": 1, "shipment_id": 2}
    assert list(found["identifiers"]) == sorted(found["identifiers"])
    parties = [each["party"] for each in found["holdings"]]
    assert parties == sorted(parties)
    posti = next(each for each in found["holdings"] if each["party"] == "posti")
    assert posti == {
        "party": "posti", "name": "Posti Oy", "country": "FI", "role": "controller", "status": "held", "observed": True,
        "from": ["order-system"], "categories": ["address", "customer_id", "name", "order", "phone"],
        "purposes": ["delivery"], "bases": ["contract"], "first": "2026-03-02T09:30:00.500000Z",
        "last": "2026-03-03T09:30:00Z", "disclosures": 2, "transfer": None, "drift": [],
    }  # fmt: skip
    copies = [each for each in found["holdings"] if not each["observed"]]
    assert [each["party"] for each in copies if each["from"] == ["order-system"]]
    assert all(each["disclosures"] == 0 for each in copies)
    own = next(each for each in found["holdings"] if each["party"] == "order-system")
    assert (own["from"], own["disclosures"]) == (["person"], 2)


def test_every_identifier_of_hers_however_written_is_the_same_person(story: Path) -> None:
    first = asked("where", "customer_id:C-17", "--json", "--data", story).json
    for identifier in (
        "AINO.ESIMERKKI@POSTI.EXAMPLE", "email: aino.esimerkki@posti.example ", "phone:0401234567",
        "phone:+358 40 1234567", "phone:040-123 4567", "order_id:O-17", "shipment_id:S-18",
    ):  # fmt: skip
        found = asked("where", identifier, "--json", "--data", story).json
        assert {**found, "asked": ""} == {**first, "asked": ""}


def test_where_as_of_an_earlier_time_knows_nothing_of_what_came_later(story: Path) -> None:
    def parties(at: str) -> tuple[int, dict[str, int]]:
        found = asked("where", "customer_id:C-17", "--at", at, "--json", "--data", story).json
        assert found["at"] is not None
        return found["candidates"], {
            each["party"]: each["disclosures"] for each in found["holdings"] if each["observed"]
        }

    assert parties("2026-02-01T05:59:59.999999Z") == (0, {})
    assert parties("2026-02-01T06:00:00Z") == (1, {"order-system": 1})
    assert parties("2026-03-02T09:30:00.499999Z") == (1, {"order-system": 2})
    assert parties("2026-03-02T11:30:00.5+02:00") == (1, {"order-system": 2, "posti": 1})


def test_where_as_known_before_knows_nothing_of_what_was_ingested_later(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert asked("ingest", write_lines(tmp_path / "a", STORY[:2]), "--data", data).code == 0
    between = rfc3339(now())
    assert asked("ingest", write_lines(tmp_path / "b", STORY), "--data", data).code == 0

    def observed(*words: str) -> set[str]:
        found = jalki("where", "customer_id:C-17", "--json", "--data", data, *words).json
        return {each["party"] for each in found["holdings"] if each["observed"]}

    assert observed("--known-at", between) == {"order-system"}
    assert observed() == {"order-system", "posti"}
    found = jalki("where", "shipment_id:S-17", "--json", "--known-at", between, "--data", data).json
    assert (found["candidates"], found["known_at"]) == (0, between)


def test_where_for_people_shows_the_holders_and_the_way_the_data_went(story: Path) -> None:
    ended = jalki("where", "customer_id:C-17", "--data", story)
    assert ended.code == 0
    for word in ("posti", "Posti Oy", "order-system", "delivery", "the person"):
        assert word in ended.out
    assert "\x1b" not in ended.out


def test_parties_tells_of_each_party_of_the_register(story: Path) -> None:
    parties = jalki("parties", "--json", "--data", story).json
    keys = [
        "id",
        "name",
        "kind",
        "country",
        "roles",
        "transfer",
        "received",
        "passed_on",
        "purposes",
        "categories",
        "first",
        "last",
    ]
    assert all(list(each) == keys for each in parties)
    by_id = {each["id"]: each for each in parties}
    named = [
        "multitronic",
        "itronic",
        "multitronic-pro",
        "multicare",
        "smartdeals",
        "order-system",
        "back-office",
        "backup",
        "posti",
        "matkahuolto",
        "postnord",
        "dhl",
        "ups",
        "schenker",
        "paytrail",
        "nets",
        "klarna",
        "adyen",
        "stripe",
        "paypal",
        "walley",
        "resurs",
        "svea",
        "google-analytics",
        "google-ads",
        "meta",
        "sendgrid",
        "epostservice",
        "microsoft",
        "warranty-insurer",
        "debt-collector",
        "credit-bureau",
        "tax-authority",
        "customs",
        "police",
        "consumer-authority",
        "data-protection-ombudsman",
    ]
    assert set(named) <= set(by_id)
    assert (by_id["posti"]["received"], by_id["order-system"]["received"], by_id["order-system"]["passed_on"]) == (
        2,
        2,
        2,
    )
    assert by_id["posti"]["last"] == "2026-03-03T09:30:00Z"
    assert (by_id["meta"]["received"], by_id["meta"]["first"]) == (0, None)
    assert "posti" in jalki("parties", "--data", story).out


def test_sharing_is_one_graph_in_three_languages(story: Path) -> None:
    shape = jalki("sharing", "--json", "--data", story).json
    assert list(shape) == ["parties", "sharing"]
    edges = [(each["from"], each["to"], each["purpose"], each["disclosures"]) for each in shape["sharing"]]
    assert edges == [
        ("order-system", "posti", "delivery", 2),
        ("person", "order-system", "account", 1),
        ("person", "order-system", "order", 1),
    ]
    rows = list(csv.DictReader(io.StringIO(jalki("sharing", "--csv", "--data", story).out)))
    assert [(row["from"], row["to"], row["purpose"], int(row["disclosures"])) for row in rows] == edges
    dot = jalki("sharing", "--dot", "--data", story).out
    assert dot.startswith("digraph")
    assert dot.rstrip().endswith("}")
    assert dot.count('"') % 2 == 0
    assert dot.count("{") == dot.count("}")
    drawn = re.findall(r'"([^"]+)" -> "([^"]+)" \[label="([^":]+): (\d+)"', dot)
    assert [(*each[:3], int(each[3])) for each in drawn] == edges
    assert jalki("sharing", "--json", "--csv", "--data", story).code == 2


def test_dead_letters_of_a_clean_folder_are_none(story: Path) -> None:
    assert jalki("dead-letters", "--json", "--data", story).json == []
    assert "no dead letters" in jalki("dead-letters", "--data", story).said


def test_nothing_shared_yet_is_said(tmp_path: Path) -> None:
    data = tmp_path / "data"
    asked("ingest", write_lines(tmp_path / "none", []), "--data", data)
    for command, word in (("sharing", "nothing"), ("drift", "no drift")):
        ended = asked(command, "--data", data)
        assert (ended.code, ended.out.strip()) == (0, "")
        assert word in ended.said
    assert asked("sharing", "--json", "--data", data).json == {"parties": [], "sharing": []}
    assert asked("drift", "--json", "--data", data).json == []


# ── revealing ──


def looks(data: Path) -> list[dict[str, str]]:
    with opened(read_settings({}, data)) as folder:
        key = folder.keyring.find((LOOKS,))[LOOKS]
        return [read_look(each, key) for each in folder.graph.looks()]


def test_revealing_needs_a_reason_shows_what_was_sent_and_is_written_down(story: Path, tmp_path: Path) -> None:
    data = shutil.copytree(story, tmp_path / "data")
    words = ("where", "customer_id:C-17", "--json", "--reveal", "--data", data)
    for reason in ((), ("--reason", ""), ("--reason", "  ")):
        refused = jalki(*words, *reason)
        assert (refused.code, refused.out) == (2, "")
        assert "--reason" in refused.said
    assert looks(data) == []
    shown = jalki(*words, "--reason", "she asked for it, Art. 15")
    assert shown.code == 0
    assert shown.json["revealed"] == {
        "customer_id": ["C-17"],
        "email": [" Aino.Esimerkki@posti.example", "aino.esimerkki@posti.example"],
        "order_id": ["O-17"],
        "phone": ["+358 40 123 4567", "040 123 4567", "0401234567"],
        "shipment_id": ["S-17", "S-18"],
    }
    assert looks(data) == [
        {"actor": getpass.getuser(), "asked": "customer_id:C-17", "reason": "she asked for it, Art. 15"}
    ]
    assert "revealed" not in jalki("where", "customer_id:C-17", "--json", "--data", data).json
    assert len(looks(data)) == 1


def test_a_look_at_nobody_is_written_down_too(story: Path, tmp_path: Path) -> None:
    data = shutil.copytree(story, tmp_path / "data")
    ended = jalki("where", "customer_id:C-99", "--json", "--reveal", "--reason", "trying", "--data", data)
    assert (ended.code, ended.json["revealed"]) == (0, {})
    assert [each["asked"] for each in looks(data)] == ["customer_id:C-99"]


# ── the register and the doctor ──


def test_register_check_lists_findings_with_file_and_line(tmp_path: Path) -> None:
    ended = jalki("register", "check", "--json", cwd=tmp_path)
    assert ended.code == 1
    assert all(list(each) == ["id", "severity", "kind", "where", "text", "law", "todo"] for each in ended.json)
    assert all(re.fullmatch(r"\w+\.yaml:\d+", each["where"]) for each in ended.json)
    assert f"{len(ended.json)} findings" in ended.said
    assert jalki("register", "check", tmp_path / "missing.yaml").code == 2
    (tmp_path / "broken.yaml").write_text("parties: [")
    broken = jalki("register", "check", tmp_path / "broken.yaml")
    assert broken.code == 2
    assert "broken.yaml:" in broken.said


def test_the_doctor_finds_nothing_broken_where_nothing_is(story: Path, tmp_path: Path) -> None:
    whole = jalki("doctor", "--json", "--data", story)
    assert whole.code == 0
    assert all(list(each) == ["what", "state", "text"] for each in whole.json)
    assert any("4 events" in each["text"] for each in whole.json)
    nothing = jalki("doctor", cwd=tmp_path)
    assert nothing.code == 0
    assert "nothing there yet" in nothing.out
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_says_what_is_broken_and_what_to_do(story: Path, tmp_path: Path) -> None:
    data = shutil.copytree(story, tmp_path / "data")
    (data / "master.key").rename(tmp_path / "master.key")
    ended = jalki("doctor", "--json", "--data", data)
    assert ended.code == 2
    (broken,) = [each for each in ended.json if each["state"] == "broken"]
    assert "restore" in broken["text"]


# ── the simulated shop, and the demo ──


def test_a_simulation_is_the_same_for_the_same_seed_and_comes_with_its_truth(tmp_path: Path) -> None:
    words = ("simulate", "--persons", "25", "--seed")
    printed = jalki(*words, "5")
    written = jalki(*words, "5", "--out", tmp_path / "shop.jsonl", "--truth", tmp_path / "truth.json")
    assert (printed.code, written.code, written.out) == (0, 0, "")
    assert (tmp_path / "shop.jsonl").read_text() == printed.out
    assert jalki(*words, "6").out != printed.out
    truth = json.loads((tmp_path / "truth.json").read_text())
    ids = {json.loads(each)["event_id"] for each in printed.out.splitlines()}
    assert (truth["persons"], truth["seed"], truth["events"]) == (25, 5, len(ids))
    assert printed.out.splitlines() == [json.dumps(each, ensure_ascii=False) for each in simulate(25, 5)]


def test_a_simulation_that_cannot_be_written_is_a_word_and_no_traceback(tmp_path: Path) -> None:
    words = ("simulate", "--persons", "5", "--seed", "1")
    assert jalki(*words, "--out", tmp_path / "missing" / "shop.jsonl").code == 2
    assert jalki(*words, "--out", tmp_path).code == 2
    assert jalki("simulate", "--persons", "0", "--seed", "1").code == 2


def test_the_demo_shows_the_main_job_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "temporary").mkdir()
    began = time.monotonic()
    ended = jalki("demo", cwd=tmp_path / "work", settings={"TMPDIR": tmp_path / "temporary"})
    assert time.monotonic() - began < 30
    assert ended.code == 0
    for word in ("order-system", "the person", "├──", "┃", "Drift", "delivery", "1.", "4."):
        assert word in ended.out
    assert "recorded" in ended.said
    assert list((tmp_path / "work").iterdir()) == list((tmp_path / "temporary").iterdir()) == []
    assert tempfile.gettempdir()


def test_the_demo_keeps_its_folder_where_one_is_named(tmp_path: Path) -> None:
    data = tmp_path / "shop"
    ended = jalki("demo", "--data", data, "--persons", "60", cwd=tmp_path)
    assert ended.code == 0
    customer = re.search(r"jalki where (customer_id:\S+)", ended.out)
    assert customer
    found = jalki("where", customer[1], "--json", "--data", data).json
    assert found["candidates"] == 1
    assert all(each["party"] in ended.out for each in found["holdings"])
    assert [each.name for each in tmp_path.iterdir()] == ["shop"]


# ── one's own event types and register ──

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
    assert jalki("ingest", file, "--data", data).code == 1
    assert jalki("ingest", file, "--data", data, settings=settings).code == 0
    for identifier in ("customer_id:C-17", "review_id:R-1"):
        found = jalki("where", identifier, "--json", "--data", data, settings=settings).json
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
    ended = jalki("ingest", file, "--data", data, settings=settings)
    assert ended.code == 1
    assert f"{file}:5: unknown party" in ended.said
    found = jalki("where", "customer_id:C-17", "--json", "--data", data, settings=settings).json
    assert [each["party"] for each in found["holdings"]] == ["order-system", "posti"]
    posti = found["holdings"][1]
    assert (posti["name"], posti["country"], posti["role"]) == ("The Other Post Oy", "SE", "processor")
    assert posti["drift"] == ["category-not-allowed"]
    assert [each["id"] for each in jalki("parties", "--json", "--data", data, settings=settings).json] == [
        "multitronic", "order-system", "posti",
    ]  # fmt: skip
    assert jalki("register", "check", tmp_path / "register.yaml", settings=settings).code in (0, 1)


def test_a_record_may_be_read_under_a_register_that_no_longer_knows_a_party(story: Path, tmp_path: Path) -> None:
    text = "\n".join(each for each in OWN_REGISTER.splitlines() if "posti" not in each)
    (tmp_path / "register.yaml").write_text(text.replace("     categories: [order, customer_id, name, phone]}", ""))
    settings = {"JALKI_REGISTER": tmp_path / "register.yaml"}
    ended = jalki("where", "customer_id:C-17", "--json", "--data", story, settings=settings)
    assert (ended.code, ended.err) == (0, "")
    posti = next(each for each in ended.json["holdings"] if each["party"] == "posti")
    assert posti["drift"] == ["undeclared-recipient"]
    for command in ("parties", "sharing", "drift"):
        assert jalki(command, "--json", "--data", story, settings=settings).code == 0


def test_two_shops_in_two_folders_know_nothing_of_each_other(story: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    asked("ingest", write_lines(tmp_path / "f", shop(5, seed=1)), "--data", other)
    assert asked("where", "customer_id:C-17", "--json", "--data", other).json["candidates"] == 0
    assert (story / "master.key").read_bytes() != (other / "master.key").read_bytes()
