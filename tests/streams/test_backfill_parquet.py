"""Rows of Parquet become what the same rows of CSV become; what cannot be read is refused before anything is recorded."""

import builtins
import csv
import datetime as dt
import struct
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.errors import Misconfigured
from streams.backfill.parquet_tables import LONGEST, PART
from streams.backfill.running import check_files
from streams.backfill.tables import tables_of
from tests.streams.backfill_parts import events, faults, formed, mapped, reasons

SUBSCRIBERS = """
name: subscribers
event: NewsletterSubscribed
rows: {parquet: 'subscribers*.parquet'}
key: [no]
zone: Europe/Helsinki
fields:
  occurred_at: joined
  controller: {constant: multitronic}
  customer_id: no
  email: email
  consent_text: words
  source: {constant: history}
"""
NAMES = ("no", "email", "joined", "words")
MOMENT = dt.datetime(2020, 3, 1, 7, 30, tzinfo=dt.UTC)


def parquet(folder: Path, columns: dict[str, Any], name: str = "subscribers.parquet", **how: Any) -> Path:
    file = folder / name
    pq.write_table(pa.table(columns), file, **how)
    return file


def columns(**other: Any) -> dict[str, Any]:
    return {"no": ["1"], "email": ["a@x.example"], "joined": ["2020-03-01 09:30"], "words": ["yes"], **other}


def made_of(folder: Path, **other: Any) -> tuple[list[dict[str, Any]], list[str]]:
    parquet(folder, columns(**other))
    made, _ = formed(mapped(folder, SUBSCRIBERS))
    return events(made), reasons(made)


HELSINKI = ZoneInfo("Europe/Helsinki")
TIMES = [
    pa.array([dt.datetime(2020, 3, 1, 9, 30)], pa.timestamp("us")),  # noqa: DTZ001 - on the clock of the mapping
    pa.array([dt.datetime(2020, 3, 1, 9, 30)], pa.timestamp("s")),  # noqa: DTZ001 - the same
    pa.array([dt.datetime(2020, 3, 1, 9, 30)], pa.timestamp("ns")),  # noqa: DTZ001 - the same
    pa.array([MOMENT], pa.timestamp("us", "UTC")),
    pa.array([MOMENT], pa.timestamp("ms", "America/New_York")),
    pa.array([MOMENT], pa.timestamp("ns", "+05:30")),
    pa.array(["2020-03-01T09:30:00"], pa.large_string()),
    pa.array(["2020-03-01T07:30:00Z"]).dictionary_encode(),
]


@pytest.mark.parametrize("joined", TIMES, ids=lambda each: str(each.type))
def test_times_with_and_without_a_zone_are_the_instants_they_are(joined: pa.Array, tmp_path: Path) -> None:
    (event,), bad = made_of(tmp_path, joined=joined)
    assert (event["occurred_at"], bad) == (1_583_047_800_000_000, [])


def test_nanoseconds_are_cut_to_microseconds(tmp_path: Path) -> None:
    (event,), _ = made_of(tmp_path, joined=pa.array([1_583_047_800_123_456_789], pa.timestamp("ns", "UTC")))
    assert event["occurred_at"] == 1_583_047_800_123_456


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (pa.array([7], pa.int8()), "7"),
        (pa.array([2**63 + 2], pa.uint64()), "9223372036854775810"),
        (pa.array([Decimal("-12.90")], pa.decimal128(30, 2)), "-12.90"),
        (pa.array([Decimal("0.00000001")], pa.decimal256(50, 8)), "0.00000001"),
        (pa.array([12.9], pa.float32()), "12.9"),
        (pa.array([12.9], pa.float64()), "12.9"),
        (pa.array([True]), "true"),
        (pa.array([dt.date(2020, 3, 1)]), "2020-03-01"),
        (pa.array([dt.time(9, 30)], pa.time64("ns")), "09:30:00"),
        (pa.array([UUID(int=0xABCDEF).bytes], pa.uuid()), "00000000-0000-0000-0000-000000abcdef"),
        (pa.array(["Ä"], pa.string_view()), "Ä"),
    ],
    ids=lambda each: str(getattr(each, "type", each)),
)  # fmt: skip
def test_values_are_the_texts_that_csv_would_have(column: pa.Array, text: str, tmp_path: Path) -> None:
    (event,), bad = made_of(tmp_path, words=column)
    assert (event["consent_text"], bad) == (text, [])


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.int64(), pa.timestamp("us"), pa.null(), pa.bool_(), pa.decimal128(9, 2)]
)
def test_null_is_an_empty_cell(kind: pa.DataType, tmp_path: Path) -> None:
    made, bad = made_of(tmp_path, no=["1", "2"], email=["a@x.example"] * 2, joined=["2020-03-01 09:30"] * 2,
                        words=pa.array([None, None], kind))  # fmt: skip
    assert [each["consent_text"] for each in made] == ["", ""]
    assert bad == []


