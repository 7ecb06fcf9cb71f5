"""Makes unreadable what tells of other persons, and what is a secret, in records about one (GDPR Art. 15(4), 20(4)).

Values of columns that may be another person's stay only where they are the person's own; in free text, e-mail addresses
and phone numbers stay only where they are hers. A name inside free text cannot be told from a word: a person must look.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lineage.answers.records import Cell, Record, Value
from lineage.answers.unsaid import NATIONAL_ID, holds_secret, masked
from lineage.identifiers import normalised

OTHER_PERSON = "[another person]"
WITHHELD = "[withheld: a secret]"
"""What stands where a value was. Both are part of the documented format."""

_MAIL = re.compile(r"[^\s<>\"'(),;:\[\]]+@[^\s<>\"'(),;:\[\]]+\.[^\W\d_]{2,}")
_PHONE = re.compile(r"(?<![\w+])(?:\+|00?)[\d][\d \-()]{5,17}\d(?!\w)", re.ASCII)
_BY_VALUE = ("email", "phone")
_NAMES = frozenset({"name", "address"})


def without_others(records: Sequence[Record], own: Iterable[tuple[str, str]]) -> tuple[Record, ...]:
    """Return records in which nothing tells of others and nothing is a secret. `own` are her identifiers (kind, value).

    Her own name and address are those in columns that are hers alone.
    """
    hers = {(kind, normalised(kind, value)) for kind, value in own}
    for each in (cell for record in records for cell in record.cells if cell.about == "person"):
        if isinstance(each.value, str):
            if each.category in _NAMES:
                hers.add((each.category, _plain(each.value)))
            elif each.category in _BY_VALUE:
                hers.add((each.category, normalised(each.category, each.value)))
    return tuple(
        replace(record, cells=tuple(replace(cell, value=_clean(cell, hers)) for cell in record.cells))
        for record in records
    )


def _clean(cell: Cell, hers: set[tuple[str, str]]) -> Value:
    if not isinstance(cell.value, str):
        # A number in a column of somebody else's is somebody else's.
        return cell.value if cell.value is None or cell.about != "other" else OTHER_PERSON
    if holds_secret(cell.value):
        return WITHHELD
    if cell.category == NATIONAL_ID:
        return masked(cell.value)
    if cell.about == "other":
        return cell.value if not cell.value or _is_hers(cell, cell.value, hers) else OTHER_PERSON
    return _free_text(cell.value, hers) if cell.about == "text" else cell.value


def _is_hers(cell: Cell, value: str, hers: set[tuple[str, str]]) -> bool:
    if cell.category in _NAMES:
        return (cell.category, _plain(value)) in hers
    return (cell.category, normalised(cell.category, value)) in hers


def _free_text(text: str, hers: set[tuple[str, str]]) -> str:
    def instead(found: re.Match[str], kind: str) -> str:
        return found[0] if (kind, normalised(kind, found[0])) in hers else OTHER_PERSON

    text = _MAIL.sub(lambda found: instead(found, "email"), text)
    return _PHONE.sub(lambda found: instead(found, "phone"), text)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
