"""What parties got month by month as one picture, SVG: a small chart for each party, all over the same months.

Drawn from the shape of `parties --volumes`: counts by party and month, no person. Stands alone, light and dark.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from console.drawing import named, picture, said, text, written
from console.shapes import Shape
from lineage.volumes_by_month import EARLIER

MOST_DRAWN = 24
"""Parties with a chart of their own: those that got most. The rest are one chart together."""
ACROSS, WIDE, TALL, LEFT, TOP = 3, 400, 132, 20, 84
PLOT, HIGH, DOWN = 360, 56, 34
"""A chart's plot, in pixels: how wide, how high, how far below the chart's top."""
WIDEST = 24.0
STYLE = """
svg { background: #ffffff; font: 12px system-ui, sans-serif; }
text { fill: #1b1f24; } .head { font-weight: bold; } .large { font-size: 16px; font-weight: bold; }
.small { fill: #57606a; font-size: 11px; } .end { text-anchor: end; }
.bar { fill: #2f6fb0; } .line { stroke: #8c959f; fill: none; }
@media (prefers-color-scheme: dark) {
  svg { background: #14171b; } text { fill: #e8eaed; } .small { fill: #a3abb3; }
  .bar { fill: #8fc1ee; } .line { stroke: #6b747d; }
}
"""
TITLE = "How often each party got personal data, month by month"


@dataclass(frozen=True, slots=True)
class _Chart:
    """One party, or all that have no chart of their own: how often in which month."""

    name: str
    received: int
    by_month: Mapping[str, int]

    @property
    def peak(self) -> tuple[str, int]:
        """The month of the most, and how often then; the first of equals."""
        months = [(month, count) for month, count in self.by_month.items() if month != EARLIER]
        return max(sorted(months), key=lambda each: each[1], default=("", 0))


def volumes_svg(shape: Shape) -> str:
    """Return the picture as XML. Each chart is drawn by its own largest month, which it names."""
    months = [each for each in shape["months"] if each != EARLIER]
    charts = _charts(shape)
    rows = -(-len(charts) // ACROSS)
    about = _about(months, len(shape["parties"]))
    root = picture(TITLE, " ".join([about, *map(_said, charts)]), LEFT + ACROSS * WIDE, TOP + rows * TALL + 8, STYLE)
    text(root, TITLE, LEFT, 30, "large")
    text(root, about, LEFT, 52, "small")
    for number, each in enumerate(charts):
        _draw(SubElement(root, "g"), each, months, LEFT + number % ACROSS * WIDE, TOP + number // ACROSS * TALL)
    return written(root)


def _charts(shape: Shape) -> list[_Chart]:
    parties = sorted(shape["parties"], key=lambda each: (-each["received"], each["id"]))
    names = Counter(each["name"] for each in parties)
    charts = [
        # One company may be several parties of the register.
        _Chart(
            f"{each['id']}: {each['name']}" if names[each["name"]] > 1 else each["name"],
            each["received"], each["by_month"],
        )
        for each in parties[:MOST_DRAWN]
    ]  # fmt: skip
    if others := parties[MOST_DRAWN:]:
        counts: Counter[str] = Counter()
        for each in others:
            counts.update(each["by_month"])
        name = f"all others ({len(others):,} {'party' if len(others) == 1 else 'parties'})"
        charts.append(_Chart(name, sum(each["received"] for each in others), counts))
    return charts


def _about(months: Sequence[str], parties: int) -> str:
    if not parties:
        return "Nothing has been shared yet: no event is recorded."
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    told = f"{span}, in UTC. Each chart is drawn by its own largest month."
    if parties > MOST_DRAWN:
        told += f" Of {parties:,} parties the {MOST_DRAWN} that got most have their own; the rest are one together."
    return told


def _said(chart: _Chart) -> str:
    month, most = chart.peak
    earlier = chart.by_month.get(EARLIER, 0)
    before = f", {earlier:,} of them earlier" if earlier else ""
    return f"{named(chart.name, PLOT)}: {chart.received:,}{before}" + (f", most {most:,} in {month}." if most else ".")


def _draw(group: Element, chart: _Chart, months: Sequence[str], left: float, top: float) -> None:
    said(group, _said(chart))
    text(group, named(chart.name, PLOT - 90), left, top + 16, "head")
    text(group, f"{chart.received:,}", left + PLOT, top + 16, "end")
    floor = top + DOWN + HIGH
    SubElement(group, "path", {"class": "line", "d": f"M{left:.0f} {floor:.1f}h{PLOT}"})
    month, most = chart.peak
    step = min(PLOT / max(1, len(months)), WIDEST)
    for number, each in enumerate(months):
        if count := chart.by_month.get(each, 0):
            tall = max(1.0, count * HIGH / most)
            box = {
                "class": "bar", "x": f"{left + number * step:.2f}", "y": f"{floor - tall:.1f}",
                "width": f"{step - (1 if step > 4 else 0):.2f}", "height": f"{tall:.1f}",
            }  # fmt: skip
            said(SubElement(group, "rect", box), f"{each}: {count:,}")
    text(group, months[0], left, floor + 16, "small")
    if len(months) > 1:
        last = left + max(step * len(months), 130)
        text(group, months[-1], last, floor + 16, "small end")
    earlier = f"; {before:,} before {months[0]}" if (before := chart.by_month.get(EARLIER)) else ""
    if most:
        text(group, f"most {most:,} in {month}{earlier}", left + PLOT, top + 31, "small end")
