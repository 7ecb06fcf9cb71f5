import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vendors.rest.addresses import address_of


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Mannerheimintie 1 A 2, 00100 Helsinki, FI", ("Mannerheimintie 1 A 2", "00100", "Helsinki", "FI")),
        ("  Storgatan 3 ,  111 22  Stockholm , SE ", ("Storgatan 3", "111 22", "Stockholm", "SE")),
        ("Brivibas 1, LV-1010 Riga, LV", ("Brivibas 1", "LV-1010", "Riga", "LV")),
        ("Dam 1, 1012 JS Amsterdam, NL", ("Dam 1", "1012 JS", "Amsterdam", "NL")),
    ],
)
def test_an_address_is_read_where_it_can_be_read_in_one_way(text: str, read: tuple[str, ...]) -> None:
    found = address_of(text)
    assert found is not None
    assert tuple(found[each] for each in ("street", "postcode", "city", "country")) == read
    assert "state" not in found


def test_an_address_in_the_united_states_has_a_state() -> None:
    assert address_of("12911 Fork Rd, Baldwin, MD 21013-1234, US") == {
        "street": "12911 Fork Rd", "city": "Baldwin", "state": "MD", "postcode": "21013-1234", "country": "US",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "", "Helsinki", "Mannerheimintie 1, 00100 Helsinki", "Mannerheimintie 1, Helsinki, FI",
        "c/o Meri, Mannerheimintie 1, 00100 Helsinki, FI", "Mannerheimintie 1, 00100 Helsinki, Finland",
        "Mannerheimintie 1, 0010 Helsinki, FI", "Mannerheimintie 1, 00100 Helsinki, fi", ", 00100 Helsinki, FI",
        "Mannerheimintie 1\n00100 Helsinki, FI", "1 High St, London SW1A 1AA, GB", "Mannerheimintie 1, 00100 10, FI",
        "Mannerheimintie 1, ٠٠١٠٠ Helsinki, FI", "12911 Fork Rd, MD 21013, US",
    ],
)  # fmt: skip
def test_anything_else_is_left_to_a_person(text: str) -> None:
    assert address_of(text) is None


@given(st.text(max_size=60))
def test_no_text_is_too_much_for_it(text: str) -> None:
    found = address_of(text)
    assert found is None or all(found.values())
