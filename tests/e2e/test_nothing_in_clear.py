import base64
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.opening import BUS, opened
from console.settings import read_settings
from lineage.graph import NOW
from lineage.masterkey import read_master_key
from lineage.recording import bound, read_letter
from lineage.sealing import Seal
from schemas.catalogue import load_catalogue
from schemas.extract import InvalidEvent
from schemas.records import JsonRecords
from streams.records import unpack
from streams.shop import Event, simulate
from streams.shop.cards import holds_card_number
from tests.e2e.events import line, named_in, order, shop, with_bad_lines, write_container, write_lines
from tests.e2e.hidden import encodings, personal_values, readable_in, readable_in_folder
from tests.e2e.program import asked, jalki, started

CARDS = ("4111111111111111", "5555-5555-5555-4444", "3782 822463 10005", "4222222222222", "6304000000000000000")


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
    bad = [each for each in map(_read, lines) if each]
    values = personal_values([*good, *bad]) | personal_values(later[::8])
    return Filled(data, values, good, done.out + done.err + killed.out + killed.err)


def _read(text: bytes) -> Event | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


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


def test_nothing_of_anybody_is_readable_once_the_killed_run_is_made_good(filled: Filled, tmp_path: Path) -> None:
    again = jalki(
        "ingest", filled.data.parent / "b.jsonl", "--data", filled.data, settings={"JALKI_LOG_LEVEL": "DEBUG"}
    )
    assert again.code == 0
    assert readable_in((again.out + again.err).encode(), filled.values) == []
    assert readable_in_folder(filled.data, filled.values) == {}
    assert tmp_path.exists()


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


# ── card numbers ──


def texts_with_cards(value: Any, card: str, at: list[int]) -> Any:
    """The value with the text at one place in it replaced by a card number."""
    if isinstance(value, str):
        at[0] -= 1
        return card if at[0] == -1 else value
    if isinstance(value, dict):
        return {key: texts_with_cards(part, card, at) for key, part in value.items()}
    if isinstance(value, list):
        return [texts_with_cards(part, card, at) for part in value]
    return value


def spoilt_events() -> Iterator[Event]:
    """Of every type of event one with a card number in each of its texts in turn."""
    fullest: dict[str, Event] = {}
    for each in simulate(200, 21):
        kind = str(each["type"])
        if kind not in fullest or len(json.dumps(each)) > len(json.dumps(fullest[kind])):
            fullest[kind] = each
    assert len(fullest) > 19
    number = 0
    for kind, each in sorted(fullest.items()):
        fields = {name: value for name, value in each.items() if name not in ("type", "event_id")}
        for place in range(len(json.dumps(fields).split('": "'))):
            card = CARDS[number % len(CARDS)]
            number += 1
            spoilt = texts_with_cards(fields, card, [place])
            if spoilt != fields:
                yield {"type": kind, "event_id": f"card-{kind}-{place}", **spoilt}
        yield {**each, "event_id": CARDS[0]}


def everything_sealed(data: Path) -> Iterator[str]:
    """Whatever can be opened with the keys of the folder: the graph's sealed parts, dead letters, the stream's frames."""
    with opened(read_settings({}, data)) as folder:
        with closing(sqlite3.connect(data / "graph.db")) as graph:
            keys = [key for (key,) in graph.execute("SELECT key FROM identifier")]
        facts = [
            *((each.holder, each) for each in folder.graph.disclosures(keys, NOW)),
            *((each.holder, each) for each in folder.graph.consents(keys, NOW)),
            *((each.one, each) for each in folder.graph.links(keys, NOW)),
        ]
        ring = folder.keyring.find({holder for holder, _ in facts})
        for holder, fact in facts:
            yield Seal(ring[holder]).open(fact.as_sent, bound(fact)).decode()
        letters = folder.graph.letters()
        ring = folder.keyring.find([each.key for each in letters])
        for letter in letters:
            position, record = read_letter(Seal(ring[letter.key]).open(letter.sealed, letter.key))
            yield f"{position}\n{record.decode('latin-1')}"
            yield json.dumps(_read(record))
    yield from stream_frames(data)


