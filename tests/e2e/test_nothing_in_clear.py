import base64
import json
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest

from streams.shop import Event
from tests.e2e.events import named_in, shop, with_bad_lines, write_lines
from tests.e2e.hidden import SHORTEST, encodings, personal_values, readable_in, readable_in_folder
from tests.e2e.program import asked, jalki, started
from tests.e2e.sealed import everything_sealed, read_event

EVIDENCE = ("decided_by", "viewer_ref", "consent_text", "campaign_id", "list_id", "audience_id", "reference")


@dataclass(frozen=True, slots=True)
class Filled:
    data: Path
    values: set[str]
    events: list[Event]
    said: str


def fill(folder: Path) -> Filled:
    """A shop with bad lines, and one run killed with records on the bus and not in the graph."""
    events = shop(40, seed=12)
    lines, good, _ = with_bad_lines(events, seed=3)
    later = shop(150, seed=13)
    data = folder / "data"
    debug = {"JALKI_LOG_LEVEL": "DEBUG"}
    done = jalki("ingest", write_lines(folder / "a.jsonl", lines), "--data", data, settings=debug)
    assert done.code == 1
    wal = data / "log.db-wal"
    with started("ingest", write_lines(folder / "b.jsonl", later), "--data", data, settings=debug) as run:
        run.until(lambda: wal.exists() and wal.stat().st_size > 200_000)
        run.process.kill()
        killed = run.end()
    bad = [each for each in map(read_event, lines) if each]
    values = personal_values([*good, *bad]) | personal_values(later[::8])
    return Filled(data, values, good, done.out + done.err + killed.out + killed.err)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return fill(tmp_path_factory.mktemp("clear"))


def test_the_search_would_find_a_value_in_any_of_its_forms() -> None:
    value = "Åke Öman-Virtanen"
    for shift in range(3):
        for text in (value.encode(), value.encode("utf-16-le"), value.encode("utf-16-be")):
            for form in (text, text.hex().encode(), text.hex().upper().encode()):
                assert readable_in(bytes(shift) + form + b"\x07", [value]) == [value]
            assert readable_in(base64.b64encode(b"x" * shift + text + b"yz"), [value]) == [value]
    assert readable_in(b"Ake Oman", [value]) == []
    assert len(encodings(value)) > 15


def test_nothing_of_anybody_is_readable_in_any_file_of_the_folder(filled: Filled) -> None:
    assert len(filled.values) > 2_000
    assert (filled.data / "log.db-wal").stat().st_size > 200_000
    assert readable_in_folder(filled.data, filled.values) == {}


def test_every_file_of_the_folder_is_for_its_owner_alone(filled: Filled) -> None:
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in filled.data.iterdir()}
    assert {"graph.db", "keys.db", "log.db", "lock", "master.key"} <= set(modes)
    assert {name for name, mode in modes.items() if mode & 0o077} == set()
    assert modes["graph.db"] == modes["keys.db"] == 0o600


def test_nothing_of_anybody_is_readable_once_the_killed_run_is_made_good(filled: Filled, tmp_path: Path) -> None:
    again = jalki(
        "ingest", filled.data.parent / "b.jsonl", "--data", filled.data, settings={"JALKI_LOG_LEVEL": "DEBUG"}
    )
    assert again.code == 0
    assert readable_in((again.out + again.err).encode(), filled.values) == []
    assert readable_in_folder(filled.data, filled.values) == {}
    assert tmp_path.exists()


def test_what_shows_how_it_came_to_be_is_kept_and_readable_in_no_file(filled: Filled) -> None:
    told = {str(each[name]) for each in filled.events for name in EVIDENCE if each.get(name)}
    sought = {each for each in told if len(each) >= SHORTEST}
    assert len(sought) > 3
    sealed = "\n".join(everything_sealed(filled.data))
    assert all(json.dumps(each, ensure_ascii=False) in sealed for each in told)
    assert readable_in_folder(filled.data, sought) == {}
    assert readable_in(filled.said.encode(), sought) == []


def test_ingest_says_nothing_of_anybody_even_at_its_most_talkative(filled: Filled) -> None:
    assert "DEBUG" in filled.said or "dead" in filled.said
    assert readable_in(filled.said.encode(), filled.values) == []


def test_no_command_prints_anything_of_anybody_but_what_was_typed(filled: Filled) -> None:
    typed = named_in(filled.events, 97)[:5]
    commands: list[tuple[str, ...]] = [
        ("parties",), ("parties", "--json"), ("sharing",), ("sharing", "--json"), ("sharing", "--dot"), ("sharing", "--csv"),
        ("drift",), ("drift", "--json"), ("dead-letters",), ("dead-letters", "--json"), ("doctor",),
        *(("where", each, *form) for each in typed for form in ((), ("--json",))),
    ]  # fmt: skip
    debug = {"JALKI_LOG_LEVEL": "DEBUG"}
    for command in commands:
        ended = asked(*command, "--data", filled.data) if command[0] == "where" else jalki(
            *command, "--data", filled.data, settings=debug
        )  # fmt: skip
        own = personal_values([{"email": command[1].partition(":")[2]}]) if command[0] == "where" else set()
        assert set(readable_in((ended.out + ended.err).encode(), filled.values)) - own - _parts(command) == set()


def _parts(command: tuple[str, ...]) -> set[str]:
    return {command[1].partition(":")[2]} if command[0] == "where" else set()
