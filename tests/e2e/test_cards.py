import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from schemas.catalogue import load_catalogue
from schemas.extract import InvalidEvent
from schemas.records import JsonRecords
from streams.shop import Event, simulate
from streams.shop.cards import holds_card_number
from tests.e2e.events import line, order, write_container, write_lines
from tests.e2e.hidden import readable_in, readable_in_folder
from tests.e2e.program import asked, jalki
from tests.e2e.sealed import everything_sealed

CARDS = ("4111111111111111", "5555-5555-5555-4444", "3782 822463 10005", "4222222222222", "6304000000000000000")


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
