"""Ten thousand people at once: as few calls as Google allows, and what was done is not done again after a stop."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from connectors.sandbox.faults import Kind
from connectors.sandbox.google.ads import REMOVE, STATUS
from connectors.waiting import Later
from lineage.cases.orders import Order, Outcome
from tests.connectors.vendors.google.stages import ADS, HALF_AN_HOUR, LIST, Google, held, of_ads, seeded, uploaded

MANY = 10_000


def told(google: Google, act: str, orders: Sequence[Order]) -> list[Any]:
    connector = google.connector(ADS, "limits: {timeout: 300}")
    assert connector.limits.together == MANY

    async def run() -> list[Any]:
        try:
            return list(await getattr(connector, act)(orders))
        finally:
            await connector.close()

    return asyncio.run(run())


def people(many: int, *more: tuple[str, str]) -> list[Order]:
    return [of_ads(uploaded(("email", f"m{number}@example.fi"), *more)) for number in range(many)]


def with_handles(orders: Sequence[Order], outcomes: Sequence[Outcome]) -> list[Order]:
    return [replace(each, handle=come.handle, attempt=2) for each, come in zip(orders, outcomes, strict=True)]


def test_ten_thousand_people_are_one_call_and_one_look(ads: Google) -> None:
    seeded(ads, *(f"m{number}@example.fi" for number in range(MANY)), "another@example.fi")
    orders = people(MANY)
    outcomes = told(ads, "send_together", orders)
    assert {each.state for each in outcomes} == {"accepted"}
    assert ads.hosted.counts["POST", REMOVE] == 1
    ads.later(HALF_AN_HOUR)
    looks = told(ads, "ask_together", with_handles(orders, outcomes))
    assert {each.state for each in looks} == {"promised"}
    assert ads.hosted.counts["GET", STATUS] == 1
    assert len(held(ads)[LIST]) == 1


def test_two_members_each_are_two_calls_and_a_fault_between_them_costs_only_what_was_not_taken(ads: Google) -> None:
    seeded(ads)
    more = [("email", f"{'a' * 64}"[: -len(f"{number}")] + f"{number}") for number in range(10)]  # hashes already
    orders = people(5_100, *more)
    ads.hosted.fault(Kind.LATE, REMOVE, seconds=0)  # the first call goes well
    ads.hosted.fault(Kind.BUSY, REMOVE)
    outcomes = told(ads, "send_together", orders)
    taken = [each for each in outcomes if isinstance(each, Outcome)]
    assert [each.state for each in taken] == ["accepted"] * (5_000)
    assert all(isinstance(each, Later) for each in outcomes[5_000:])
    rest = told(ads, "send_together", [replace(each, attempt=2) for each in orders[5_000:]])
    assert {each.state for each in rest} == {"accepted"}
    assert ads.hosted.counts["POST", REMOVE] == 3
    ads.later(HALF_AN_HOUR)
    looks = told(ads, "ask_together", with_handles(orders, [*taken, *rest]))
    assert {each.state for each in looks} == {"promised"}
    assert ads.hosted.counts["GET", STATUS] == 2
