"""The table of rights: what each makes happen (`rights.toml`). Holds no case."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lineage.cases.words import RIGHTS, Action, Right


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table; the words are explained there."""

    article: str
    action: Action | None
    order: int
    after: tuple[Right, ...]
    purposes: tuple[str, ...] | None
    """None: all."""
    inflow: tuple[str, ...]
    """Those for which the shop may not share any more; where the person chose some, hers."""
    chosen: bool
    forgets: bool
    answer: str
    suppress: str


@cache
def rules() -> dict[Right, Rule]:
    """Return every right's rule."""
    told = tomllib.loads((files("lineage.cases") / "rights.toml").read_text("utf-8"))
    return {right: _rule(told[right]) for right in RIGHTS}


def rule(right: Right) -> Rule:
    """Return the rule of a right."""
    return rules()[right]


def in_order(rights: list[Right]) -> list[Right]:
    """Return rights of one message in the order they are carried out in, each once."""
    return sorted(set(rights), key=lambda each: rule(each).order)


def _rule(told: dict[str, object]) -> Rule:
    chosen = told["purposes"] == "chosen"
    default = tuple(told.get("default", ()))  # type: ignore[arg-type, var-annotated]  # the table is ours; a test reads it
    return Rule(
        article=str(told["article"]),
        action=told["action"] or None,  # type: ignore[arg-type]  # the table is ours; a test reads all of it
        order=int(str(told["order"])),
        after=tuple(told["after"]),  # type: ignore[arg-type]  # the same
        purposes=default if chosen else None,
        inflow=default,
        chosen=chosen,
        forgets=bool(told["forgets"]),
        answer=str(told["answer"]),
        suppress=str(told["suppress"]),
    )
