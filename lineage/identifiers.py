"""Kinds of identifiers, their rank, and how their values are compared (contract §3). Holds no value of anybody."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

import phonenumbers

from lineage.errors import Misconfigured

WHO = ("customer_id", "email", "phone", "device_id")
RANK: Mapping[str, int] = {kind: rank for rank, kind in enumerate((*WHO, "order_id", "consignee"))}
REFERENCE = len(RANK)
"""The rank of every kind that `RANK` does not name: a smaller number ranks higher."""

NEVER = frozenset(
    ["name", "address", "ip_address", "national_id", "vat_number", "passport_number", "bank_account", "login_name"]
)
"""Kinds of data that are often called identifiers and never single out a person here."""

REGION = "FI"

_KIND = re.compile(r"[a-z][a-z0-9_]{0,31}")
# Finnish mobile numbers as people write them: the common case, and phonenumbers takes 30 times as long for it.
_MOBILE = re.compile(r"(?:\+358|0)(4[0-8]\d{5,8}|50\d{5,8})", re.ASCII)
_SEPARATORS = str.maketrans("", "", " -")


def rank(kind: str) -> int:
    """Return a kind's rank; 0 is the highest."""
    return RANK.get(kind, REFERENCE)


def normalised(kind: str, value: str) -> str:
    """Return the form in which identifiers of a kind are compared.

    E-mail: trimmed, NFC, lower case. Phone: E.164, region FI; what is no number is compared as its trimmed text.
    Every other kind: exactly as it is.
    """
    if kind == "email":
        return unicodedata.normalize("NFC", value.strip()).lower()
    if kind == "phone":
        return _e164(value)
    return value


@lru_cache(maxsize=20_000)
def _e164(value: str) -> str:
    if mobile := _MOBILE.fullmatch(value.translate(_SEPARATORS)):
        return "+358" + mobile[1]
    try:
        number = phonenumbers.parse(value, REGION)
    except phonenumbers.NumberParseException:
        return value.strip()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def read_identifier(text: str) -> tuple[str, str]:
    """Read `kind:value`, or a bare e-mail address, as people type it.

    Raises:
        Misconfigured: neither of the two, or a kind that identifies nobody.
    """
    kind, colon, value = text.partition(":")
    if kind.lower() in RANK:
        kind = kind.lower()
    if not (colon and _KIND.fullmatch(kind)):
        kind, value = ("email", text) if "@" in text else ("", "")
    if not value.strip():
        raise Misconfigured(
            "an identifier is written kind:value (email:…, customer_id:…, order_id:…), or is an e-mail address",
            "identifier",
        )
    if kind in NEVER:
        raise Misconfigured(
            f"{kind} identifies nobody: ask by customer_id, email, phone, device_id or a reference", "identifies-nobody"
        )
    return kind, value
