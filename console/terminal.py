"""How commands speak: data to stdout, all else to stderr, errors as one line with an exit code. Decides nothing else."""

import sys
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import click
import typer
from rich.console import Console

from console.settings import Settings, read_settings
from lineage.errors import JalkiError, Misconfigured
from schemas.records import microseconds

out = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
err = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())

DONE, IN_PART, WRONG = 0, 1, 2

Data = Annotated[Path | None, typer.Option("--data", help="The data folder.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, of a stable shape.")]


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
        app()
    except JalkiError as error:
        err.print(f"jalki: {error}", markup=False)
        sys.exit(WRONG if isinstance(error, Misconfigured) else IN_PART)
    except BrokenPipeError:
        # Whoever read stdout has gone; the interpreter must not try to flush into it again.
        sys.stdout = None
        sys.exit(IN_PART)
    except (KeyboardInterrupt, click.exceptions.Abort):
        err.print("jalki: interrupted; what is recorded stays, the rest can be given again")
        sys.exit(130)
    except Exception as fault:  # noqa: BLE001 - the last line of defence: a message could quote a person's data
        err.print(f"jalki: a fault of the program itself ({type(fault).__name__}), at:", markup=False)
        for frame in traceback.extract_tb(fault.__traceback__)[-6:]:
            err.print(f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}", markup=False)
        sys.exit(IN_PART)
