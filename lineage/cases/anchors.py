"""The days that retention rules count from, worked out of what was seen of one person. One row an event.

Where no event tells a day, it is assumed by `holds.toml`, and the day says so.
"""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lineage.cases.holds import Holds
from lineage.cases.seen import Fact, Purchase, Seen, day_of, purchases
from lineage.facts import Consent
from lineage.register import PERSON, Period, Register, financial_year_end

_OWN_VOUCHER = frozenset(["payment", "refund"])
_OF_DEBTS = frozenset(["credit", "credit-check", "debt-collection"])
_CLAIM = "claim_id"


@dataclass(frozen=True, slots=True)
class Day:
    """The day of an event; `assumed` if it was not seen but worked out with an assumption."""

    day: date
    assumed: bool = False


class Anchors:
    """The events around each disclosure of one person. `seen` is in order of time, each once.

    `asked` is when the request came, `now` when it is decided on; microseconds UTC.
    """

    def __init__(
        self, seen: Sequence[Seen], consents: Sequence[Consent], register: Register, holds: Holds, asked: int, now: int
    ) -> None:
        self.seen = seen
        self.register = register
        self.holds = holds
        self.asked = asked
        self.now = now
        self.purchases: Mapping[Fact, tuple[Purchase, ...]] = purchases(
            seen, register, holds.assumed("longest-open-days"), self.day
        )
        self.decided: dict[str, list[tuple[int, bool]]] = {}
        for each in sorted(consents, key=lambda each: (each.at, not each.granted)):
            self.decided.setdefault(each.purpose, []).append((each.at, each.granted))
        every = {each for group in self.purchases.values() for each in group}
        self.closings: dict[Purchase, Day] = {each: _closed(self, each) for each in every}
        self.about: dict[Fact, tuple[Purchase, ...]] = {}
        self.dues: dict[tuple[str, str], Day] = {}
        for one in seen:
            due = self.after(self.own(one), "due-days", one.disclosure.route.purpose)
            for key in self.debts(one):
                self.dues[key] = max(self.dues.get(key, due), due, key=_by_day)

    def day(self, at: int) -> date:
        """Return the day in Helsinki of an instant."""
        return day_of(at, self.now)

    def own(self, seen: Seen) -> date:
        """Return the day of a disclosure."""
        return self.day(seen.disclosure.at)

    def after(self, start: date, name: str, purpose: str = "") -> Day:
        """Return a day that is assumed to follow another one; the same day, seen, where nothing need be added."""
        days = self.holds.assumed(name, purpose)
        return Day(start + timedelta(days=days), assumed=days > 0)

    def of(self, period: Period, seen: Seen, purpose: str) -> Day:
        """Return the day that a period counts from, for one disclosure held for a purpose."""
        return ANCHORED[period.after](self, seen, purpose)

    def debts(self, seen: Seen) -> list[tuple[str, str]]:
        """Return the claims or debts a disclosure is about: each later one of the same interrupts its limitation period."""
        purpose = seen.disclosure.route.purpose
        if purpose == "claim":
            return [("claim", value) for kind, value in seen.references if kind == _CLAIM]
        return [("debt", each.id) for each in self.purchases.get(seen.fact, ())] if purpose in _OF_DEBTS else []


def _financial_year_end(of: Anchors, seen: Seen, _: str) -> Day:
    """A payment and a refund are vouchers of their own day; all else is of its order's: when it went out, or was placed."""
    route, sure, day = seen.disclosure.route, True, of.own(seen)
    if route.purpose not in _OWN_VOUCHER:
        about = of.purchases.get(seen.fact, ())
        day = max((each.shipped or each.placed for each in about), default=day)
        sure = bool(about) and all(each.told for each in about)
    company = of.register.controller(route.controller)
    end = financial_year_end(day, company.financial_year_end if company else (12, 31))
    return Day(end, assumed=company is None or not sure)


def _order_placed(of: Anchors, seen: Seen, _: str) -> Day:
    about = of.purchases.get(seen.fact, ())
    day = max((each.placed for each in about), default=of.own(seen))
    return Day(day, assumed=not about or not all(each.told for each in about))


def _delivery(of: Anchors, seen: Seen, _: str) -> Day:
    delivered = [_delivered(of, each) for each in _about(of, seen)]
    return max(delivered, key=_by_day, default=of.after(of.own(seen), "delivery-days"))


def _delivered(of: Anchors, purchase: Purchase) -> Day:
    if purchase.shipped is None:
        return of.after(purchase.placed, "longest-open-days")
    return of.after(purchase.shipped, "delivery-days")


