"""A party that is away, hangs, or whose connector cannot even be made holds up nobody else."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.protocol import Limits
from lineage.cases.deciding import approve
from lineage.cases.orders import Order, Outcome
from lineage.cases.words import CONNECTOR_FAULT
from lineage.errors import Misconfigured
from streams.dispatch import Dispatch
from tests.cases.events import account, mailed, order, shipment
from tests.cases.stage import Parties, Party, Stage, away, task_of

ASKED = "2026-05-01T10:00:00+03:00"
HER = ("customer_id", "C-1")
HOUR = 3_600_000_000
LEAVES_EMPTY = "the descriptor of sendgrid leaves merchant_account empty: fill it in"


@dataclass
class Unmade(Parties):
    """All parties; the connector of one cannot be made."""

    fault: Exception | None = None

    def connector(self, party: str) -> Party:
        if party == "sendgrid" and self.fault is not None:
            raise self.fault
        return super().connector(party)


@dataclass
class Hanging:
    """Answers nothing until all others have been told."""

    others: asyncio.Event
    limits: Limits = field(default_factory=lambda: Limits(calls=10, seconds=1.0, timeout=60.0))

    async def send(self, given: Order) -> Outcome:
        await self.others.wait()
        return away(given)

    async def ask(self, given: Order) -> Outcome:
        return await self.send(given)


def approved(stage: Stage) -> str:
    stage.record(account(), order(), shipment(), mailed())
    stage.at(ASKED)
    return stage.approve(stage.preview(stage.open("erasure", HER))).id


@pytest.mark.parametrize(
    ("fault", "state", "how", "ground"),
    [
        (Misconfigured(LEAVES_EMPTY), "manual", "refused", LEAVES_EMPTY),
        (TypeError("anna@example.fi"), "queued", CONNECTOR_FAULT, None),
    ],
)
def test_a_party_whose_connector_cannot_be_made_is_a_persons_and_all_others_are_told(
    stage: Stage, fault: Exception, state: str, how: str, ground: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    stage.parties = Unmade(fault=fault)
    case = stage.work.case(approved(stage))
    hers = task_of(case, "sendgrid")
    assert (hers.state, hers.how, hers.ground) == (state, how, ground)
    assert task_of(case, "posti").state == "verified"
    assert "anna@example.fi" not in caplog.text


def test_a_connector_that_can_be_made_again_tells_what_waited_for_it(stage: Stage) -> None:
    parties = stage.parties = Unmade(fault=TypeError())
    case = stage.work.case(approved(stage))
    parties.fault = None
    stage.believed[0] += HOUR
    assert task_of(stage.run(case), "sendgrid").state == "verified"


def test_while_one_party_hangs_all_others_are_told_of_this_person_and_of_others(stage: Stage) -> None:
    stage.record(account(), order(), shipment(), mailed(), *of_berta())
    stage.at(ASKED)
    cases = [stage.preview(stage.open("erasure", each)) for each in (HER, ("customer_id", "C-2"))]
    told: list[tuple[str, str]] = []

    async def run() -> None:
        others = asyncio.Event()
        stage.parties.by_id["sendgrid"] = Hanging(others)  # type: ignore[assignment]  # a connector as any other

        def hear(given: Order, _state: str) -> None:
            told.append((given.case, given.party))
            if {(each.id, "posti") for each in cases} <= set(told):
                others.set()

        async with asyncio.timeout(50):  # less than what a party that hangs is waited for
            await Dispatch(stage.work, stage.parties, hear).run_until_idle()

    for each in cases:
        approve(stage.work, each.id)
    asyncio.run(run())
    hers, bertas = (stage.work.case(each.id) for each in cases)
    assert task_of(hers, "sendgrid").state == "queued"
    assert {task_of(each, "posti").state for each in (hers, bertas)} == {"verified"}
    assert bertas.state == "partly-done", "of hers only what the law keeps is left"


def of_berta() -> list[Mapping[str, Any]]:
    her = {"customer_id": "C-2", "email": "berta@example.fi"}
    return [account(**her), {**order("O-2", **her)}, {**shipment("S-2", "O-2"), "customer_id": "C-2"}]
