"""The commands that ask the record: `where`, `parties`, `drift`. Each opens the folder for reading, and prints."""

from collections.abc import Iterable
from json import dumps
from typing import Annotated

import typer
from rich.progress import Progress

from console.opening import Folder, log_look, opened
from console.pictures import drift_table, holdings_table, overdue_table, parties_table, recipients_tree, todo_table
from console.revealing import reason_to_reveal, revealed
from console.settings import Settings
from console.shapes import Shape, as_json, drift_shape, overdue_shape, parties_shape, where_shape
from console.terminal import At, Data, Json, KnownAt, Reason, err, out, say, settings_of, tell, time_of
from console.volumes import volumes_shape, volumes_table
from lineage.drift import Drift, drift, record_begins
from lineage.errors import Misconfigured
from lineage.graph import NOW, Until
from lineage.identifiers import read_identifier
from lineage.overdue import overdue
from lineage.persons import find_person
from lineage.revealing import reveal
from lineage.sharing import sharing
from lineage.times import now, rfc3339
from lineage.volumes_by_month import received_by_month
from lineage.where import where


def where_command(
    context: typer.Context,
    identifier: Annotated[str, typer.Argument(help="kind:value, such as customer_id:C-17; or an e-mail address.")],
    at: At = None,
    known_at: KnownAt = None,
    reveal_values: Annotated[
        bool, typer.Option("--reveal", help="Show her identifiers too; written to the access log.")
    ] = False,
    reason: Reason = None,
    data: Data = None,
    json: Json = False,
    svg: Annotated[
        bool, typer.Option("--svg", help="Print a picture, SVG: the person by pseudonym, no value.")
    ] = False,
) -> None:
    """Tell where that person's data is: which party got which categories of it, when, why, and from whom."""
    if svg and (json or reveal_values):
        raise Misconfigured("--svg is a picture without any identifier: leave --json and --reveal out")
    kind, value = read_identifier(identifier)
    until = Until(time_of(at, "--at"), time_of(known_at, "--known-at"))
    why = reason_to_reveal(reveal_values=reveal_values, reason=reason)
    asked = f"{kind}:{value}"
    with opened(settings_of(context, data)) as folder:
        key = folder.pseudonyms.identifier(kind, value)
        found = where(folder.graph, folder.register, key, until, now())
        shape = where_shape(asked, until.at, until.known_at, found)
        if svg:
            # Only a picture needs it, and it would be loaded for all other questions too.
            from console.person_standing import person_picture

            say(person_picture(folder, key, until, found.person, shape))
            return
        if why:
            log_look(folder, asked, why)
            shape["revealed"] = reveal(folder.graph, folder.keyring, folder.pseudonyms, found.person, until)
    if json:
        say(as_json(shape))
        return
    _print_where(shape)


def _print_where(shape: Shape) -> None:
    if not shape["candidates"]:
        tell("nothing is recorded of this identifier" + (" by then" if shape["at"] or shape["known_at"] else ""))
        return
    if shape["candidates"] > 1:
        tell(f"shared by {shape['candidates']} persons: nothing of it is ascribed to any of them without a decision")
    else:
        counts = ", ".join(f"{count} {kind}" for kind, count in shape["identifiers"].items())
        say(f"one person: {counts}")
    if shape["holdings"]:
        out.print(holdings_table("Who holds her data", shape["holdings"]))
        out.print(recipients_tree(shape["holdings"]))
    if shape["shared"]:
        out.print(holdings_table("Under identifiers shared with others", shape["shared"]))
    for line in revealed(shape):
        say(line)


def parties_command(
    context: typer.Context,
    volumes: Annotated[bool, typer.Option("--volumes", help="How often each got anything, month by month.")] = False,
    at: Annotated[str | None, typer.Option("--at", help="As of this time: only what occurred by then.")] = None,
    known_at: Annotated[str | None, typer.Option("--known-at", help="As it was known here at this time.")] = None,
    data: Data = None,
    json: Json = False,
    svg: Annotated[bool, typer.Option("--svg", help="With --volumes: print a picture, SVG.")] = False,
) -> None:
    """List the parties of the register with what each was observed to get and to pass on."""
    if svg and (json or not volumes):
        raise Misconfigured("--svg draws what --volumes counts: give both, and leave --json out")
    until = Until(time_of(at, "--at"), time_of(known_at, "--known-at"))
    with opened(settings_of(context, data)) as folder:
        register = folder.register
        if volumes:
            _print_volumes(volumes_shape(received_by_month(folder.graph, until), register), json=json, svg=svg)
            return
        moment = now() if until.at is None else until.at
        shapes = parties_shape(register.parties(), sharing(folder.graph, register, until), register, moment)
    if json:
        say(as_json(shapes))
    else:
        out.print(parties_table(shapes))


