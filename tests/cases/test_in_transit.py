"""What an order under way still brings about after the erasure goes when its hold is over."""

from tests.cases.events import account, order, shipment
from tests.cases.stage import Stage


def test_a_carrier_that_gets_the_parcel_after_the_erasure_is_told_when_the_order_is_over(stage: Stage) -> None:
    stage.record(account(), order())
    stage.at("2026-03-03T09:00:00+02:00")
    case = stage.approve(stage.preview(stage.open("erasure", ("customer_id", "C-1"))))
    stage.at("2026-03-05T09:00:00+02:00")
    stage.record(shipment(email="anna@example.fi"))
    stage.at("2026-07-05T09:00:00+03:00")
    stage.run(case)
    assert [each.identifiers for each in stage.told("posti")]
    assert stage.holders("customer_id", "C-1") == set()
