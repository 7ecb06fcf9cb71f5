"""`jalki case …`, by clumsy fingers: what is typed wrong is said so, is not repeated, and changes nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lineage.errors import Misconfigured, Refused
from tests.e2e.program import Ended, asked, jalki

HER = "customer_id:C-17"
TYPED = "aino.esimerkki@posti.example"


def opened(data: Path, right: str = "erasure", *words: str) -> str:
    ended = asked("case", "open", right, HER, "--channel", "account", *words, "--data", data)
    assert ended.code == 0
    return ended.out.split()[-1]


def tasks(data: Path, case: str) -> dict[str, dict[str, object]]:
    shape = asked("case", "show", case, "--json", "--data", data).json
    return {f"{each['party']} {each['state']}": each for each in shape["tasks"]}


def number_of(data: Path, case: str, which: str) -> str:
    return str(tasks(data, case)[which]["task"]).rpartition("/")[2]


@pytest.fixture
def approved(story_copy: Path) -> tuple[Path, str]:
    case = opened(story_copy)
    assert asked("case", "approve", case, "--data", story_copy).code == 3
    return story_copy, case


@pytest.mark.parametrize(
    "words",
    [
        ("show",), ("show", "--preview"), ("verify", "--proved", "x"), ("approve",),
        ("refuse", "--ground", "12(5)", "--reason", "x"),
        ("extend", "--reason", "x"), ("withdraw",), ("lift", "--told", "2026-01-01"), ("watch",), ("certificate",),
        ("answer", "--out", "never-made"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "typed", [TYPED, "checkpoints", "../../etc/passwd", "x' OR 1=1 --", "", "\u202e\x1b[31m", "9" * 10_000]
)
def test_what_is_no_id_of_a_case_is_wrong_usage_and_is_not_repeated(
    words: tuple[str, ...], typed: str, story: Path
) -> None:
    with pytest.raises(Misconfigured, match=r"CASE is an id like") as fault:
        asked("case", words[0], typed, *words[1:], "--data", story)
    assert not typed or typed not in str(fault.value)


def test_an_id_in_small_letters_is_the_same(story_copy: Path) -> None:
    case = opened(story_copy)
    assert asked("case", "show", f" {case.lower()} ", "--json", "--data", story_copy).json["case"] == case


@pytest.mark.parametrize(
    "words",
    [
        ("open", "erasure", HER), ("show", "2026-00000000", "--preview"), ("verify", "2026-00000000", "--proved", "x"),
        ("approve", "2026-00000000"), ("withdraw", "2026-00000000"), ("watch", "2026-00000000"), ("certificate", "2026-00000000"),
        ("confirm", "2026-00000000", "0.1", "verified", "--evidence", "x"), ("list",),
    ],
)  # fmt: skip
def test_only_ingest_makes_a_folder(words: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="there is no data in"):
        asked("case", *words, "--data", tmp_path / "mistyped")
    assert not (tmp_path / "mistyped").exists()


@pytest.mark.parametrize(
    ("right", "words", "told"),
    [
        ("rectification", ("--change", "shoe_size=44"), "--change is of one of"),
        ("rectification", ("--change", "name= "), "--change is written"),
        ("rectification", ("--change", "name=A", "--change", "name=B"), "twice"),
        ("rectification", (), "needs what is to be changed"),
        ("access", ("--change", "name=A"), "--change is for a rectification"),
        ("access", ("--purpose", "newsletter"), "--purpose is for"),
        ("objection", ("--purpose", TYPED), "--purpose is a purpose of the register"),
        ("erasure", ("--controller", TYPED), "--controller is one of .*multitronic"),
        ("erasure", ("--mandate", "letter"), "--by representative"),
        ("erasure", ("--by", "guardian", "--mandate", "x", "--mandate-until", "soon"), "--mandate-until is a day"),
        ("erasure", ("--by", "guardian", "--mandate", "x", "--mandate-until", "2027-02-30"), "--mandate-until is a day"),
        ("erasure", ("--by", "guardian", "--mandate", "x", "--mandate-scope", "all"), "--mandate-scope is one of"),
        ("erasure", ("--received", "2026-02-30T10:00:00Z"), "--received takes a time"),
        ("erasure", ("--received", "9999-12-31T23:59:59Z"), "lies in the future"),
        ("erasure", ("--received", "1900-01-01T00:00:00Z"), "1990 to 2100"),
    ],
)  # fmt: skip
def test_what_a_case_cannot_be_opened_with_is_said(
    right: str, words: tuple[str, ...], told: str, story_copy: Path
) -> None:
    with pytest.raises(Misconfigured, match=told) as fault:
        opened(story_copy, right, *words)
    assert TYPED not in str(fault.value)
    assert asked("case", "list", "--all", "--json", "--data", story_copy).json == []


def test_a_purpose_chosen_beside_a_right_about_all_is_taken_for_the_right_that_has_a_choice(story_copy: Path) -> None:
    assert opened(story_copy, "objection,access", "--purpose", "newsletter")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("verified", "--ground", "a law"), "declined needs --ground"),
        (("declined",), "declined needs --ground"),
        (("promised",), "promised needs --by"),
        (("promised", "--by", "tomorrow"), "--by is a day"),
        (("verified", "--by", "2026-12-24"), "promised needs --by"),
        (("cancelled",), "STATE is one of"),
        (("held",), "STATE is one of"),
    ],
)
def test_staff_can_find_out_only_what_there_is_to_find_out(
    words: tuple[str, ...], told: str, approved: tuple[Path, str]
) -> None:
    data, case = approved
    before = tasks(data, case)
    with pytest.raises(Misconfigured, match=told):
        asked("case", "confirm", case, "0.1", *words, "--evidence", "ticket 4", "--data", data)
    assert tasks(data, case) == before


@pytest.mark.parametrize("typed", [TYPED, "", "x", "2026-00000000/0.1", "0.1;", "-0.1"])
def test_what_is_no_task_is_wrong_usage_and_is_not_repeated(typed: str, approved: tuple[Path, str]) -> None:
    data, case = approved
    with pytest.raises(Misconfigured, match=r"TASK is a number like") as fault:
        asked("case", "confirm", "--evidence", "x", "--data", data, "--", case, typed, "verified")
    assert TYPED not in str(fault.value)


def test_a_task_is_named_by_its_number_or_its_whole_name(approved: tuple[Path, str]) -> None:
    data, case = approved
    number = number_of(data, case, "posti manual")
    for typed in (number, f"{case}/{number}"):
        assert asked("case", "confirm", case, typed, "verified", "--evidence", "x", "--data", data).code == 0
    with pytest.raises(Refused, match="has no task"):
        asked("case", "confirm", case, "7.7", "verified", "--evidence", "x", "--data", data)


def test_what_staff_queue_again_goes_out_again(approved: tuple[Path, str]) -> None:
    data, case = approved
    task = tasks(data, case)["posti manual"]
    number = number_of(data, case, "posti manual")
    assert asked("case", "confirm", case, number, "queued", "--evidence", "an address is set", "--data", data).code == 0
    again = tasks(data, case)["posti manual"]
    assert again["attempts"] == int(str(task["attempts"])) + 1
    assert again["due"] == task["due"]


def test_what_staff_release_before_its_hold_is_over_goes_out_now(approved: tuple[Path, str]) -> None:
    data, case = approved
    held = next(each for each in tasks(data, case).values() if each["state"] == "held")
    number = str(held["task"]).rpartition("/")[2]
    assert (
        asked("case", "confirm", case, number, "queued", "--evidence", "the DPO's decision", "--data", data).code == 0
    )
    released = next(
        each
        for each in asked("case", "show", case, "--json", "--data", data).json["tasks"]
        if each["task"] == held["task"]
    )
    assert (released["state"], released["attempts"]) == ("manual", 1)
    assert released["due"] < str(held["due"])


def test_who_asks_can_be_shown_without_a_doubt_and_without_mail(story_copy: Path) -> None:
    case = asked("case", "open", "erasure", HER, "--channel", "phone", "--data", story_copy).out.strip()
    with pytest.raises(Refused, match="say how it was seen"):
        asked("case", "verify", case, "--proved", " ", "--data", story_copy)
    assert asked("case", "verify", case, "--proved", "called back at her number", "--data", story_copy).code == 0
    assert asked("case", "show", case, "--json", "--data", story_copy).json["verified"] is True


def test_a_code_that_is_not_there_is_said_without_noise(story_copy: Path) -> None:
    case = opened(story_copy)
    ended = jalki("case", "verify", case, "--code", "--data", story_copy)
    assert (ended.code, ended.said.count("jalki:")) == (2, 1)
    ended = jalki("case", "verify", case, "--code", "--data", story_copy, given=b"123456\n")
    assert ended.code == 1
    assert ended.err.startswith("jalki: case ")


@pytest.mark.parametrize("ground", [f"she is {TYPED}", "", "no", "12(5) because"])
def test_the_ground_of_a_refusal_is_an_article_for_it_is_kept_in_clear(ground: str, story_copy: Path) -> None:
    case = opened(story_copy)
    with pytest.raises(Misconfigured, match="--ground is an article"):
        asked("case", "refuse", case, "--ground", ground, "--reason", "x", "--data", story_copy)


@pytest.mark.parametrize("ground", ["12(5)(b)", "Art. 17(3)(b)", "GDPR Art. 17(3)(B)"])
def test_an_article_may_be_written_in_full(ground: str, story_copy: Path) -> None:
    case = opened(story_copy)
    assert asked("case", "refuse", case, "--ground", ground, "--reason", "x", "--data", story_copy).code == 0
    told = asked("case", "show", case, "--json", "--data", story_copy).json
    assert told["refused_on"] in {"12(5)(b)", "17(3)(b)"}


def test_a_withdrawn_case_tells_how_many_parties_really_heard_of_it(approved: tuple[Path, str]) -> None:
    data, case = approved
    number = number_of(data, case, "posti manual")
    asked("case", "confirm", case, number, "promised", "--by", "2099-01-01", "--evidence", "x", "--data", data)
    ended = asked("case", "withdraw", case, "--data", data)
    assert "; 1 task had gone out" in ended.said


@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)])
def test_a_program_whose_output_is_closed_runs_and_writes_into_no_other_file(
    closed: tuple[int, ...], story_copy: Path
) -> None:
    before = {each.name: each.read_bytes()[:16] for each in story_copy.glob("*.db")}

    def close() -> None:
        for each in closed:
            os.close(each)

    ended: Ended = jalki("where", HER, "--json", "--data", story_copy, before=close)
    assert ended.code == 0
    assert {each.name: each.read_bytes()[:16] for each in story_copy.glob("*.db")} == before


def test_commands_about_cases_do_not_wait_for_faust_and_kafka_to_load() -> None:
    modules = "console.cases", "console.case_acts", "console.case_opening", "console.parties", "streams.dispatch"
    text = f"import sys, {', '.join(modules)}; print({{'faust', 'mode', 'kafka', 'aiokafka'}} & {{*sys.modules}})"
    ended = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=120)
    assert ended.stdout.strip() == "set()"