def _print_volumes(shape: Shape, *, json: bool, svg: bool) -> None:
    if json:
        say(as_json(shape))
    elif svg:
        from console.volumes_svg import volumes_svg  # only a picture needs it

        say(volumes_svg(shape))
    elif shape["parties"]:
        out.print(volumes_table(shape))
    else:
        tell("nothing has been shared yet: no event is recorded")


def drift_command(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--since", help="Only what occurred since this time.")] = None,
    at: At = None,
    known_at: KnownAt = None,
    reveal_values: Annotated[
        bool, typer.Option("--reveal", help="With --json: her identifiers too; written to the access log.")
    ] = False,
    reason: Reason = None,
    kept: Annotated[
        bool, typer.Option("--overdue", help="What is kept although its retention has passed, instead.")
    ] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the disclosures that the register, or the person's consent, did not allow at their moment; newest first.

    Each with the person by pseudonym, the rules it broke, what shows that, and what to do.
    """
    first, until = time_of(since, "--since"), Until(time_of(at, "--at"), time_of(known_at, "--known-at"))
    if reveal_values and not (json and reason and reason.strip()):
        raise Misconfigured("--reveal goes with --json, and is written to the access log: say why with --reason")
    if kept:
        if first is not None or reveal_values:
            raise Misconfigured("--overdue tells what is there at one time: it takes no --since, and no --reveal")
        _print_overdue(settings_of(context, data), until, json=json)
        return
    with (
        opened(settings_of(context, data)) as folder,
        Progress(console=err, transient=True, disable=not err.is_terminal) as bar,
    ):
        task = bar.add_task("judging disclosures", total=folder.graph.counts()["disclosures"])
        found = drift(folder.graph, folder.register, first, lambda: bar.advance(task), folder.memory, until)
        shapes = drift_shape(found)
        if reveal_values and reason:
            log_look(folder, "drift", reason)
            _revealed(folder, found, shapes)
        begins = None if first is None else record_begins(folder.graph)
    if first is not None and begins is not None and first < begins:
        tell(f"the record begins at {rfc3339(begins)}: nothing can be said of before")
    if json:
        say(as_json(shapes))
    elif shapes:
        out.print(drift_table(shapes))
        out.print(todo_table(shapes))
    else:
        tell("no drift: every disclosure was declared, and consented to where it had to be")


def _revealed(folder: Folder, found: Iterable[Drift], shapes: Iterable[Shape]) -> None:
    """Put the person's identifiers into each shape; of what several share, the one it hangs on."""
    known: dict[bytes, dict[str, list[str]]] = {}
    for each, shape in zip(found, shapes, strict=True):
        key = each.person or each.disclosure.holder
        if key not in known:
            person = find_person(folder.graph.near(key), key, NOW)
            known[key] = reveal(folder.graph, folder.keyring, folder.pseudonyms, person, NOW)
        shape["revealed"] = known[key]


def _print_overdue(settings: Settings, until: Until, *, json: bool) -> None:
    """Print what is kept too long: as JSON a line for each, so that nothing of a large shop is held in memory."""
    with opened(settings) as folder, Progress(console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("judging disclosures", total=folder.graph.counts()["disclosures"])
        moment = now() if until.at is None else until.at
        found = (
            overdue_shape(each)
            for each in overdue(folder.graph, folder.register, moment, lambda: bar.advance(task), until)
        )
        if json:
            for each in found:
                say(dumps(each, ensure_ascii=False))
            return
        shapes = list(found)
    if shapes:
        out.print(overdue_table(shapes))
        tell("erase it at each party, or set another period in the register: it is the longest that may be kept")
    else:
        tell("nothing is kept too long, as far as the record can tell")
