"""Makers of what was seen of a made-up person: each is one event, named `kind:value`, so that a failing example can be read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from lineage.cases.items import Item, Seen
from lineage.facts import Consent, Disclosure, Route
from lineage.register import Register, load_register
from tests.lineage.parts import key
from tests.lineage.register.small import CATEGORIES

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WHO = (("customer_id", "C-1"),)


def at(day: str, time: str = "12:00") -> int:
    """Microseconds of a time in UTC."""
    return (datetime.fromisoformat(f"{day}T{time}+00:00") - _EPOCH) // timedelta(microseconds=1)


def seen(
    source: str,
    target: str,
    purpose: str,
    categories: str,
    when: str | int,
    *names: str,
    controller: str = "multitronic",
    event: str = "",
) -> Seen:
    """One disclosure; `names` are its references as `kind:value`, `categories` are parted by spaces."""
    moment = at(when) if isinstance(when, str) else when
    route = Route(source, target, purpose, tuple(sorted(categories.split())), controller, forbidden=False)
    told = event or f"{source} {target} {purpose} {moment} {names}"
    pairs = tuple((kind, value) for kind, _, value in (name.partition(":") for name in names))
    return Seen(Disclosure(key(told), 0, key("customer_id:C-1"), route, moment, moment, b"sealed"), WHO + pairs)


def placed(
    order: str, when: str, categories: str = "address customer_id email name order phone", **others: str
) -> Seen:
    return seen("person", "order-system", "order", categories, when, f"order_id:{order}", **others)


def shipped(order: str, when: str, carrier: str = "posti", **others: str) -> Seen:
    names = (f"order_id:{order}", f"shipment_id:S-{order}")
    return seen("order-system", carrier, "delivery", "address name order phone", when, *names, **others)


def paid(order: str, when: str, **others: str) -> Seen:
    names = (f"order_id:{order}", f"payment_id:P-{order}")
    return seen("order-system", "paytrail", "payment", "email name order payment", when, *names, **others)


def refunded(order: str, when: str) -> Seen:
    names = (f"order_id:{order}", f"refund_id:R-{order}")
    return seen("order-system", "paytrail", "refund", "bank_account order payment", when, *names)


def claimed(order: str, claim: str, when: str, handler: str = "microsoft") -> Seen:
    names = (f"order_id:{order}", f"claim_id:{claim}")
    return seen("order-system", handler, "claim", "claim email name order", when, *names)


def subscribed(when: str) -> Seen:
    return seen("person", "order-system", "newsletter", "consent email", when)


def consent(purpose: str, when: str, *, granted: bool) -> Consent:
    return Consent(
        key(f"{purpose} {when} {granted}"), key("customer_id:C-1"), purpose, granted, at(when), at(when), b""
    )


def small(folder: Path, text: str) -> Register:
    """A register of this text."""
    file = folder / "register.yaml"
    file.write_text(text, encoding="utf-8")
    return load_register(file, CATEGORIES)


def of(found: tuple[Item, ...], party: str, purpose: str, category: str) -> tuple[Item, ...]:
    """The items of one triple."""
    wanted = (party, purpose, category)
    return tuple(each for each in found if (each.party, each.purpose, each.category) == wanted)


def ends(found: tuple[Item, ...], party: str, purpose: str, category: str) -> list[tuple[str, str | None]]:
    """What is decided on the items of one triple, and the day."""
    return [(each.decision, each.until) for each in of(found, party, purpose, category)]
