"""What parties got, month by month: its JSON and its table, a line of bars for each party."""

from collections.abc import Mapping

from rich.markup import escape
from rich.table import Table

from console.shapes import Shape
from lineage.register import Register
from lineage.volumes_by_month import EARLIER, months_between

_BARS = "▁▂▃▄▅▆▇█"
_SHOWN = 36
"""Months in the table: as many as a person reads in a line."""


def volumes_shape(counts: Mapping[str, Mapping[str, int]], register: Register) -> Shape:
    """Return every month there is, and for each party that got anything how often in which of them."""
    named = {month for months in counts.values() for month in months}
    months = sorted(named - {EARLIER})
    every = months_between(months[0], months[-1]) if months else []
    return {
        "months": [EARLIER, *every] if EARLIER in named else every,
        "parties": [
            {
                "id": party,
                "name": known.name if (known := register.party(party)) else party,
                "received": sum(months.values()),
                "by_month": dict(months),
            }
            for party, months in counts.items()
        ],
    }


def volumes_table(shape: Shape) -> Table:
    """Draw the newest months of each party as bars, each party by its own largest month; nothing is a dot."""
    months = shape["months"][-_SHOWN:]
    title = f"Received by month, {months[0]} to {months[-1]}" if months else "Received by month"
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in ("party", "received", "most in a month", "by month"):
        table.add_column(column, justify="right" if column in {"received", "most in a month"} else "left")
    for each in shape["parties"]:
        counts = [each["by_month"].get(month, 0) for month in months]
        most = max(counts, default=0)
        bars = "".join(_BARS[(count * (len(_BARS) - 1)) // most] if count else "·" for count in counts)
        table.add_row(escape(each["id"]), f"{each['received']:,}", f"{most:,}", bars)
    return table
