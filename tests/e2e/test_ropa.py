"""The record of processing activities of a simulated shop, through the program, against the shop's own truth."""

import csv
import io
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from schemas.records import microseconds
from tests.e2e.events import write_lines
from tests.e2e.program import asked, called
from tests.e2e.truths import Told, told

PERSONS = 500
ROPA = ("register", "ropa")


@dataclass(frozen=True, slots=True)
class Shop:
    data: Path
    told: Told
    record: dict[str, Any]

    @property
    def flows(self) -> list[tuple[str, dict[str, Any]]]:
        return [(each["purpose"], flow) for each in self.record["activities"] for flow in each["flows"]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Out of order, a fifth of it repeated, bad lines in between, with drift planted in it."""
    folder = tmp_path_factory.mktemp("ropa")
    all_told = told(folder, PERSONS)
    assert called("--data", folder / "data", "ingest", all_told.file).code == 1, "the bad lines are told"
    ended = called(*ROPA, "--json", "--data", folder / "data")
    assert (ended.code, ended.err) == (0, "")
    return Shop(folder / "data", all_told, ended.json)


def test_what_the_shop_shared_is_what_the_record_says_was_observed(shop: Shop) -> None:
    observed = sorted(
        (flow["from"], flow["to"], purpose, flow["disclosures"]) for purpose, flow in shop.flows if flow["disclosures"]
    )
    assert observed == sorted(
        (each["from"], each["to"], each["purpose"], each["disclosures"]) for each in shop.told.truth["sharing"]
    )


def test_what_was_planted_is_what_the_record_says_was_not_declared_and_nothing_else(shop: Shop) -> None:
    planted = Counter((each.party, each.purpose, each.rule) for each in shop.told.planted if each.rule != "no-consent")
    found: Counter[tuple[str, str, str]] = Counter()
    for purpose, flow in shop.flows:
        for rule, seen in flow["drift"].items():
            found[flow["to"], purpose, rule] += seen["disclosures"]
    assert len({rule for *_, rule in planted}) > 3
    assert found == planted
    undeclared = {(flow["to"], purpose) for purpose, flow in shop.flows if flow["status"] == "undeclared"}
    rules = {"undeclared-recipient", "undeclared-source", "unknown-purpose"}
    assert undeclared == {(party, purpose) for party, purpose, rule in planted if rule in rules}


def test_every_purpose_of_the_register_is_there_and_those_made_up_by_an_event_besides(shop: Shop) -> None:
    declared = {each["purpose"] for each in shop.record["activities"] if each["declared"]}
    assert {"order", "delivery", "newsletter", "recall", "rights"} <= declared
    made_up = {each["purpose"] for each in shop.record["activities"] if not each["declared"]}
    assert made_up == {each.purpose for each in shop.told.planted if each.rule == "unknown-purpose"}


def test_as_of_an_earlier_time_only_what_occurred_by_then_counts(shop: Shop) -> None:
    moments = sorted(microseconds(at) for at in shop.told.occurred.values())
    middle = next(at for at in shop.told.occurred.values() if microseconds(at) == moments[len(moments) // 2])
    then = called(*ROPA, "--at", middle, "--json", "--data", shop.data).json
    later = called(*ROPA, "--since", middle, "--json", "--data", shop.data).json
    assert microseconds(then["at"]) == microseconds(middle) == microseconds(later["since"])
    both = then["summary"]["disclosures"] + later["summary"]["disclosures"]
    of_that_moment = both - shop.record["summary"]["disclosures"]
    assert 0 < then["summary"]["disclosures"] < shop.record["summary"]["disclosures"]
    assert 0 < of_that_moment < 20, "what occurred at that very moment is in both"
    assert all(
        microseconds(flow["last"]) <= microseconds(middle)
        for each in then["activities"]
        for flow in each["flows"]
        if flow["disclosures"]
    )


def test_every_form_tells_the_same_flows(shop: Shop) -> None:
    rows = list(csv.DictReader(io.StringIO(called(*ROPA, "--csv", "--data", shop.data).out)))
    told_ = [(purpose, flow["from"], flow["to"], flow["status"], flow["disclosures"]) for purpose, flow in shop.flows]
    assert [(row["purpose"], row["from"], row["to"], row["status"], int(row["disclosures"])) for row in rows] == told_
    graph = json.loads(called(*ROPA, "--jsonld", "--data", shop.data).out)["@graph"]
    counted = [each["ext:disclosures"] for each in graph if each["@id"].startswith("urn:jalki:flow:")]
    assert counted == [each[-1] for each in told_]
    page = called(*ROPA, "--html", "--language", "sv", "--data", shop.data)
    assert (page.code, page.err) == (0, "")
    assert page.out.startswith('<!DOCTYPE html>\n<html lang="sv">')
    assert page.out.rstrip().endswith("</html>")
    tables = called(*ROPA, "--language", "fi", "--data", shop.data)
    made_up = next(each["purpose"] for each in shop.record["activities"] if not each["declared"])
    for word in ("Seloste käsittelytoimista", "Havaittu mutta ei ilmoitettu", made_up, "posti", "sendgrid"):
        assert word in tables.out
    assert "observed and not declared" in tables.said


def test_no_identifier_of_any_person_is_in_any_form(shop: Shop) -> None:
    values = {
        each["identifier"].partition(":")[2]
        for each in shop.told.truth["identifiers"]
        if each["identifier"].startswith(("email:", "phone:", "customer_id:"))
    }
    assert len(values) > PERSONS
    for form in ("--json", "--csv", "--jsonld", "--html"):
        text = called(*ROPA, form, "--data", shop.data).out
        assert not [each for each in values if each in text]


def test_a_shop_that_recorded_nothing_has_its_declared_record_and_is_told_that_nothing_was_observed(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    asked("ingest", write_lines(tmp_path / "none", []), "--data", data)
    ended = called(*ROPA, "--json", "--data", data)
    assert ended.code == 0
    assert "nothing was observed" in ended.said
    assert ended.json["summary"]["disclosures"] == 0
    assert {flow["status"] for each in ended.json["activities"] for flow in each["flows"]} == {"unobserved"}


@pytest.mark.parametrize(
    ("words", "told_"),
    [
        (("--json", "--html"), "choose one of"),
        (("--at", "yesterday"), "--at takes a time with its offset"),
        (("--since", "2026-01-01"), "--since takes a time with its offset"),
        (
            ("--at", "2026-01-01T00:00:00Z", "--since", "2026-02-01T00:00:00Z"),
            "--since is after the time of the record",
        ),
        (("--language", "de"), "fi, sv or en"),
        (("--language", "fi", "--csv"), "--language is for the page and the tables"),
    ],
)
def test_what_is_asked_wrongly_is_answered_in_one_line(story: Path, words: tuple[str, ...], told_: str) -> None:
    ended = called(*ROPA, *words, "--data", story)
    assert (ended.code, ended.out) == (2, "")
    assert told_ in ended.said
    assert len(ended.err.splitlines()) == 1


def test_without_data_or_with_a_register_that_has_faults_it_says_so_as_every_command_does(
    story: Path, tmp_path: Path
) -> None:
    nowhere = called(*ROPA, "--data", tmp_path / "nowhere")
    assert (nowhere.code, nowhere.out) == (2, "")
    assert "there is no data in" in nowhere.said
    (tmp_path / "bad.yaml").write_text("parties: {}\nsecurity:\n  - {measure: locks, why: thieves}\n")
    bad = called(*ROPA, "--data", story, settings={"JALKI_REGISTER": tmp_path / "bad.yaml"})
    assert (bad.code, bad.out) == (2, "")
    assert "bad.yaml:3: unknown key 'why'; here are allowed: measure, source" in bad.err
