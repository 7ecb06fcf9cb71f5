"""The answer of the command `transfers` as shapes, and printed for people."""

import json as json_text
from collections.abc import Callable
from contextlib import closing

from console.as_of import as_of_words, times_shape
from console.opening import Folder
from console.remaining_shapes import looking
from console.shapes import Shape, as_json
from console.terminal import counted, say, tell
from lineage.reached import Reach
from lineage.register import Register
from lineage.stores.spool import SqliteSpool
from lineage.times import rfc3339, rfc3339_or_null
from lineage.transfers import Annulled, Listed, PartyTransfers, Span, Transfers, transfers


def answer_transfers(folder: Folder, asked: Annulled, *, json: bool, persons: bool) -> Shape:
    """Ask, with a line for each person where they are wanted, and return the counts."""
    listed: Listed = _listing(asked, json=json) if persons else lambda *_: None
    with looking() as seen:
        found = transfers(folder.casework, asked, lambda: closing(SqliteSpool()), listed, seen)
    return transfers_shape(asked, found, folder.register)


def transfers_shape(asked: Annulled, found: Transfers, register: Register) -> Shape:
    """Return the counts."""
    bare = [span for each in found.parties for span in each.after if not span.mechanisms]
    return {
        "mechanism": asked.mechanism,
        "annulled": rfc3339(asked.at),
        "country": asked.country,
        "party": asked.party,
        "as_of": rfc3339(asked.now if asked.as_of.at is None else asked.as_of.at),
        **times_shape(asked.as_of),
        "parties": [_party(each, register) for each in found.parties],
        "unobserved": list(found.unobserved),
        "without_any_other": {
            "parties": sum(any(not span.mechanisms for span in each.after) for each in found.parties),
            "disclosures": sum(span.disclosures for span in bare),
        },
    }


def _party(each: PartyTransfers, register: Register) -> Shape:
    known = register.party(each.party)
    return {
        "party": each.party,
        "name": known.name if known else each.party,
        "country": each.country,
        "before": [_span(span) for span in each.before],
        "after": [_span(span) for span in each.after],
        "erased": {
            "persons": each.erased.persons, "held": each.erased.may_be_held,
            "promised": each.erased.promised, "since": each.erased.since
        },
    }  # fmt: skip


def _span(span: Span) -> Shape:
    return {
        "from": rfc3339_or_null(span.since),
        "to": rfc3339_or_null(span.ends),
        "mechanisms": list(span.mechanisms),
        "disclosures": span.disclosures,
        "first": rfc3339_or_null(span.first),
        "last": rfc3339_or_null(span.last),
        "categories": dict(sorted(span.categories.items())),
        "persons": span.persons,
        "held": span.held,
        "shared": span.shared,
    }


def sent_shape(asked: Annulled, party: PartyTransfers, span: Span, each: Reach) -> Shape:
    """Return one person whose data went to a party in a span, or one identifier that several share."""
    return {
        "person": each.key.hex(),
        "candidates": each.candidates,
        "party": party.party,
        "when": "after" if each.first >= asked.at else "before",
        "mechanisms": list(span.mechanisms),
        "categories": sorted(each.had.categories),
        "held": sorted(each.had.held),
        "disclosures": each.disclosures,
        "first": rfc3339(each.first),
        "last": rfc3339(each.last),
    }


def _listing(asked: Annulled, *, json: bool) -> Callable[[PartyTransfers, Span, Reach], None]:
    def write(party: PartyTransfers, span: Span, each: Reach) -> None:
        shape = sent_shape(asked, party, span, each)
        if json:
            say(json_text.dumps(shape, ensure_ascii=False))
            return
        whose = f" (shared by {each.candidates})" if each.candidates > 1 else ""
        held = "may be there still" if each.had.held else "gone"
        say(
            f"{shape['person']}{whose}  {party.party}  {shape['when']}, by {_named(span)}: "
            f"{counted(each.disclosures, 'disclosure')}, {held}"
        )

    return write


def print_transfers(shape: Shape, *, json: bool, lines: bool) -> None:
    """Print the counts: as JSON, on one line where persons came before, or for people."""
    if json:
        say(json_text.dumps(shape, ensure_ascii=False) if lines else as_json(shape))
        return
    for each in shape["parties"]:
        say(f"{each['party']} ({each['name']}), to {each['country']}{as_of_words(shape)}")
        for when in ("before", "after"):
            for span in each[when]:
                say(f"  {when}, by {', '.join(span['mechanisms']) or 'nothing else'}: {_counts(span)}")
        if each["erased"]["held"]:
            say(
                f"  besides, of {counted(each['erased']['held'], 'person')} erased here it is not shown that it erased them"
            )
    if not shape["parties"]:
        tell("nothing that is recorded went to a party that relied on it")
    if shape["unobserved"]:
        tell(f"relied on it too, but no event shows anything: {', '.join(shape['unobserved'])}")
    if bare := shape["without_any_other"]["disclosures"]:
        tell(
            f"{counted(bare, 'disclosure')} since then by no other mechanism: stop them, or find a ground (GDPR Art. 44)"
        )


def _counts(span: Shape) -> str:
    told = f"{counted(span['disclosures'], 'disclosure')} of {counted(span['persons'], 'person')}"
    told += f", first {span['first']}, last {span['last']}; may still have something of {span['held']:,}"
    shared = f"; {counted(span['shared'], 'identifier')} shared" if span["shared"] else ""
    return f"{told}{shared} ({', '.join(span['categories'])})"


def _named(span: Span) -> str:
    return ", ".join(span.mechanisms) or "nothing else"
