"""What an object shows of its redaction when it is read back, and until when the rest is promised. Pure; calls nobody."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from connectors.calling import Answer
from connectors.vendors.stripe.calls import is_missing
from connectors.vendors.stripe.messages import Held, read
from connectors.vendors.stripe.references import CUSTOMERS, Reference
from lineage.cases.orders import Order
from lineage.clocks import day_of

AGE_DAYS = 90
"""Transactions are redacted when they are so old: until then they may be disputed or refunded."""
GRACE_DAYS = 7
"""So long a promise may be late before it counts as broken."""
_SHOWN = frozenset({"email", "phone"})

Shows = Literal[
    "redacted",  # it says so, and shows nothing of hers
    "later",  # it says that it will be
    "running",  # it is being redacted
    "untold",  # objects of this type never say
    "kept",  # it does not say so, or shows something of hers
    "unreadable",
]


class Look(NamedTuple):
    """One object, read back: what it `shows`, and the day the rest is promised by."""

    shows: Shows
    by: date | None
    body: bytes


def look(reference: Reference, answer: Answer, order: Order, now: int) -> Look:
    """Return what an answer shows of an object."""
    if is_missing(answer):
        return Look("redacted", None, answer.body)
    held = read(Held, answer.body) if answer.status == 200 else None
    if held is None or held.id != reference.id:
        return Look("unreadable", None, answer.body)
    if held.deleted:
        return Look("redacted", None, answer.body)
    if not reference.type.tells:
        return Look("untold", None, answer.body)
    status = held.redaction.status if held.redaction else None
    if status == "redacted":
        return Look("kept" if _shows(answer.body, order) else "redacted", None, answer.body)
    if status == "validated":
        return Look("later", _old_enough(reference, held, now), answer.body)
    return Look("running" if status else "kept", None, answer.body)


def _old_enough(reference: Reference, held: Held, now: int) -> date:
    """Return the day an object is old enough; of a customer the last that it may be, for her youngest payment is not known."""
    today = day_of(now)
    if reference.type.name == CUSTOMERS or held.created is None:
        return today + timedelta(days=AGE_DAYS)
    return max(day_of(held.created * 1_000_000) + timedelta(days=AGE_DAYS), today)


def _shows(body: bytes, order: Order) -> bool:
    """Tell whether an answer shows an address or number of hers that this party got."""
    text = json.dumps(json.loads(body), ensure_ascii=False).casefold()  # its letters may be written as escapes
    values = [value.strip() for kind, value in order.identifiers if kind in _SHOWN]
    return any(value and json.dumps(value, ensure_ascii=False)[1:-1].casefold() in text for value in values)


def evidence(looks: Sequence[Look]) -> bytes:
    """Return what was read, to be sealed."""
    return b"\n".join(each.body for each in looks)
