"""The page of dead letters: counted first, then recorded once, or put aside; told in numbers, by whoever may."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

import console.web.letters as page
import lineage.register
import streams.retrying
from connectors.wording import LANGUAGES
from console.opening import LOOKS, opened
from console.web.wording import COOKIE
from lineage.revealing import read_look
from tests.console.web.consoles import Console, opened_console, said
from tests.e2e.events import write_lines
from tests.e2e.program import asked, jalki
from tests.e2e.test_retry import PARTY, PERSONAL, booked

WORDS = ("nobody@", *PERSONAL)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three letters: two name a party that the register lacks, one a party that nobody knows."""
    folder = tmp_path_factory.mktemp("letters")
    shutil.copytree(Path(lineage.register.__file__).parent / "multitronic", folder / "register")
    lines = [booked(1), booked(2), booked(3, "nobody"), {"type": "Ticket"}]
    asked("ingest", write_lines(folder / "f.jsonl", lines), "--data", folder / "data")
    return folder


@pytest.fixture
def office(waiting: Path, tmp_path: Path) -> Iterator[tuple[Console, Path]]:
    """The console of it, and the register that it reads."""
    copy = shutil.copytree(waiting, tmp_path / "copy")
    with opened_console(copy / "data", told={"JALKI_REGISTER": str(copy / "register")}) as found:
        yield found, copy / "register"


def facts(answer: httpx2.Response) -> dict[str, str]:
    """The numbers that stand in the result."""
    assert answer.status_code == 200, said(answer)
    return dict(re.findall(r"<div><dt>(.*?)</dt><dd>(.*?)</dd></div>", answer.text))


def count(console: Console) -> dict[str, int]:
    with opened(console.settings) as folder:
        return dict(folder.graph.counts())


def test_what_was_repaired_is_counted_first_and_then_recorded_once(office: tuple[Console, Path]) -> None:
    console, register = office
    who = console.somebody("dpo")
    assert ">Record them now<" not in who.sees("/dead-letters").text
    before = who.does("/dead-letters", {"do": "foresee"})
    assert (facts(before)["Can be recorded now"], facts(before)["Still fail"]) == ("0", "4")
    assert ">Record them now<" not in before.text
    (register / "z.yaml").write_text(PARTY)  # while the console runs
    foreseen = who.does("/dead-letters", {"do": "foresee", "reason": ""})
    assert (facts(foreseen)["Can be recorded now"], facts(foreseen)["Still fail"]) == ("2", "2")
    assert count(console)["dead_letters"] == 4
    assert ">Record them now<" in foreseen.text
    done = who.does("/dead-letters", {"do": "retry", "reason": ""})
    assert (facts(done)["Recorded"], facts(done)["Still fail"]) == ("2", "2")
    assert (count(console)["events"], count(console)["dead_letters"]) == (2, 2)
    again = who.does("/dead-letters", {"do": "retry", "reason": ""})
    assert (facts(again)["Recorded"], facts(again)["Still fail"]) == ("0", "2")
    assert not [each for one in (before, foreseen, done, again) for each in PERSONAL if each in one.text]


def test_who_retried_and_who_put_aside_and_why_is_in_the_access_log(office: tuple[Console, Path]) -> None:
    console, _ = office
    who = console.somebody("dpo")
    who.does("/dead-letters", {"do": "retry"})
    fields = {"do": "discard", "reason": "unknown type", "purpose": "a mistake of the shop's", "sure": "yes"}
    assert facts(who.does("/dead-letters", fields))["Put aside"] == "1"
    with opened(console.settings) as folder:
        key = folder.keyring.find((LOOKS,))[LOOKS]
        looks = [read_look(each, key) for each in folder.graph.looks()]
    assert [(each["actor"], each["role"], each["asked"], each["reason"]) for each in looks] == [
        ("dpo-1", "dpo", "dead-letters", "retry of dead letters"),
        ("dpo-1", "dpo", "dead-letters", "put aside (unknown type): a mistake of the shop's"),
    ]
    assert "dead-letters" in who.sees("/looks").text
    assert count(console)["dead_letters"] == 3


@pytest.mark.parametrize(
    "left_out", ["reason", "purpose", "sure"],
)  # fmt: skip
def test_nothing_is_put_aside_without_a_reason_a_purpose_and_a_second_thought(
    left_out: str, office: tuple[Console, Path]
) -> None:
    console, _ = office
    who = console.somebody("dpo")
    fields = {"do": "discard", "reason": "unknown type", "purpose": "no such type", "sure": "yes"}
    answer = who.does("/dead-letters", {name: each for name, each in fields.items() if name != left_out})
    assert answer.status_code == 422
    assert "say why in three letters" in said(answer)
    assert count(console)["dead_letters"] == 4


def test_what_is_left_when_the_time_is_over_is_gone_on_with(
    office: tuple[Console, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    console, register = office
    (register / "z.yaml").write_text(PARTY)
    monkeypatch.setattr(streams.retrying, "CHUNK", 1)
    monkeypatch.setattr(page, "AT_A_TIME", -1.0)
    who, recorded, fields = console.somebody("dpo"), 0, {"do": "retry", "reason": ""}
    for left in (3, 2, 1, 0):
        answer = who.does("/dead-letters", fields)
        recorded += int(facts(answer)["Recorded"])
        assert (f"{left} were not reached yet." in said(answer)) == bool(left)
        fields["after"] = (re.findall(r'name="after" value="([^"]+)"', answer.text) or [""])[0]
    assert recorded == 2
    assert count(console)["dead_letters"] == 2


def test_a_form_that_says_nothing_known_is_no_form(office: tuple[Console, Path]) -> None:
    assert office[0].somebody("dpo").does("/dead-letters", {"do": "show"}).status_code == 422


@pytest.mark.parametrize("role", ["clerk", "auditor", "viewer"])
def test_nobody_but_the_officer_sees_or_retries_them(role: str, office: tuple[Console, Path]) -> None:
    who = office[0].somebody(role)
    assert who.sees("/dead-letters").status_code == 403
    assert who.does("/dead-letters", {"do": "retry"}).status_code == 403


def test_a_register_that_cannot_be_read_is_told_in_the_readers_language(office: tuple[Console, Path]) -> None:
    console, register = office
    (register / "z.yaml").write_text("parties: [")
    who, texts = console.somebody("dpo"), set()
    for language in LANGUAGES:
        who.client.cookies.set(COOKIE, language)
        answer = who.does("/dead-letters", {"do": "foresee"})
        assert answer.status_code == 409
        texts.add(re.sub("<span.*?</span>", "", re.findall(r'role="alert">(.*?)</p>', answer.text, re.DOTALL)[0]))
    assert len(texts) == len(LANGUAGES)


def test_the_command_and_the_page_come_to_the_same(office: tuple[Console, Path]) -> None:
    console, register = office
    (register / "z.yaml").write_text(PARTY)
    counted = facts(console.somebody("dpo").does("/dead-letters", {"do": "foresee"}))
    told = jalki(
        "dead-letters", "retry", "--dry-run", "--json", "--data", console.settings.data,
        settings={"JALKI_REGISTER": register},
    ).json  # fmt: skip
    assert (counted["Can be recorded now"], counted["Still fail"]) == (str(told["recorded"]), str(told["failing"]))
