"""A party told over REST in a whole case: from the plan to the proof; and in a dry run."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.calling import Call, NotSent
from connectors.channel import Ways
from connectors.protocol import Connector, Limits
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from connectors.vendors.rest.channel import REST
from lineage.cases.orders import Order, Outcome
from tests.cases.events import account, mailed, subscribed
from tests.cases.stage import Stage, staged, task_of
from tests.connectors.orders import order
from tests.connectors.vendors.rest import shipped
from tests.connectors.vendors.rest.club import TOKEN, Club
from tests.connectors.vendors.rest.shipped import Open
from tests.connectors.vendors.rest.stages import NOON, Told, page_text, told

HER = "anna@example.fi"


@dataclass(frozen=True)
class Opened:
    """A connector that is opened for each attempt: every run of a stage has a loop of its own."""

    party: Told

    @property
    def limits(self) -> Limits:
        return self.party.descriptor.limits

    async def send(self, order: Order) -> Outcome:
        async with self._connector() as connector:
            return await connector.send(order)

    async def ask(self, order: Order) -> Outcome:
        async with self._connector() as connector:
            return await connector.ask(order)

    async def close(self) -> None:
        """Nothing is kept open."""

    @asynccontextmanager
    async def _connector(self) -> AsyncIterator[Connector]:
        connector = self.party.open()
        try:
            yield connector
        finally:
            await connector.close()


@pytest.fixture
def club(tmp_path: Path) -> Iterator[Told]:
    with told(Club(), Clock(NOON), page_text(), tmp_path) as party:
        party.hosted.seed({HER: {"name": "Anna"}})
        yield party


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path / "shop") as opened:
        yield opened


def test_an_erasure_is_carried_out_by_calls_and_proved_by_reading_back(club: Told, shop: Stage) -> None:
    shop.record(account(), subscribed(), mailed())
    shop.parties.by_id["sendgrid"] = Opened(club)  # type: ignore[assignment]  # a connector as any other
    club.hosted.fault(Kind.DROPPED_AFTER)
    case = shop.approve(shop.preview(shop.open("erasure", ("customer_id", "C-1"))))
    assert task_of(case, "sendgrid").state == "queued", "its answer was lost"
    states = []
    for hour in ("10", "12", "14"):
        shop.at(f"2026-03-01T{hour}:00:00+02:00")
        states.append(task_of(shop.run(case), "sendgrid").state)
    vendor = club.hosted.vendor
    assert isinstance(vendor, Club)
    vendor.night()
    shop.at("2026-03-02T09:00:00+02:00")
    task = task_of(shop.run(case), "sendgrid")
    assert states == ["accepted"] * 3
    assert (task.state, task.how) == ("verified", "read-back")
    assert len(club.state.answered) == 1, "twice told, once done"


def test_a_dry_run_shows_the_call_and_makes_none(club: Told) -> None:
    shown: list[Call] = []
    connector = REST.connect(club.descriptor, "Club", Ways(club.clock, {}, club.counts, dry=shown.append))
    assert connector is not None

    async def act() -> None:
        with pytest.raises(NotSent):
            await connector.send(order(party="bonus-club", identifiers=(("email", HER),)))
        await connector.close()

    asyncio.run(act())
    assert [(each.method, each.url) for each in shown] == [
        ("DELETE", f"{club.hosted.url}/v1/members/anna%40example.fi")
    ]
    assert TOKEN not in repr(shown)
    assert (club.hosted.seen, club.counts.spent) == ((), {})


def test_a_dry_run_asks_for_no_token_that_logs_in(parties: Open) -> None:
    party = parties("paypal")
    shown: list[Call] = []
    connector = REST.connect(party.descriptor, "PayPal", Ways(party.clock, {}, party.counts, dry=shown.append))
    assert connector is not None

    async def act() -> None:
        with pytest.raises(NotSent):
            await connector.send(shipped.ORDERS["paypal"])
        await connector.close()

    asyncio.run(act())
    assert [each.method for each in shown] == ["DELETE"]
    assert party.hosted.seen == ()
