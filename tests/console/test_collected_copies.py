"""What staff see and hand over where a party is asked for a copy: `jalki case` against a company's server over TLS."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lineage.answers.shape import statement_schema
from tests.connectors.companies import Processor
from tests.connectors.keys import Authority
from tests.connectors.results import RESULTS, Giving
from tests.console.shops import Desk
from tests.e2e.hidden import readable_in, readable_in_folder

HERS, EVES = "Salapolku 7, 65100 Vaasa", "eve.muu@example.fi"
HELD = {
    "street": HERS,
    "email": "anna@example.fi",
    "hearsay": f"knows {EVES}",
    "friend": {"nick": "Evekki"},
    "score": 7,
    "opens": [{"at": "2026-03-02T10:00:00Z", "campaign": "k-1"}],
}
SETTINGS = """channel: opendsr
address: {url}
settings:
  domain: localhost
  authorities_file: {ca}
  ca_file: {ca}
  token_file: {token}
  portability: {portability}
  results:
    street: {{category: address, nature: provided}}
    friend.nick: {{category: name, about: other}}
    score: {{category: browsing, nature: inferred}}
"""


class Stage:
    """A shop's desk, and sendgrid as a company that speaks OpenDSR and gives results."""

    def __init__(self, folder: Path, party: Processor, portability: str = "false") -> None:
        self.party, self.folder = party, folder
        self.giving = Giving(party.app._app, party.signer(), body=json.dumps(HELD).encode())
        self.giving.url = f"https://127.0.0.1:{party.port}{RESULTS}"
        party.app._app = self.giving
        (parties := folder / "parties").mkdir()
        told = SETTINGS.format(url=party.url, ca=party.authority.ca, token=party.token, portability=portability)
        (parties / "sendgrid.yaml").write_text(told, "utf-8")
        self.desk = Desk(folder, JALKI_PARTIES=parties)
        self.said = ""

    def completes(self, case: str) -> None:
        """Have the company be done, and staff ask it now."""
        ((of, key),) = self.party.requests.opened_
        self.party.requests.move(of, key, "completed")
        ended = self.desk.asks("case", "confirm", case, "0.0", "queued", "--evidence", "they say that it is there")
        assert ended.code == 0
        self.said += ended.said

    def task(self, case: str) -> Any:
        (task,) = self.desk.shown(case)["tasks"]
        return task

    def answer(self, case: str, name: str) -> Path:
        ended = self.desk.answer(case, "--out", self.folder / name)
        assert ended.code == 0
        self.said += ended.said
        return self.folder / name


def package(out: Path) -> tuple[list[str], list[Any]]:
    """The parties that a package says are awaited, and its records; it is as its own schema says."""
    with zipfile.ZipFile(out / "transfer.zip") as archive:
        told = json.loads(archive.read("data.json"))
        jsonschema.validate(told, json.loads(archive.read("schema.json")))
    return [each["party"] for each in told["awaited"]], told["records"]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def party(authority: Authority, tmp_path: Path) -> Iterator[Processor]:
    (tmp_path / "party").mkdir()
    with Processor(authority, tmp_path / "party").running() as made:
        yield made


def test_the_preview_shows_who_is_asked_for_a_copy_and_by_which_identifiers(party: Processor, tmp_path: Path) -> None:
    stage = Stage(tmp_path, party)
    case = stage.desk.opens("access")
    found = stage.desk.asks("case", "show", case, "--preview", "--reveal", "--reason", "test", "--json").json
    (task,) = found["tasks"]
    assert (task["party"], task["action"], task["form"]) == ("sendgrid", "collect", "instruction")
    assert task["sent"] == [{"kind": "email", "value": "anna@example.fi"}]
    assert not party.requests.opened_, "nobody is asked before a person says yes"
    said = stage.desk.asks("case", "show", case).said
    assert "what she asked for is made with" in said
    assert "no party is told" not in said


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_answer_names_who_has_not_answered_and_the_next_one_has_its_copy(
    language: str, party: Processor, tmp_path: Path
) -> None:
    stage = Stage(tmp_path, party)
    case = stage.desk.approved("access", "--language", language)
    assert stage.task(case)["state"] == "accepted"
    ended = stage.desk.answer(case, "--out", tmp_path / "first")
    assert ended.code == 0
    assert "sendgrid was asked on" in ended.said
    first = json.loads((tmp_path / "first" / "statement.json").read_text("utf-8"))
    assert [each["standing"] for each in first["asked"]] == ["outstanding"]
    standing = first["asked"][0]["text"].partition(",")[2]  # a day is shown in a form of its own
    assert standing in (tmp_path / "first" / "statement.html").read_text("utf-8")
    assert stage.desk.shown(case)["state"] == "answered"
    stage.completes(case)
    assert (stage.task(case)["state"], stage.desk.shown(case)["state"]) == ("verified", "answered")
    assert "a copy of sendgrid came after the answer was made" in stage.desk.asks("case", "show", case).said
    out = stage.answer(case, "second")
    told = json.loads((out / "statement.json").read_text("utf-8"))
    assert [each["standing"] for each in told["asked"]] == ["given"]
    jsonschema.validate(told, json.loads(statement_schema()))
    values = {each["name"]: each["value"] for row in told["copy"] for each in row["values"]}
    assert values == {
        "street": HERS, "email": "anna@example.fi", "hearsay": "knows [another person]",
        "friend.nick": "[another person]", "score": 7, "at": "2026-03-02T10:00:00Z", "campaign": "k-1",
    }  # fmt: skip
    page = (out / "statement.html").read_text("utf-8")
    assert HERS in page
    assert HERS in (out / "copy.csv").read_text("utf-8-sig")
    assert (out / "statement.pdf").read_bytes().startswith(b"%PDF")
    assert not [each for each in (EVES, "Evekki") if each in page]
    assert stage.desk.shown(case)["state"] == "closed"


