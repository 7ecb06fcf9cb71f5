"""The command `sharing`: who gives what to whom, now, as of a time, and what changed between two. Counts only, no person."""

import csv
import sys
from collections.abc import Iterable
from typing import Annotated

import typer

from console.graphviz import as_dot, changes_as_dot
from console.opening import Folder, opened
from console.pictures import sharing_table
from console.shapes import Shape, as_json, sharing_shape
from console.sharing_changes import COLUMNS, changes_line, changes_shape, changes_table
from console.terminal import At, Data, Json, KnownAt, out, say, settings_of, tell, time_of
from lineage.errors import Misconfigured
from lineage.graph import Until
from lineage.sharing import sharing
from lineage.sharing_changes import changes
from lineage.times import rfc3339

_EDGES = ("from", "to", "purpose", "basis", "role", "categories", "disclosures", "first", "last", "drift")


def sharing_command(
    context: typer.Context,
    at: At = None,
    known_at: KnownAt = None,
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option("--diff", metavar="FROM TO", help="What changed between two times, the earlier first."),
    ] = None,
    data: Data = None,
    json: Json = False,
    dot: Annotated[bool, typer.Option("--dot", help="Print a graph for Graphviz.")] = False,
    csv_: Annotated[bool, typer.Option("--csv", help="Print CSV, an edge a line.")] = False,
    svg: Annotated[bool, typer.Option("--svg", help="Print a picture, SVG.")] = False,
) -> None:
    """Show the whole sharing graph: who gives what to whom, why, how often. Counts only, no person."""
    if json + dot + csv_ + svg > 1:
        raise Misconfigured("choose one of --json, --dot, --csv and --svg")
    if diff and svg:
        raise Misconfigured("--diff has no picture of its own: take --dot")
    if diff and at:
        raise Misconfigured("--diff names its own times: leave --at out")
    until = Until(time_of(at, "--at"), time_of(known_at, "--known-at"))
    times = _times(diff) if diff else None
    with opened(settings_of(context, data)) as folder:
        begins = _begins(folder, until.at if times is None else times[0])
        shape = _graph(folder, until) if times is None else _changed(folder, times, until.known_at)
    form = "json" if json else "dot" if dot else "csv" if csv_ else "svg" if svg else "table"
    if times is None:
        _print_graph(shape, form, begins)
    else:
        _print_changes(shape, form, begins)


def _times(diff: tuple[str, str]) -> tuple[int, int]:
    first, last = (time_of(each, "--diff") or 0 for each in diff)
    if first > last:
        raise Misconfigured("--diff takes the earlier time first")
    return first, last


def _begins(folder: Folder, at: int | None) -> int | None:
    """Return when the record begins, where that is after `at`."""
    if at is None:
        return None
    first = min((each.first for each in folder.graph.volumes(())), default=None)
    return first if first is not None and first > at else None


def _graph(folder: Folder, until: Until) -> Shape:
    shape = sharing_shape(sharing(folder.graph, folder.register, until), folder.register)
    asked = {"at": until.at, "known_at": until.known_at}
    if until == Until():
        return shape
    return {**{name: None if time is None else rfc3339(time) for name, time in asked.items()}, **shape}


def _changed(folder: Folder, times: tuple[int, int], known_at: int | None) -> Shape:
    before, after = (sharing(folder.graph, folder.register, Until(time, known_at)) for time in times)
    return changes_shape(times, known_at, changes(before, after), folder.register)


def _print_graph(shape: Shape, form: str, begins: int | None) -> None:
    if form == "json":
        say(as_json(shape))
    elif form == "dot":
        say(as_dot(shape))
    elif form == "svg":
        from console.sharing_svg import sharing_svg  # XML takes a while to load

        say(sharing_svg(shape))
    elif form == "csv":
        lists = ("categories", "drift")
        _write_csv(_EDGES, ({**each, **{name: " ".join(each[name]) for name in lists}} for each in shape["sharing"]))
    elif shape["sharing"]:
        out.print(sharing_table(shape))
    elif shape.get("at") is None and shape.get("known_at") is None:
        tell("nothing has been shared yet: no event is recorded")
    elif begins is None:
        tell("nothing that was shared by then was known by then")
    if begins is not None:
        tell(f"nothing was shared by then: the record begins at {rfc3339(begins)}")


def _print_changes(shape: Shape, form: str, begins: int | None) -> None:
    if form == "json":
        say(as_json(shape))
    elif form == "dot":
        say(changes_as_dot(shape))
    elif form == "csv":
        _write_csv(COLUMNS, ({**each, "new_categories": " ".join(each["new_categories"])} for each in shape["changes"]))
    elif shape["changes"]:
        out.print(changes_table(shape))
        tell(changes_line(shape))
    else:
        tell("nothing was shared by either time")
    if begins is not None:
        tell(f"the record begins at {rfc3339(begins)}: of the time before, nothing is known")


def _write_csv(columns: tuple[str, ...], rows: Iterable[Shape]) -> None:
    writer = csv.DictWriter(sys.stdout, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
