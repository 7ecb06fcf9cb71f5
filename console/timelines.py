"""A timeline as shapes, and printed for people moment by moment: none is remembered."""

import json
from collections.abc import Iterator

from rich.table import Table

from console.shapes import Shape
from console.terminal import counted, out, say, tell
from lineage.timeline import Asked, Moment, Timeline
from lineage.times import rfc3339

ROWS = 500
"""Moments of one table: longer ones are several, so that none is held in memory."""


def timeline_shape(asked: str, span: Asked, found: Timeline, counts: dict[str, int]) -> Shape:
    """Return what is known beside the moments."""
    times = {"at": span.until.at, "known_at": span.until.known_at, "since": span.since, "until": span.by}
    return {
        "asked": asked,
        **{name: None if time is None else rfc3339(time) for name, time in times.items()},
        "identifiers": dict(found.kinds),
        "candidates": found.person.candidates,
        "moments": dict(sorted(counts.items())),
        "erased": [{"case": case, "before": rfc3339(before)} for case, before in found.erased],
        "looks_at_many": found.many,
    }


def moment_shape(each: Moment) -> Shape:
    """Return one moment."""
    return {"at": rfc3339(each.at), "known": rfc3339(each.recorded), "kind": each.kind, **each.told}


def print_each(moments: Iterator[Moment], *, json_: bool) -> dict[str, int]:
    """Print moments as they come; return how many there were of each kind."""
    counts: dict[str, int] = {}
    table = _table()
    for each in moments:
        counts[each.kind] = counts.get(each.kind, 0) + 1
        shape = moment_shape(each)
        if json_:
            say(json.dumps(shape, ensure_ascii=False))
            continue
        table.add_row(_second(each.at), _second(each.recorded), each.kind, _what(shape))
        if table.row_count == ROWS:
            out.print(table)
            table = _table()
    if table.row_count:
        out.print(table)
    return counts


def _table() -> Table:
    table = Table("occurred", "known here", "kind", "what", header_style="bold")
    for column in table.columns[:3]:
        column.no_wrap = True
    return table


def _second(at: int) -> str:
    return rfc3339(at // 1_000_000 * 1_000_000)


_LOOKS = {
    "revealed": "identifiers were shown in clear",
    "asked-about": "somebody asked about her, and saw no identifier",
}


def _what(shape: Shape) -> str:
    if shape["kind"] in {"disclosed", "looked-up"}:
        said = f"{shape['from']} → {shape['to']}: {shape['purpose']} ({', '.join(shape['categories'])})"
        said += f" [drift: {', '.join(shape['drift'])}]" if shape["drift"] else ""
    elif shape["kind"] == "case":
        words = [shape.get(name) for name in ("channel", "party", "action", "state", "how", "ground")]
        said = " ".join([f"{shape['case']} {shape['right']}:", shape["step"], *filter(None, words)])
    elif shape["kind"] in _LOOKS:
        said = _LOOKS[shape["kind"]]
    else:
        said = shape.get("purpose", "two identifiers, by a named decision")
    return said + (" (shared)" if shape["shared"] else "")


def tell_rest(shape: Shape) -> None:
    """Tell what is known beside the moments."""
    for each in shape["erased"]:
        tell(f"erased by case {each['case']}: what occurred by {each['before']} is gone, and only her case tells of it")
    if not shape["candidates"] and not shape["moments"]:
        bounded = any(shape[name] for name in ("at", "known_at", "since", "until"))
        tell("nothing is recorded of this identifier" + (" in that time" if bounded else ""))
    elif shape["candidates"] > 1:
        tell(f"shared by {shape['candidates']} persons: nothing of it is ascribed to any of them without a decision")
    if shape["looks_at_many"]:
        tell(f"besides, {counted(shape['looks_at_many'], 'look')} in clear at many persons: nobody can tell here whose")
