"""The words of the record in one language: `texts/*.toml`, laid over those of the answers to persons. Holds no text itself.

A person is told of "your last login"; a record says whose it is in general, so where both need a word they have two.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lineage.answers.texts import Texts, texts_of

_FOLDER = Path(__file__).with_name("texts")
_REGISTER = "register"


@cache
def record_texts_of(language: str) -> Texts:
    """Return the texts of the record in `fi`, `sv` or `en` (read once). Raises: Misconfigured: no such language."""
    beneath = texts_of(language)
    read: Mapping[str, Any] = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
    return beneath.under({_REGISTER: {}, **read})


def declared_text(texts: Texts, text: str) -> str:
    """Return a sentence of the shipped register in the language; one that somebody wrote anew stays as it was written."""
    return texts.word(_REGISTER, text)
