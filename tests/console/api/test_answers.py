"""What is answered is what the commands print; what is listed comes in pages; looks are written down before."""

import json
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pytest

from console.opening import LOOKS, opened
from console.settings import Settings, read_settings
from lineage.revealing import read_look
from lineage.times import now, rfc3339
from tests.console.api.desks import WHY, Office
from tests.e2e.events import event, write_lines
from tests.e2e.program import asked

AT = "2026-03-02T00:00:00Z"
EARLIER, LATER = "2026-02-15T00:00:00Z", "2026-03-10T00:00:00Z"
LONG_AGO = "2020-01-01T00:00:00Z"
MODEL = "Lumo 17 Pro"


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("parties", {}, ("parties",)),
        ("parties", {"at": AT}, ("parties", "--at", AT)),
        ("sharing", {}, ("sharing",)),
        ("sharing", {"at": AT}, ("sharing", "--at", AT)),
        ("sharing", {"known_at": "2020-01-01T00:00:00Z"}, ("sharing", "--known-at", "2020-01-01T00:00:00Z")),
        ("sharing-changes", {"earlier": EARLIER, "later": LATER}, ("sharing", "--diff", EARLIER, LATER)),
        ("drift", {"limit": 1000}, ("drift",)),
        ("drift", {"limit": 1000, "since": AT}, ("drift", "--since", AT)),
        ("drift", {"limit": 1000, "at": LATER, "known_at": LONG_AGO}, ("drift", "--at", LATER, "--known-at", LONG_AGO)),
        ("record", {"known_at": LONG_AGO, "at": AT}, ("register", "ropa", "--at", AT, "--known-at", LONG_AGO)),
        ("record", {"at": LATER}, ("register", "ropa", "--at", LATER)),
        ("record", {"at": LATER, "since": EARLIER}, ("register", "ropa", "--at", LATER, "--since", EARLIER)),
        ("cases", {"all": True}, ("case", "list", "--all")),
        ("cases", {"state": "refused"}, ("case", "list", "--state", "refused")),
        ("cases", {}, ("case", "list")),
        ("where", {"identifier": "customer_id:C-17"}, ("where", "customer_id:C-17")),
        ("where", {"identifier": "AINO.Esimerkki@posti.example"}, ("where", "AINO.Esimerkki@posti.example")),
        ("where", {"identifier": "customer_id:C-17", "at": AT}, ("where", "customer_id:C-17", "--at", AT)),
        ("where", {"identifier": "customer_id:nobody"}, ("where", "customer_id:nobody")),
        (
            "where",
            {"identifier": "customer_id:C-17", "reveal": True},
            ("where", "customer_id:C-17", "--reveal", "--reason", WHY),
        ),
        ("reached", {"party": "posti"}, ("reached", "posti")),
        (
            "reached",
            {"party": "posti", "from": EARLIER, "to": LATER, "known": LATER},
            ("reached", "posti", "--from", EARLIER, "--to", LATER, "--known", LATER),
        ),
        ("reached", {"party": "posti", "at": AT}, ("reached", "posti", "--at", AT)),
        ("reached", {"party": "posti", "known_at": LONG_AGO}, ("reached", "posti", "--known-at", LONG_AGO)),
        ("recall", {"model": MODEL}, ("recall", "--model", MODEL)),
        ("recall", {"model": MODEL, "at": AT}, ("recall", "--model", MODEL, "--at", AT)),
        ("recall", {"model": MODEL, "known_at": LONG_AGO}, ("recall", "--model", MODEL, "--known-at", LONG_AGO)),
        (
            "recall",
            {"model": MODEL, "serials": "LU17-00000001..LU17-00000020"},
            ("recall", "--model", MODEL, "--serials", "LU17-00000001..LU17-00000020"),
        ),
    ],
)
def test_the_api_answers_what_the_command_prints(
    office: Office, name: str, given: dict[str, Any], words: tuple[str, ...]
) -> None:
    printed = asked(*words, "--json", "--data", office.settings.data)
    assert office.desk("dpo").told(name, **given) == printed.json


def test_a_case_is_answered_as_it_is_shown(office: Office) -> None:
    for each in office.desk("dpo").told("cases", all=True):
        words = ("case", "show", each["case"], "--json", "--data", office.settings.data)
        assert office.desk("dpo").told("case", case=each["case"]) == asked(*words).json
        shown = asked(*words, "--reveal", "--reason", WHY).json
        assert office.desk("dpo").told("case", case=each["case"], reveal=True) == shown
    assert any(each.get("sent") for each in shown["tasks"]) or not shown["tasks"]


def test_the_cases_of_these_tests_have_tasks_holds_and_values(office: Office) -> None:
    desk = office.desk("dpo")
    cases = [desk.told("case", case=each["case"], reveal=True) for each in desk.told("cases", all=True)]
    assert {each["state"] for each in cases} >= {"refused", "received"}
    tasks = [task for each in cases for task in each["tasks"]]
    assert {each["state"] for each in tasks} >= {"held", "manual"}
    assert any(each["sent"] for each in tasks if each.get("sent"))
    assert any(item["decision"] == "hold" for each in cases for item in each["plan"]["items"])


