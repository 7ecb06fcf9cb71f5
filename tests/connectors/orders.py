"""Orders as tests need them; and a clock."""

from uuid import uuid4

from lineage.cases.orders import Order
from lineage.times import now
from tests.contracts.connector import SECRETS

MAIL, CUSTOMER = SECRETS
DAY = 86_400_000_000


def order(**changed: object) -> Order:
    """Return an order to erase, of a key of its own."""
    given: dict[str, object] = {
        "key": str(uuid4()),
        "task": "task-1",
        "case": "2026-000017",
        "party": "posti",
        "form": "notice",
        "action": "erase",
        "controller": "multitronic",
        "identifiers": (("customer_id", CUSTOMER), ("email", MAIL)),
        "categories": ("address", "name"),
        "purposes": ("delivery",),
        "due": "2027-01-15",
    }
    return Order(**(given | changed))  # type: ignore[arg-type]  # each is what its name says


class Clock:
    """A time that only the test moves on. It begins at the true one: certificates are judged by it."""

    def __init__(self) -> None:
        self.time = now()

    def __call__(self) -> int:
        return self.time
