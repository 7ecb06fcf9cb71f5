"""The command `recall`: who bought a product that is recalled, and how each can be warned."""

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, TextColumn

from console.as_of import as_of, as_of_words, tell_of_times, times_shape
from console.opening import Folder, log_look, opened
from console.revealing import lines_of_persons, reason_to_reveal, revealed, say_counts
from console.shapes import Shape, as_json
from console.terminal import At, Data, Json, KnownAt, Persons, Reason, Reveal, counted, err, say, settings_of, tell
from lineage.errors import Misconfigured
from lineage.graph import Until
from lineage.products import comparable, read_serials
from lineage.times import now, rfc3339, rfc3339_or_null

if TYPE_CHECKING:
    from lineage.recalling import Buyer, First, Recalled, Wanted

PURPOSE = "recall"


def recall_command(
    context: typer.Context,
    model: Annotated[
        str, typer.Option("--model", help="The model, as orders name it; capitals and spaces do not matter.")
    ],
    serials: Annotated[
        str | None, typer.Option("--serials", help="Only these serial numbers: A..B, both included, of one length.")
    ] = None,
    at: At = None,
    known_at: KnownAt = None,
    first: Annotated[
        bool, typer.Option("--first", help="What can be said at once: how often it was bought, and when; no persons.")
    ] = False,
    persons: Persons = False,
    reveal_values: Reveal = False,
    reason: Reason = None,
    data: Data = None,
    json_: Json = False,
) -> None:
    """Tell how many bought a product that is recalled, and how each can be warned (Reg. (EU) 2023/988 Art. 35).

    All of them are to be warned: also who objected to marketing, and whose data is restricted.
    """
    if not comparable(model):
        raise Misconfigured("--model needs the name of a model")
    if first and (persons or serials is not None):
        raise Misconfigured("--first tells of no persons and no serial numbers: ask without it for these")
    # Only this command needs these, and they would be loaded for all others too.
    from lineage.recalling import Wanted, first_answer

    wanted, until = Wanted(model, None if serials is None else read_serials(serials)), as_of(at, known_at)
    why = reason_to_reveal(reveal_values=reveal_values, reason=reason, persons=persons)
    with opened(settings_of(context, data)) as folder:
        tell_of_times(folder, until)
        if first:
            early = first_shape(wanted, until, first_answer(folder.graph, folder.pseudonyms, wanted, until), folder)
            say(as_json(early)) if json_ else _print_first(early)
            return
        if why:
            log_look(folder, f"recall:{model}" + (f" {serials}" if serials else ""), why)
        lines = lines_of_persons(folder, buyer_shape, _line, reveal_values=reveal_values, json_=json_, until=until)
        shape = recall_shape(
            model, serials, until, _answer(folder, wanted, until, lines if persons else lambda _: None), folder
        )
    say_counts(shape, _print, persons=persons, json_=json_)


def _answer(folder: Folder, wanted: "Wanted", until: Until, told: Callable[["Buyer"], None]) -> "Recalled":
    from lineage.recalling import recalled
    from lineage.stores.spool import SqlitePurchases

    columns = (TextColumn("looking at purchases: {task.completed:,.0f}"),)
    with closing(SqlitePurchases()) as purchases, Progress(
        *columns, console=err, transient=True, disable=not err.is_terminal
    ) as bar:  # fmt: skip
        task = bar.add_task("", total=None)
        return recalled(
            folder.graph, folder.keyring, folder.memory, folder.pseudonyms, wanted, purchases, told,
            lambda more: bar.advance(task, more), until,
        )  # fmt: skip


def _basis(folder: Folder, until: Until) -> str | None:
    return folder.register.basis(PURPOSE, now() if until.at is None else until.at)


def first_shape(wanted: "Wanted", until: Until, found: "First", folder: Folder) -> Shape:
    """Return the first answer, which counts no buyers."""
    return {
        "model": wanted.model,
        "serials": None,
        **times_shape(until),
        "basis": _basis(folder, until),
        "buyers": None,
        "purchases": found.bought.purchases,
        "identifiers": found.bought.identifiers,
        "first": rfc3339_or_null(found.bought.first),
        "last": rfc3339_or_null(found.bought.last),
        "erased": found.erased,
    }


