"""What is given to the commands about cases, read and checked: ids, words, days, new values. Opens nothing.

What was typed is not repeated in a message: it may be a person's name or address in the wrong place.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, TypeVar

import typer

from lineage.cases.keys import ALPHABET, SYMBOLS
from lineage.cases.rights import rule
from lineage.cases.words import RIGHTS, Right, TaskState
from lineage.errors import Misconfigured
from schemas.vocabulary import vocabulary

CONFIRMED: tuple[TaskState, ...] = ("verified", "promised", "partial", "declined", "not_held", "failed", "queued")
"""What a member of staff can find out about a task; the other states come of themselves."""

T = TypeVar("T", bound=str)
_CASE = re.compile(rf"[0-9]{{4}}-[{ALPHABET}]{{{SYMBOLS}}}")
_NUMBER = re.compile(r"[0-9]{1,5}")
_TASK = re.compile(r"[0-9]{1,5}\.[0-9]{1,5}")
_GROUND = re.compile(r"(?:GDPR )?(?:Art\. ?)?([0-9]{1,2}(?:\([0-9a-z]{1,2}\))*)", re.IGNORECASE | re.ASCII)


def case_id(text: str) -> str:
    """Return a case's id as it was typed. Raises: Misconfigured: it cannot be one."""
    found = text.strip().upper()
    if not _CASE.fullmatch(found):
        raise Misconfigured("CASE is an id like 2026-7SDWG2CK, as `case open` and `case list` print it")
    return found


CaseId = Annotated[
    str,
    typer.Argument(
        metavar="CASE",
        help="The case's id, as `case open` and `case list` print it.",
        callback=lambda text: case_id(text),
    ),
]


def task_name(case: str, text: str) -> str:
    """Return a task's name by its number, or by its whole name. Raises: Misconfigured: it is neither, or of another case."""
    of, slash, number = text.strip().rpartition("/")
    if (slash and of.upper() != case) or not _TASK.fullmatch(number):
        raise Misconfigured(f"TASK is a number like 0.4, as `jalki case show {case}` prints it", "task")
    return f"{case}/{number}"


def number(text: str) -> int:
    """Return the number of a file of evidence, or of a refusal, as it was typed. Raises: Misconfigured: it is none."""
    if not _NUMBER.fullmatch(text.strip()):
        raise Misconfigured("files and refusals have a number like 1, as the case lists them", "number")
    return int(text)


def one_of(given: str, allowed: tuple[T, ...], option: str) -> T:
    """Return the allowed word that was given. Raises: Misconfigured: it is none."""
    found = next((each for each in allowed if each == given), None)
    if found is None:
        raise Misconfigured(f"{option} is one of {', '.join(allowed)}", "one-of", field=option, allowed=allowed)
    return found


def rights(text: str) -> list[Right]:
    """Read rights, with commas. Raises: Misconfigured: one that there is not."""
    return [one_of(each.strip(), RIGHTS, "RIGHT") for each in text.split(",")]


def day(text: str, option: str) -> str:
    """Return a day as ISO 8601. Raises: Misconfigured: it is none."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise Misconfigured(f"{option} is a day, YYYY-MM-DD", "day", field=option) from None


def ground(text: str) -> str:
    """Return the article a refusal rests on; it is kept, and shown, in clear. Raises: Misconfigured: it is none."""
    found = _GROUND.fullmatch(text.strip())
    if found is None:
        raise Misconfigured(
            "--ground is an article of the GDPR, such as 12(5) or 17(3)(b); the words go into --reason", "ground"
        )
    return found[1].lower()


def changes(asked: list[Right], given: list[str]) -> dict[str, str]:
    """Read `category=new value` pairs. Raises: Misconfigured: another form, no category, or no rectification to need them."""
    pairs = [each.partition("=") for each in given]
    if any(not equals or not value.strip() for _, equals, value in pairs):
        raise Misconfigured("--change is written category=new value, such as address=…", "change")
    if not {category for category, _, _ in pairs} <= set(vocabulary().categories):
        raise Misconfigured(f"--change is of one of {', '.join(sorted(vocabulary().categories))}", "change-of")
    if "rectification" in asked and not pairs:
        raise Misconfigured("a rectification needs what is to be changed: --change category=value", "change-needed")
    if pairs and "rectification" not in asked:
        raise Misconfigured("--change is for a rectification: name that right too, or leave it out", "change-unasked")
    found = {category: value for category, _, value in pairs}
    if len(found) < len(pairs):
        raise Misconfigured("--change names a category twice: one new value each", "change-twice")
    return found


def purposes(asked: list[Right], given: list[str] | None) -> tuple[str, ...]:
    """Return the purposes chosen. Raises: Misconfigured: the rights asked for are about all of them."""
    if given and not any(rule(each).chosen for each in asked):
        chosen = ", ".join(each for each in RIGHTS if rule(each).chosen)
        raise Misconfigured(
            f"--purpose is for {chosen}; the other rights are about all purposes",
            "purposes-for",
            rights=tuple(each for each in RIGHTS if rule(each).chosen),
        )
    return tuple(given or ())


def mandate(by: str, document: str | None, until: str | None, scope: str | None) -> Mapping[str, str]:
    """Return what was said of a mandate. Raises: Misconfigured: it is not understood, or nobody acts for the person."""
    if by == "person":
        if document or until or scope:
            raise Misconfigured("a mandate goes with --by representative or --by guardian")
        return {}
    covered = [one_of(each, RIGHTS, "--mandate-scope") for each in (scope or "").replace(",", " ").split()]
    told = {
        "document": (document or "").strip(),
        "until": day(until, "--mandate-until") if until else "",
        "scope": ",".join(covered),
    }
    return {name: value for name, value in told.items() if value}
