"""The command `backfill`: a shop's history from its own tables and files, by a mapping that it declares."""

from pathlib import Path
from typing import Annotated

import typer

from console.logs import log_to_stderr
from console.terminal import Data, Json, Wait, settings_of
from streams.backfill.bounds import MOST_BAD

ROWS = 1_000


def backfill_command(
    context: typer.Context,
    mapping: Annotated[Path, typer.Argument(metavar="MAPPING", help="YAML: which rows become which events.")],
    only_check: Annotated[
        bool, typer.Option("--check", help="Try the mapping on the first rows, and record nothing.")
    ] = False,
    rows: Annotated[int, typer.Option("--rows", min=1, help="With --check: how many rows of each file.")] = ROWS,
    most_bad: Annotated[
        int, typer.Option("--most-bad", min=0, help="Stop at more bad rows than this, if a tenth of all are bad.")
    ] = MOST_BAD,
    wait: Wait = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """Take a shop's history in, from CSV or Parquet files or a query, by a declared mapping.

    The same row always makes the same event: run it again, or over an export that overlaps, and nothing is there twice.
    Bad rows are set aside, sealed, with reason and position; the rest goes on and the exit code is 1.
    """
    # Only this command needs it, and it would be loaded for all others too.
    from console.backfilled import taken_in, tried

    settings = settings_of(context, data)
    log_to_stderr(settings.log_level, settings.log_format)
    if only_check:
        raise typer.Exit(tried(settings, mapping, rows, json=json))
    raise typer.Exit(taken_in(settings, mapping, most_bad, wait=wait, json=json))
