import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.events import line
from tests.e2e.program import JALKI, asked, asked_wrongly, counts, environment, jalki
from tests.e2e.stories import EVENTS


@pytest.mark.parametrize("option", ["--at", "--known-at"])
@pytest.mark.parametrize(
    "time", ["2026-03-01", "2026-03-01T09:30:00", "yesterday", "", "2026-02-30T09:30:00Z", "9" * 40]
)
def test_a_time_that_is_none_is_wrong_usage(option: str, time: str, data: Path) -> None:
    ended = asked_wrongly("where", "customer_id:C-1", option, time, "--data", data)
    assert option in ended.said


@pytest.mark.parametrize(
    "identifier",
    ["name:Aino Esimerkki", "address:Rantakatu 12", "ip_address:192.0.2.1", "national_id:010190-123A",
     "bank_account:FI2112345600000785", "Aino", "", ":", "email:", "customer_id: "],
)  # fmt: skip
def test_what_identifies_nobody_is_wrong_usage_and_is_not_repeated(identifier: str, data: Path) -> None:
    ended = asked_wrongly("where", identifier, "--data", data)
    assert "identif" in ended.said
    assert "Aino" not in ended.err
    assert identifier.partition(":")[2].strip() not in ended.err or not identifier.partition(":")[2].strip()


def test_an_unknown_person_is_an_empty_answer(data: Path) -> None:
    for identifier in ("customer_id:C-none", "nobody@nowhere.example", "phone:+358401111111", "future_kind:x"):
        ended = asked("where", identifier, "--json", "--data", data)
        empty = {"identifiers": {}, "candidates": 0, "holdings": [], "shared": []}
        assert ended.json == {"asked": ended.json["asked"], "at": None, "known_at": None, **empty}
    ended = jalki("where", "customer_id:C-none", "--data", data)
    assert (ended.code, ended.out) == (0, "")
    assert "nothing is recorded" in ended.said


@pytest.mark.parametrize(
    "command",
    [("parties",), ("parties", "--json"), ("sharing", "--csv"), ("sharing", "--dot"), ("--help",), ("drift", "--json")],
)
def test_a_reader_that_goes_away_is_no_fault(command: tuple[str, ...], data: Path) -> None:
    assert_survives_a_closed_pipe(*command, data=data)


def test_a_simulation_cut_short_by_its_reader_is_no_fault(tmp_path: Path) -> None:
    assert_survives_a_closed_pipe("simulate", "--persons", "200", "--seed", "1", data=tmp_path)


def assert_survives_a_closed_pipe(*command: str, data: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [JALKI, *command],
            stdout=gone,
            stderr=subprocess.PIPE,
            env=environment(JALKI_DATA=data),
            check=False,
            timeout=60,
        )
    said = done.stderr.decode()
    assert done.returncode in (0, 1)
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert "fault" not in said


def test_a_line_of_the_file_is_not_lost_when_stdout_is_closed(events: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert_survives_a_closed_pipe("ingest", str(events), "--json", data=data)
    assert counts(asked("ingest", events, "--json", "--data", data)) == (len(EVENTS), 0, len(EVENTS), 0)
    assert line(EVENTS[0])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full on this system")
def test_output_that_cannot_be_written_is_said_in_one_line(data: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [JALKI, "--data", data, "sharing", "--json"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert done.stderr.decode().startswith("jalki: the output cannot be written: ")
    assert done.stderr.count(b"\n") == 1