def test_a_null_key_is_a_bad_row_at_its_place(tmp_path: Path) -> None:
    _, bad = made_of(tmp_path, no=pa.array([None], pa.int64()))
    assert bad == ["subscribers.parquet, row 1: key: empty (column no)"]


NESTED = [
    (pa.array([["a"]]), "lists or records"),
    (pa.array([{"a": 1}]), "lists or records"),
    (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())), "lists or records"),
    (pa.array([b"a"]), "bytes"),
    (pa.array([b"ab"], pa.binary(2)), "bytes"),
    (pa.array([dt.timedelta(1)]), "spans of time"),
]


@pytest.mark.parametrize(("column", "held"), NESTED, ids=lambda each: str(getattr(each, "type", each)))
def test_a_column_that_no_text_can_be_made_of_is_refused_at_its_line_unless_it_is_not_needed(
    column: pa.Array, held: str, tmp_path: Path
) -> None:
    parquet(tmp_path, columns(words=column))
    with pytest.raises(Misconfigured) as raised:
        check_files(mapped(tmp_path, SUBSCRIBERS))
    said = f"history.yaml:12: subscribers.parquet: the column words holds {held}: make a text of it in the export"
    assert str(raised.value) == said
    (event,), bad = made_of(tmp_path, more=column)
    assert (event["customer_id"], bad) == ("1", [])


def test_a_column_that_is_not_there_or_twice_is_told_at_its_line(tmp_path: Path) -> None:
    parquet(tmp_path, {"no": ["1"], "emails": ["a"], "joined": ["x"], "words": ["y"]})
    with pytest.raises(
        Misconfigured, match=r"history.yaml:11: subscribers.parquet has no column email; do you mean emails"
    ):
        check_files(mapped(tmp_path, SUBSCRIBERS))
    twice = pa.table([pa.array(["1"])] * 5, names=[*NAMES, "email"])
    pq.write_table(twice, tmp_path / "subscribers.parquet")
    with pytest.raises(Misconfigured, match="more than one column email"):
        check_files(mapped(tmp_path, SUBSCRIBERS))


def test_rows_of_groups_and_files_come_in_their_order(tmp_path: Path) -> None:
    many = 2 * PART + 7
    for name, start in (("subscribers-1.parquet", 0), ("subscribers-2.parquet", many)):
        numbers = [str(start + each) for each in range(many)]
        parquet(
            tmp_path,
            {"no": numbers, "email": ["a@x.example"] * many, "joined": ["2020-03-01"] * many, "words": ["w"] * many},
            name,
            row_group_size=PART // 3,
        )
    made, counts = formed(mapped(tmp_path, SUBSCRIBERS))
    assert [each["customer_id"] for each in events(made)] == [str(each) for each in range(2 * many)]
    assert counts.rows == 2 * many


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    parquet(tmp_path, {name: pa.array([], pa.string()) for name in NAMES})
    assert formed(mapped(tmp_path, SUBSCRIBERS))[0] == []


TEXTS = st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]), max_size=20)
ROWS = st.lists(
    st.tuples(
        st.integers(1, 30).map(str),
        st.sampled_from(["a@x.example", "no address", "", "Ä@x.example"]),
        st.sampled_from(["2020-03-01 09:30", "2020-03-29 03:30", "2020-03-01T07:30:00Z", "yesterday", ""]),
        TEXTS,
    ),
    max_size=12,
)


