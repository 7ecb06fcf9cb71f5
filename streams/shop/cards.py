"""Card numbers by their shape: what the contract forbids to store. Holds no other check, and no numbers."""

import re

_RUN = re.compile(r"[0-9]+(?:[ -][0-9]+)*")


def luhn_valid(digits: str) -> bool:
    """Whether a string of decimal digits passes the Luhn check of ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def holds_card_number(text: str) -> bool:
    """Whether 13 to 19 digits that pass the Luhn check stand in `text`, single spaces or hyphens between them allowed.

    A number directly after a plus sign, a letter or a digit, or directly before a letter or a digit, is part of
    something else (a telephone number, an IBAN, a tracking number) and does not count.
    """
    return any(_run_holds_card(text, run) for run in _RUN.finditer(text))


def _run_holds_card(text: str, run: re.Match[str]) -> bool:
    groups = re.split("[ -]", run.group())
    for first in range(len(groups)):
        if first == 0 and _sticks(text[run.start() - 1 : run.start()], "+"):
            continue
        for last in range(first, len(groups)):
            if last == len(groups) - 1 and _sticks(text[run.end() : run.end() + 1], ""):
                continue
            digits = "".join(groups[first : last + 1])
            if 13 <= len(digits) <= 19 and luhn_valid(digits):
                return True
    return False


def _sticks(neighbour: str, also: str) -> bool:
    return neighbour != "" and (neighbour.isalnum() or neighbour in also)
