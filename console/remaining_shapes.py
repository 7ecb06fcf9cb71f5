"""The answer of the command `remaining` as shapes, and printed for people."""

import json as json_text
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import Progress, TextColumn

from console.as_of import as_of_words, times_shape
from console.shapes import Shape, as_json
from console.terminal import counted, err, say, tell
from lineage.graph import NOW, Until
from lineage.register import UNKNOWN, Register
from lineage.remaining import Left, Remaining
from lineage.remaining.model import STANDINGS
from lineage.times import rfc3339

_WHAT = {
    "unasked": "nobody has asked the party to erase it",
    "asked": "it was asked to, and has not shown that it did",
    "promised": "it has promised to, and not shown it",
}

OF_ITS_OWN = frozenset({"controller", "authority", "joint-controller"})


def remaining_shape(party: str, found: Remaining, register: Register, moment: int, until: Until = NOW) -> Shape:
    """Return the counts."""
    known, contract = register.party(party), found.contract
    return {
        "party": party,
        "name": known.name if known else party,
        "country": known.country if known else UNKNOWN,
        "as_of": rfc3339(moment),
        **times_shape(until),
        "contract": {
            "declared": contract.declared,
            "in_force": contract.in_force,
            "ended": contract.ended.isoformat() if contract.ended else None,
            "roles": list(contract.roles),
        },
        "nothing_left": found.nothing_left,
        "persons": found.persons,
        "standing": {each: found.standings[each] for each in STANDINGS},
        "categories": dict(sorted(found.categories.items())),
        "first": None if found.first is None else rfc3339(found.first),
        "last": None if found.last is None else rfc3339(found.last),
        "gone": {"proved": found.proved, "retention": found.retention_over},
        "erased": {
            "persons": found.erased.persons,
            "held": found.erased.may_be_held,
            "promised": found.erased.promised,
            "since": found.erased.since,
        },
        "tasks": dict(sorted(found.tasks.items())),
        "shared": found.shared,
        "declared_copies_from": list(contract.copies),
        "after_end": found.after_end,
    }


def left_shape(each: Left) -> Shape:
    """Return one person, or one identifier that several share."""
    return {
        "person": each.reach.key.hex(),
        "candidates": each.reach.candidates,
        "standing": each.standing,
        **{standing: sorted(each.by_standing.get(standing, ())) for standing in STANDINGS},
        "states": sorted(each.states),
        "disclosures": each.reach.disclosures,
        "first": rfc3339(each.reach.first),
        "last": rfc3339(each.reach.last),
    }


def listing(*, json: bool) -> Callable[[Left], None]:
    """Return what writes a line for each person as she is found: nobody is remembered."""

    def write(each: Left) -> None:
        shape = left_shape(each)
        if json:
            say(json_text.dumps(shape, ensure_ascii=False))
            return
        whose = f" (shared by {shape['candidates']})" if shape["candidates"] > 1 else ""
        states = f"  [{', '.join(shape['states'])}]" if shape["states"] else ""
        say(f"{shape['person']}{whose}  {shape['standing']}: {', '.join(sorted(each.categories))}{states}")

    return write


@contextmanager
def looking() -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many disclosures were looked at."""
    columns = (TextColumn("looking at disclosures: {task.completed:,.0f}"),)
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda more: bar.advance(task, more)


def print_remaining(shape: Shape, *, json: bool, lines: bool) -> None:
    """Print the counts: as JSON, on one line where persons came before, or for people."""
    if json:
        say(json_text.dumps(shape, ensure_ascii=False) if lines else as_json(shape))
        return
    say(f"{shape['party']} ({shape['name']}, {shape['country']}): {_contract(shape['contract'])}{as_of_words(shape)}")
    say(f"may still have something of {counted(shape['persons'], 'person')}" + _since(shape))
    for standing, what in _WHAT.items():
        if shape["standing"][standing]:
            say(f"  {shape['standing'][standing]:,}: {what}")
    if shape["categories"]:
        say("  " + ", ".join(f"{category} {count:,}" for category, count in shape["categories"].items()))
    say(f"gone: {shape['gone']['proved']:,} shown to be erased, {shape['gone']['retention']:,} past their retention")
    _print_rest(shape)


def _contract(contract: Shape) -> str:
    if contract["in_force"]:
        return "by the register it may get data still"
    if contract["ended"]:
        return f"by the register its contract ended on {contract['ended']}"
    return "the register declares it as a recipient of nothing" if not contract["declared"] else "not begun yet"


def _since(shape: Shape) -> str:
    return f", sent from {shape['first']} to {shape['last']}" if shape["first"] else ""


def _print_rest(shape: Shape) -> None:
    erased = shape["erased"]
    if erased["persons"]:
        say(
            f"besides, {counted(erased['persons'], 'person')} who are erased here: of {erased['held']:,} it is not shown "
            f"that the party erased them too ({erased['promised']:,} only promised)"
        )
    if shape["shared"]:
        say(f"besides, {counted(shape['shared'], 'identifier')} that several persons share: nobody can say whose")
    if shape["tasks"]:
        say("tasks: " + ", ".join(f"{state} {count:,}" for state, count in shape["tasks"].items()))
    if shape["after_end"]:
        say(f"{counted(shape['after_end'], 'disclosure')} went there after the contract had ended: see `jalki drift`")
    if shape["declared_copies_from"]:
        sources = ", ".join(shape["declared_copies_from"])
        tell(f"note: the register declares copies from {sources}; no event shows them, nor that they are gone")
    if roles := OF_ITS_OWN.intersection(shape["contract"]["roles"]):
        tell(f"note: it is {', '.join(sorted(roles))} too: what it has as such it need not return when a contract ends")
    tell("nothing is left there by what is known here" if shape["nothing_left"] else "something may be left there")
