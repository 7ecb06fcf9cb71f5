"""Reads a new address out of the text a person gave, where it can only be read in one way. Knows no party.

`Street, 00100 City, FI`; in the United States `Street, City, MD 21013, US`. Anything else is left to a person: a parcel
that goes to a misread address is a disclosure.
"""

import re
from collections.abc import Mapping

_POSTCODES: Mapping[str, str] = {
    **dict.fromkeys(("FI", "EE", "DE", "FR", "ES", "IT", "HR"), r"\d{5}"),
    **dict.fromkeys(("DK", "NO", "AT", "BE", "CH", "HU", "LU", "SI", "BG", "CY"), r"\d{4}"),
    **dict.fromkeys(("SE", "CZ", "SK", "GR"), r"\d{3} ?\d{2}"),
    "LV": r"LV-\d{4}",
    "LT": r"LT-\d{5}",
    "PL": r"\d{2}-\d{3}",
    "PT": r"\d{4}-\d{3}",
    "NL": r"\d{4} ?[A-Z]{2}",
}
"""Of countries that write the postcode before the city."""
_US = re.compile(r"(?P<state>[A-Z]{2}) (?P<postcode>\d{5}(?:-\d{4})?)")


def address_of(text: str) -> Mapping[str, str] | None:
    """Return `street`, `postcode`, `city`, `country` (ISO 3166-1 alpha-2) and, where there are such, `state`; None: unclear."""
    parts = [" ".join(part.split()) for part in text.split(",")]
    country = parts[-1]
    if not all(parts) or "\n" in text.strip():
        return None
    if country == "US":
        return _american(parts)
    shape = _POSTCODES.get(country)
    if shape is None or len(parts) != 3:
        return None
    found = re.fullmatch(rf"(?P<postcode>{shape}) (?P<city>\D+)", parts[1], re.ASCII)
    return {"street": parts[0], **found.groupdict(), "country": country} if found else None


def _american(parts: list[str]) -> Mapping[str, str] | None:
    found = _US.fullmatch(parts[-2]) if len(parts) == 4 else None
    return {"street": parts[0], "city": parts[1], **found.groupdict(), "country": "US"} if found else None