def recall_shape(model: str, serials: str | None, until: Until, found: "Recalled", folder: Folder) -> Shape:
    """Return the counts."""
    return {
        "model": model,
        "serials": serials,
        **times_shape(until),
        "basis": _basis(folder, until),
        "buyers": found.buyers,
        "certain": found.certain,
        "serial_unknown": found.buyers - found.certain,
        "contactable": {"persons": found.contactable, **dict(sorted(found.ways.items()))},
        "not_contactable": found.buyers - found.contactable,
        "erased": found.erased,
        "opted_out": found.opted_out,
        "restricted": found.restricted,
        "shared": found.shared,
    }


def buyer_shape(each: "Buyer", kinds: Mapping[str, int]) -> Shape:
    """Return one buyer. `kinds` counts her identifiers by kind."""
    return {
        "person": each.key.hex(),
        "candidates": each.candidates,
        "certain": each.certain,
        "products": each.products,
        "first": rfc3339(each.first),
        "last": rfc3339(each.last),
        "contact": sorted(each.ways),
        "opted_out": each.opted_out,
        "restricted": each.restricted,
        "identifiers": dict(kinds),
    }


def _line(shape: Shape) -> str:
    marks = ["" if shape["certain"] else "serial number not known"]
    marks.append(f"shared by {shape['candidates']}" if shape["candidates"] > 1 else "")
    contact = f"[{', '.join(shape['contact']) or 'not contactable'}]"
    return "  ".join([shape["person"], contact, *filter(None, marks), *revealed(shape)])


def _print_first(shape: Shape) -> None:
    if not shape["purchases"] and not shape["erased"]:
        tell("no purchase of that model is recorded" + (" by then" if shape["at"] or shape["known_at"] else ""))
        return
    on = counted(shape["identifiers"], "identifier")
    say(f"{shape['model']}: {counted(shape['purchases'], 'purchase')} under {on}{as_of_words(shape)}")
    if shape["first"]:
        say(f"  first {shape['first']}, last {shape['last']}")
    if shape["erased"]:
        say(f"besides, {counted(shape['erased'], 'buyer')} who are erased: nothing is left but this count")
    tell("who they are, how many, and how each can be warned is worked out without --first")


def _print(shape: Shape) -> None:
    what = shape["model"] + (f", {shape['serials']}" if shape["serials"] else "")
    if not shape["buyers"] and not shape["erased"]:
        tell("no purchase of that model is recorded" + (" by then" if shape["at"] or shape["known_at"] else ""))
        return
    say(f"{what}: {counted(shape['buyers'], 'buyer')}{as_of_words(shape)}")
    if shape["serials"]:
        say(
            f"  serial number in the range: {shape['certain']:,}; not known, so warn them too: {shape['serial_unknown']:,}"
        )
    ways = ", ".join(f"{kind} {n:,}" for kind, n in shape["contactable"].items() if kind != "persons")
    say(f"  can be reached: {shape['contactable']['persons']:,}" + (f" ({ways})" if ways else ""))
    say(f"  cannot be reached: {shape['not_contactable']:,}")
    if shape["shared"]:
        say(f"  of them under identifiers that several persons share: {shape['shared']:,}")
    if shape["erased"]:
        whose = "; whether theirs are in the range nobody knows" if shape["serials"] else ""
        say(f"besides, {counted(shape['erased'], 'buyer')} who are erased: nothing is left but this count{whose}")
    quiet = shape["opted_out"], shape["restricted"]
    if any(quiet):
        say(
            f"to be warned all the same: {quiet[0]:,} who opted out of marketing, {quiet[1]:,} whose data is restricted"
        )
    if shape["basis"] != "legal-obligation":
        tell(f"note: the register's basis for `{PURPOSE}` is {shape['basis'] or 'missing'}, and no legal obligation")
