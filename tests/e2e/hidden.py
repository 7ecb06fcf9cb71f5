"""Looks for personal values in bytes, in every form in which they could lie there readable."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import phonenumbers

from streams.shop import Event

SHORTEST = 6  # of fewer bytes chance alone would find some in what is sealed
_CLEAR = {"type", "controller", "occurred_at", "purpose", "source", "method", "currency", "categories", "kind"}
_PARTIES = {"carrier", "provider", "lender", "platform", "vendor", "handler", "holder", "recipient", "viewer"}
_PARTIES |= {"from_carrier", "to_carrier", "sent_as", "action", "country", "product_group", "sku", "model", "quantity"}
_PARTIES |= {"price", "total", "amount", "consent_text", "campaign_id", "list_id", "audience_id", "page", "city"}


def personal_values(events: Iterable[Event]) -> set[str]:
    """Every value of a person in these events, names by their parts too, and telephone numbers however written."""
    found: set[str] = set()
    for name, value in (leaf for each in events for leaf in _leaves("", each)):
        if name in _CLEAR | _PARTIES:
            continue
        found.add(value)
        if name == "name":
            found |= set(value.split())
        if name == "phone" or value.startswith(("+", "0")):
            found |= _written(value)
        if "@" in value:
            found |= {value.lower(), value.strip(), value.partition("@")[0]}
    return {each for each in found if len(each.encode()) >= SHORTEST}


def _leaves(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(key, part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(name, part)


def _written(value: str) -> set[str]:
    """A telephone number's digits, its two forms, and those with their usual spaces."""
    try:
        number = phonenumbers.parse(value, "FI")
    except phonenumbers.NumberParseException:
        return set()
    formats = phonenumbers.PhoneNumberFormat
    forms = {
        phonenumbers.format_number(number, each) for each in (formats.E164, formats.INTERNATIONAL, formats.NATIONAL)
    }
    forms |= {each.replace(" ", "").replace("-", "") for each in forms}
    return forms | {str(number.national_number), f"{number.country_code}{number.national_number}"}


def encodings(value: str) -> set[bytes]:
    """The value as UTF-8 and UTF-16, these as hexadecimal digits, and as base64 at each of three places."""
    texts = {
        value.encode("utf-8"),
        value.encode("utf-16-le"),
        value.encode("utf-16-be"),
        value.encode("latin-1", "replace"),
    }
    found = set(texts)
    for text in texts:
        found |= {text.hex().encode(), text.hex().upper().encode()}
        for shift in range(3):
            whole = base64.b64encode(bytes(shift) + text).rstrip(b"=")
            # what neighbours before and after it would change is left out
            found.add(whole[(0, 2, 3)[shift] : len(whole) - (1 if (shift + len(text)) % 3 else 0)])
    return {each for each in found if len(each) >= SHORTEST}


def readable_in(content: bytes, values: Iterable[str]) -> list[str]:
    return sorted(value for value in values if any(form in content for form in encodings(value)))


def readable_in_folder(folder: Path, values: Iterable[str]) -> dict[str, list[str]]:
    """For each file that holds some of these values readable: which."""
    values = list(values)
    found = {}
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        if names := readable_in(file.read_bytes() + b"\n" + file.name.encode(), values):
            found[file.name] = names
    return found
