"""A former processor: what may be left there, by whether it was asked for, promised, or shown to be gone."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date

from lineage.cases.orders import Outcome
from lineage.register import Register
from lineage.register.model import Validity
from lineage.remaining import Left, Remaining, remaining
from lineage.stores.spool import SqliteSpool
from tests.cases.events import account, disclosed, mailed, order, shipment, subscribed
from tests.cases.stage import ACCEPTED, Party, Stage

HER = ("customer_id", "C-1")
MAIL = ["name", "email"]


def ended(register: Register, party: str, day: str) -> Register:
    """The same register, in which all that a party may get ended on a day."""
    until = Validity(None, date.fromisoformat(day))
    entries = tuple(
        replace(each, validity=until) if each.party == party else each for each in register.declared.recipients
    )
    return Register(replace(register.declared, recipients=entries))


def asked(stage: Stage, party: str = "sendgrid", register: Register | None = None) -> tuple[Remaining, list[Left]]:
    work, told = stage.work, list[Left]()
    with closing(SqliteSpool()) as spool:
        found = remaining(
            work.graph, work.keyring, work.journal, register or work.register, party, stage.now, spool, told.append
        )
    return found, told


def customers(numbers: Iterable[int]) -> list[dict[str, object]]:
    return [
        {**each, "customer_id": f"C-{number}", "email": f"c{number}@example.fi"}
        for number in numbers
        for each in (account(), mailed())
    ]


def test_what_nobody_asked_for_is_left_and_is_told_as_such(stage: Stage) -> None:
    stage.record(*customers([1, 2]), mailed("c2@example.fi", customer_id="C-2", name="Bert"))
    found, told = asked(stage)
    assert (found.persons, dict(found.standings), found.nothing_left) == (2, {"unasked": 2}, False)
    assert dict(found.categories) == {"customer_id": 2, "email": 2, "name": 1}
    assert (found.first, found.last) == (stage.now, stage.now)
    assert [each.standing for each in told] == ["unasked", "unasked"]


def test_a_party_that_never_got_anything_has_nothing(stage: Stage) -> None:
    stage.record(account(), shipment())
    found, told = asked(stage)
    assert (found.persons, found.nothing_left, told) == (0, True, [])


def test_what_was_asked_promised_and_shown_is_told_apart_while_cases_go_on(stage: Stage) -> None:
    answers = {"C-1": ACCEPTED, "C-2": Outcome("promised", how="signed-answer", by="2026-06-01")}
    for number in (1, 2, 3):
        customer = f"C-{number}"
        stage.record(*customers([number]))
        stage.record(order(f"O-{number}", customer_id=customer, email=f"c{number}@example.fi"))
        stage.record(shipment(f"S-{number}", f"O-{number}", customer_id=customer))
        outcome = answers.get(customer, Outcome("verified", how="read-back"))
        stage.parties.by_id["sendgrid"] = Party(lambda _order, outcome=outcome: outcome)  # type: ignore[misc] # bound now
        case = stage.approve(stage.preview(stage.open("erasure", ("customer_id", customer))))
        assert case.forgotten is None  # an order is under way
    stage.record(*customers([4]))
    found, told = asked(stage)
    assert dict(found.standings) == {"asked": 1, "promised": 1, "unasked": 1}
    assert (found.persons, found.proved) == (3, 1)
    assert dict(found.tasks) == {"accepted": 1, "promised": 1, "verified": 1}
    assert {state for each in told for state in each.states} == {"accepted", "promised"}


def test_what_went_there_after_the_plan_was_asked_of_nobody_though_its_category_was(stage: Stage) -> None:
    stage.record(*customers([1]), order("O-1", customer_id="C-1", email="c1@example.fi"), shipment())
    stage.approve(stage.preview(stage.open("erasure", HER)))
    assert asked(stage)[0].nothing_left
    stage.at("2026-03-02T09:00:00+02:00")
    stage.record(mailed("c1@example.fi", customer_id="C-1"))
    found, (left,) = asked(stage)
    assert (found.persons, left.standing) == (1, "unasked")
    assert left.by_standing["unasked"] == {"customer_id", "email"}


def test_who_is_erased_here_counts_as_left_there_until_the_party_has_shown_it(stage: Stage) -> None:
    stage.parties.by_id["sendgrid"] = Party(lambda _order: Outcome("promised", how="letter", by="2026-06-01"))
    stage.record(account(), subscribed(), mailed())
    stage.approve(stage.preview(stage.open("erasure", HER)))
    found, told = asked(stage)
    assert (found.persons, told) == (0, [])
    assert (found.erased.persons, found.erased.may_be_held, found.erased.promised) == (1, 1, 1)
    assert not found.nothing_left


def test_what_several_persons_share_is_nobodys_and_is_left_all_the_same(stage: Stage) -> None:
    home = {"email": "home@example.fi"}
    stage.record(account(**home), account(customer_id="C-2", **home), mailed("home@example.fi"))
    found, told = asked(stage)
    assert (found.persons, found.shared, found.nothing_left) == (0, 1, False)
    assert [each.reach.candidates for each in told] == [2]


def test_the_end_of_the_contract_is_read_from_the_register_and_what_came_after_it_is_counted(stage: Stage) -> None:
    register = ended(stage.work.register, "sendgrid", "2026-02-28")
    stage.record(*customers([1]), {**mailed(), "occurred_at": "2026-02-28T23:59:59+02:00"})
    found, _ = asked(stage, register=register)
    assert (found.contract.in_force, found.contract.ended) == (False, date(2026, 2, 28))
    assert (found.contract.roles, found.after_end) == (("processor",), 1)
    found, _ = asked(stage)
    assert (found.contract.in_force, found.contract.ended, found.after_end) == (True, None, 0)


def test_a_party_that_is_only_declared_to_get_copies_is_not_said_to_have_nothing(stage: Stage) -> None:
    stage.record(account())
    found, _ = asked(stage, "backup")
    assert (found.persons, found.contract.copies, found.nothing_left) == (0, ("back-office", "order-system"), False)


def test_a_retention_whose_day_the_disclosure_tells_ends_what_is_left(stage: Stage) -> None:
    view = {"type": "PageViewed", "device_id": "D-1", "customer_id": "C-1", "page": "/", "platform": "google-analytics"}
    stage.record(account(), view)
    assert asked(stage, "google-analytics")[0].persons == 1
    stage.at("2028-03-01T09:00:00+02:00")
    found, _ = asked(stage, "google-analytics")
    assert (found.persons, found.retention_over, found.nothing_left) == (0, 1, True)


def test_a_disclosure_to_another_is_not_left_there(stage: Stage) -> None:
    stage.record(account(), disclosed("epostservice", "newsletter", MAIL))
    assert asked(stage)[0].nothing_left
    assert asked(stage, "epostservice")[0].persons == 1