def _closed(of: Anchors, purchase: Purchase) -> Day:
    """Delivered, the return window over and every refund paid; without a parcel, the longest that an order stays open."""
    days = [_delivered(of, purchase).day]
    if purchase.shipped is not None:
        days[0] += timedelta(days=of.holds.assumed("return-days"))
    if purchase.refunded is not None:
        days.append(of.after(purchase.refunded, "refund-days").day)
    return Day(max(days), assumed=True)


def _order_closed(of: Anchors, seen: Seen, _: str) -> Day:
    closed = [of.closings[each] for each in _about(of, seen)]
    return max(closed, key=_by_day, default=Day(of.own(seen), assumed=True))


def _about(of: Anchors, seen: Seen) -> tuple[Purchase, ...]:
    """Return the orders a disclosure is about; where it names none, all that were open on its day."""
    found = of.purchases.get(seen.fact) or of.about.get(seen.fact)
    if found is None:
        own = of.own(seen)
        found = tuple(each for each, closed in of.closings.items() if each.placed <= own <= closed.day)
        of.about[seen.fact] = found
    return found


def _export_confirmed(of: Anchors, seen: Seen, _: str) -> Day:
    ends = [
        of.after(each.shipped, "export-days") if each.shipped else of.after(each.placed, "longest-open-days")
        for each in _about(of, seen)
    ]
    return max(ends, key=_by_day, default=of.after(of.own(seen), "export-days"))


def _refund_settled(of: Anchors, seen: Seen, _: str) -> Day:
    return of.after(of.own(seen), "refund-days")


def _last_due_date(of: Anchors, seen: Seen, purpose: str) -> Day:
    dues = [of.dues[key] for key in of.debts(seen)]
    return max(dues, key=_by_day, default=of.after(of.own(seen), "due-days", purpose))


def _handed_over(of: Anchors, seen: Seen, _: str) -> Day:
    """The lender got it with the application for the order's credit; where none was seen, on the day it was typed."""
    names = set(seen.references)
    handed = [
        of.own(each)
        for each in of.seen
        if each.disclosure.route.purpose == "credit" and names.intersection(each.references)
    ]
    return Day(max([of.own(seen), *handed]))


def _consent_ended(of: Anchors, seen: Seen, purpose: str) -> Day:
    """The first withdrawal since; else the request for erasure, which ends it."""
    for at, granted in of.decided.get(_consent(of, purpose), ()):
        if not granted and at >= seen.disclosure.at:
            return Day(of.day(at))
    return Day(max(of.own(seen), of.day(of.asked)), assumed=True)


def _last_opened(of: Anchors, seen: Seen, purpose: str) -> Day:
    """No event tells that a message was opened: the day of the subscription that this rests on."""
    granted = [at for at, yes in of.decided.get(_consent(of, purpose), ()) if yes and at <= seen.disclosure.at]
    return Day(of.day(granted[-1])) if granted else Day(of.own(seen))


def _consent(of: Anchors, purpose: str) -> str:
    known = of.register.purpose(purpose)
    return known.consent if known and known.consent else purpose


def _last_activity(of: Anchors, seen: Seen, _: str) -> Day:
    """No event tells a login: the last thing she did herself, or the closing of her last order."""
    did = [Day(of.own(each)) for each in of.seen if each.disclosure.route.source == PERSON]
    return max([*did, *of.closings.values()], key=_by_day, default=Day(of.own(seen)))


def _warranty_end(of: Anchors, seen: Seen, _: str) -> Day:
    """Registered with the sale; how long it was sold for no event tells."""
    start = of.own(seen)
    years, month = divmod(start.month - 1 + of.holds.assumed("warranty-months"), 12)
    year = start.year + years
    return Day(date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])), assumed=True)


def _by_day(day: Day) -> tuple[date, bool]:
    return day.day, day.assumed


ANCHORED: Mapping[str, Callable[[Anchors, Seen, str], Day]] = {
    "case-closed": lambda of, seen, purpose: of.after(of.own(seen), "case-closed-days", purpose),
    "collected": lambda of, seen, _: Day(of.own(seen)),
    "competition-ended": lambda of, seen, _: of.after(of.own(seen), "competition-ended-days"),
    "consent-ended": _consent_ended,
    "copied": lambda of, _seen, _: Day(of.day(of.now)),  # it is copied until the day it is erased
    "delivery": _delivery,
    "export-confirmed": _export_confirmed,
    "financial-year-end": _financial_year_end,
    "handed-over": _handed_over,
    "last-activity": _last_activity,
    "last-due-date": _last_due_date,
    "last-opened": _last_opened,
    "logged": lambda of, seen, _: Day(of.own(seen)),
    "order-closed": _order_closed,
    "order-placed": _order_placed,
    "refund-settled": _refund_settled,
    "warranty-end": _warranty_end,
}
"""Every event of the register's `ANCHORS`."""
