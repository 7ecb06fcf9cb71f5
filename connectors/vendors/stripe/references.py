"""Whether an order is one for Stripe, and which of its objects it is about, by the references it gave. Pure; calls nobody."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lineage.cases.orders import Order, Outcome
from lineage.errors import Refused

_BY_HAND = frozenset({"collect", "rectify", "restrict", "stop", "lift"})
OBJECTS_OF_JOB = 10
"""Stripe takes no more in one job."""
_KINDS = frozenset({"provider_reference", "payment_id"})
_OURS = "payment_id"
"""May be a number of the shop's own: what is none of Stripe's is passed over."""


@dataclass(frozen=True, slots=True)
class ObjectType:
    """A type of Stripe's: as redaction jobs name it, and where one is read. `tells` whether one says that it is redacted."""

    name: str
    path: str
    tells: bool = True


_TYPES: Mapping[str, ObjectType] = {
    "cus": ObjectType("customers", "/v1/customers"),
    "pi": ObjectType("payment_intents", "/v1/payment_intents"),
    "ch": ObjectType("charges", "/v1/charges"),
    "py": ObjectType("charges", "/v1/charges"),
    "cs": ObjectType("checkout_sessions", "/v1/checkout/sessions"),
    "seti": ObjectType("setup_intents", "/v1/setup_intents"),
    "in": ObjectType("invoices", "/v1/invoices", tells=False),
}
"""By the prefix of their references."""
CUSTOMERS = _TYPES["cus"].name
_REFERENCE = re.compile(rf"({'|'.join(_TYPES)})_[A-Za-z0-9_]{{1,200}}")


@dataclass(frozen=True, slots=True)
class Reference:
    """One object of Stripe's. Its id stands in the address where it is read: Stripe has no other way."""

    type: ObjectType
    id: str

    @property
    def path(self) -> str:
        """Where it is read."""
        return f"{self.type.path}/{self.id}"


@dataclass(frozen=True, slots=True)
class About:
    """The objects an order is about, each once; `unsaid`: it names another that no job takes."""

    objects: tuple[Reference, ...]
    unsaid: bool

    @classmethod
    def of(cls, order: Order) -> "About":
        """Return those of an order, in the order in which it names them."""
        found: dict[str, Reference] = {}
        unsaid = False
        for kind, value in order.identifiers:
            if kind not in _KINDS:
                continue
            if known := _REFERENCE.fullmatch(value):
                found[value] = Reference(_TYPES[known[1]], value)
            elif kind != _OURS:
                unsaid = True
        return cls(tuple(found.values()), unsaid)

    def jobs(self) -> Iterator[Sequence[Reference]]:
        """Return the objects as they go into jobs."""
        for begin in range(0, len(self.objects), OBJECTS_OF_JOB):
            yield self.objects[begin : begin + OBJECTS_OF_JOB]


def by_hand(order: Order) -> Outcome | None:
    """Return what is said of an order that a person must carry out; None: it is an erasure. Raises: Refused: no such action."""
    if order.action in _BY_HAND:
        return Outcome("manual", how="no-such-call", ground="by-hand")
    if order.action != "erase":
        raise Refused(f"{order.party} has no call for this: tell it by hand")
    return None
