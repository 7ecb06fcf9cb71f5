"""What a party need not have any more: its retention by the register is over. Judged by days that a disclosure itself tells.

The days of most rules (an order closed, a consent ended) are told by other events, or assumed. By an assumption nobody is
taken off the list of a breach: then the data counts as still there.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from lineage.facts import Route
from lineage.register import Register, financial_year_end, last_day
from lineage.register.model import HELSINKI

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_MOST = 100_000
_VOUCHERS = frozenset(["payment", "refund"])


class Leaving:
    """The last days of what went by a route; each is worked out once."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._left: dict[tuple[Route, date, date], frozenset[str]] = {}
        self._all: dict[Route, frozenset[str]] = {}
        self._days: dict[int, date] = {}

    def left(self, route: Route, sent: int, moment: int) -> frozenset[str]:
        """Return the categories, sent by a route at one instant (UTC), that its party may have at a later one."""
        asked = (route, self._day(sent), self._day(moment))
        if asked not in self._left:
            if len(self._left) > _MOST:
                self._left.clear()
            ends = self._of(route, asked[1])
            self._left[asked] = frozenset(each for each, end in ends.items() if end is None or asked[2] <= end)
        return self._left[asked]

    def all_of(self, route: Route) -> frozenset[str]:
        """Return all categories of a route."""
        if route not in self._all:
            self._all[route] = frozenset(route.categories)
        return self._all[route]

    def _of(self, route: Route, sent: date) -> dict[str, date | None]:
        happened = dict(self._happened(route, sent))
        rules = {each: self._register.retention(each, route.purpose) for each in route.categories}
        return {each: last_day(rule, happened) if rule else None for each, rule in rules.items()}

    def _happened(self, route: Route, sent: date) -> Iterator[tuple[str, date]]:
        yield "collected", sent
        yield "logged", sent
        if route.purpose == "credit":
            yield "handed-over", sent
        company = self._register.controller(route.controller)
        if company is not None and route.purpose in _VOUCHERS:
            yield "financial-year-end", financial_year_end(sent, company.financial_year_end)

    def _day(self, at: int) -> date:
        hour = at // 3_600_000_000
        if hour not in self._days:
            if len(self._days) > _MOST:
                self._days.clear()
            try:
                moment = _EPOCH + timedelta(hours=hour)
            except OverflowError:
                moment = _LAST if at > 0 else _FIRST
            self._days[hour] = min(max(moment, _FIRST), _LAST).astimezone(HELSINKI).date()
        return self._days[hour]
