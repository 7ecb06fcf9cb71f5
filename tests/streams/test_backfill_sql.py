import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from connectors.queries import PART
from lineage.errors import Misconfigured, Retryable
from tests.servers.postgres import Postgres
from tests.streams.backfill_parts import events, faults, formed, mapped, reasons

QUERY = """
name: subscribers
event: NewsletterSubscribed
rows:
  sql: {url}
  query: >-
    SELECT no, email, joined, agreed, '100 % :no' AS words FROM subscriber WHERE email LIKE '%@x.example' ORDER BY no
key: [no]
only: {{agreed: ['1', 'true']}}
zone: Europe/Helsinki
fields:
  occurred_at: joined
  controller: {{constant: multitronic}}
  customer_id: no
  email: email
  consent_text: words
  source: {{constant: history}}
"""
ROWS = [
    (1, "a@x.example", "2020-03-01 09:30:00", 1),
    (2, "b@x.example", "2020-03-01 09:30:00", 0),
    (3, "c@y.example", None, 1),
]


def shop(folder: Path, rows: Sequence[tuple[object, ...]] = ROWS) -> str:
    with closing(sqlite3.connect(folder / "shop.db")) as database:
        database.execute("CREATE TABLE subscriber (no INTEGER, email TEXT, joined TEXT, agreed INTEGER)")
        database.executemany("INSERT INTO subscriber VALUES (?, ?, ?, ?)", rows)
        database.commit()
    return f"sqlite:///{folder / 'shop.db'}"


def test_the_rows_of_a_query_become_events(tmp_path: Path) -> None:
    made, counts = formed(mapped(tmp_path, QUERY.format(url=shop(tmp_path))))
    (event,) = events(made)
    assert (event["customer_id"], event["email"], event["consent_text"]) == ("1", "a@x.example", "100 % :no")
    assert event["occurred_at"] == 1_583_047_800_000_000
    assert (counts.rows, counts.passed) == (2, 1)


def test_the_same_row_is_the_same_event_from_a_query_and_from_a_file(tmp_path: Path) -> None:
    asked, _ = formed(mapped(tmp_path, QUERY.format(url=shop(tmp_path))))
    (tmp_path / "s.csv").write_text("no,email,joined,agreed,words\n1,a@x.example,2020-03-01 09:30:00,1,100 % :no\n")
    text = QUERY.format(url="-")
    begin, end = text.index("rows:"), text.index("key:")
    read, _ = formed(mapped(tmp_path, text[:begin] + "rows: {csv: s.csv}\n" + text[end:]))
    assert events(asked) == events(read)


def test_what_postgresql_has_types_for_is_read_as_it_would_stand_in_a_file(postgres: Postgres, tmp_path: Path) -> None:
    made_here = postgres.new_database()
    try:
        with postgres.connect(made_here) as connection:
            connection.execute("CREATE TABLE subscriber (no BIGINT, email TEXT, joined TIMESTAMPTZ, agreed BOOLEAN)")
            connection.execute("INSERT INTO subscriber VALUES (1, 'a@x.example', '2020-03-01 09:30:00+02', true)")
            connection.execute("INSERT INTO subscriber VALUES (2, 'b@x.example', '2020-03-01 09:30:00+02', false)")
        text = QUERY.format(url=made_here)
        if postgres.login.password is not None:
            (tmp_path / "password").write_text(postgres.login.password)
            text = text.replace("  query:", "  password: {file: password}\n  query:")
        made, counts = formed(mapped(tmp_path, text))
    finally:
        postgres.drop(made_here)
    (event,) = events(made)
    assert (event["customer_id"], event["consent_text"]) == ("1", "100 % :no")
    assert event["occurred_at"] == 1_583_047_800_000_000
    assert counts.passed == 1


def test_a_row_with_bytes_is_bad_and_the_rest_goes_on(tmp_path: Path) -> None:
    rows = [*ROWS, (4, "d@x.example", b"\x00\x01", 1), (5, "e@x.example", "2021-01-01", 1)]
    made, _ = formed(mapped(tmp_path, QUERY.format(url=shop(tmp_path, rows))))
    assert reasons(made) == ["subscribers, row 3: bytes, which nobody can read (column joined)"]
    assert len(events(made)) == 2


def test_a_long_answer_is_read_in_parts(tmp_path: Path) -> None:
    rows = [(each, f"a{each}@x.example", "2020-03-01", 1) for each in range(2 * PART + 1)]
    made, _ = formed(mapped(tmp_path, QUERY.format(url=shop(tmp_path, rows))))
    assert len({each["event_id"] for each in events(made)}) == len(rows)


def test_nothing_can_be_written_by_a_query(tmp_path: Path) -> None:
    url = shop(tmp_path)
    text = re.sub("SELECT .* ORDER BY no", "DELETE FROM subscriber", QUERY.format(url=url))
    with pytest.raises((Misconfigured, Retryable)):
        formed(mapped(tmp_path, text))
    assert len(events(formed(mapped(tmp_path, QUERY.format(url=url)))[0])) == 1


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("email LIKE", "mail LIKE", "subscribers"),
        (
            "occurred_at: joined",
            "occurred_at: joind",
            "history.yaml:12: subscribers has no column joind; do you mean joined",
        ),
    ],
)
def test_a_query_that_does_not_fit_is_told_without_its_words(tmp_path: Path, old: str, new: str, fault: str) -> None:
    with pytest.raises((Misconfigured, Retryable), match=fault) as raised:
        formed(mapped(tmp_path, QUERY.format(url=shop(tmp_path)).replace(old, new)))
    assert "SELECT" not in str(raised.value)


def test_a_password_has_a_file_or_a_variable_and_no_place_in_the_address(tmp_path: Path) -> None:
    text = QUERY.format(url="postgresql://a:secret@db.example/shop")
    with pytest.raises(Misconfigured, match="put it into a file of its own") as raised:
        formed(mapped(tmp_path, text))
    assert "secret" not in str(raised.value)
    both = QUERY.format(url="postgresql://a@db.example/shop").replace("  query:", "  password: {}\n  query:")
    assert faults(tmp_path, both) == ["6: password is one of {file: NAME} and {variable: NAME}"]


def test_a_password_that_is_not_there_is_told(tmp_path: Path) -> None:
    text = QUERY.format(url="postgresql://a@db.example/shop").replace("  query:", "  password: {file: no}\n  query:")
    with pytest.raises(Misconfigured, match="the password of the rows' database cannot be read"):
        formed(mapped(tmp_path, text))
