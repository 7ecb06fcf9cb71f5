"""Prints the answers of the command `lookups` for people."""

from rich.table import Table

from console.shapes import Shape
from console.terminal import counted, out, say, tell


def print_lookups(shape: Shape) -> None:
    """Print look-ups and counts; what is no data goes to stderr."""
    if shape["asked"]:
        _tell_of_person(shape)
    say(counted(shape["looks"], "look-up") + ("" if shape["asked"] else f" at {counted(shape['persons'], 'person')}"))
    if shape["look_ups"]:
        out.print(_table(shape["look_ups"]))
    for name in () if shape["asked"] else ("viewers", "companies", "purposes"):
        if shape[name]:
            say(f"  {name}: " + ", ".join(f"{each} {count:,}" for each, count in shape[name].items()))
    if shape.get("by_staff"):
        out.print(_staff_table(shape["by_staff"]))
    _print_revealed(shape)


def _tell_of_person(shape: Shape) -> None:
    if not (shape["candidates"] or shape["looks"]):
        tell("nothing is recorded of this identifier" + ("; she is erased here" if shape["erased"] else ""))
    elif shape["candidates"] > 1:
        tell(f"shared by {shape['candidates']} persons: nobody can say at whom these looks were")


def _print_revealed(shape: Shape) -> None:
    if shape["nobody_knows_who"]:
        tell(f"of {shape['nobody_knows_who']:,} nobody knows any more who it was: what was sent is erased")
    for each in shape.get("shown_in_clear", ()):
        say(f"in clear {each['at']}  {each['staff']}  {each['what']}  {each['reason']}")
    if shape["revealed"] and "shown_in_clear" not in shape:
        tell(f"besides, {counted(shape['revealed'], 'look')} in clear through this program: --who shows them")


def _table(looks: list[Shape]) -> Table:
    who = "staff" in looks[0]
    table = Table(
        "occurred", "purpose", "company", "viewer", "categories", *(["staff"] if who else []), header_style="bold"
    )
    for each in looks:
        told = [each["at"], each["purpose"], each["company"], f"{each['viewer']} ({each['role']})"]
        told.append(", ".join(each["categories"]) + (" (shared)" if each["shared"] else ""))
        inquiry = " (authority's inquiry: she is not told)" if each.get("inquiry") else ""
        table.add_row(*told, *([(each["staff"] or "nobody knows any more") + inquiry] if who else []))
    return table


def _staff_table(by_staff: list[Shape]) -> Table:
    table = Table("staff", "look-ups", "persons", "most at one", "first", "last", header_style="bold")
    for each in by_staff:
        numbers = [f"{each[name]:,}" for name in ("looks", "persons", "most_at_one")]
        table.add_row(each["staff"], *numbers, each["first"], each["last"])
    return table
