"""How identifiers are compared: trimmed, NFC and lower case for e-mail, E.164 for phones, exactly for the rest."""

import unicodedata

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lineage.errors import Misconfigured
from lineage.identifiers import NEVER, RANK, REFERENCE, normalised, rank, read_identifier

SEPARATOR = st.sampled_from(["", "", "", " ", "-", "  ", " - "])


@st.composite
def finnish_mobiles(draw: st.DrawFn) -> str:
    """Finnish mobile numbers in the spellings people use, and a few that are nearly such numbers."""
    prefix = draw(st.sampled_from(["0", "+358", "+358 ", "+358-", " 0", "+358 0", "00358", "358"]))
    start = draw(st.sampled_from(["40", "41", "44", "45", "46", "48", "49", "50", "400", "457", "500", "51", "43"]))
    digits = start + draw(st.text("0123456789", min_size=3, max_size=9))
    return prefix + "".join(digit + draw(SEPARATOR) for digit in digits) + draw(st.sampled_from(["", " ", "\t"]))


@settings(max_examples=600, deadline=None)
@given(finnish_mobiles())
def test_a_phone_is_compared_as_phonenumbers_writes_it_in_e164(spelling: str) -> None:
    try:
        number = phonenumbers.parse(spelling, "FI")
    except phonenumbers.NumberParseException:
        assert normalised("phone", spelling) == spelling.strip()
    else:
        assert normalised("phone", spelling) == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    "spelling",
    [
        "040 123 4567",
        "+358 40 1234567",
        "040-1234567",
        "+358401234567",
        "00358 40 123 4567",
        "+358 (0)40 123 4567",
        "(040) 1234567",
    ],
)
def test_spellings_of_one_finnish_number_are_one_phone(spelling: str) -> None:
    assert normalised("phone", spelling) == "+358401234567"


def test_a_foreign_number_keeps_its_country() -> None:
    assert normalised("phone", "+46 70-123 45 67") == "+46701234567"


def test_what_is_no_number_is_compared_as_its_trimmed_text() -> None:
    assert normalised("phone", "  ask reception ") == "ask reception"


@given(st.text(min_size=1))
def test_no_text_is_too_strange_to_be_a_phone(text: str) -> None:
    assert isinstance(normalised("phone", text), str)


def test_mail_addresses_are_compared_without_case_space_and_spelling_of_accents() -> None:
    composed, decomposed = "Päivi.Åkerlund@Example.FI", unicodedata.normalize("NFD", "päivi.åkerlund@example.fi")
    assert composed != decomposed
    assert normalised("email", f"  {composed}\t") == normalised("email", decomposed)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), st.sampled_from([" ", "\t", "\n", "\u00a0"]))
def test_a_mail_address_is_the_same_with_space_around_it_and_in_either_unicode_form(text: str, space: str) -> None:
    assume(unicodedata.normalize("NFC", unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFC", text))
    expected = normalised("email", unicodedata.normalize("NFC", text))
    assert normalised("email", space + text + space) == expected
    assert normalised("email", unicodedata.normalize("NFD", text)) == expected


@pytest.mark.parametrize(
    "kind", ["customer_id", "device_id", "order_id", "tracking_number", "consignee", "loyalty_card"]
)
@given(value=st.text())
def test_every_other_kind_is_compared_exactly(kind: str, value: str) -> None:
    assert normalised(kind, value) == value


def test_ranks_are_those_of_the_contract() -> None:
    ordered = ["customer_id", "email", "phone", "device_id", "order_id", "consignee"]
    assert sorted(RANK, key=rank) == ordered
    assert len({rank(kind) for kind in ordered}) == 6
    assert {rank(kind) for kind in ("shipment_id", "payment_id", "anything_new")} == {REFERENCE}
    assert max(map(rank, ordered)) < REFERENCE


def test_name_address_ip_and_official_numbers_never_identify() -> None:
    assert {"name", "address", "ip_address", "national_id", "vat_number", "passport_number"} <= NEVER
    assert not NEVER & set(RANK)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("email:a@b.fi", ("email", "a@b.fi")),
        ("customer_id:C-17", ("customer_id", "C-17")),
        ("order_id:2026:1", ("order_id", "2026:1")),
        ("a@b.fi", ("email", "a@b.fi")),
        ("Mixed.Case@B.fi", ("email", "Mixed.Case@B.fi")),
        ("odd:local@b.fi", ("odd", "local@b.fi")),
        ("Odd:local@b.fi", ("email", "Odd:local@b.fi")),
        ("Email:a@b.fi", ("email", "a@b.fi")),
    ],
)
def test_an_identifier_is_read_as_people_type_it(typed: str, read: tuple[str, str]) -> None:
    assert read_identifier(typed) == read


@pytest.mark.parametrize(
    "typed", ["", "C-17", "email:", "email:  ", ":x", "name:Maija", "national_id:010190-999X", "0401234567"]
)
def test_what_is_no_identifier_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        read_identifier(typed)
    for word in ("Maija", "010190", "0401234567", "C-17"):
        assert word not in str(caught.value).replace("customer_id:C-17", "")
