import gzip
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from streams.shop import bad_lines
from tests.e2e.events import ADDRESS, event, line, order, shop, write_container, write_lines
from tests.e2e.program import asked, called, counts, jalki

EVENTS = shop(12, seed=2)
PERSONAL = ("Esimerkki", "aino.esimerkki", "Rantakatu", "salaisuus")


def ingest(data: Path, *files: object, given: bytes = b"") -> Any:
    ask = partial(jalki, given=given) if given else called
    return ask("ingest", *files, "--json", "--data", data)


def letters(data: Path) -> list[tuple[str, str]]:
    return sorted((each["position"], each["reason"]) for each in asked("dead-letters", "--json", "--data", data).json)


def test_every_kind_of_bad_line_is_set_aside_with_file_line_and_reason(tmp_path: Path) -> None:
    spoilt = list(bad_lines(7))
    file = write_lines(tmp_path / "bad.jsonl", [line(EVENTS[0]), *(each for each, _ in spoilt), line(EVENTS[1])])
    ended = ingest(tmp_path / "data", file)
    bad = [number for number, (_, kind) in enumerate(spoilt, 2) if kind != "good"]
    assert ended.code == 1
    assert counts(ended) == (len(spoilt) + 2, len(spoilt) + 2 - len(bad), 0, len(bad))
    found = letters(tmp_path / "data")
    assert [position for position, _ in found] == sorted(f"{file}:{number}" for number in bad)
    assert all(reason for _, reason in found)
    shown = [each for each in found if f"{each[0]}: {each[1]}" in ended.said]
    assert len(shown) == 20
    assert f"{len(bad) - 20} more" in ended.said


REASONS: dict[str, tuple[Callable[[], bytes], str]] = {
    "cut short": (lambda: line(order())[:-20], "not JSON"),
    "a list": (lambda: b"[1, 2, 3]", "not of its type"),
    "a number": (lambda: b"17", "not of its type"),
    "a type that is a number": (lambda: line({**order(), "type": 5}), "type: not of its type"),
    "an unknown type": (lambda: line({**order(), "type": "Esimerkki"}), "unknown type"),
    "no street": (lambda: line(order(address={**ADDRESS, "street": None})), "address.street: not of its type"),
    "a country of three letters": (lambda: line(order(address={**ADDRESS, "country": "FIN"})), "country"),
    "a date without offset": (lambda: line({**order(), "occurred_at": "2026-03-01T09:30:00"}), "offset"),
    "a thirteenth month": (lambda: line({**order(), "occurred_at": "2026-13-01T09:30:00Z"}), "offset"),
    "a date far too late": (lambda: line({**order(), "occurred_at": "99999-01-01T00:00:00Z"}), "offset"),
    "an unknown controller": (lambda: line({**order(), "controller": "Aino Esimerkki"}), "unknown party"),
    "an empty id": (lambda: line({**order(), "event_id": ""}), "event_id is empty"),
    "nobody at all": (lambda: line({**order(), "order_id": "", "email": ""}), "nobody"),
    "money with a comma": (lambda: line(order(total="10,00")), "total"),
    "endless nesting": (lambda: b'{"type": "OrderPlaced", "items": ' + b"[" * 20_000, "not JSON"),
    "a lone surrogate": (lambda: line(order()).replace(b"Aino", b"\\ud800"), ""),
    "not a number": (lambda: line(order()).replace(b'"quantity": 1', b'"quantity": NaN'), "quantity"),
    "a quantity beyond 64 bits": (
        lambda: line(order()).replace(b'"quantity": 1', b'"quantity": 99999999999999999999'),
        "",
    ),
}


@pytest.mark.parametrize("fault", REASONS)
def test_a_bad_record_is_set_aside_says_why_and_names_nobody(fault: str, tmp_path: Path) -> None:
    make, reason = REASONS[fault]
    spoilt = make()
    file = write_lines(tmp_path / "f.jsonl", [line(EVENTS[0]), spoilt, line(EVENTS[1])])
    ended = asked("ingest", file, "--json", "--data", tmp_path / "data")
    assert (ended.code, counts(ended)) == (1, (3, 2, 0, 1))
    ((position, why),) = letters(tmp_path / "data")
    assert position == f"{file}:2"
    assert reason in why
    assert f"{file}:2" in ended.said
    assert not any(word in ended.err + ended.out + why for word in PERSONAL)


