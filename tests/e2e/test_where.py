import getpass
import shutil
from pathlib import Path

from lineage.times import now, rfc3339
from tests.e2e.events import write_lines
from tests.e2e.program import asked, called
from tests.e2e.stories import STORY, looks


def test_where_prints_exactly_the_shape_of_the_contract(story: Path) -> None:
    ended = called("where", "email:aino.esimerkki@posti.example", "--json", "--data", story)
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
        "Email:aino.esimerkki@posti.example", "PHONE:0401234567",
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
        found = called("where", "customer_id:C-17", "--json", "--data", data, *words).json
        return {each["party"] for each in found["holdings"] if each["observed"]}

    assert observed("--known-at", between) == {"order-system"}
    assert observed() == {"order-system", "posti"}
    found = called("where", "shipment_id:S-17", "--json", "--known-at", between, "--data", data).json
    assert (found["candidates"], found["known_at"]) == (0, between)


def test_where_for_people_shows_the_holders_and_the_way_the_data_went(story: Path) -> None:
    ended = called("where", "customer_id:C-17", "--data", story)
    assert ended.code == 0
    for word in ("posti", "Posti Oy", "order-system", "delivery", "the person"):
        assert word in ended.out
    assert "\x1b" not in ended.out


# ── revealing ──


def test_revealing_needs_a_reason_shows_what_was_sent_and_is_written_down(story: Path, tmp_path: Path) -> None:
    data = shutil.copytree(story, tmp_path / "data")
    words = ("where", "customer_id:C-17", "--json", "--reveal", "--data", data)
    for reason in ((), ("--reason", ""), ("--reason", "  ")):
        refused = called(*words, *reason)
        assert (refused.code, refused.out) == (2, "")
        assert "--reason" in refused.said
    assert looks(data) == []
    shown = called(*words, "--reason", "she asked for it, Art. 15")
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
    assert "revealed" not in called("where", "customer_id:C-17", "--json", "--data", data).json
    assert len(looks(data)) == 1


def test_a_look_at_nobody_is_written_down_too(story: Path, tmp_path: Path) -> None:
    data = shutil.copytree(story, tmp_path / "data")
    ended = called("where", "customer_id:C-99", "--json", "--reveal", "--reason", "trying", "--data", data)
    assert (ended.code, ended.json["revealed"]) == (0, {})
    assert [each["asked"] for each in looks(data)] == ["customer_id:C-99"]
