"""The commands `dead-letters`: what could not be recorded, once more what can be now, and putting aside what never can."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from console.opening import log_look, opened
from console.retried_letters import (
    LOOKED_AT,
    opened_for_foreseeing,
    opened_for_retrying,
    retried_shape,
    retrying_of,
    worked_through,
)
from console.shapes import as_json
from console.terminal import DONE, IN_PART, Data, Json, counted, err, say, settings_of, tell
from lineage.errors import Refused
from lineage.graph import Letter
from lineage.recording import read_letter
from lineage.sealing import Seal
from lineage.times import rfc3339
from streams.retrying import Retried

dead_letters_commands = typer.Typer()
OfReason = Annotated[
    str | None, typer.Option("--reason", help="Only those of this reason, as the list has it.", show_default=False)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would become of them now, and change nothing.")]


@dead_letters_commands.callback(invoke_without_command=True)
def dead_letters_command(context: typer.Context, data: Data = None, json: Json = False) -> None:
    """List the records that could not be recorded: when, why, and where each stood. Their content stays sealed.

    What was repaired is recorded by `retry`; what never can be is put aside by `discard`.
    """
    if data is not None:
        context.obj = data
    if context.invoked_subcommand is not None:
        return
    with opened(settings_of(context, data)) as folder:
        letters = folder.graph.letters()
        keys = folder.keyring.find([letter.key for letter in letters])
        shapes = [
            {
                "recorded": rfc3339(letter.recorded),
                "reason": letter.reason,
                "position": _position(letter, keys.get(letter.key)),
            }
            for letter in letters
        ]
    shapes.sort(key=lambda each: (each["recorded"], each["position"]))
    if json:
        say(as_json(shapes))
        return
    for each in shapes:
        say(f"{each['recorded']}  {each['position']}: {each['reason']}")
    tell(counted(len(shapes), "dead letter"))


@dead_letters_commands.command("retry")
def retry_command(
    context: typer.Context, reason: OfReason = None, dry_run: DryRun = False, data: Data = None, json: Json = False
) -> None:
    """Record what can be recorded by now: once its schema is there, its party is in the register, the program is newer.

    What is recorded leaves the list; what still fails stays on it, with the reason that it has now. Run it again at any
    time: an event is recorded once.
    """
    settings = settings_of(context, data)
    if dry_run:
        with opened_for_foreseeing(settings) as retrying:
            counts = _worked(retrying.letters(reason), retrying.foresee, "looking")
    else:
        with opened_for_retrying(settings) as book:
            retrying = retrying_of(book)
            log_look(book.folder, LOOKED_AT, "retry of dead letters", shown="pseudonyms")
            retrying.finish()
            counts = _worked(retrying.letters(reason), retrying.retry, "recording")
    _report(counts, would=dry_run, json=json)
    raise typer.Exit(IN_PART if counts.failing else DONE)


@dead_letters_commands.command("discard")
def discard_command(
    context: typer.Context,
    reason: Annotated[str, typer.Option("--reason", help="Those of this reason, as the list has it.")],
    purpose: Annotated[str, typer.Option("--purpose", help="Why; it is written to the access log.")],
    dry_run: DryRun = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Destroy dead letters that cannot be recorded now; those of the reason that can stay. Nothing brings one back."""
    settings = settings_of(context, data)
    if not purpose.strip():
        raise Refused("--purpose says why they are put aside: it is written to the access log")
    if dry_run:
        with opened_for_foreseeing(settings) as retrying:
            counts = _worked(retrying.letters(reason), retrying.foresee, "looking")
    else:
        with opened_for_retrying(settings) as book:
            retrying = retrying_of(book)
            log_look(book.folder, LOOKED_AT, f"put aside ({reason}): {purpose}", shown="pseudonyms")
            retrying.finish()
            counts = _worked(retrying.letters(reason), retrying.put_aside, "putting aside")
    if json:
        say(as_json(retried_shape(counts)))
    would = "would be " if dry_run else ""
    tell(f"{counted(counts.failing, 'dead letter')} {would}put aside: what was in it nobody can read any more")
    if counts.going:
        tell(f"{counts.going:,} can be recorded now, and stay: `jalki dead-letters retry`")
    raise typer.Exit(DONE)


def _worked(letters: Sequence[Letter], act: Callable[[Sequence[Letter], Retried], object], what: str) -> Retried:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(what, total=len(letters))

        def go_on(done: int) -> bool:
            bar.update(task, completed=done)
            return True

        return worked_through(letters, act, go_on)


def _report(counts: Retried, *, would: bool, json: bool) -> None:
    if json:
        say(as_json(retried_shape(counts)))
    for reason, count in counts.why:
        tell(f"{count:,} still: {reason}")
    if counts.late:
        tell(
            f"{counted(counts.late, 'time')} one spoke of a person who was erased before it came: it is not recorded, and her"
            " case tells who has her still"
        )
    said = "would be recorded" if would else "recorded"
    held = f"  held back {counts.held_back:,}" if counts.held_back else ""
    tell(f"{said} {counts.recorded:,}  repeated {counts.repeated:,}{held}  still dead {counts.failing:,}")


def _position(letter: Letter, key: bytes | None) -> str:
    return read_letter(Seal(key).open(letter.sealed, letter.key))[0] if key else "unknown: its key is gone"
