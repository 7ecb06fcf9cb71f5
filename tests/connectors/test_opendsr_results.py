"""What a company sends that was asked for a copy, fetched from a real server over TLS; and whatever else it may send."""

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.opendsr.results import LARGEST, MOST_VALUES, ResultField, read_results
from lineage.answers.others import OTHER_PERSON, WITHHELD, without_others
from lineage.answers.records import UNSORTED, unpacked
from lineage.cases.orders import Order, Outcome
from lineage.errors import JalkiError, Misconfigured, Refused, Retryable
from schemas.vocabulary import vocabulary
from tests.connectors.companies import TOKEN, Processor
from tests.connectors.keys import Authority
from tests.connectors.orders import MAIL
from tests.connectors.results import JSON, RESULTS, Giving

HELD = {"name": "Maija Meri", "email": MAIL, "orders": [{"no": 7, "to": {"phone": "+358409876543"}}]}
CATEGORIES = frozenset(vocabulary().categories)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def party(authority: Authority, tmp_path: Path) -> Iterator[Processor]:
    with Processor(authority, tmp_path).running() as made:
        yield made


@pytest.fixture
def giving(party: Processor) -> Giving:
    found = Giving(party.app._app, party.signer(), body=json.dumps(HELD).encode())
    found.url = f"https://127.0.0.1:{party.port}{RESULTS}"
    party.app._app = found
    return found


def asked(party: Processor, order: Order | None = None, status: str = "completed") -> Outcome:
    """Ask for a copy, have the company say how it stands, and ask how it goes."""
    order = party.order(action="collect") if order is None else order

    async def run() -> Outcome:
        connector = party.connector(categories=CATEGORIES)
        try:
            assert (await connector.send(order)).state == "accepted"
            party.requests.move("multitronic", order.key, status)
            return await connector.ask(order)
        finally:
            await connector.close()

    return asyncio.run(run())


def test_the_copy_of_a_completed_request_is_fetched_with_our_token(party: Processor, giving: Giving) -> None:
    outcome = asked(party)
    assert (outcome.state, outcome.how, giving.fetched) == ("verified", "signed-answer", [f"Bearer {TOKEN}"])
    main, order = unpacked(outcome.copy)
    assert (main.system, main.table, order.table) == ("multicare", "data", "orders")
    assert [(cell.name, cell.value, cell.category) for cell in main.cells] == [
        ("name", "Maija Meri", "name"),
        ("email", MAIL, "email"),
    ]
    assert [(cell.name, cell.value) for cell in order.cells] == [("no", 7), ("to.phone", "+358409876543")]
    assert MAIL not in outcome.evidence.decode(), "what was signed says where the copy is, and not what stands in it"


@pytest.mark.parametrize("status", ["pending", "in_progress", "cancelled"])
def test_nothing_is_fetched_before_the_company_says_that_it_is_done(
    party: Processor, giving: Giving, status: str
) -> None:
    outcome = asked(party, status=status)
    assert (outcome.state, outcome.copy, giving.fetched) == (
        "failed" if status == "cancelled" else "accepted",
        b"",
        [],
    )


def test_of_an_erasure_no_results_are_fetched(party: Processor, giving: Giving) -> None:
    assert (asked(party, party.order()).state, giving.fetched) == ("verified", [])


@pytest.mark.parametrize("count", [None, 5])
def test_that_it_is_done_without_a_word_of_where_the_copy_is_is_for_a_person(
    party: Processor, giving: Giving, count: int | None
) -> None:
    giving.url, giving.count = None, count
    outcome = asked(party)
    assert (outcome.state, outcome.how, bool(outcome.evidence)) == ("manual", "no-results", True)


def test_that_it_found_nothing_is_signed_and_believed(party: Processor, giving: Giving) -> None:
    giving.url, giving.count = None, 0
    assert asked(party).state == "not_held"


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/results",
        "http://127.0.0.1:{port}/results/of-her",
        "https://127.0.0.1/results/of-her",
        "https://127.0.0.1:{port}@elsewhere.example/results",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "//127.0.0.1:{port}/results",
        "not a url",
        "https://[",
    ],
)
def test_results_on_another_host_are_never_called_for(party: Processor, giving: Giving, url: str) -> None:
    giving.url = url.format(port=party.port)
    outcome = asked(party)
    assert (outcome.state, outcome.how, giving.fetched) == ("manual", "results-refused", [])
    assert "another host" in str(outcome.ground)
    assert giving.url not in str(outcome.ground)


def test_a_redirect_is_not_followed(party: Processor, giving: Giving) -> None:
    giving.status, giving.headers = 302, {"location": f"https://127.0.0.1:{party.port}{RESULTS}"}
    outcome = asked(party)
    assert (outcome.state, outcome.how, len(giving.fetched)) == ("manual", "results-refused", 1)


@pytest.mark.parametrize(
    ("status", "how"),
    [(404, "results-gone"), (410, "results-gone"), (400, "results-refused"), (204, "results-refused")],
)
def test_results_that_are_not_there_are_for_a_person(party: Processor, giving: Giving, status: int, how: str) -> None:
    giving.status, giving.body = status, b""
    assert (asked(party).state, asked(party).how) == ("manual", how)


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Misconfigured), (403, Misconfigured), (429, Retryable), (500, Retryable), (503, Retryable)],
)
def test_what_may_go_better_later_is_tried_again(
    party: Processor, giving: Giving, status: int, error: type[JalkiError]
) -> None:
    giving.status = status
    with pytest.raises(error) as raised:
        asked(party)
    assert MAIL not in str(raised.value)


