"""What nobody may keep: card numbers and bank logins. Finds and drops them before anything is written.

A card number is 13 to 19 digits that pass Luhn's check, single spaces or hyphens between them or not (contract §2).
Not taken for one: digits glued to a letter, a digit or a plus sign (an IBAN, a phone number in E.164).
"""

import re
from collections.abc import Mapping
from typing import Any

from schemas.extract import PERSON
from schemas.vocabulary import vocabulary

_SUSPECT = re.compile(rb"\d[\d -]{11,}\d")
_RUN = re.compile(r"\d+(?:[ -]\d+)*", re.ASCII)
_SHORTEST, _LONGEST = 13, 19
_DROPPED = ""
BLOT = "[card number]"
"""What stands in the place of a card number that was blotted out, with asterisks up to its length."""


def suspicious(record: bytes) -> bool:
    """Tell quickly whether a record may hold a card number; False is certain."""
    return any(len(run.translate(None, b" -")) >= _SHORTEST for run in _SUSPECT.findall(record))


def suspicious_line(line: bytes) -> bool:
    """Tell whether a line of JSON may hold a card number, more precisely than `suspicious`; False is certain."""
    # Beyond ASCII, or with escapes, bytes do not tell what a number is glued to: such a line has to be read first.
    return suspicious(line) and (not line.isascii() or b"\\" in line or holds_card_number(line.decode("ascii")))


def holds_card_number(text: str) -> bool:
    """Tell whether a card number stands in `text`."""
    for run in _RUN.finditer(text):
        before, after = text[run.start() - 1 : run.start()], text[run.end() : run.end() + 1]
        if before == "+" or before.isalnum() or after.isalnum():
            continue
        if _card_in(re.split("[ -]", run.group())):
            return True
    return False


def without_forbidden(
    event: Mapping[str, Any], others: frozenset[str], *, numbers: bool = False, blots: bool = False
) -> tuple[dict[str, Any], frozenset[str]]:
    """Return the event without forbidden values, and whose they were: `person`, or a field of `others`.

    `numbers` are looked at too where a number may be anything (JSON); in Avro a number is a time or a count. With `blots` a
    value in which one was blotted out counts as one that holds it.
    A dropped value leaves an empty text, or null in an optional field of an event that is validated afterwards.
    """
    whose: set[str] = set()
    clean: dict[str, Any] = {}
    for name, value in event.items():
        found: list[str] = []
        clean[name] = _clean(name, value, found, numbers=numbers, blots=blots)
        if found:
            whose.add(name if name in others else PERSON)
    return clean, frozenset(whose)


def mask_card_numbers(text: str) -> str:
    """Blot out every card number in a record that cannot be read as an event, so that it can be set aside.

    It stays as long as it was: an Avro record can be read yet, once its schema is known.
    """
    return _RUN.sub(lambda run: BLOT.ljust(len(run.group()), "*") if _masks(run.group()) else run.group(), text)


def _masks(run: str) -> bool:
    """Look at a run without its ends too: in Avro the length of a text stands beside it, and may look like a digit."""
    return any(map(holds_card_number, (run, run[1:], run[:-1], run[1:-1])))


def _clean(name: str, value: Any, found: list[str], *, numbers: bool, blots: bool) -> Any:  # noqa: ANN401 - any JSON value
    if name in vocabulary().forbidden_fields and value not in (None, ""):
        found.append(name)
        return None
    if isinstance(value, str):
        if holds_card_number(value) or (blots and BLOT in value):
            found.append(name)
            return _DROPPED
        return value
    if numbers and isinstance(value, int) and not isinstance(value, bool) and holds_card_number(str(value)):
        found.append(name)
        return None
    if isinstance(value, Mapping):
        return {key: _clean(str(key), part, found, numbers=numbers, blots=blots) for key, part in value.items()}
    if isinstance(value, list):
        return [_clean(name, part, found, numbers=numbers, blots=blots) for part in value]
    return value


def _card_in(groups: list[str]) -> bool:
    """Look at each stretch of whole groups: a number may stand beside others in one text."""
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) > _LONGEST:
                break
            if len(digits) >= _SHORTEST and _luhn(digits):
                return True
    return False


def _luhn(digits: str) -> bool:
    total = sum(map(int, digits[-1::-2])) + sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return total % 10 == 0
