"""Google's rules for identifiers: the examples of its guides, and what holds for any text."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.normalisers import NORMALISERS, sha256_hex, variants

older, newer, phone = (NORMALISERS[name] for name in ("google-email@1", "google-email@2", "google-phone@1"))
AT_GOOGLE = ("gmail.com", "googlemail.com")
Locals = st.text("abcXYZÄöß._+- \t0123", max_size=12)
Domains = st.sampled_from([*AT_GOOGLE, "GMAIL.com", "Example.FI", "mail.gmail.com", "gmail.com.example"])
Emails = st.builds("{}@{}".format, Locals, Domains)


@pytest.mark.parametrize(
    ("sent", "by_newer", "by_older"),
    [
        ("cloudy.sanfrancisco@gmail.com", "cloudysanfrancisco@gmail.com", "cloudysanfrancisco@gmail.com"),
        (
            "cloudy.sanfrancisco+shopping@gmail.com",
            "cloudysanfrancisco@gmail.com",
            "cloudysanfrancisco+shopping@gmail.com",
        ),
        ("user.name+NYC@Example.com", "user.name+nyc@example.com", "user.name+nyc@example.com"),
        ("A.B+c.d@GoogleMail.com", "ab@googlemail.com", "ab+cd@googlemail.com"),
        (" maija . meri @ example.fi\t", "maija.meri@example.fi", "maija.meri@example.fi"),
        ("MÄKI@example.fi", "mäki@example.fi", "mäki@example.fi"),
        ("a.b@mail.gmail.com", "a.b@mail.gmail.com", "a.b@mail.gmail.com"),
        ("a@b@gmail.com", "a@b@gmail.com", "a@b@gmail.com"),
        ("+x@gmail.com", "", "+x@gmail.com"),
        ("...@gmail.com", "", ""),
        ("@gmail.com", "", ""),
        ("maija@", "", ""),
        ("maija", "", ""),
        ("", "", ""),
    ],
)
def test_addresses_are_as_googles_guides_say(sent: str, by_newer: str, by_older: str) -> None:
    assert (newer(sent), older(sent)) == (by_newer, by_older)


@pytest.mark.parametrize(
    ("sent", "form"),
    [
        ("040 123 4567", "+358401234567"),
        ("+358 40 1234567", "+358401234567"),
        ("00358401234567", "+358401234567"),
        ("+1 (800) 555-0100", "+18005550100"),
        ("no number", ""),
        ("", ""),
        ("+", ""),
    ],
)
def test_phones_are_in_e164_with_their_plus_and_what_is_none_has_no_form(sent: str, form: str) -> None:
    assert phone(sent) == form


@given(Emails)
def test_a_form_is_its_own_form_and_an_address_in_lower_case_without_spaces(sent: str) -> None:
    for rule in (older, newer):
        form = rule(sent)
        assert rule(form) == form
        if form:
            local, _, domain = form.rpartition("@")
            assert local
            assert domain
            assert form == form.lower()
            assert not re.search(r"\s", form)


@given(Emails)
def test_dots_and_suffixes_tell_nobody_apart_at_google_and_everybody_elsewhere(sent: str) -> None:
    if sent.lower().endswith(tuple(f"@{each}" for each in AT_GOOGLE)):
        assert not {".", "+"} & set(newer(sent).rpartition("@")[0])
        assert "." not in older(sent).rpartition("@")[0]
    else:
        kept = re.sub(r"\s", "", sent).lower()
        assert newer(sent) == older(sent) == ("" if kept.startswith("@") else kept)


@given(Emails)
def test_the_newer_rule_says_of_the_older_form_what_it_says_of_the_address(sent: str) -> None:
    assert newer(older(sent)) == newer(sent)


@given(st.text(max_size=20))
def test_any_text_has_a_form_or_none(text: str) -> None:
    for form in (older(text), newer(text), phone(text)):
        assert isinstance(form, str)
    assert not phone(text) or re.fullmatch(r"\+[1-9][0-9]{6,14}", phone(text))
    forms = variants(("google-email@2", "google-email@1"), text)
    assert "" not in forms
    assert len(set(forms)) == len(forms)


def test_a_hash_is_sha256_of_utf8_in_lower_case_hex() -> None:
    # The digest of an empty text is the one that FIPS 180-4's algorithm is known by.
    assert sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_hex("mäki@example.fi") == hashlib.sha256("mäki@example.fi".encode()).hexdigest()
