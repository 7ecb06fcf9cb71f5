"""Tells secrets by their look: what proves who somebody is, or pays, is never part of an answer, whoever asks (law R23)."""

import re

NAMES = frozenset(
    (
        "password", "passwd", "passphrase", "pwd", "pass", "secret", "token", "hash", "salt", "otp", "totp", "pin", "cvv",
        "cvc", "apikey", "salasana", "lösenord",
    )
)  # fmt: skip
"""Words in a column's name that say it holds a secret."""
_JOINED = ("api_key", "password", "private_key", "session_id", "recovery_code")
NATIONAL_ID = "national_id"
_MASK = "****"
_WORD = re.compile(r"[A-ZÅÄÖ]?[a-zåäö]+|[A-ZÅÄÖ]+(?![a-zåäö])")
_HASHES = re.compile(
    r"\$(?:2[abxy]|argon2(?:id|i|d)|scrypt|pbkdf2[\w-]*|[156y]|sha1)\$|pbkdf2_sha\d+\$|\{(?:SSHA|SHA|BCRYPT)\d*\}"
    r"|scrypt:\d+|-----BEGIN [A-Z ]*PRIVATE KEY"
)
_TOKEN = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")
_CARD = re.compile(r"(?<!\d)(?:4|5[1-5]|2[2-7]|3[47]|6(?:011|5))\d(?:[ -]?\d){10,16}(?!\d)", re.ASCII)


def named_secret(column: str) -> bool:
    """Tell whether a column's name says that it holds a secret."""
    words = [word.lower() for word in _WORD.findall(column)]
    joined = "_".join(words)
    return not NAMES.isdisjoint(words) or any(each in joined for each in _JOINED)


def holds_secret(value: str) -> bool:
    """Tell whether a value is a password's hash, a signed token, a private key or a payment card's number."""
    if _HASHES.search(value) or _TOKEN.search(value):
        return True
    return any(_luhn(re.sub(r"\D", "", found[0])) for found in _CARD.finditer(value))


def masked(national_id: str) -> str:
    """Return a Finnish personal identity code as it may stand in a document (Tietosuojalaki 29 §): without its last part."""
    return national_id[: -len(_MASK)] + _MASK


def _luhn(digits: str) -> bool:
    if not 13 <= len(digits) <= 19:
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0
