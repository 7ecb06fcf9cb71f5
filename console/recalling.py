"""The command `recall`: who bought a product that is recalled, and how each can be warned."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from console.opening import log_look, opened
from console.revealing import lines_of_persons, reason_to_reveal, revealed, say_counts
from console.shapes import Shape
from console.terminal import Data, Json, Persons, Reason, Reveal, counted, say, settings_of, tell
from lineage.errors import Misconfigured
from lineage.products import comparable, read_serials
from lineage.times import now, rfc3339

if TYPE_CHECKING:
    from lineage.recalling import Buyer, Recalled

PURPOSE = "recall"


def recall_command(
    context: typer.Context,
    model: Annotated[
        str, typer.Option("--model", help="The model, as orders name it; capitals and spaces do not matter.")
    ],
    serials: Annotated[
        str | None, typer.Option("--serials", help="Only these serial numbers: A..B, both included, of one length.")
    ] = None,
    persons: Persons = False,
    reveal_values: Reveal = False,
    reason: Reason = None,
    data: Data = None,
    json_: Json = False,
) -> None:
    """Tell how many bought a product that is recalled, and how each can be warned (Reg. (EU) 2023/988 Art. 35).

    All of them are to be warned: also who objected to marketing, and whose data is restricted.
    """
    if not comparable(model):
        raise Misconfigured("--model needs the name of a model")
    # Only this command needs it, and it would be loaded for all others too.
    from lineage.recalling import Wanted, recalled

    wanted = Wanted(model, None if serials is None else read_serials(serials))
    why = reason_to_reveal(reveal_values=reveal_values, reason=reason, persons=persons)
    with opened(settings_of(context, data)) as folder:
        if why:
            log_look(folder, f"recall:{model}" + (f" {serials}" if serials else ""), why)
        lines = lines_of_persons(folder, buyer_shape, _line, reveal_values=reveal_values, json_=json_)
        told = lines if persons else lambda _: None
        found = recalled(folder.graph, folder.keyring, folder.memory, folder.pseudonyms, wanted, told)
        shape = recall_shape(model, serials, found, folder.register.basis(PURPOSE, now()))
    say_counts(shape, _print, persons=persons, json_=json_)


def recall_shape(model: str, serials: str | None, found: "Recalled", basis: str | None) -> Shape:
    """Return the counts."""
    return {
        "model": model,
        "serials": serials,
        "basis": basis,
        "buyers": found.buyers,
        "certain": found.certain,
        "serial_unknown": found.buyers - found.certain,
        "contactable": {"persons": found.contactable, **dict(sorted(found.ways.items()))},
        "not_contactable": found.buyers - found.contactable,
        "erased": found.erased,
        "opted_out": found.opted_out,
        "restricted": found.restricted,
        "shared": found.shared,
    }


def buyer_shape(each: "Buyer", kinds: Mapping[str, int]) -> Shape:
    """Return one buyer. `kinds` counts her identifiers by kind."""
    return {
        "person": each.key.hex(),
        "candidates": each.candidates,
        "certain": each.certain,
        "products": each.products,
        "first": rfc3339(each.first),
        "last": rfc3339(each.last),
        "contact": sorted(each.ways),
        "opted_out": each.opted_out,
        "restricted": each.restricted,
        "identifiers": dict(kinds),
    }


def _line(shape: Shape) -> str:
    marks = ["" if shape["certain"] else "serial number not known"]
    marks.append(f"shared by {shape['candidates']}" if shape["candidates"] > 1 else "")
    contact = f"[{', '.join(shape['contact']) or 'not contactable'}]"
    return "  ".join([shape["person"], contact, *filter(None, marks), *revealed(shape)])


def _print(shape: Shape) -> None:
    what = shape["model"] + (f", {shape['serials']}" if shape["serials"] else "")
    if not shape["buyers"] and not shape["erased"]:
        tell("no purchase of that model is recorded")
        return
    say(f"{what}: {counted(shape['buyers'], 'buyer')}")
    if shape["serials"]:
        say(
            f"  serial number in the range: {shape['certain']:,}; not known, so warn them too: {shape['serial_unknown']:,}"
        )
    ways = ", ".join(f"{kind} {n:,}" for kind, n in shape["contactable"].items() if kind != "persons")
    say(f"  can be reached: {shape['contactable']['persons']:,}" + (f" ({ways})" if ways else ""))
    say(f"  cannot be reached: {shape['not_contactable']:,}")
    if shape["shared"]:
        say(f"  of them under identifiers that several persons share: {shape['shared']:,}")
    if shape["erased"]:
        whose = "; whether theirs are in the range nobody knows" if shape["serials"] else ""
        say(f"besides, {counted(shape['erased'], 'buyer')} who are erased: nothing is left but this count{whose}")
    quiet = shape["opted_out"], shape["restricted"]
    if any(quiet):
        say(
            f"to be warned all the same: {quiet[0]:,} who opted out of marketing, {quiet[1]:,} whose data is restricted"
        )
    if shape["basis"] != "legal-obligation":
        tell(f"note: the register's basis for `{PURPOSE}` is {shape['basis'] or 'missing'}, and no legal obligation")
