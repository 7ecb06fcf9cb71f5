"""The command `reached`: whose data a party got and may still hold, for whoever has to deal with a breach there."""

from collections.abc import Callable
from contextlib import closing
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, TextColumn
from rich.table import Table

from console.clocking import in_helsinki
from console.opening import Folder, log_look, opened
from console.revealing import lines_of_persons, reason_to_reveal, revealed, say_counts
from console.shapes import Shape
from console.terminal import Data, Json, Persons, Reason, Reveal, counted, err, out, say, settings_of, tell, time_of
from lineage.errors import Misconfigured
from lineage.times import now

if TYPE_CHECKING:
    from lineage.reached import Asked, Reach

_DUTY = {
    "controller": "you notify your authority (GDPR Art. 33(1)), for it holds this for you or with you",
    "party": "a breach there is the party's own to notify (it is a controller, or an authority); to you it is information",
}


def reached_command(
    context: typer.Context,
    party: Annotated[str, typer.Argument(help="The party the breach is at, as the register names it.")],
    from_: Annotated[str | None, typer.Option("--from", help="When the breach began; else: ever.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="When it ended; else: it goes on.")] = None,
    known: Annotated[
        str | None, typer.Option("--known", help="When you became aware of it: the 72 hours run from then.")
    ] = None,
    persons: Persons = False,
    reveal_values: Reveal = False,
    reason: Reason = None,
    data: Data = None,
    json_: Json = False,
) -> None:
    """Tell whose data a party had in an interval and may still have, for a breach there (GDPR Art. 33, 34). Counts.

    That is what it got in that time, and what it got before and is not known to have lost by then.
    """
    # Only this command needs these, and they would be loaded for all others too.
    from console.reaching_shapes import reach_shape
    from lineage.reached import Asked

    asked = Asked(party, time_of(from_, "--from"), time_of(to, "--to"), now())
    aware = time_of(known, "--known")
    if asked.since is not None and asked.until is not None and asked.since > asked.until:
        raise Misconfigured("--from lies after --to: swap the two times")
    why = reason_to_reveal(reveal_values=reveal_values, reason=reason, persons=persons)
    with opened(settings_of(context, data)) as folder:
        _check_party(folder, party)
        if why:
            log_look(folder, f"reached:{party}", why)
        lines = lines_of_persons(folder, reach_shape, _line, reveal_values=reveal_values, json_=json_)
        shape = _answer(folder, asked, aware, lines if persons else lambda _: None)
    say_counts(shape, _print, persons=persons, json_=json_)


def _check_party(folder: Folder, party: str) -> None:
    """Raises: Misconfigured: neither the register nor the record knows it."""
    if folder.register.is_party(party) or next(folder.graph.got(party, None, None), None) is not None:
        return
    near = get_close_matches(party, [each.id for each in folder.register.parties()], n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise Misconfigured(f"the party is not in the register: {hint}`jalki parties` lists those there are")


def _answer(folder: Folder, asked: "Asked", known: int | None, told: Callable[["Reach"], None]) -> Shape:
    from console.reaching_shapes import reached_shape
    from lineage.reached import reached, volumes_within
    from lineage.stores.spool import SqliteSpool

    volumes = volumes_within(folder.graph, asked)
    if err.is_terminal:
        got = sum(each.disclosures for each in volumes if each.route.target == asked.party)
        tell(f"{asked.party} got {counted(got, 'disclosure')} then; whose they are is being worked out")
    columns = (TextColumn("looking at disclosures: {task.completed:,.0f}"),)
    with closing(SqliteSpool()) as spool, Progress(
        *columns, console=err, transient=True, disable=not err.is_terminal
    ) as bar:  # fmt: skip
        task = bar.add_task("", total=None)
        found = reached(
            folder.graph, folder.keyring, folder.journal, folder.register, asked, spool, told,
            lambda more: bar.advance(task, more), volumes,
        )  # fmt: skip
    return reached_shape(asked, known, found, folder.register)


def _line(shape: Shape) -> str:
    kinds = ", ".join(f"{count} {kind}" for kind, count in shape["identifiers"].items())
    whose = f"shared by {shape['candidates']}: {kinds}" if shape["candidates"] > 1 else kinds
    contact = ", ".join(shape["contact"]) or "not contactable"
    return "  ".join([shape["person"], f"({whose})", ", ".join(shape["categories"]), f"[{contact}]", *revealed(shape)])


def _print(shape: Shape) -> None:
    got, held, erased = shape["got"], shape["held"], shape["erased"]
    say(f"{shape['party']} ({shape['name']}, {shape['country']}; {', '.join(shape['roles']) or 'no role'})")
    say(f"{counted(shape['persons'], 'person')} whose data was there" + _between(shape))
    say(
        f"  sent then: {counted(got['disclosures'], 'disclosure')} of {counted(got['persons'], 'person')}" + _since(got)
    )
    if shape["from"]:
        say(f"  sent before, and not known to be gone by then: {counted(shape['earlier'], 'person')}")
    say(
        f"  may still be there: {counted(held['persons'], 'person')}, of them {held['promised']:,} only promised to be erased"
    )
    say(f"  gone: {shape['gone']['proved']:,} shown to be erased, {shape['gone']['retention']:,} past their retention")
    say(f"  can be reached: {shape['contactable']['persons']:,}; cannot: {shape['not_contactable']:,}")
    if shape["shared"]["identifiers"]:
        say(
            f"besides, {counted(shape['shared']['identifiers'], 'identifier')} that several persons share: nobody can say whose"
        )
    if erased["persons"]:
        say(
            f"besides, {counted(erased['persons'], 'person')} who are erased here: of {erased['held']:,} it is not shown "
            f"that the party erased them too ({erased['promised']:,} only promised); they cannot be reached"
        )
    if shape["categories"]:
        out.print(_categories(shape))
    for each in shape["onward"]:
        how = f"{each['disclosures']:,} times" if each["observed"] else "declared, never observed"
        say(f"went on to {each['party']}, from {', '.join(each['from'])}: {how}")
    if shape["notify_by"]:
        say(f"notify by {in_helsinki(shape['notify_by'])}: 72 hours from {shape['known']}")
    if shape["persons"] or erased["persons"]:
        tell(f"note: {_DUTY[shape['duty']]}")


def _between(shape: Shape) -> str:
    return "".join(f" {word} {shape[word]}" for word in ("from", "to") if shape[word])


def _since(got: Shape) -> str:
    return f", first {got['first']}, last {got['last']}" if got["first"] else ""


def _categories(shape: Shape) -> Table:
    table = Table("category", "persons", "sensitive", title="What it had", title_justify="left", header_style="bold")
    for category, each in shape["categories"].items():
        table.add_row(category, f"{each['persons']:,}", f"[red]{each['sensitive'] or ''}[/]")
    if shape["forbidden_data"]:
        table.add_row("forbidden data (dropped)", f"{shape['forbidden_data']:,}", "[red]forbidden[/]")
    return table