@given(rows=ROWS, group=st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_the_same_rows_of_csv_and_of_parquet_are_the_same_events_and_dead_letters(
    rows: Sequence[tuple[str, ...]], group: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("same")
    with (folder / "subscribers.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([NAMES, *rows])
    told = {name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(NAMES)}
    parquet(folder, told, row_group_size=group)
    from_parquet, counts = formed(mapped(folder, SUBSCRIBERS))
    from_csv, other = formed(
        mapped(folder, SUBSCRIBERS.replace("parquet: 'subscribers*.parquet'", "csv: subscribers.csv"))
    )
    assert events(from_parquet) == events(from_csv)
    # A header is a line of CSV, and no row of Parquet.
    lines = [each.replace("subscribers.csv:", "") for each in reasons(from_csv)]
    places = [each.replace("subscribers.parquet, row ", "") for each in reasons(from_parquet)]
    assert [f"{int(place) + 1}: {why}" for place, _, why in (each.partition(": ") for each in places)] == lines
    assert [getattr(each, "raw", None) for each in from_parquet] == [getattr(each, "raw", None) for each in from_csv]
    assert (counts.rows, counts.events, counts.bad) == (other.rows, other.events, other.bad)


def test_a_million_bad_rows_stop_it_soon(tmp_path: Path) -> None:
    many = 1_000_000
    parquet(
        tmp_path,
        {"no": pa.array(range(many)), "email": pa.array(["x"] * many).dictionary_encode(),
         "joined": pa.array(["03/01/20"] * many).dictionary_encode(), "words": pa.nulls(many)},
    )  # fmt: skip
    made, counts = formed(mapped(tmp_path, SUBSCRIBERS), most_bad=1_000)
    assert counts.stopped
    assert (counts.bad, counts.rows, events(made)) == (1_001, 1_001, [])


def test_memory_does_not_grow_with_a_group_of_rows(tmp_path: Path) -> None:
    many = 400_000
    words = pa.array([f"{each:>100}" for each in range(many)])
    file = parquet(
        tmp_path,
        {"no": pa.array(range(many)), "email": pa.array(["a@x.example"] * many), "joined": ["2020-03-01"] * many, "words": words},
        row_group_size=many,
        use_dictionary=False,
        compression="none",
    )  # fmt: skip
    size = file.stat().st_size
    del words
    before, most = pa.total_allocated_bytes(), 0
    mapping = mapped(tmp_path, SUBSCRIBERS)
    for _, table in tables_of(mapping):
        for number, _ in enumerate(table.rows):
            if not number % PART:
                most = max(most, pa.total_allocated_bytes() - before)
    assert size > 40 << 20
    assert most < 16 << 20


def test_a_text_that_is_not_utf8_and_one_too_long_make_only_their_rows_bad(tmp_path: Path) -> None:
    texts = [b"good", b"\xff\xfe", b"x" * (LONGEST + 1), b"good"]
    raw = pa.array(texts, pa.binary())
    words = pa.StringArray.from_buffers(len(texts), raw.buffers()[1], raw.buffers()[2])
    made, bad = made_of(tmp_path, no=["1", "2", "3", "4"], email=["a@x.example"] * 4, joined=["2020-03-01 09:30"] * 4,
                        words=words)  # fmt: skip
    assert [each["customer_id"] for each in made] == ["1", "4"]
    assert bad == [
        "subscribers.parquet, row 2: not utf-8 (column words)",
        "subscribers.parquet, row 3: a value that no text can be made of, or larger than 128 KiB (column words)",
    ]


def test_a_time_beyond_all_years_makes_its_row_bad(tmp_path: Path) -> None:
    made, bad = made_of(tmp_path, joined=pa.array([2**62], pa.timestamp("us")))
    assert (made, bad) == (
        [],
        ["subscribers.parquet, row 1: a value that no text can be made of, or larger than 128 KiB (column joined)"],
    )


def refused(folder: Path) -> str:
    with pytest.raises(Misconfigured) as raised:
        formed(mapped(folder, SUBSCRIBERS))
    return str(raised.value)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no Parquet at all", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_what_is_no_parquet_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "subscribers.parquet").write_bytes(content)
    assert refused(tmp_path) == "subscribers.parquet is no Parquet that can be read, or is cut off: export it anew"


def test_a_file_that_is_cut_off_anywhere_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    whole = parquet(tmp_path, columns()).read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / "subscribers.parquet").write_bytes(whole[:length])
        with pytest.raises(Misconfigured, match="cut off"):
            check_files(mapped(tmp_path, SUBSCRIBERS))


def test_an_encrypted_file_is_refused(tmp_path: Path) -> None:
    whole = bytearray(parquet(tmp_path, columns()).read_bytes())
    whole[:4] = whole[-4:] = b"PARE"
    (tmp_path / "subscribers.parquet").write_bytes(whole)
    assert "subscribers.parquet is encrypted" in refused(tmp_path)


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_refused_or_read_and_never_a_fault_of_the_program(seed: int, tmp_path: Path) -> None:
    many = 50
    told = {"no": [str(each) for each in range(many)], "email": ["a@x.example"] * many}
    told |= {"joined": ["2020-03-01"] * many, "words": ["w"] * many}
    whole = bytearray(parquet(tmp_path, told, row_group_size=10, write_page_checksum=True).read_bytes())
    for at in range(3):
        whole[(seed * 7919 + at * 104729) % len(whole)] ^= 1 + seed % 255
    (tmp_path / "subscribers.parquet").write_bytes(whole)
    try:
        formed(mapped(tmp_path, SUBSCRIBERS))
    except Misconfigured as fault:
        assert "subscribers.parquet" in str(fault)  # noqa: PT017 - that it may also be read is the point


def test_a_page_that_is_damaged_says_behind_which_row_and_what_came_before_stays(tmp_path: Path) -> None:
    many = 3 * PART
    file = parquet(
        tmp_path,
        {"no": [str(each) for each in range(many)], "email": ["a@x.example"] * many, "joined": ["2020-03-01"] * many,
         "words": [f"words {each}" for each in range(many)]},
        row_group_size=PART, write_page_checksum=True, compression="none", use_dictionary=False,
    )  # fmt: skip
    raw = file.read_bytes()
    at = raw.index(f"words {many - 50}".encode())
    file.write_bytes(raw[:at] + b"WORDS" + raw[at + 5 :])
    assert f"subscribers.parquet cannot be read behind row {2 * PART:,}: it is damaged" in refused(tmp_path)


def test_a_footer_that_asks_for_gigabytes_is_refused(tmp_path: Path) -> None:
    footer = b"\x15\x02\x19\x1c\x48" + b"\xff\xff\xff\xff\x0f" + b"a"
    content = b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"
    (tmp_path / "subscribers.parquet").write_bytes(content)
    assert "is no Parquet that can be read" in refused(tmp_path)


def test_without_the_extra_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet(tmp_path, columns())
    mapping = mapped(tmp_path, SUBSCRIBERS)
    usual = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.partition(".")[0] == "pyarrow":
            raise ImportError(name)
        return usual(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(Misconfigured, match=r"to read Parquet, install pyarrow: pip install 'jalki\[parquet\]'"):
        check_files(mapping)


def test_a_mapping_reads_one_kind_of_file_and_only_what_goes_with_it(tmp_path: Path) -> None:
    text = SUBSCRIBERS.replace("{parquet: 'subscribers*.parquet'}", "{parquet: x.parquet, csv: x.csv}")
    assert faults(tmp_path, text) == ["4: rows come from one of csv, parquet and sql"]
    text = SUBSCRIBERS.replace(
        "{parquet: 'subscribers*.parquet'}", "{parquet: x.parquet, delimiter: ';', query: SELECT 1}"
    )
    assert faults(tmp_path, text) == ["4: delimiter goes with csv", "4: query goes with sql"]
