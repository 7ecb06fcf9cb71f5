"""The command `export`: the sharing graph in another tool's format, to stdout or into a file. Counts only, no person."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from console.exporting.names import NAMES
from console.files import write_whole
from console.opening import opened
from console.shapes import sharing_shape
from console.terminal import At, Data, KnownAt, counted, settings_of, tell, time_of
from lineage.errors import Misconfigured
from lineage.graph import Until
from lineage.sharing import sharing


def export_command(
    context: typer.Context,
    format_: Annotated[str, typer.Argument(metavar="FORMAT", help=f"One of {', '.join(NAMES)}.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write to this file instead of stdout.")] = None,
    at: At = None,
    known_at: KnownAt = None,
    data: Data = None,
) -> None:
    """Write the sharing graph for another tool: OpenLineage, Fides, PROV-O, GraphML, CSV. Counts only, no person."""
    if format_ not in NAMES:
        raise Misconfigured(f"there is no format '{format_}': take one of {', '.join(NAMES)}")
    from console.exporting.formats import FORMATS  # only this command needs them

    until = Until(time_of(at, "--at"), time_of(known_at, "--known-at"))
    with opened(settings_of(context, data)) as folder:
        shape = sharing_shape(sharing(folder.graph, folder.register, until), folder.register)
        exported = FORMATS[format_](shape, folder.register)
    if out is None:
        sys.stdout.write(exported.text)  # as it is: CSV ends its lines with CR LF
    else:
        write_whole(out, exported.text.encode())
        tell(f"{counted(len(shape['sharing']), 'edge')} in {out}")
    for line in exported.left_out:
        tell(f"left out: {line}")