@pytest.mark.parametrize("reveal", [False, True])
@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("reached-persons", {"party": "posti"}, ("reached", "posti")),
        ("recall-persons", {"model": MODEL}, ("recall", "--model", MODEL)),
    ],
)
def test_the_persons_come_in_pages_and_each_once(
    office: Office, name: str, given: dict[str, Any], words: tuple[str, ...], reveal: bool
) -> None:
    more = ("--reveal", "--reason", WHY) if reveal else ()
    lines = asked(*words, "--persons", *more, "--json", "--data", office.settings.data).out.splitlines()[:-1]
    printed = [json.loads(each) for each in lines]
    assert len(printed) > 3
    for limit in (7, len(printed), len(printed) + 1):
        pages = list(office.desk("dpo").pages(name, limit, **given, reveal=reveal))
        assert list(chain(*pages)) == printed
        assert all(len(each) == limit for each in pages[:-1])
        assert pages[-1]
    first = islice(office.desk("dpo").pages(name, 1, **given, reveal=reveal), 3)
    assert list(first) == [[each] for each in printed[:3]]


@pytest.mark.parametrize(("name", "given"), [("drift", {}), ("cases", {"all": True})])
def test_drift_and_cases_come_in_pages_too(office: Office, name: str, given: dict[str, Any]) -> None:
    (whole,) = office.desk("dpo").pages(name, 1000, **given)
    assert len(whole) > 1
    for limit in (1, 2, len(whole)):
        pages = list(office.desk("dpo").pages(name, limit, **given))
        assert list(chain(*pages)) == whole
        assert pages[-1]


def test_what_is_recorded_meanwhile_is_answered(own_office: Office, tmp_path: Path) -> None:
    desk = own_office.desk("dpo")
    assert desk.told("where", identifier="customer_id:C-18")["candidates"] == 0
    new = event("AccountOpened", "n-1", customer_id="C-18", email="uusi@posti.example")
    assert asked("ingest", write_lines(tmp_path / "n", [new]), "--data", own_office.settings.data).code == 0
    assert desk.told("where", identifier="customer_id:C-18")["candidates"] == 1


# ── looks ──


def looks(settings: Settings) -> list[dict[str, str]]:
    with opened(settings) as folder:
        key = folder.keyring.find((LOOKS,))[LOOKS]
        return [read_look(each, key) for each in folder.graph.looks()]


def key_of(settings: Settings, kind: str, value: str) -> str:
    with opened(settings) as folder:
        return folder.pseudonyms.identifier(kind, value).hex()


def test_every_question_about_persons_is_written_down_with_who_as_what_whom_and_why(own_office: Office) -> None:
    dpo, settings = own_office.desk("dpo"), own_office.settings
    assert asked("case", "open", "access", "customer_id:C-17", "--data", settings.data).code == 0
    (case,) = dpo.told("cases")
    before, name = now(), next(each.name for each in own_office.grants.all().values())
    dpo.told("where", identifier="customer_id:C-17", reveal=True)
    dpo.told("where", identifier="email:nobody@posti.example")
    dpo.told("case", case=case["case"])
    dpo.told("reached", party="posti")
    dpo.told("reached-persons", party="posti")
    dpo.told("recall", model="Lumo", serials="A1..A9")
    dpo.told("recall-persons", model="Lumo")
    found = looks(settings)
    assert [(each["asked"], each["shown"]) for each in found] == [
        (f"where:{key_of(settings, 'customer_id', 'C-17')}", "identifiers"),
        (f"where:{key_of(settings, 'email', 'nobody@posti.example')}", "pseudonyms"),
        (f"case:{case['case']}", "pseudonyms"),
        ("reached:posti", "pseudonyms"),
        ("reached:posti", "pseudonyms"),
        ("recall:Lumo A1..A9", "pseudonyms"),
        ("recall:Lumo", "pseudonyms"),
    ]
    assert {(each["actor"], each["role"], each["reason"]) for each in found} == {(name, "dpo", WHY)}
    with opened(settings) as folder:
        assert all(before <= each.at <= now() for each in folder.graph.looks())
    assert dpo.told("cases")
    assert dpo.told("drift") == []
    assert len(looks(settings)) == len(found)


def test_what_is_denied_or_asked_wrongly_is_no_look(own_office: Office) -> None:
    own_office.desk("auditor").asks("where", identifier="customer_id:C-17")
    own_office.desk("support").asks("where", identifier="customer_id:C-17", reveal=True)
    own_office.desk("dpo").asks("where", identifier="name:Aino")
    own_office.desk("dpo").asks("where", identifier="customer_id:C-17", purpose="")
    own_office.desk("processor", "nets").asks("reached", party="posti")
    assert looks(own_office.settings) == []


def test_the_look_is_there_before_the_answer_is_worked_out(own_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr("console.api.about_persons.where", lambda *_: seen.append(len(looks(own_office.settings))))
    assert own_office.desk("dpo").asks("where", identifier="customer_id:C-17").status_code == 500
    assert seen == [1]


def test_nothing_that_identifies_is_in_what_is_written_down(own_office: Office) -> None:
    own_office.desk("dpo").told("where", identifier="email:aino.esimerkki@posti.example", at=rfc3339(now()))
    assert "aino" not in json.dumps(looks(own_office.settings)).lower()


def test_settings_name_where_and_by_whom() -> None:
    given = {"JALKI_API": "127.0.0.2:8080", "JALKI_ACCESS_FILE": "/elsewhere/access.json"}
    found = read_settings(given)
    assert (found.api, found.access_file) == (("127.0.0.2", 8080), Path("/elsewhere/access.json"))
    assert read_settings({}, Path("here")).access_file == Path("here/access.json")
    assert read_settings({}).api == ("127.0.0.1", 9465)