def stream_frames(data: Path) -> Iterator[str]:
    with opened(read_settings({}, data)) as folder, closing(sqlite3.connect(data / "log.db")) as log:
        assert read_master_key(data / "master.key")
        seal = Seal(folder.keyring.find((BUS,))[BUS])
        rows = log.execute("SELECT topic, partition, first, count, sealed FROM chunk JOIN lane ON lane.id = chunk.lane")
        for topic, partition, first, count, sealed in rows.fetchall():
            for value in unpack(seal.open(sealed, f"log|{topic}|{partition}|{first}|{count}".encode()))[2]:
                yield value.decode("latin-1")


def cards_in(text: str) -> bool:
    return holds_card_number(text) or any(card in text for card in CARDS)


def test_a_card_number_is_nowhere_not_even_sealed(tmp_path: Path) -> None:
    events = list(spoilt_events())
    assert len(events) > 200
    data = tmp_path / "data"
    unreadable = [
        b'{"type": "OrderPlaced", "note": "4111111111111111',
        b"\xff\xfe 5555-5555-5555-4444 \xff",
        line({**order("e-1"), "order_id": 4111111111111111}),
        line({**order("e-2"), "unknown_field": "4111 1111 1111 1111"}),
        line({**order("e-3"), "card_number": "17", "cvc": "123"}),
    ]
    done = jalki("ingest", write_lines(tmp_path / "f.jsonl", [*events, *unreadable]), "--data", data)
    assert done.code == 1
    sealed = list(everything_sealed(data))
    assert len(sealed) > 200
    assert [text for text in sealed if cards_in(text)] == []
    assert readable_in_folder(data, CARDS) == {}
    assert readable_in((done.out + done.err).encode(), CARDS) == []
    rules = [rule for each in asked("drift", "--json", "--data", data).json for rule in each["rules"]]
    assert rules.count("forbidden-data") > 60


def test_a_card_number_in_a_container_is_nowhere_either(tmp_path: Path) -> None:
    events = [each for each in spoilt_events() if "card" in str(each["event_id"]) and _valid(each)]
    data = tmp_path / "data"
    asked("ingest", write_container(tmp_path / "f.avro", events), "--data", data)
    assert [text for text in everything_sealed(data) if cards_in(text)] == []
    assert readable_in_folder(data, CARDS) == {}
    rules = [rule for each in asked("drift", "--json", "--data", data).json for rule in each["rules"]]
    assert rules.count("forbidden-data") > 60


def _valid(each: Event) -> bool:
    return not {str(each["occurred_at"]), str(each.get("sent_as"))} & set(CARDS)


ESCAPED = line(order("e-1", description="x")).replace(
    b"Aino Esimerkki", b"".join(b"\\u%04x" % ord(digit) for digit in "4111111111111111")
)


def put_on_the_stream(lines: Iterable[bytes]) -> Iterator[str]:
    """The records that these lines become before anything is written."""
    records = JsonRecords(load_catalogue())
    for each in lines:
        with suppress(InvalidEvent):
            yield records.encode(each).record.decode("latin-1")


def test_a_card_number_does_not_reach_the_stream_either() -> None:
    found = list(put_on_the_stream(map(line, spoilt_events())))
    assert len(found) > 200
    assert not any(cards_in(each) for each in found)


def test_a_card_number_written_in_escapes_does_not_reach_the_stream() -> None:
    (found,) = put_on_the_stream([ESCAPED])
    assert not cards_in(found)


@pytest.mark.xfail(strict=True, reason="blotted out in the bytes only, not behind JSON's escapes")
def test_a_card_number_written_in_escapes_is_in_no_dead_letter(tmp_path: Path) -> None:
    bad = ESCAPED.replace(b"OrderPlaced", b"OrderTeleported")
    assert asked("ingest", write_lines(tmp_path / "f.jsonl", [bad]), "--data", tmp_path / "data").code == 1
    assert [each for each in everything_sealed(tmp_path / "data") if cards_in(each)] == []


def test_a_card_number_written_in_escapes_is_dropped_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = asked("ingest", write_lines(tmp_path / "f.jsonl", [ESCAPED]), "--data", data)
    assert done.code in (0, 1)
    assert [text for text in everything_sealed(data) if cards_in(text)] == []
    (drift,) = asked("drift", "--json", "--data", data).json
    assert drift["rules"] == ["forbidden-data"]
