"""The commands that ask the record: `where`, `parties`, `drift`. Each opens the folder for reading, and prints."""

from typing import Annotated

import typer
from rich.progress import Progress

from console.opening import log_look, opened
from console.pictures import drift_table, holdings_table, parties_table, recipients_tree
from console.revealing import reason_to_reveal, revealed
from console.shapes import Shape, as_json, drift_shape, parties_shape, where_shape
from console.terminal import At, Data, Json, KnownAt, Reason, err, out, say, settings_of, tell, time_of
from console.volumes import volumes_shape, volumes_table
from lineage.drift import drift
from lineage.graph import Until
from lineage.identifiers import read_identifier
from lineage.revealing import reveal
from lineage.sharing import sharing
from lineage.times import now
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
) -> None:
    """Tell where that person's data is: which party got which categories of it, when, why, and from whom."""
    kind, value = read_identifier(identifier)
    until = Until(time_of(at, "--at"), time_of(known_at, "--known-at"))
    why = reason_to_reveal(reveal_values=reveal_values, reason=reason)
    asked = f"{kind}:{value}"
    with opened(settings_of(context, data)) as folder:
        found = where(folder.graph, folder.register, folder.pseudonyms.identifier(kind, value), until, now())
        shape = where_shape(asked, until.at, until.known_at, found)
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
) -> None:
    """List the parties of the register with what each was observed to get and to pass on."""
    until = Until(time_of(at, "--at"), time_of(known_at, "--known-at"))
    with opened(settings_of(context, data)) as folder:
        register = folder.register
        if volumes:
            _print_volumes(volumes_shape(received_by_month(folder.graph, until), register), json=json)
            return
        moment = now() if until.at is None else until.at
        shapes = parties_shape(register.parties(), sharing(folder.graph, register, until), register, moment)
    if json:
        say(as_json(shapes))
    else:
        out.print(parties_table(shapes))


def _print_volumes(shape: Shape, *, json: bool) -> None:
    if json:
        say(as_json(shape))
    elif shape["parties"]:
        out.print(volumes_table(shape))
    else:
        tell("nothing has been shared yet: no event is recorded")


def drift_command(
    context: typer.Context,
    since: Annotated[str | None, typer.Option("--since", help="Only what occurred since this time.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="As of this time: only what occurred by then.")] = None,
    known_at: Annotated[str | None, typer.Option("--known-at", help="As it was known here at this time.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the disclosures that the register, or the person's consent, did not allow at their moment; newest first."""
    first, until = time_of(since, "--since"), Until(time_of(at, "--at"), time_of(known_at, "--known-at"))
    with (
        opened(settings_of(context, data)) as folder,
        Progress(console=err, transient=True, disable=not err.is_terminal) as bar,
    ):
        task = bar.add_task("judging disclosures", total=folder.graph.counts()["disclosures"])
        shapes = drift_shape(drift(folder.graph, folder.register, first, lambda: bar.advance(task), until))
    if json:
        say(as_json(shapes))
    elif shapes:
        out.print(drift_table(shapes))
    else:
        tell("no drift: every disclosure was declared, and consented to where it had to be")
