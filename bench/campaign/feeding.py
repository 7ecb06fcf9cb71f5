"""What an event tells each party of each person in it, as it was sent: by the simulator's reading of the contract alone."""

from collections.abc import Iterator, Mapping
from typing import cast

from bench.campaign.town import Name, Row
from streams.shop import Event
from streams.shop.truth_facts import facts_of, without_cards
from streams.shop.truth_table import REFERENCES, WHOS

_KINDS = (*WHOS, *REFERENCES)
_OF_THE_CONSIGNEE = ("email", "phone")


def rows_of(event: Event) -> Iterator[tuple[str, Row]]:
    """Yield party and row for each disclosure in an event."""
    clean = cast("Event", without_cards(event))
    for each in facts_of(event).disclosed:
        yield each.target, Row(str(event["event_id"]), each.hangs, frozenset(_sent(clean, each.hangs)))


def _sent(event: Event, hangs: Name) -> Iterator[Name]:
    """Yield the identifiers of one person of the event; hers are the consignee's where it hangs on a consignee."""
    if hangs[0] == "consignee":
        yield hangs
        yield from _among(cast("Mapping[str, object]", event["consignee"]), _OF_THE_CONSIGNEE)
    elif event["type"] == "DataDisclosed":
        for named in cast("list[Mapping[str, str]]", event["identifiers"]):
            if named.get("value") and (named["kind"] != "customer_id" or named["value"] == hangs[1]):
                yield named["kind"], named["value"]
    else:
        yield from _among(event, _KINDS)


def _among(fields: Mapping[str, object], kinds: tuple[str, ...]) -> Iterator[Name]:
    for kind in kinds:
        if value := fields.get(kind):
            yield kind, str(value)
