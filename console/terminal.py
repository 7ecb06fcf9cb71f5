"""How commands speak: data to stdout, all else to stderr, errors as one line with an exit code. Decides nothing else."""

import os
import sys
import traceback
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import click
import typer
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook
from rich.segment import Segment

from console.settings import Settings, read_settings
from lineage.errors import JalkiError, Misconfigured
from schemas.records import microseconds

# For tables and progress only. Lines go by `say` and `tell`: a console folds them and reads :words: as pictures.
PIPED = 160
out = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else PIPED)
err = Console(stderr=True, highlight=False, emoji=False)


class _Printable:
    """Something drawn, with nothing in its texts that could steer a terminal: they are as somebody sent or wrote them."""

    def __init__(self, drawn: ConsoleRenderable) -> None:
        self._drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Segment]:
        """Draw it, but for what it says; what the console itself steers with is kept apart from that."""
        for each in console.render(self._drawn, options):
            yield each if each.control else each._replace(text=_printable(each.text))


class _Printing(RenderHook):
    """Has a console print nothing else."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Return what is drawn instead."""
        return [_Printable(each) for each in renderables]


for _each in (out, err):
    _each.push_render_hook(_Printing())

DONE, IN_PART, WRONG = 0, 1, 2
INTERRUPTED = "jalki: interrupted; what is recorded stays, the rest can be given again"

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, of a stable shape.")]
At = Annotated[str | None, typer.Option("--at", help="As of this time: only events that occurred by then.")]
KnownAt = Annotated[str | None, typer.Option("--known-at", help="As it was known here at this time.")]
Wait = Annotated[bool, typer.Option("--wait", help="With Kafka: return only when workers have recorded it all.")]
Persons = Annotated[bool, typer.Option("--persons", help="List the persons too, by pseudonym.")]
Reveal = Annotated[bool, typer.Option("--reveal", help="With their identifiers, too; written to the access log.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why you look; needed with --reveal.")]


def say(line: str) -> None:
    """Write a line of data to stdout, with nothing in it that could steer a terminal."""
    sys.stdout.write(_printable(line) + "\n")


def tell(line: str) -> None:
    """Write a line to stderr: whatever is not data."""
    sys.stderr.write(_printable(line) + "\n")


def counted(number: int, what: str) -> str:
    """Return a number of things as people write it."""
    return f"{number:,} {what}{'' if number == 1 else 's'}" if number else f"no {what}s"


def _printable(line: str) -> str:
    # Line by line, for nearly all are printable as they are, and to look at each letter takes longer than to make them.
    return "\n".join(part if part.isprintable() else "".join(map(_shown, part)) for part in line.split("\n"))


def _shown(letter: str) -> str:
    return letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}"


def settings_of(context: typer.Context, data: Path | None) -> Settings:
    """Read the settings; `--data` may stand before the command or after it."""
    return read_settings(data=data or context.obj)


def time_of(text: str | None, option: str) -> int | None:
    """Read a time given as an option. Raises: Misconfigured: not RFC 3339 with an offset."""
    if text is None:
        return None
    try:
        return microseconds(text)
    except ValueError:
        example = datetime(2026, 3, 1, 9, 30).isoformat() + "+02:00"  # noqa: DTZ001 - an example of the text, not a time
        raise Misconfigured(f"{option} takes a time with its offset, like {example}") from None


def run(app: Callable[[], None]) -> None:
    """Run the program and leave it with the contract's exit codes; nothing a user can cause ends in a traceback."""
    try:
        try:
            app()
        finally:
            sys.stdout.flush()  # here, where a reader that has gone away can still be answered
    except JalkiError as error:
        tell(f"jalki: {error}")
        sys.exit(WRONG if isinstance(error, Misconfigured) else IN_PART)
    except BrokenPipeError:
        # Whoever read stdout has gone; what is left for it must not fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(IN_PART)
    except OSError as cause:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        tell(f"jalki: the output cannot be written: {cause.strerror}")
        sys.exit(IN_PART)
    except (KeyboardInterrupt, click.exceptions.Abort):
        tell(INTERRUPTED)
        sys.exit(130)
    except Exception as fault:  # noqa: BLE001 - the last line of defence: a message could quote a person's data
        tell(f"jalki: a fault of the program itself ({type(fault).__name__}), at:")
        for frame in traceback.extract_tb(fault.__traceback__)[-6:]:
            tell(f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}")
        sys.exit(IN_PART)