def test_an_id_used_again_for_other_content_is_bad_input_and_the_first_stands(tmp_path: Path) -> None:
    first, other = order("twice", "O-1"), order("twice", "O-2")
    ended = ingest(tmp_path / "data", write_lines(tmp_path / "f.jsonl", [first, other, first]))
    assert (ended.code, counts(ended)) == (1, (3, 1, 1, 1))
    assert "used before" in ended.said
    assert asked("where", "order_id:O-1", "--json", "--data", tmp_path / "data").json["candidates"] == 1
    assert asked("where", "order_id:O-2", "--json", "--data", tmp_path / "data").json["candidates"] == 0


def test_text_files_are_read_however_their_lines_end(tmp_path: Path) -> None:
    lines = [line(each) for each in EVENTS]
    forms = {
        "unix": b"\n".join(lines) + b"\n",
        "no-end": b"\n".join(lines),
        "windows": b"\r\n".join(lines) + b"\r\n",
        "mark": b"\xef\xbb\xbf" + b"\n".join(lines),
        "blanks": b"\n\n  \n".join(lines) + b"\n \t\n\n",
    }
    for name, text in forms.items():
        (tmp_path / name).write_bytes(text)
        ended = asked("ingest", tmp_path / name, "--json", "--data", tmp_path / "data")
        new = len(EVENTS) if name == "unix" else 0
        assert (name, ended.code, counts(ended)) == (name, 0, (len(EVENTS), new, len(EVENTS) - new, 0))


def test_an_empty_file_is_nothing_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    ended = ingest(tmp_path / "data", tmp_path / "empty")
    assert (ended.code, counts(ended)) == (0, (0, 0, 0, 0))
    ended = ingest(tmp_path / "data", "-")
    assert (ended.code, counts(ended)) == (0, (0, 0, 0, 0))


def test_standard_input_is_a_file_like_any_other(tmp_path: Path) -> None:
    lines = [line(EVENTS[0]), b"salaisuus", line(EVENTS[1])]
    ended = ingest(tmp_path / "data", "-", given=b"\n".join(lines))
    assert (ended.code, counts(ended)) == (1, (3, 2, 0, 1))
    assert "-:2: not JSON" in ended.said
    assert "salaisuus" not in ended.err


def test_a_pipe_with_a_name_gives_all_it_holds(tmp_path: Path) -> None:
    events = shop(40, seed=2)
    whole = write_lines(tmp_path / "whole.jsonl", events)
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(["/bin/sh", "-c", 'cat "$0" > "$1"', whole, tmp_path / "pipe"]) as writer:
        try:
            ended = ingest(tmp_path / "data", tmp_path / "pipe")
        finally:
            writer.kill()
    assert whole.stat().st_size > 65_536
    assert (ended.code, counts(ended)) == (0, (len(events), len(events), 0, 0))


def test_a_line_of_three_megabytes_is_one_dead_letter_and_the_next_is_read(tmp_path: Path) -> None:
    huge = line({**order(), "name": "x" * 3_000_000})
    just_too_large = line({**order("e-2"), "name": "x" * (1 << 20)})
    file = write_lines(tmp_path / "f.jsonl", [line(EVENTS[0]), huge, line(EVENTS[1]), just_too_large, line(EVENTS[2])])
    ended = ingest(tmp_path / "data", file)
    assert (ended.code, counts(ended)) == (1, (5, 3, 0, 2))
    assert [position for position, _ in letters(tmp_path / "data")] == [f"{file}:2", f"{file}:4"]