def test_results_that_are_too_large_are_for_a_person(party: Processor, giving: Giving) -> None:
    giving.body = b'["' + b"x" * LARGEST + b'"]'
    outcome = asked(party)
    assert (outcome.state, outcome.how) == ("manual", "results-refused")
    giving.body = json.dumps([{"noise": f"{number:x}" * 9} for number in range(2**64, 2**64 + 9)]).encode()
    assert asked(party).state == "verified"


def test_what_does_not_fit_into_one_entry_is_for_a_person(party: Processor, giving: Giving) -> None:
    import random

    noise = random.Random(1).randbytes(1_400_000).hex()  # noqa: S311 - nothing secret
    giving.body = json.dumps([noise]).encode()
    outcome = asked(party)
    assert (outcome.state, outcome.how, outcome.copy) == ("manual", "results-too-large", b"")


def test_an_empty_list_is_no_copy(party: Processor, giving: Giving) -> None:
    giving.body = b"[]"
    assert (asked(party).state, asked(party).how) == ("manual", "results-empty")


@pytest.mark.parametrize(
    ("media", "body"),
    [
        (JSON, b"<html>oops</html>"),
        (JSON, b""),
        (JSON, b'{"a": 1, "a": 2}'),
        (JSON, b'{"a": NaN}'),
        (JSON, b"[1e999]"),
        (JSON, b'"only a text"'),
        (JSON, b'{"a": "\\ud800"}'),
        (JSON, b"\xff\xfe"),
        (JSON, b"[" * 200_000),
        (JSON, b'{"a":' * 30 + b"1" + b"}" * 30),
        (JSON, b"[" + b"1," * MOST_VALUES + b"1]"),
        ("text/csv", b"a,a\r\n1,2\r\n"),
        ("text/csv", b"a,b\r\n1\r\n"),
        ("text/csv", b'a\r\n"half'),
        ("text/html", b"{}"),
        ("application/zip", b"PK"),
        ("", b"{}"),
    ],
)
def test_what_is_not_what_it_says_is_no_copy(party: Processor, giving: Giving, media: str, body: bytes) -> None:
    giving.media, giving.body = media, body
    outcome = asked(party)
    assert (outcome.state, outcome.how, outcome.copy) == ("manual", "results-unreadable", b"")


def test_results_that_are_signed_must_be_signed_rightly(party: Processor, giving: Giving) -> None:
    giving.signed = giving.body
    assert asked(party).state == "verified"
    giving.signed = b"something else"
    assert (asked(party).state, asked(party).how) == ("manual", "results-refused")


def test_nothing_of_a_copy_is_logged(party: Processor, giving: Giving, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for body in (giving.body, b"garbage of maija.meri@example.fi"):
            giving.body = body
            asked(party)
    ours = [record.getMessage() for record in caplog.records if record.name.split(".")[0] in {"connectors", "lineage"}]
    assert ours
    assert not [line for line in ours if "Meri" in line or "example.fi" in line or RESULTS in line]


def test_a_transfer_asks_for_portability_and_only_where_the_company_takes_that(party: Processor) -> None:
    with pytest.raises(Refused, match="portability"):
        asked(party, replace(party.order(action="collect"), portable=True))
    assert not party.requests.opened_


def test_csv_is_read_by_its_head() -> None:
    body = '\ufeffemail,note\r\nanna@example.fi,"a, b"\r\n\r\n'.encode()
    (record,) = read_results("text/csv; charset=utf-8", body, "p", ["newsletter"], {}, CATEGORIES) or ()
    assert [(cell.name, cell.value, cell.category) for cell in record.cells] == [
        ("email", "anna@example.fi", "email"),
        ("note", "a, b", UNSORTED),
    ]


def test_what_is_said_of_a_field_counts_and_what_is_not_is_taken_for_free_text() -> None:
    told = {"mail": "anna@example.fi", "to": {"name": "Eve Muu"}, "note": "call eve@example.fi or anna@example.fi"}
    fields = {"to.name": ResultField(category="name", about="other")}
    body = json.dumps(told).encode()
    records = read_results(JSON, body, "p", ["newsletter"], fields, CATEGORIES) or ()
    (record,) = without_others(records, [("email", "anna@example.fi")])
    assert {cell.name: cell.value for cell in record.cells} == {
        "mail": "anna@example.fi",
        "to.name": OTHER_PERSON,
        "note": f"call {OTHER_PERSON} or anna@example.fi",
    }


def test_secrets_are_not_read_and_names_that_could_be_somebodys_are_not_kept() -> None:
    told = {"api_token": "t0p", "hash": {"of": "x"}, "friends": {"eve@example.fi": 1, "+358401234567": 2}}
    (record,) = read_results(JSON, json.dumps(told).encode(), "p", ["newsletter"], {}, CATEGORIES) or ()
    assert [(cell.name, cell.value) for cell in record.cells] == [
        ("api_token", WITHHELD), ("hash.of", WITHHELD), ("friends.?", 1), ("friends.?", 2),
    ]  # fmt: skip


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(
    st.binary(max_size=200) | json_values.map(lambda told: json.dumps(told).encode()),
    st.sampled_from([JSON, "text/csv"]),
)
def test_whatever_comes_is_records_or_nothing(body: bytes, media: str) -> None:
    records = read_results(media, body, "p", ["newsletter"], {}, CATEGORIES)
    assert records is None or all(record.cells and record.system == "p" for record in records)
