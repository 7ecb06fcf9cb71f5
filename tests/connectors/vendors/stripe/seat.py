"""Stripe of the sandbox, its connector, and orders about a person who paid by it."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.sandbox.stripe.vendor import Stripe
from lineage.cases.orders import Order
from tests.connectors.orders import CUSTOMER, MAIL, order
from tests.connectors.vendors.seats import Seat, seated

KEY = "sk_test_of_the_sandbox"
JOB_SECONDS = 10.0
CUS, PI, CH, CS, SETI, IN = "cus_Maija1", "pi_Maija1", "ch_Maija1", "cs_test_Maija1", "seti_Maija1", "in_Maija1"
PHONE = "+358401234567"
DESCRIPTOR = """channel: stripe
address: {url}
limits: {timeout: 4}
settings:
  key: {file: stripe.key}
"""


def vendor(clock: Any) -> Stripe:
    return Stripe(clock, key=KEY, job_seconds=JOB_SECONDS)


def erasure(*references: str, **changed: Any) -> Order:
    identifiers = (
        ("customer_id", CUSTOMER),
        ("email", MAIL),
        ("order_id", "O-1"),
        *(("provider_reference", each) for each in references or (CUS,)),
    )
    return order(**({"party": "stripe", "form": "notice", "identifiers": identifiers} | changed))


def objects(**ages: int) -> list[dict[str, Any]]:
    hers = {"email": MAIL, "name": "Maija Meri", "phone": PHONE}
    return [
        {"id": CUS, **hers},
        *(
            {"id": each, "customer": CUS, "email": MAIL, "age_days": ages.get(each, 200)}
            for each in (PI, CH, CS, SETI, IN)
        ),
        {"id": "cus_Eino", "email": "eino@example.fi"},
        {"id": "pi_Eino", "customer": "cus_Eino", "email": "eino@example.fi"},
    ]


@pytest.fixture
def seat(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seat]:
    with seated(vendor, DESCRIPTOR, ("stripe.key",), tmp_path, monkeypatch) as made:
        made.hosted.seed({"objects": objects()})
        yield made


def held(seat: Seat, id_: str) -> dict[str, Any]:
    return dict(seat.hosted.held()["objects"][id_])
