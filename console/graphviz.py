"""The sharing graph, and what changed in it, in the language of Graphviz. Drawn from shapes; reads no store."""

from collections.abc import Iterable

from console.shapes import Shape

COLOURS = {"new": "forestgreen", "gone": "red", "grew": "blue", "shrank": "orange", "same": "gray"}
"""Of edges, by what happened to them; the words are in the labels too."""


def as_dot(shape: Shape) -> str:
    """Return the sharing graph; edges with drift are red."""
    edges = (
        (edge, f"{edge['purpose']}: {edge['disclosures']}", "red" if edge["drift"] else None)
        for edge in shape["sharing"]
    )
    return _digraph(shape["parties"], edges)


def changes_as_dot(shape: Shape) -> str:
    """Return what changed, each edge in the colour of its change and with its counts before and after."""
    edges = (
        (each, f"{each['purpose']}: {each['change']} {each['before']} → {each['after']}", COLOURS[each["change"]])
        for each in shape["changes"]
    )
    return _digraph(shape["parties"], edges)


def _digraph(parties: Iterable[Shape], edges: Iterable[tuple[Shape, str, str | None]]) -> str:
    lines = ["digraph sharing {", "  rankdir=LR;", "  node [shape=box, style=rounded];", '  "person" [shape=ellipse];']
    lines += [
        f"  {_quoted(party['id'])} [label={_quoted(party['name'] + ' (' + party['country'] + ')')}];"
        for party in parties
    ]
    for edge, label, colour in edges:
        drawn = f", color={colour}" if colour else ""
        lines.append(f"  {_quoted(edge['from'])} -> {_quoted(edge['to'])} [label={_quoted(label)}{drawn}];")
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