def test_what_is_not_what_it_says_is_staffs_and_the_answer_does_without(party: Processor, tmp_path: Path) -> None:
    stage = Stage(tmp_path, party)
    stage.giving.body = b"<html>" + HERS.encode()
    case = stage.desk.approved("access")
    stage.completes(case)
    assert (stage.task(case)["state"], stage.task(case)["how"]) == ("manual", "results-unreadable")
    told = json.loads((stage.answer(case, "out") / "statement.json").read_text("utf-8"))
    assert [each["standing"] for each in told["asked"]] == ["outstanding"]
    stage.giving.body = json.dumps(HELD).encode()
    stage.completes(case)
    assert stage.task(case)["state"] == "verified"
    assert readable_in(stage.said.encode(), [HERS, EVES]) == []


def test_nothing_of_a_copy_is_in_clear_in_the_folder_or_in_what_is_said(party: Processor, tmp_path: Path) -> None:
    stage = Stage(tmp_path, party)
    case = stage.desk.approved("access", "--language", "en")
    stage.completes(case)
    stage.answer(case, "out")
    certificate = stage.desk.asks("case", "certificate", case)
    assert certificate.code == 0
    shown = stage.said + certificate.out + stage.desk.asks("case", "show", case, "--json").out
    assert readable_in(shown.encode(), [HERS, EVES, "Evekki"]) == []
    assert readable_in_folder(tmp_path / "data", {HERS, EVES, "Evekki"}) == {}
    assert {each.name for each in (tmp_path / "data").iterdir()} >= {"graph.db", "log.db"}


def test_a_package_has_what_the_party_sent_but_for_what_was_inferred(party: Processor, tmp_path: Path) -> None:
    stage = Stage(tmp_path, party, "true")
    stage.giving.portable = True
    case = stage.desk.approved("transfer")
    awaited, _ = package(stage.answer(case, "first"))
    assert awaited == ["sendgrid"]
    stage.completes(case)
    awaited, records = package(stage.answer(case, "second"))
    assert awaited == []
    assert {each["name"]: (each["category"], each["nature"]) for row in records for each in row["values"]} == {
        "street": ("address", "provided"), "email": ("email", "observed"), "hearsay": ("other", "observed"),
        "friend.nick": ("name", "observed"), "at": ("other", "observed"), "campaign": ("other", "observed"),
    }  # fmt: skip
    assert {(row["system"], each["purpose"]) for row in records for each in row["values"]} == {
        ("sendgrid", "newsletter")
    }
    assert stage.desk.shown(case)["state"] == "closed"


def test_a_company_that_takes_no_request_of_portability_is_asked_by_staff(party: Processor, tmp_path: Path) -> None:
    stage = Stage(tmp_path, party, "true")
    case = stage.desk.approved("transfer")
    assert stage.task(case)["state"] == "manual"
    assert not party.requests.opened_
    with zipfile.ZipFile(stage.answer(case, "out") / "transfer.zip") as archive:
        assert json.loads(archive.read("data.json"))["awaited"] == [{"party": "sendgrid", "asked_at": None}]


def test_a_transfer_asks_nobody_who_is_not_said_to_take_that(party: Processor, tmp_path: Path) -> None:
    stage = Stage(tmp_path, party)
    assert not stage.desk.shown(stage.desk.approved("transfer"))["tasks"]
