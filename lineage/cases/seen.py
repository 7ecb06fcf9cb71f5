"""What was seen of a person, and which of her orders each of it is about. Days are those of Europe/Helsinki.

An event does not say of what type it was once it is recorded; its route and the kinds of its identifiers do. Where no order
is told (another person's parcel, a destroyed key), one is put together by time, and marked as not told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from lineage.facts import Disclosure
from lineage.identifiers import NEVER, WHO
from lineage.register import PERSON, Register
from lineage.register.model import HELSINKI

ORDER = "order_id"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR = 3_600_000_000
_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)

Fact = tuple[bytes, int]
"""Which disclosure: event and part."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One disclosure of the person, opened: identifiers as (kind, value) as sent; none of them where the key is gone."""

    disclosure: Disclosure
    identifiers: tuple[tuple[str, str], ...] = ()
    evidence: Mapping[str, str | bool] = field(default_factory=dict)

    @property
    def fact(self) -> Fact:
        """Which disclosure it is."""
        return self.disclosure.event, self.disclosure.part

    @property
    def references(self) -> tuple[tuple[str, str], ...]:
        """The identifiers that are of a thing (an order, a parcel, a claim) and not of the person."""
        return tuple(each for each in self.identifiers if each[0] not in WHO and each[0] not in NEVER)


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order as far as it was seen. `id` tells it from others of the same person."""

    id: str
    placed: date
    shipped: date | None
    """When the last parcel that was seen went to a carrier, or from one to the next."""
    refunded: date | None
    told: bool
    """Whether its number was named and its placing seen; else it was put together."""


def day_of(at: int, now: int) -> date:
    """Return the day in Helsinki of an instant. A clock that is ahead of ours tells no day later than today."""
    instant = min(at, now)
    return _day_of_hour(instant // _HOUR) if instant >= 0 else _day_of(instant)


@lru_cache(maxsize=100_000)
def _day_of_hour(hour: int) -> date:
    """Return the day of an hour since 1970: in all that time Helsinki was whole hours away from UTC."""
    return _day_of(hour * _HOUR)


def _day_of(instant: int) -> date:
    moment = max(_EPOCH + timedelta(microseconds=instant), _EARLIEST)
    return moment.astimezone(HELSINKI).date()


def once(seen: Iterable[Seen]) -> tuple[Seen, ...]:
    """Return what was seen, each once, in order of time."""
    found: dict[Fact, Seen] = {}
    for each in seen:
        known = found.get(each.fact)
        if known is None or sorted(each.identifiers) > sorted(known.identifiers):
            found[each.fact] = each
    return tuple(sorted(found.values(), key=lambda each: (each.disclosure.at, each.fact)))


def purchases(
    seen: Sequence[Seen], register: Register, window: int, day: Callable[[int], date]
) -> Mapping[Fact, tuple[Purchase, ...]]:
    """Return the orders that each disclosure is about; nothing for what is about none. `seen` is in order of time.

    `window`: the days after its placing within which something that names no order may still belong to one.
    """
    about = _told(seen)
    untold = [each for each in seen if not about[each.fact]]
    about |= _put_together(untold, register, timedelta(days=window) // timedelta(microseconds=1))
    members: dict[str, list[Seen]] = {}
    for each in seen:
        for order in about[each.fact]:
            members.setdefault(order, []).append(each)
    made = {order: _purchase(order, group, register, day) for order, group in members.items()}
    return {fact: tuple(made[order] for order in sorted(orders)) for fact, orders in about.items()}


def _told(seen: Sequence[Seen]) -> dict[Fact, frozenset[str]]:
    """Return the orders named by each disclosure, or by another one that shares a reference (a parcel, a payment) with it."""
    about = {each.fact: frozenset("=" + value for kind, value in each.references if kind == ORDER) for each in seen}
    rest = [each for each in seen if not about[each.fact] and each.references]
    known: dict[tuple[str, str], set[str]] = {}
    new = [each for each in seen if about[each.fact]]
    while new:
        for each in new:
            for reference in each.references:
                known.setdefault(reference, set()).update(about[each.fact])
        new = []
        for each in rest:
            if orders := frozenset[str]().union(*(known.get(reference, ()) for reference in each.references)):
                about[each.fact] = orders
                new.append(each)
        rest = [each for each in rest if not about[each.fact]]
    return about


def _put_together(untold: Iterable[Seen], register: Register, window: int) -> dict[Fact, frozenset[str]]:
    """Return the orders that must have been there, by time: a placing or a parcel begins one, money follows the last one."""
    about: dict[Fact, frozenset[str]] = {}
    latest: tuple[str, int] | None = None
    for number, each in enumerate(untold):
        begins = is_placing(each)
        near = latest is not None and each.disclosure.at - latest[1] <= window
        if begins or (is_parcel(each, register) and not near):
            latest = (f"?{number:09}", each.disclosure.at)
        elif not near or each.disclosure.route.purpose not in {"order", "delivery", "payment", "refund", "credit"}:
            continue
        if latest is not None:
            about[each.fact] = frozenset([latest[0]])
    return about


def _purchase(order: str, group: Sequence[Seen], register: Register, day: Callable[[int], date]) -> Purchase:
    placings = [each.disclosure.at for each in group if is_placing(each)]
    parcels = [each.disclosure.at for each in group if is_parcel(each, register)]
    refunds = [each.disclosure.at for each in group if _is_refund(each, register)]
    return Purchase(
        id=order,
        placed=day(min(placings or [each.disclosure.at for each in group])),
        shipped=day(max(parcels)) if parcels else None,
        refunded=day(max(refunds)) if refunds else None,
        told=order.startswith("=") and bool(placings),
    )


def is_placing(seen: Seen) -> bool:
    """Tell whether this was the placing of an order: the person herself gave something for it."""
    return seen.disclosure.route.source == PERSON and seen.disclosure.route.purpose == "order"


def is_parcel(seen: Seen, register: Register) -> bool:
    """Tell whether goods went to somebody outside: a look of our own at a delivery is none."""
    route = seen.disclosure.route
    return route.purpose == "delivery" and not is_ours(register, route.target)


def _is_refund(seen: Seen, register: Register) -> bool:
    route = seen.disclosure.route
    return route.purpose == "refund" and not is_ours(register, route.target)


def is_ours(register: Register, party: str) -> bool:
    """Tell whether a party is a system of our own or a company of the group, which share those systems."""
    known = register.party(party)
    return register.is_controller(party) or (known is not None and known.kind == "own-system")
