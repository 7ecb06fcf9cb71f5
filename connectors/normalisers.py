"""How vendors bring identifiers into the form they compare: each rule by name and version, for a rule changes over time.

What was sent under an older version is found by that version alone, so none is ever taken out or changed. Pure: no vendor
is called, and nothing is hashed but by `sha256_hex`.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping

from lineage.identifiers import normalised

_SPACE = re.compile(r"\s+")
_GMAIL = frozenset({"gmail.com", "googlemail.com"})
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_META_EDGES = " \t\r\n\0\x0b."


def _email(value: str) -> str:
    return normalised("email", value)


def _google_email(value: str, *, suffix: bool) -> str:
    """Lower case, no spaces; at Google's own domains no dots, and since the newer guide no `+suffix`. Nothing for no address."""
    local, _, domain = _SPACE.sub("", value).lower().rpartition("@")
    if domain in _GMAIL:
        local = local.partition("+")[0] if suffix else local
        local = local.replace(".", "")
    return f"{local}@{domain}" if local and domain else ""


def _google_phone(value: str) -> str:
    """E.164; nothing for what is no number."""
    number = normalised("phone", value)
    return number if _E164.fullmatch(number) else ""


def _meta_phone(value: str) -> str:
    """Digits alone, with the country and without what is dialled before it: as Meta's documents ask."""
    return _digits(normalised("phone", value)).removeprefix("00")


def _digits(value: str) -> str:
    return re.sub(r"[^0-9]", "", value)


NORMALISERS: Mapping[str, Callable[[str], str]] = {
    "raw@1": lambda value: value,
    "email@1": _email,
    "phone@1": lambda value: normalised("phone", value),
    "google-email@1": lambda value: _google_email(value, suffix=False),
    "google-email@2": lambda value: _google_email(value, suffix=True),
    "google-phone@1": _google_phone,
    "meta-email@1": lambda value: value.strip(_META_EDGES).lower(),
    "meta-email@2": lambda value: value.strip().lower(),
    "meta-phone@1": _meta_phone,
    "meta-phone@2": _digits,
    "sendgrid-email@1": lambda value: value.strip().lower(),
}
"""By name and version. Sources: the vendors' guides and SDKs, as `docs/reference/normalisers.md` lists them."""


def variants(names: Iterable[str], value: str) -> tuple[str, ...]:
    """Return the forms in which a vendor may have kept a value, each once, in the order of the rules; none that is empty.

    Raises: KeyError: a rule that there is not; descriptors are checked for that.
    """
    return tuple(dict.fromkeys(form for name in names if (form := NORMALISERS[name](value))))


def sha256_hex(value: str) -> str:
    """Return SHA-256 of a text as UTF-8, in lower-case hex: how vendors want it. Personal data still (GDPR recital 26)."""
    return hashlib.sha256(value.encode()).hexdigest()
