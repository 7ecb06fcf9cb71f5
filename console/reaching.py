"""The command `reached`: whose data a party got and may still hold, for whoever has to deal with a breach there."""

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress, TextColumn

from console.as_of import as_of, tell_erased_since, tell_of_times
from console.known_party import check_party
from console.opening import Folder, log_look, opened
from console.revealing import lines_of_persons, reason_to_reveal, say_counts
from console.shapes import Shape, as_json
from console.terminal import (
    At,
    Data,
    Json,
    KnownAt,
    Persons,
    Reason,
    Reveal,
    counted,
    err,
    say,
    settings_of,
    tell,
    time_of,
)
from lineage.errors import Misconfigured
from lineage.graph import Until
from lineage.times import now

if TYPE_CHECKING:
    from lineage.reached import Asked, Reach


def reached_command(
    context: typer.Context,
    party: Annotated[str, typer.Argument(help="The party the breach is at, as the register names it.")],
    from_: Annotated[str | None, typer.Option("--from", help="When the breach began; else: ever.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="When it ended; else: it goes on.")] = None,
    known: Annotated[
        str | None, typer.Option("--known", help="When you became aware of it: the 72 hours run from then.")
    ] = None,
    first: Annotated[
        bool, typer.Option("--first", help="What can be said at once: how much, of what, since when; no persons.")
    ] = False,
    at: At = None,
    known_at: KnownAt = None,
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
    from console.reaching_printing import line_of, print_first, print_reached
    from console.reaching_shapes import first_shape, reach_shape
    from lineage.reached import first_answer

    asked, aware = _asked(party, from_, to, as_of(at, known_at)), time_of(known, "--known")
    if first and persons:
        raise Misconfigured("--first tells of no persons: ask without it for --persons")
    why = reason_to_reveal(reveal_values=reveal_values, reason=reason, persons=persons)
    with opened(settings_of(context, data)) as folder:
        check_party(folder, party)
        if first:
            shape = first_shape(asked, aware, first_answer(folder.graph, folder.register, asked), folder.register)
            say(as_json(shape)) if json_ else print_first(shape)
            tell_of_times(folder, asked.as_of)
            return
        if why:
            log_look(folder, f"reached:{party}", why)
        lines = lines_of_persons(
            folder, reach_shape, line_of, reveal_values=reveal_values, json_=json_, until=asked.as_of
        )
        shape = _answer(folder, asked, aware, lines if persons else lambda _: None)
        tell_of_times(folder, asked.as_of)
        tell_erased_since(shape["erased"]["since"], party)
    say_counts(shape, print_reached, persons=persons, json_=json_)


def _asked(party: str, from_: str | None, to: str | None, until: Until) -> "Asked":
    """Read what is asked. Raises: Misconfigured: the times contradict each other."""
    from lineage.reached import Asked

    asked = Asked(party, time_of(from_, "--from"), time_of(to, "--to"), now(), until)
    if asked.since is not None and asked.until is not None and asked.since > asked.until:
        raise Misconfigured("--from lies after --to: swap the two times")
    if asked.since is not None and until.at is not None and asked.since > until.at:
        raise Misconfigured("--from lies after --at: nothing of that time had happened by then")
    return asked


def _answer(folder: Folder, asked: "Asked", known: int | None, told: Callable[["Reach"], None]) -> Shape:
    from console.reaching_shapes import reached_shape
    from lineage.reached import reached
    from lineage.stores.spool import SqliteSpool

    if err.is_terminal:
        tallies = folder.graph.tallies(asked.party, asked.since, asked.last, asked.as_of.known_at)
        got = sum(each.disclosures for each in tallies)
        tell(f"{asked.party} got {counted(got, 'disclosure')} then; whose they are is being worked out")
    columns = (TextColumn("looking at disclosures: {task.completed:,.0f}"),)
    with closing(SqliteSpool()) as spool, Progress(
        *columns, console=err, transient=True, disable=not err.is_terminal
    ) as bar:  # fmt: skip
        task = bar.add_task("", total=None)
        found = reached(
            folder.graph, folder.keyring, folder.journal, folder.register, asked, spool, told,
            lambda more: bar.advance(task, more),
        )  # fmt: skip
    return reached_shape(asked, known, found, folder.register)
