"""Meta's own SDK is the oracle of how it wants identifiers: our rules give the same hashes."""

import re

import pytest
from facebook_business.adobjects.customaudience import CustomAudience
from facebook_business.adobjects.serverside.normalize import Normalize
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.normalisers import NORMALISERS, sha256_hex, variants
from lineage.identifiers import normalised

SCHEMA = CustomAudience.Schema
EDGES = st.text(" \t\r\n\0\x0b.")
ADDRESSES = st.builds(
    lambda a, b, c, d: f"{a}{b}@example.{c}{d}", EDGES, st.text(min_size=1), st.sampled_from(["fi", "com"]), EDGES
)


def of_audiences(value: str, schema: str = SCHEMA.email_hash) -> str:
    return str(CustomAudience.format_params(schema, [value])["payload"]["data"][0])


def of_keys(key: str, value: str) -> str:
    return str(CustomAudience.format_params([key], [[value]], is_raw=True)["payload"]["data"][0][0])


def ours(rule: str, value: str) -> str:
    return sha256_hex(NORMALISERS[rule](value))


@given(ADDRESSES)
@example("MÄKI@example.com")
@example("a@example.com.")
@example(" .a@example.com. ")
@example("MA\N{COMBINING DIAERESIS}KI@example.com")
@example("İ@example.com")
def test_an_address_of_an_audience_is_hashed_as_metas_sdk_does(value: str) -> None:
    assert ours("meta-email@1", value) == of_audiences(value) == of_keys(SCHEMA.MultiKeySchema.email, value)


@given(ADDRESSES.filter(lambda value: re.match(r".+@.+\..+", value.lower().strip())))
@example("MÄKI@example.com")
@example("a@example.com.")
def test_an_address_of_a_conversion_is_hashed_as_metas_sdk_does(value: str) -> None:
    assert ours("meta-email@2", value) == Normalize.normalize_field("em", value)


def test_the_two_rules_for_addresses_differ_by_the_dot_at_the_end_and_a_descriptor_has_both() -> None:
    both = variants(("meta-email@2", "meta-email@1"), "A@Example.com.")
    assert both == ("a@example.com.", "a@example.com")
    assert {sha256_hex(each) for each in both} == {
        of_audiences("A@Example.com."),
        Normalize.normalize_field("em", "A@Example.com."),
    }


@given(st.text("+0123456789 -()./x٣३\u00b2", max_size=24))
@example("+358 (0)40 123 4567")
@example("00358401234567")
def test_a_phone_number_is_hashed_as_metas_sdk_does_it_in_an_audience_of_several_keys(value: str) -> None:
    assert ours("meta-phone@2", value) == of_keys(SCHEMA.MultiKeySchema.phone, value)


@pytest.mark.parametrize(
    "value",
    ["+358 40 123 4567", "+358401234567", "358-40-1234567", "+46 70 123 45 67", "+1 (650) 253-0000", "00358401234567"],
)
def test_a_number_with_its_country_is_hashed_as_both_of_metas_sdks_do(value: str) -> None:
    documented = ours("meta-phone@1", value)
    assert documented == Normalize.normalize_field("ph", value)
    if not value.startswith("00"):  # which the other of the two leaves in
        assert documented == of_keys(SCHEMA.MultiKeySchema.phone, value)


@pytest.mark.parametrize("value", ["040 123 4567", "0401234567"])
def test_a_number_without_its_country_is_told_in_both_forms_for_nobody_knows_which_was_uploaded(value: str) -> None:
    """Meta wants the country's digits; its SDK puts them to no number that lacks them."""
    assert variants(("meta-phone@2", "meta-phone@1"), value) == ("0401234567", "358401234567")
    assert ours("meta-phone@2", value) == of_keys(SCHEMA.MultiKeySchema.phone, value)


@given(st.text("٣३\u00b20123456789", max_size=20))
def test_a_form_of_a_number_has_digits_that_meta_knows_and_no_other(value: str) -> None:
    assert all(re.fullmatch("[0-9]*", NORMALISERS[each](value)) for each in ("meta-phone@1", "meta-phone@2"))
    assert isinstance(normalised("phone", value), str)
