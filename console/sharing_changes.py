"""What changed in the sharing graph between two times: its JSON, its table. Counts only, no person."""

from collections import Counter
from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from console.shapes import Shape, known_parties
from lineage.register import Register
from lineage.sharing_changes import KINDS, Change
from lineage.times import rfc3339

COLUMNS = ("from", "to", "purpose", "change", "before", "after", "new_categories")
"""Of the CSV."""
_STYLES = {"new": "green", "gone": "red", "grew": "blue", "shrank": "yellow", "same": "dim"}


def changes_shape(times: tuple[int, int], known_at: int | None, found: Sequence[Change], register: Register) -> Shape:
    """Return what changed between two times (microseconds, UTC), of all edges."""
    return {
        "earlier": rfc3339(times[0]),
        "later": rfc3339(times[1]),
        "known_at": None if known_at is None else rfc3339(known_at),
        "parties": known_parties((each for one in found for each in (one.source, one.target)), register),
        "changes": [_change(each) for each in found],
    }


def _change(change: Change) -> Shape:
    old, new = change.categories_before, change.categories_after
    return {
        "from": change.source,
        "to": change.target,
        "purpose": change.purpose,
        "change": change.kind,
        "before": change.before,
        "after": change.after,
        "categories": {
            each: {"before": old.get(each, 0), "after": new.get(each, 0)} for each in sorted(old.keys() | new.keys())
        },
        "new_categories": list(change.new_categories),
    }


def changes_table(shape: Shape) -> Table:
    """Draw what changed as a table, what is new first, what is the same last."""
    title = f"What changed from {shape['earlier']} to {shape['later']}"
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in ("change", "from", "to", "purpose", "before", "after", "new categories"):
        table.add_column(column, justify="right" if column in {"before", "after"} else "left")
    for each in sorted(shape["changes"], key=lambda each: KINDS.index(each["change"])):
        table.add_row(
            each["change"], escape(each["from"]), escape(each["to"]), escape(each["purpose"]),
            f"{each['before']:,}", f"{each['after']:,}", ", ".join(each["new_categories"]), style=_STYLES[each["change"]],
        )  # fmt: skip
    return table


def changes_line(shape: Shape) -> str:
    """Return in one line how many edges changed, by what happened to them."""
    counts = Counter(each["change"] for each in shape["changes"])
    return ", ".join(f"{counts[kind]:,} {kind}" for kind in KINDS if counts[kind])
