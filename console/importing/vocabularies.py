"""Which word of ours a word of another register stands for. Words that mean more than one thing have none. Writes nothing."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import get_args

from lineage.answers.texts import LANGUAGES
from lineage.register.countries import COUNTRIES
from lineage.register.shapes import BasisWord, Kind, Mechanism, Role, Subject
from lineage.ropa.wording import record_texts_of
from schemas.vocabulary import vocabulary

_ARTICLE_6 = re.compile(r"(?:gdpr )?(?:art(?:icle|ikla|ikel)?\.? ?)?6 ?(?:\(1\)|\.1|:1|, ?1)? ?[.,]? ?\(?([abcf])\)?")
_BY_LETTER = {"a": "consent", "b": "contract", "c": "legal-obligation", "f": "legitimate-interest"}
_LONGEST = 60
_SECTIONS = {"safeguards": "mechanisms"}
"""Kinds of word that the texts of the record have under another name."""

Known = Mapping[str, Mapping[str, tuple[str, ...]]]
"""By kind of word and word as `plain` makes it: what it stands for."""


def plain(text: str) -> str:
    """Return a text as words are compared: without case, doubled blanks, a full stop at the end."""
    return " ".join(text.split()).rstrip(".").casefold()


def shown(text: str) -> str:
    """Return a word as messages show it: on one line, printable, not without end."""
    line = "".join(each if each.isprintable() else " " for each in " ".join(text.split()))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


@cache
def table() -> Mapping[str, Mapping[str, list[str]]]:
    """Return the table of words beside this file (read once)."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


@cache
def own_words() -> Mapping[str, frozenset[str]]:
    """Return the words there are, by kind; `unknown` is none of them."""
    kinds: dict[str, Iterable[str]] = {
        "categories": vocabulary().categories,
        "bases": get_args(BasisWord),
        "roles": get_args(Role),
        "kinds": get_args(Kind),
        "subjects": get_args(Subject),
        "safeguards": get_args(Mechanism),
        "countries": COUNTRIES,
    }
    return {kind: frozenset(words) - {"unknown"} for kind, words in kinds.items()}


@cache
def spoken() -> Known:
    """Return what the words of spreadsheets stand for: our own, and those of the table."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for kind, ours in own_words().items():
        found[kind] = {plain(said): (each,) for each, words in table()[kind].items() for said in words}
        for texts in map(record_texts_of, LANGUAGES):
            found[kind] |= {plain(texts.word(_SECTIONS.get(kind, kind), each, each)): (each,) for each in sorted(ours)}
        found[kind] |= {plain(each): (each,) for each in ours}
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one source. A `told` word is one that the user declares; `maybe` are words of several meanings."""

    known: Known
    told: Known = field(default_factory=dict)
    maybe: Known = field(default_factory=dict)

    def meant(self, kind: str, word: str) -> tuple[str, ...]:
        """Return what a word stands for; nothing where nobody can say."""
        text = plain(word)
        found = self.told.get(kind, {}).get(text) or self.known.get(kind, {}).get(text, ())
        if not found and kind == "bases" and (article := _ARTICLE_6.fullmatch(text)):
            return (_BY_LETTER[article[1]],)
        return found

    def near(self, kind: str, word: str) -> tuple[str, ...]:
        """Return up to three words of ours that may have been meant, the nearest first: a suggestion, never an answer."""
        known = {**self.known.get(kind, {}), **self.maybe.get(kind, {})}
        close = get_close_matches(plain(word), known, 3, 0.7)
        return tuple(dict.fromkeys(ours for each in close for ours in known[each]))