UNREADABLE: dict[str, tuple[bytes, int, str]] = {
    "zeros": (b"\0" * 5000, 1, "neither JSON Lines nor an Avro file"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.Random(1).randbytes(3000), 1, "neither"),  # noqa: S311
    "gzip": (gzip.compress(line(order())), 1, "packed with gzip"),
    "zip": (b"PK\x03\x04" + b"\0" * 100, 1, "packed with zip"),
    "UTF-16": (line(order()).decode().encode("utf-16"), 1, "neither"),
    "an Avro file cut in its header": (b"Obj\x01", 1, "damaged"),
    "an Avro file with nothing right in it": (b"Obj\x01" + b"\x02\x16avro.schema\x02{\x00" + bytes(16), 1, ""),
    "an Avro file whose schema is no JSON": (b"Obj\x01\x02\x16avro.schema\x04{]\x00" + bytes(16), 1, ""),
    "an Avro file of random bytes": (b"Obj\x01" + random.Random(2).randbytes(3000), 1, "damaged"),  # noqa: S311
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_holds_no_events_is_refused_with_a_word(kind: str, tmp_path: Path) -> None:
    content, code, word = UNREADABLE[kind]
    (tmp_path / "file").write_bytes(content)
    ended = jalki("ingest", tmp_path / "file", "--data", tmp_path / "data")
    assert ended.code == code
    assert word in ended.said
    assert str(tmp_path / "file") in ended.said


def test_nothing_is_begun_where_one_of_the_files_cannot_be_read(tmp_path: Path) -> None:
    good = write_lines(tmp_path / "good.jsonl", EVENTS)
    (tmp_path / "folder").mkdir()
    for bad in (tmp_path / "missing.jsonl", tmp_path / "folder"):
        ended = ingest(tmp_path / "data", good, bad)
        assert ended.code == 2
        assert bad.name in ended.said
        assert not (tmp_path / "data").exists()


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "secret.jsonl", EVENTS)
    file.chmod(0)
    under = ("setpriv", "--bounding-set", "-all") if os.geteuid() == 0 else ()
    ended = jalki("ingest", file, "--data", tmp_path / "data", under=under)
    assert ended.code == 2
    assert "secret.jsonl cannot be read" in ended.said


def test_a_file_need_not_have_a_name_that_is_text(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path / "shop-") + b"\xe4\xff.jsonl"
    Path(os.fsdecode(name)).write_bytes(line(EVENTS[0]) + b"\nsalaisuus\n")
    ended = ingest(tmp_path / "data", os.fsdecode(name))
    assert (ended.code, counts(ended)) == (1, (2, 1, 0, 1))
    assert len(letters(tmp_path / "data")) == 1


def test_a_container_with_a_damaged_block_gives_what_stands_before_it(tmp_path: Path) -> None:
    events = shop(30, seed=6)
    file = write_container(tmp_path / "shop.avro", events, codec="deflate", interval=2_000)
    content = bytearray(file.read_bytes())
    for place in range(len(content) * 2 // 3, len(content) * 2 // 3 + 50):
        content[place] ^= 0x5A
    file.write_bytes(content)
    ended = ingest(tmp_path / "data", file)
    _, recorded, _, dead = counts(ended)
    assert (ended.code, dead) == (1, 1)
    assert 20 < recorded < len(events)
    assert f"{file}, record {recorded + 1}: not Avro, or a damaged block" in ended.said


def test_a_container_cut_short_gives_what_is_whole(tmp_path: Path) -> None:
    events = shop(30, seed=6)
    file = write_container(tmp_path / "shop.avro", events, interval=2_000)
    whole = file.read_bytes()
    lost = set()
    for part in (0.35, 0.6, 0.999):
        file.write_bytes(whole[: int(len(whole) * part)])
        ended = asked("ingest", file, "--json", "--data", tmp_path / f"data-{part}")
        read, recorded, _, dead = counts(ended)
        assert (ended.code, dead, read) == (1, 1, recorded + 1)
        lost.add(recorded)
    assert len(lost) == 3


def test_a_container_of_another_program_is_bad_input(tmp_path: Path) -> None:
    import fastavro

    schema = {"type": "record", "name": "Customer", "fields": [{"name": "name", "type": "string"}]}
    with (tmp_path / "other.avro").open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(schema), [{"name": "Aino Esimerkki"}] * 2)
    with (tmp_path / "text.avro").open("wb") as file:
        fastavro.writer(file, "string", ["Aino Esimerkki"] * 2)
    for name, dead in (("other.avro", 2), ("text.avro", 1)):
        ended = asked("ingest", tmp_path / name, "--json", "--data", tmp_path / "data")
        assert (ended.code, counts(ended)[3]) == (1, dead)
        assert "Esimerkki" not in ended.out + ended.err


def test_a_record_seen_by_a_party_that_may_not_have_it_is_drift_and_no_bad_input(tmp_path: Path) -> None:
    told = event(
        "DataDisclosed", "e-1", holder="order-system", recipient="meta", purpose="warranty",
        identifiers=[{"kind": "email", "value": "aino.esimerkki@posti.example"}], categories=["email"],
    )  # fmt: skip
    ended = asked("ingest", write_lines(tmp_path / "f.jsonl", [told]), "--json", "--data", tmp_path / "data")
    assert (ended.code, counts(ended)) == (0, (1, 1, 0, 0))
    (drift,) = asked("drift", "--json", "--data", tmp_path / "data").json
    assert (drift["rules"], drift["to"]) == (["undeclared-recipient"], "meta")
