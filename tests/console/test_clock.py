"""`jalki clock`, as the program: the vectors of the law through its options, and what it refuses."""

from datetime import date
from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from tests.e2e.program import Ended, asked, jalki
from tests.lineage.clocks.vectors import EXTENSIONS, MONTHS, Extension, Vector

NAMES = ["raw", "legal", "safe", "policy", "operative", "ext_raw", "ext_legal", "notice_by", "warnings"]
ARRIVED = ("--received", "2026-09-14")


def clock(*words: str) -> Ended:
    return asked("clock", *words, "--json")


def options(vector: Vector) -> list[str]:
    received = str(vector.received) if isinstance(vector.received, date) else "2026-03-31T22:30:00Z"
    given = {"received": received, "approved": vector.approved, "asked": vector.asked, "proved": vector.proved}
    return [word for name, value in given.items() if value for word in (f"--{name}", str(value))]


@pytest.mark.parametrize("vector", MONTHS, ids=lambda vector: vector.name)
def test_the_dates_are_those_of_the_law(vector: Vector) -> None:
    ended = clock(*options(vector))
    assert ended.code == 0
    assert list(ended.json) == NAMES
    dates = {
        name: None if (day := getattr(vector, name)) is None else str(day)
        for name in ("raw", "legal", "policy", "operative")
    }
    assert {name: ended.json[name] for name in dates} == dates
    assert [ended.json[name] for name in ("ext_raw", "ext_legal", "notice_by")] == [None] * 3


@pytest.mark.parametrize("vector", EXTENSIONS, ids=lambda vector: vector.name)
def test_the_dates_of_an_extension_are_those_of_the_law(vector: Extension) -> None:
    found = clock("--received", str(vector.received), "--extended").json
    assert (found["notice_by"], found["legal"]) == (str(vector.notice_by), str(vector.legal))
    assert (found["ext_raw"], found["ext_legal"]) == (str(vector.raw), str(vector.last_lawful))


def test_v34_the_date_without_the_pause_is_among_the_warnings() -> None:
    (warning,) = clock(*ARRIVED, "--asked", "2026-09-16", "--proved", "2026-09-30").json["warnings"]
    assert "2026-10-14" in warning


@pytest.mark.parametrize(
    "received", ["2026-04-01", "2026-03-31T22:30:00Z", "2026-04-01T01:30+03:00", "2026-03-31t22:30:00.5z"]
)
def test_a_time_may_be_written_in_any_offset_or_as_a_day(received: str) -> None:
    assert clock("--received", received).json == clock("--received", "2026-04-01T12:00:00+03:00").json


@pytest.mark.parametrize(
    ("known", "by"),
    [
        ("2026-10-24T10:15+03:00", "2026-10-27T07:15:00Z"),
        ("2026-10-24T10:15:00+03:00", "2026-10-27T07:15:00Z"),
        ("2027-03-26T22:40+02:00", "2027-03-29T20:40:00Z"),
    ],
)
def test_a_breach_has_seventy_two_hours(known: str, by: str) -> None:
    found = clock("--breach", known).json
    assert (list(found), found["notify_by"], found["warnings"]) == (["breach", "notify_by", "warnings"], by, [])


def test_of_a_breach_known_by_its_day_the_hours_begin_with_the_day_and_that_is_said() -> None:
    found = clock("--breach", "2026-10-24").json
    assert (found["breach"], found["notify_by"]) == ("2026-10-23T21:00:00Z", "2026-10-26T21:00:00Z")
    assert "2026-10-24 00:00" in found["warnings"][0]


def test_people_see_each_date_with_its_weekday() -> None:
    ended = asked("clock", "--received", "2026-11-24T09:00+02:00", "--approved", "2026-11-24")
    lines = {line.split()[0]: line.split()[1:3] for line in ended.out.splitlines()}
    assert list(lines) == ["name", *NAMES[:-1]]
    assert lines["legal"] == ["2026-12-24", "Thursday"]
    assert lines["safe"] == ["2026-12-23", "Wednesday"]
    assert lines["operative"] == ["2026-12-22", "Tuesday"]
    assert lines["ext_legal"][0] == "-"
    assert ended.err == ""


def test_people_see_the_hours_of_a_breach_in_helsinki_and_warnings_beside_the_data() -> None:
    ended = asked("clock", "--breach", "2026-10-24T10:15+03:00")
    assert "Tuesday 2026-10-27 09:15:00+02:00 in Helsinki, 2026-10-27T07:15:00Z" in ended.out
    warned = asked("clock", *ARRIVED, "--extended")
    assert warned.err.startswith("note: the extension holds only if")
    assert "note" not in warned.out


WRONG = {
    "nothing": [],
    "only the flag": ["--extended"],
    "no arrival": ["--approved", "2026-09-14"],
    "both kinds": [*ARRIVED, "--breach", "2026-09-14"],
    "a breach extended": ["--breach", "2026-09-14", "--extended"],
    "asked without an answer": [*ARRIVED, "--asked", "2026-09-16"],
    "an answer without asking": [*ARRIVED, "--proved", "2026-09-16"],
    "answered before it was asked": [*ARRIVED, "--asked", "2026-09-16", "--proved", "2026-09-15"],
    "asked before the arrival": [*ARRIVED, "--asked", "2026-09-13", "--proved", "2026-09-15"],
    "approved before the arrival": [*ARRIVED, "--approved", "2026-09-13"],
    "no offset": ["--received", "2026-09-14T12:00:00"],
    "no such day": ["--received", "2026-02-30"],
    "no such hour": ["--received", "2026-02-03T25:00Z"],
    "no time": ["--received", "yesterday"],
    "empty": ["--received", ""],
    "too early": ["--received", "0001-01-01T00:00:00+02:00"],
    "too late": ["--breach", "9999-12-31T23:59:59Z"],
    "ends too late": ["--received", "2100-12-15"],
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_what_cannot_be_reckoned_is_refused(words: list[str]) -> None:
    with pytest.raises(Misconfigured):
        asked("clock", *words)


@pytest.mark.parametrize("name", ["nothing", "empty", "ends too late"])
def test_a_refusal_is_one_line_and_exit_code_2(name: str) -> None:
    ended = jalki("clock", *WRONG[name])
    assert (ended.code, ended.out) == (2, "")
    (line,) = ended.err.splitlines()
    assert line.startswith("jalki: ")


def test_no_data_folder_is_looked_for_or_made(tmp_path: Path) -> None:
    ended = jalki("clock", *ARRIVED, cwd=tmp_path, settings={"HOME": tmp_path, "JALKI_DATA": tmp_path / "none"})
    assert ended.code == 0
    assert not list(tmp_path.iterdir())
