"""The command `recall`: who bought a product that is recalled, and how each can be warned."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Annotated

import typer

from console.opening import Folder, log_look, opened
from console.reaching import check_reveal
from console.shapes import Shape, as_json
from console.terminal import Data, Json, counted, say, settings_of, tell
from lineage.errors import Misconfigured
from lineage.graph import NOW
from lineage.persons import find_person
from lineage.products import comparable, read_serials
from lineage.recalling import Buyer, Recalled, Wanted, recalled
from lineage.revealing import reveal
from lineage.times import now, rfc3339

PURPOSE = "recall"


def recall_command(
    context: typer.Context,
    model: Annotated[
        str, typer.Option("--model", help="The model, as orders name it; capitals and spaces do not matter.")
    ],
    serials: Annotated[
        str | None, typer.Option("--serials", help="Only these serial numbers: A..B, both included, of one length.")
    ] = None,
    persons: Annotated[bool, typer.Option("--persons", help="List the buyers too, by pseudonym.")] = False,
    reveal_values: Annotated[
        bool, typer.Option("--reveal", help="With their identifiers, too; written to the access log.")
    ] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="Why you look; needed with --reveal.")] = None,
    data: Data = None,
    json_: Json = False,
) -> None:
    """Tell how many bought a product that is recalled, and how each can be warned (Reg. (EU) 2023/988 Art. 35).

    All of them are to be warned: also who objected to marketing, and whose data is restricted.
    """
    if not comparable(model):
        raise Misconfigured("--model needs the name of a model")
    wanted = Wanted(model, None if serials is None else read_serials(serials))
    check_reveal(persons=persons, reveal_values=reveal_values, reason=reason)
    with opened(settings_of(context, data)) as folder:
        if reveal_values and reason:
            log_look(folder, f"recall:{model}" + (f" {serials}" if serials else ""), reason)
        each = _each(folder, json_=json_, reveal_values=reveal_values) if persons else lambda _: None
        found = recalled(folder.graph, folder.keyring, folder.memory, folder.pseudonyms, wanted, each)
        shape = recall_shape(model, serials, found, folder.register.basis(PURPOSE, now()))
    if not json_:
        _print(shape)
    elif persons:
        say(json.dumps(shape, ensure_ascii=False))
    else:
        say(as_json(shape))


def recall_shape(model: str, serials: str | None, found: Recalled, basis: str | None) -> Shape:
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


def buyer_shape(folder: Folder, each: Buyer, *, reveal_values: bool) -> Shape:
    """Return one buyer; with her identifiers as they were sent, where they are revealed."""
    person = find_person(folder.graph.near(each.key), each.key, NOW)
    kinds = person.members or folder.graph.kinds([each.key])
    shape = {
        "person": each.key.hex(),
        "candidates": each.candidates,
        "certain": each.certain,
        "products": each.products,
        "first": rfc3339(each.first),
        "last": rfc3339(each.last),
        "contact": sorted(each.ways),
        "opted_out": each.opted_out,
        "restricted": each.restricted,
        "identifiers": dict(sorted(Counter(kinds.values()).items())),
    }
    if reveal_values:
        shape["revealed"] = reveal(folder.graph, folder.keyring, folder.pseudonyms, person, NOW)
    return shape


def _each(folder: Folder, *, json_: bool, reveal_values: bool) -> Callable[[Buyer], None]:
    """Return what writes a line for each buyer as she is found."""

    def write(each: Buyer) -> None:
        shape = buyer_shape(folder, each, reveal_values=reveal_values)
        say(json.dumps(shape, ensure_ascii=False) if json_ else _line(shape))

    return write


def _line(shape: Shape) -> str:
    marks = ["" if shape["certain"] else "serial number not known"]
    marks.append(f"shared by {shape['candidates']}" if shape["candidates"] > 1 else "")
    values = [f"{kind}: {', '.join(each)}" for kind, each in shape.get("revealed", {}).items()]
    contact = f"[{', '.join(shape['contact']) or 'not contactable'}]"
    return "  ".join([shape["person"], contact, *filter(None, marks), *values])


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
