"""Parties that are stood in for, in this process, for `jalki demo`: each has what it was sent, and does what such a party does.

Processors take an instruction, carry it out, and are read back. Carriers and vendors answer a notice by a person's word; payment
and credit firms decline on a law of their own. Nothing leaves the machine.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from connectors.protocol import Limits
from lineage.cases.orders import Order, Outcome
from lineage.register import Register

_OWN_LAW = frozenset({"payment", "credit", "bank", "collection", "credit-information", "adviser"})
_LIMITS = Limits(calls=100, seconds=1.0, timeout=5.0)


@dataclass(slots=True)
class StandIn:
    """One party. `held` are the identifiers it has of whoever it was told of."""

    kind: str
    today: Callable[[], str]
    held: set[tuple[str, str]] = field(default_factory=set)
    told: set[str] = field(default_factory=set)

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return _LIMITS

    async def send(self, order: Order) -> Outcome:
        """Do what such a party does with an order."""
        if order.key not in self.told:
            self.told.add(order.key)
            self.held |= set(order.identifiers)
        if order.form == "notice" and self.kind in _OWN_LAW:
            return Outcome("declined", how="confirmed-link", ground="a law of its own keeps it")
        self.held -= set(order.identifiers)
        if order.form == "notice":
            return Outcome("promised", how="confirmed-link", by=self.today())
        return Outcome("accepted", how="http-202", handle=order.key, ask_again_in=1e-7)

    async def ask(self, order: Order) -> Outcome:
        """Read back whether it still has what it was sent."""
        left = self.held & set(order.identifiers)
        return Outcome("partial", how="read-back") if left else Outcome("verified", how="read-back")

    async def close(self) -> None:
        """Nothing is kept open."""


@dataclass(slots=True)
class StandIns:
    """All of them. Satisfies `streams.dispatch.Directory`."""

    register: Register
    today: Callable[[], str]
    _by_id: dict[str, StandIn] = field(default_factory=dict)

    def connector(self, party: str) -> StandIn:
        """Return the stand-in of a party."""
        known = self.register.party(party)
        return self._by_id.setdefault(party, StandIn(known.kind if known else "", self.today))
