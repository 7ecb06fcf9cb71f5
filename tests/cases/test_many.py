"""Many at once: in order, within what each party takes, and nobody's case for somebody else's."""

from dataclasses import replace
from itertools import pairwise

from connectors.protocol import Limits
from lineage.cases.deciding import approve
from lineage.cases.orders import Order, Outcome
from lineage.times import now
from tests.cases.events import account, mailed
from tests.cases.stage import VERIFIED, Party, Stage

ASKED = "2026-05-01T10:00:00+03:00"
CALLS, SECONDS = 5, 0.2
PEOPLE = [{"customer_id": f"B-{number}", "email": f"b{number}@example.fi"} for number in range(25)]


def approved(stage: Stage) -> None:
    for one in PEOPLE:
        stage.record(account(**one), mailed(one["email"], customer_id=one["customer_id"]))
    stage.at(ASKED)
    for one in PEOPLE:
        stage.believed[0] += 1
        case = stage.preview(stage.open("erasure", ("customer_id", one["customer_id"])))
        approve(stage.work, case.id)


def test_many_who_ask_at_once_are_each_erased_in_the_order_they_asked(stage: Stage) -> None:
    approved(stage)
    stage.run(stage.work.case(stage.work.journal.cases()[0].case))
    assert {row.state for row in stage.work.journal.cases()} == {"closed"}
    told = stage.told("sendgrid")
    assert len({each.key for each in told}) == len(told)
    assert [dict(each.identifiers)["email"] for each in told] == [each["email"] for each in PEOPLE]
    assert all(stage.holders("email", each["email"]) == set() for each in PEOPLE)


def test_a_party_is_never_called_more_often_than_it_takes(stage: Stage) -> None:
    approved(stage)
    called: list[int] = []

    def answer(_order: Order) -> Outcome:
        called.append(now())
        return VERIFIED

    stage.parties.by_id["sendgrid"] = Party(answer, limits=Limits(calls=CALLS, seconds=SECONDS, timeout=5.0))
    stage.work = replace(stage.work, clock=now)
    stage.run(stage.work.case(stage.work.journal.cases()[0].case))
    assert len(called) == len(PEOPLE)
    # Between a call and the one two limits later a whole window has passed.
    spans = [later - first for first, later in pairwise(called[:: 2 * CALLS])]
    assert all(span >= SECONDS * 1_000_000 for span in spans)
