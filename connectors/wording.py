"""The words of letters and pages, in each language: `connectors/words/*.toml`. Says nothing itself; knows no letter."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template
from typing import Literal, get_args

Language = Literal["en", "fi", "sv"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

Words = Mapping[str, Mapping[str, str]]
"""Words by section and name; `do.notice` and such are sections too."""

_FOLDER = Path(__file__).parent / "words"


@cache
def words(language: Language) -> Words:
    """Return the words of a language. All languages have the same sections and names."""
    with (_FOLDER / f"{language}.toml").open("rb") as file:
        tree = tomllib.load(file)
    flat: dict[str, Mapping[str, str]] = {}
    for name, section in tree.items():
        if all(isinstance(each, str) for each in section.values()):
            flat[name] = section
        else:
            flat |= {f"{name}.{inner}": each for inner, each in section.items()}
    return flat


def put(text: str, **values: str) -> str:
    """Put values in for their `$names`. What a value holds is never read as a name."""
    return Template(text).substitute(values)


def named(section: Mapping[str, str], name: str) -> str:
    """Return what a category, purpose or kind is called; one of a register of one's own is called by its id."""
    return section.get(name, name)
