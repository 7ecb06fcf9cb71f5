"""Persons behind what a command counts: a line for each, with her clear values only for a reason that is written down.

Decides nothing and asks nothing of the record but who a pseudonym is; what is written of her is the command's own.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeVar

from console.opening import Folder
from console.shapes import Shape, as_json
from console.terminal import say
from lineage.errors import Misconfigured
from lineage.graph import NOW, Until
from lineage.persons import find_person
from lineage.revealing import reveal


class Pseudonymous(Protocol):
    """What is known of somebody by her pseudonym."""

    @property
    def key(self) -> bytes:
        """Her pseudonym, or that of an identifier that several share."""
        ...


Told = TypeVar("Told", bound=Pseudonymous)


def reason_to_reveal(*, reveal_values: bool, reason: str | None, persons: bool = True) -> str | None:
    """Return why clear values are shown, for the access log; None where none are.

    Raises: Misconfigured: they are asked for without a reason, or not of `persons`.
    """
    if not reveal_values:
        return None
    if not persons:
        raise Misconfigured("--reveal goes with --persons: counts have nothing to show")
    if not (reason and reason.strip()):
        raise Misconfigured("--reveal is written to the access log: say why with --reason")
    return reason


def lines_of_persons(
    folder: Folder,
    shape_of: Callable[[Told, Mapping[str, int]], Shape],
    line_of: Callable[[Shape], str],
    *,
    reveal_values: bool,
    json_: bool,
    until: Until = NOW,
) -> Callable[[Told], None]:
    """Return what writes a line for each person, as of then, as she is found: nobody is remembered.

    `shape_of` is given her and how many identifiers of each kind are hers; `line_of` makes that a line for people.
    """

    def write(each: Told) -> None:
        shape = shape_of_person(folder, each, shape_of, reveal_values=reveal_values, until=until)
        say(json.dumps(shape, ensure_ascii=False) if json_ else line_of(shape))

    return write


def shape_of_person(
    folder: Folder,
    each: Told,
    shape_of: Callable[[Told, Mapping[str, int]], Shape],
    *,
    reveal_values: bool,
    until: Until = NOW,
) -> Shape:
    """Return the shape of one person as of then; with her identifiers as they were sent, where they are revealed."""
    person = find_person(folder.graph.near(each.key), each.key, until)
    kinds = person.members or folder.graph.kinds([each.key])
    shape = shape_of(each, dict(sorted(Counter(kinds.values()).items())))
    if reveal_values:
        shape["revealed"] = reveal(folder.graph, folder.keyring, folder.pseudonyms, person, until)
    return shape


def revealed(shape: Shape) -> Iterator[str]:
    """Yield the clear values of a person, a kind of identifier at a time; nothing where none are shown."""
    for kind, values in shape.get("revealed", {}).items():
        yield f"{kind}: {', '.join(values)}"


def say_counts(shape: Shape, printed: Callable[[Shape], None], *, persons: bool, json_: bool) -> None:
    """Say the counts over all persons: as JSON, in one line where lines of persons stand before it; else as `printed`."""
    if not json_:
        printed(shape)
    elif persons:
        say(json.dumps(shape, ensure_ascii=False))
    else:
        say(as_json(shape))
