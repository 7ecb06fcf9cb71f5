"""Puts parts of a YAML file into their shapes, and says every fault at its line with what may have been meant. Knows no shape."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from lineage.register.faults import Faults
from lineage.register.model import Place
from lineage.register.reading import Plain, Tree

S = TypeVar("S", bound=BaseModel)


def shaped(shape: type[S], tree: Tree, steps: tuple[str, ...], content: Plain, faults: Faults) -> S | None:
    """Return a part of a file in its shape; None, with every fault at its line, where it has another."""
    try:
        return shape.model_validate(content)
    except ValidationError as wrong:
        for fault in wrong.errors(include_url=False):
            faults.add(_place(tree, steps, fault), _message(fault, shape, steps))
    return None


def _place(tree: Tree, steps: tuple[str, ...], fault: ErrorDetails) -> Place:
    return tree.place(*steps, *(each for each in fault["loc"] if each != "[key]"))


def _message(fault: ErrorDetails, shape: type[BaseModel], steps: tuple[str, ...]) -> str:
    """Say one fault in the words of the file, without the value: that may be an address or a secret put in the wrong place."""
    key = ".".join(str(each) for each in (*steps, *fault["loc"]) if each != "[key]")
    match fault["type"]:
        case "extra_forbidden":
            return f"unknown key {key}{meant(str(fault['loc'][-1]), _keys(shape, fault['loc'][:-1]))}"
        case "missing":
            return f"the key {key} is missing"
        case "literal_error":
            expected = fault["ctx"]["expected"].replace(" or ", ", ")
            return f"{key} must be one of {expected}{_near(fault['input'], expected)}"
        case "string_pattern_mismatch":
            return f"{key} is not written as it must be"
        case _:
            return f"{key}: {fault['msg'].removeprefix('Value error, ').replace('Input should be', 'must be')}"


def _keys(shape: type[BaseModel], loc: Sequence[int | str]) -> list[str]:
    """Return the keys that there are where a fault lies."""
    for step in loc:
        if str(step) in shape.model_fields:  # else a key of a mapping, whose values have the shape found already
            shape = _inner(shape.model_fields[str(step)].annotation) or shape
    return list(shape.model_fields)


def _inner(annotation: object) -> type[BaseModel] | None:
    """Return the shape inside an annotation: of the thing itself, or of the values of a mapping or list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _inner(each)) is not None), None)


def _near(word: object, expected: str) -> str:
    """Return which of the words was meant; of the word itself nothing is said."""
    near = get_close_matches(str(word), [each.strip("'") for each in expected.split(", ")], 1)
    return f"; do you mean {near[0]}?" if near else ""


def meant(word: str, known: Iterable[str]) -> str:
    """Return what may have been meant by a word that is none of those known, to be put behind a message."""
    known = sorted(known)
    near = get_close_matches(word, known, 1)
    return f"; do you mean {near[0]}?" if near else f": there are {', '.join(known)}" if known else ""
