"""What `reached` prints for people, of the shapes that it prints as JSON. Asks nothing."""

from rich.table import Table

from console.as_of import as_of_words
from console.clocking import in_helsinki
from console.revealing import revealed
from console.shapes import Shape
from console.terminal import counted, out, say, tell

_DUTY = {
    "controller": "you notify your authority (GDPR Art. 33(1)), for it holds this for you or with you",
    "party": "a breach there is the party's own to notify (it is a controller, or an authority); to you it is information",
}


def line_of(shape: Shape) -> str:
    """Return one person as a line."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in shape["identifiers"].items())
    whose = f"shared by {shape['candidates']}: {kinds}" if shape["candidates"] > 1 else kinds
    contact = ", ".join(shape["contact"]) or "not contactable"
    return "  ".join([shape["person"], f"({whose})", ", ".join(shape["categories"]), f"[{contact}]", *revealed(shape)])


def print_reached(shape: Shape) -> None:
    """Print the counts of persons."""
    got, held, erased = shape["got"], shape["held"], shape["erased"]
    _print_party(shape)
    say(f"{counted(shape['persons'], 'person')} whose data was there" + _between(shape))
    say(
        f"  sent then: {counted(got['disclosures'], 'disclosure')} of {counted(got['persons'], 'person')}" + _since(got)
    )
    if shape["from"]:
        say(f"  sent before, and not known to be gone by then: {counted(shape['earlier'], 'person')}")
    say(
        f"  may still be there: {counted(held['persons'], 'person')}, of them {held['promised']:,} only promised to be erased"
    )
    say(f"  gone: {shape['gone']['proved']:,} shown to be erased, {shape['gone']['retention']:,} past their retention")
    say(f"  can be reached: {shape['contactable']['persons']:,}; cannot: {shape['not_contactable']:,}")
    if shape["shared"]["identifiers"]:
        say(
            f"besides, {counted(shape['shared']['identifiers'], 'identifier')} that several persons share: nobody can say whose"
        )
    if erased["persons"]:
        say(
            f"besides, {counted(erased['persons'], 'person')} who are erased here: of {erased['held']:,} it is not shown "
            f"that the party erased them too ({erased['promised']:,} only promised); they cannot be reached"
        )
    _print_what_and_where(shape, "persons")
    if shape["persons"] or erased["persons"]:
        tell(f"note: {_DUTY[shape['duty']]}")


def print_first(shape: Shape) -> None:
    """Print the first answer: what can be said before anybody knows whose it is."""
    _print_party(shape)
    for when, sent in (("sent then", shape["got"]), ("sent before", shape["earlier"])):
        if sent["disclosures"]:
            least, most = sent["identifiers"]["at_least"], sent["identifiers"]["at_most"]
            on = f"{least:,} to {most:,} identifiers" if least < most else counted(least, "identifier")
            say(f"  {when}: {counted(sent['disclosures'], 'disclosure')} on {on}{_since(sent)}")
    if not shape["categories"]:
        say("  nothing is recorded that it got" + (" by then" if shape["at"] or shape["known_at"] else ""))
    _print_what_and_where(shape, "disclosures")
    if shape["categories"]:
        tell(f"note: {_DUTY[shape['duty']]}")
        tell("how many persons that is, and what of it may still be there, is worked out without --first")


def _print_party(shape: Shape) -> None:
    roles = ", ".join(shape["roles"]) or "no role"
    say(f"{shape['party']} ({shape['name']}, {shape['country']}; {roles}){as_of_words(shape)}")


def _print_what_and_where(shape: Shape, what: str) -> None:
    if shape["categories"]:
        out.print(_categories(shape, what))
    for each in shape["onward"]:
        how = f"{each['disclosures']:,} times" if each["observed"] else "declared, never observed"
        say(f"went on to {each['party']}, from {', '.join(each['from'])}: {how}")
    if shape["notify_by"]:
        say(f"notify by {in_helsinki(shape['notify_by'])}: 72 hours from {shape['known']}")


def _between(shape: Shape) -> str:
    return "".join(f" {word} {shape[word]}" for word in ("from", "to") if shape[word])


def _since(got: Shape) -> str:
    return f", first {got['first']}, last {got['last']}" if got["first"] else ""


def _categories(shape: Shape, what: str) -> Table:
    table = Table("category", what, "sensitive", title="What it had", title_justify="left", header_style="bold")
    for category, each in shape["categories"].items():
        table.add_row(category, f"{each[what]:,}", f"[red]{each['sensitive'] or ''}[/]")
    if shape["forbidden_data"]:
        table.add_row("forbidden data (dropped)", f"{shape['forbidden_data']:,}", "[red]forbidden[/]")
    return table
