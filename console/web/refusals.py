"""What the program refuses, told in the reader's language: by the code of the error and its values, never by its words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from connectors.wording import Language
from console.web.rendering import day_text
from console.web.wording import called, filled, tree
from lineage.cases.plan_changes import Change
from lineage.errors import JalkiError

_NAMED: Mapping[str, str] = {
    "state": "case_state", "task_state": "task_state", "then": "task_state", "right": "right", "rights": "right",
    "form": "form", "field": "field",
}  # fmt: skip
"""Values that have words, by their names, and the section of those."""
_CALLED: Mapping[str, str] = {
    "category": "category",
    "categories": "category",
    "purpose": "purpose",
    "purposes": "purpose",
}
_CHOICES = ("task_state", "right")
"""Sections that what may be chosen is looked for in."""


class Refusal(NamedTuple):
    """Why something was not done. `english` is what the program says of it, where it has no words in other languages."""

    text: str
    english: str = ""


def told(language: Language, fault: JalkiError) -> Refusal:
    """Return why something was refused, in a language."""
    words: Mapping[str, Any] = tree(language)["refusal"]
    if fault.code not in words:
        return Refusal(words["untold"], str(fault))
    return Refusal(_filled(language, words[fault.code], fault.given))


def _filled(language: Language, text: str, given: Mapping[str, object]) -> str:
    return filled(text, **{name: _said(language, name, each) for name, each in given.items()})


def _said(language: Language, name: str, value: object) -> str:
    """Return a value in words."""
    if isinstance(value, Change):
        return _filled(language, tree(language)["refusal_change"][value.code], value.given)
    if isinstance(value, tuple):
        between = "; " if name == "changes" else ", "
        return between.join(_said(language, name, each) for each in value)
    text = "" if value is None else str(value)
    if name == "day":
        return day_text(language, text)
    if name in _CALLED:
        return called(language, _CALLED[name], text)
    if name == "allowed":
        found = (tree(language)[section].get(text) for section in _CHOICES)
        return next((each for each in found if each is not None), text)
    if name in _NAMED:
        return str(tree(language)[_NAMED[name]].get(text.lstrip("-").lower(), text))
    return text
