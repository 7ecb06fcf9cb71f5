"""The console's words in each language (`words/*.toml`), and which language a visitor reads. Says nothing itself."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from starlette.requests import Request

from connectors.wording import LANGUAGES, Language, named, words

COOKIE = "jalki-language"
Tree = Mapping[str, Any]


@cache
def tree(language: Language) -> Tree:
    """Return the console's words: sections of names; all languages have the same."""
    return tomllib.loads(files("console.web").joinpath("words", f"{language}.toml").read_text("utf-8"))


def language_of(request: Request) -> Language:
    """Return the language a visitor chose, or her browser asks for first; else English."""
    wanted = [request.cookies.get(COOKIE, ""), *request.headers.get("accept-language", "")[:200].split(",")]
    known: Mapping[str, Language] = {each: each for each in LANGUAGES}
    found = (known.get(each.strip()[:2].lower()) for each in wanted)
    return next((each for each in found if each is not None), "en")


def called(language: Language, section: str, name: str) -> str:
    """Return what a category, a purpose or a kind of identifier is called; one of a register of one's own by its id."""
    return named(words(language).get(section, {}), name)


def filled(text: str, **values: object) -> str:
    """Put values in for the `$names` of a text. What a value holds is never read as a name."""
    return Template(text).substitute({name: str(value) for name, value in values.items()})
