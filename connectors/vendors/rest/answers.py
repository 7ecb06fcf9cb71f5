"""Finds what an answer means among those that a descriptor names. Pure."""

import json
from collections.abc import Sequence

from connectors.calling import Answer
from connectors.vendors.rest.shapes import AnswerSettings, Json


def meaning_of(answer: Answer, named: Sequence[AnswerSettings]) -> int | None:
    """Return the number of the first that fits; None: the party answers what nobody said it would."""
    content = _read(answer.body)
    for number, each in enumerate(named):
        if each.status == answer.status and all(_is(_at(content, path), value) for path, value in each.where.items()):
            return number
    return None


_NOTHING = object()


def _read(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return _NOTHING


def _at(content: object, path: str) -> object:
    for step in path.split("."):
        if isinstance(content, dict) and step in content:
            content = content[step]
        elif isinstance(content, list) and step.isdecimal() and int(step[:6]) < len(content):
            content = content[int(step[:6])]
        else:
            return _NOTHING
    return content


def _is(found: object, value: Json) -> bool:
    """Compare as JSON does: `true` is no 1."""
    return type(found) is type(value) and found == value
