"""Reads how long something is kept from a text: a number, a unit, and an event that is known. Guesses none of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from console.importing.vocabularies import plain, table
from lineage.answers.texts import LANGUAGES
from lineage.register import ANCHORS
from lineage.register.retention import HANGS_ON_THE_PERSON, LONGEST_YEARS
from lineage.ropa.wording import record_texts_of

_AMOUNT = re.compile(r"(\d{1,5}) ?([^\W\d]+)\b[ ,;:]*(.*)")
_JOINED_BY = re.compile(r"^(?:after|from|since|counted from|efter|från)\b[ :]*")
_PER_YEAR = {"years": 1.0, "months": 12.0, "days": 365.0}


@dataclass(frozen=True, slots=True)
class Kept:
    """A period: so many years, months or days after an event; `law` is what it rests on, empty where nobody says."""

    after: str
    unit: str
    number: int
    law: str = ""

    def __str__(self) -> str:
        return f"{self.number} {self.unit} after {self.after}" + (f" ({self.law})" if self.law else "")


def is_sound(kept: Kept) -> bool:
    """Tell whether a register may hold such a period: its event does not hang on the person, and it is not too long."""
    known = kept.after in ANCHORS and kept.after not in HANGS_ON_THE_PERSON
    return known and kept.number / _PER_YEAR[kept.unit] <= LONGEST_YEARS


def kept_of(text: str, law: str) -> Kept | None:
    """Return the period that a text says; None where it lacks a number, a unit, or an event that is known."""
    found = _AMOUNT.fullmatch(plain(text))
    if found is None:
        return None
    number, said, rest = found.groups()
    unit = next((unit for unit, words in table()["units"].items() if said in words), None)
    after = _anchors().get(_JOINED_BY.sub("", rest).strip())
    if unit is None or after is None:
        return None
    kept = Kept(after, unit, int(number), law)
    return kept if is_sound(kept) else None


@cache
def _anchors() -> Mapping[str, str]:
    """Return events by how they may be written: by their id, and as our own record words them in each language."""
    found = {plain(each): each for each in ANCHORS}
    found |= {plain(text): each for each, text in ANCHORS.items()}
    for language in LANGUAGES:
        texts = record_texts_of(language)
        found |= {plain(texts.word("anchors", each)): each for each in ANCHORS}
    return found
