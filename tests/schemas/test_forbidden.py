"""Card numbers and bank logins are found wherever they stand, dropped, and it is known whose they were; all else stays."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codec import decode
from schemas.forbidden import holds_card_number, mask_card_numbers, suspicious, without_forbidden
from schemas.records import JsonRecords
from tests.schemas.making import CATALOGUE, example, line

# The numbers that card schemes publish for tests: 13, 14, 15, 16 and 19 digits.
CARDS = [
    "4222222222222",
    "30569309025904",
    "378282246310005",
    "4111111111111111",
    "5555555555554444",
    "6304000000000000000",
]
JSON = JsonRecords(CATALOGUE)
ORDER, CLAIM, DISCLOSED = (CATALOGUE.types[name] for name in ("OrderPlaced", "ClaimOpened", "DataDisclosed"))
CONSIGNEE = {"name": "K", "phone": None, "email": None, "address": None}


def luhn(digits: str) -> bool:
    """Luhn's check as it is done by hand: double every second from the right, add the digits."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def grouped(card: str, separator: str) -> str:
    return separator.join(card[place : place + 4] for place in range(0, len(card), 4))


def encoded(event: dict[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    made = JSON.encode(line(event))
    return decode(CATALOGUE, made.record)[1], made.forbidden


@pytest.mark.parametrize("card", CARDS)
def test_card_numbers_are_found_however_they_are_written(card: str) -> None:
    for text in (
        card,
        grouped(card, " "),
        grouped(card, "-"),
        f"card: {card}.",
        f"({grouped(card, ' ')}) 12/27",
        f"_{card}_",
        f"{card},{card}",
    ):
        assert holds_card_number(text), text
        assert suspicious(text.encode())


@given(st.from_regex(r"[0-9]{13,19}", fullmatch=True))
def test_thirteen_to_nineteen_digits_are_a_card_number_where_luhn_says_so(digits: str) -> None:
    assert holds_card_number(digits) == luhn(digits)
    assert holds_card_number(f"see {grouped(digits, ' ')}!") or not luhn(digits)


@given(st.from_regex(r"[0-9]{1,12}|[0-9]{20,40}", fullmatch=True), st.sampled_from(["", "nr ", "("]))
def test_fewer_and_more_digits_are_no_card_number(digits: str, before: str) -> None:
    assert not holds_card_number(before + digits)


@pytest.mark.parametrize(
    "text",
    [
        "FI2112345600000785",
        "FI21 1234 5600 0007 85",
        "DE89370400440532013000",
        "+4915112345678",
        "+4111111111111111",
        "JJFI64574900000000005",
        "x4111111111111111",
        "4111111111111111x",
        "2026-03-01T09:30:00.123456+02:00",
        "2026-03-01 09:30:00",
        "1772357400",
        "1772357400.123456",
        "4111 1111 1111 1112",
        "4111111111111112",
        "192.168.100.100:44321",
        "010190-999X",
        "",
        "4111  1111  1111  1111",
    ],
)
def test_account_numbers_phones_times_and_glued_digits_are_no_card_numbers(text: str) -> None:
    assert not holds_card_number(text)


def test_a_card_number_in_any_field_is_dropped_and_the_rest_stays() -> None:
    event, whose = encoded(example(CLAIM, description="I paid with 4111 1111 1111 1111, help", serial="S-1"))
    assert (event["description"], event["serial"]) == ("", "S-1")
    assert whose == {"person"}


def test_a_card_number_in_a_nested_field_is_dropped() -> None:
    made = example(ORDER, consignee=CONSIGNEE)
    made["address"]["street"] = "4111-1111-1111-1111"
    made["items"][0]["serial"] = "5555555555554444"
    event, whose = encoded(made)
    assert event["address"] == {**made["address"], "street": ""}
    assert event["items"][0]["serial"] == ""
    assert whose == {"person"}


def test_a_consignees_card_number_is_hers() -> None:
    event, whose = encoded(example(ORDER, consignee={**CONSIGNEE, "name": "K 4111111111111111"}))
    assert event["consignee"]["name"] == ""
    assert whose == {"consignee"}
    both = example(ORDER, consignee={**CONSIGNEE, "name": "4111111111111111"}, ip_address="4111111111111111")
    assert encoded(both)[1] == {"person", "consignee"}


def test_a_card_number_among_the_identifiers_is_dropped() -> None:
    identifiers = [{"kind": "email", "value": "a@b.fi"}, {"kind": "order_id", "value": "4111111111111111"}]
    event, whose = encoded(example(DISCLOSED, identifiers=identifiers, categories=["name"]))
    assert event["identifiers"] == [{"kind": "email", "value": "a@b.fi"}, {"kind": "order_id", "value": ""}]
    assert whose == {"person"}


@pytest.mark.parametrize(
    "extra",
    [
        {"note": "4111111111111111"},
        {"note": 4111111111111111},
        {"deep": [{"er": ["4111 1111 1111 1111"]}]},
        {"deep": {"number": 378282246310005}},
        {"cvv": "123"},
        {"pan": 1},
        {"nested": {"bank_login": "x"}},
        {"online_bank_id": ["1"]},
    ],
    ids=range(8),
)
def test_what_is_forbidden_in_a_field_the_schema_does_not_know_is_noticed(extra: dict[str, Any]) -> None:
    event, whose = encoded({**example(CLAIM), **extra})
    assert whose == {"person"}
    assert not event.keys() & extra.keys()


@pytest.mark.parametrize(
    "extra",
    [{"cvv": None}, {"pan": ""}, {"note": 411111111111}, {"note": True}, {"note": "4111111111111112"}],
    ids=range(5),
)
def test_what_only_looks_like_it_is_not_marked(extra: dict[str, Any]) -> None:
    assert encoded({**example(CLAIM), **extra})[1] == frozenset()


@pytest.mark.parametrize("separator", ["\\u0020", "\\u002d", "\\u002D"])
def test_a_card_number_written_with_escapes_is_dropped_before_it_becomes_a_record(separator: str) -> None:
    card = separator.join(["4111"] * 1 + ["1111"] * 3)
    made = JSON.encode(line(example(CLAIM, description="@")).replace(b"@", card.encode()))
    assert decode(CATALOGUE, made.record)[1]["description"] == ""
    assert made.forbidden == {"person"}
    digits = JSON.encode(line(example(CLAIM, description="@")).replace(b"@", b"\\u0034111-1111-1111-111\\u0031"))
    assert digits.forbidden == {"person"}


def test_a_decoded_event_is_cleaned_as_well() -> None:
    event = {
        "event_id": "e",
        "name": "4111111111111111",
        "consignee": {"name": "x"},
        "items": [{"quantity": 4111111111111111}],
        "occurred_at": 4111111111111111,
    }
    clean, whose = without_forbidden(event, frozenset({"consignee"}))
    assert clean == {**event, "name": ""}
    assert whose == {"person"}


@given(st.text(max_size=30), st.sampled_from(CARDS), st.text(max_size=30))
def test_whoever_is_not_suspicious_holds_no_card_number(before: str, card: str, after: str) -> None:
    text = before + card + after
    assert suspicious(text.encode("utf-8", "replace")) or not holds_card_number(text)


@given(
    st.binary(max_size=40),
    st.sampled_from(CARDS),
    st.sampled_from([b"", b"0", b"2", b"4", b"6", b"8", b":", b"\x02", b"a"]),
    st.sampled_from([b"", b"0", b"2", b"8", b"x"]),
)
def test_no_masked_record_holds_a_card_number_even_beside_the_length_of_a_text(
    rest: bytes, card: str, length: bytes, following: bytes
) -> None:
    """In Avro a text stands right after its length and before the next, and either may be the byte of a digit."""
    record = rest.rstrip(b"0123456789 -") + length + card.encode() + following
    assert card.encode() not in mask_card_numbers(record.decode("latin-1")).encode("latin-1")


def test_masking_leaves_everything_else_and_the_length() -> None:
    record = '{"a": "4111 1111 1111 1111", "b": "12345"}'
    assert mask_card_numbers(record) == '{"a": "[card number]******", "b": "12345"}'
    assert len(mask_card_numbers(record)) == len(record)
    assert mask_card_numbers("no number") == "no number"
