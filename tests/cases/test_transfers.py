"""A mechanism is annulled: what went abroad by it before and after, what else held then, and whose data is there still."""

from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any

from lineage.cases.orders import Outcome
from lineage.register import Register
from lineage.register.model import Adequacy, Place, Safeguard, Validity
from lineage.stores.spool import SqliteSpool
from lineage.transfers import Annulled, PartyTransfers, Span, Transfers, transfers
from schemas.records import microseconds
from tests.cases.events import account, mailed, shipment, subscribed
from tests.cases.stage import Party, Stage

ANNULLED = "2026-03-10T00:00:00+02:00"
BEFORE, AFTER = {"occurred_at": "2026-03-09T23:59:59.999999+02:00"}, {"occurred_at": ANNULLED}


def guarded(register: Register, *mechanisms: tuple[str, str | None, str | None], party: str = "sendgrid") -> Register:
    """The same register, in which a party's data goes to the US by these alone: each with its first and last day."""

    def days(first: str | None, last: str | None) -> Validity:
        return Validity(*(None if day is None else date.fromisoformat(day) for day in (first, last)))

    mine = tuple(
        Safeguard(party, "US", name, days(first, last), confirmed=True, source="", place=Place("test"))
        for name, first, last in mechanisms
    )
    others = tuple(each for each in register.declared.safeguards if each.party != party)
    return Register(replace(register.declared, safeguards=(*others, *mine)))


def asked(
    stage: Stage, register: Register | None = None, mechanism: str = "dpf", **more: Any
) -> tuple[Transfers, list[tuple[Span, bytes]]]:
    told: list[tuple[Span, bytes]] = []
    question = Annulled(mechanism, microseconds(more.pop("at", ANNULLED)), stage.now, **more)
    work = stage.work if register is None else replace(stage.work, register=register)
    found = transfers(
        work, question, lambda: closing(SqliteSpool()), lambda _party, span, reach: told.append((span, reach.key))
    )
    return found, told


def only(found: Transfers, party: str = "sendgrid") -> PartyTransfers:
    (one,) = [each for each in found.parties if each.party == party]
    return one


def test_what_went_after_the_end_by_no_other_mechanism_is_told_and_what_went_before_stays_as_it_was(
    stage: Stage,
) -> None:
    stage.record(account(), subscribed(), mailed(**BEFORE), mailed(**AFTER), mailed(**AFTER))
    found, told = asked(stage, guarded(stage.work.register, ("dpf", None, None)))
    (before,), (after,) = only(found).before, only(found).after
    assert (before.mechanisms, before.disclosures, before.persons, before.held) == (("dpf",), 1, 1, 1)
    assert (after.mechanisms, after.disclosures, after.persons) == ((), 2, 1)
    assert dict(after.categories) == {"email": 2}
    assert only(found).country == "US"
    assert [key for _, key in told] == [stage.key("customer_id", "C-1")] * 2


def test_another_mechanism_that_held_then_is_named(stage: Stage) -> None:
    stage.record(account(), mailed(**BEFORE), mailed(**AFTER))
    found, _ = asked(stage, guarded(stage.work.register, ("dpf", None, None), ("scc", None, None)))
    assert [each.mechanisms for each in only(found).before] == [("dpf", "scc")]
    assert [each.mechanisms for each in only(found).after] == [("scc",)]


def test_a_mechanism_is_judged_by_the_moment_of_each_disclosure_and_not_by_today(stage: Stage) -> None:
    register = guarded(stage.work.register, ("dpf", "2026-03-01", None), ("scc", "2026-03-20", None))
    stage.record(account(), mailed(occurred_at="2026-02-27T09:00:00+02:00"), mailed(**BEFORE))
    stage.record(mailed(**AFTER), mailed("bert@example.fi", occurred_at="2026-03-20T00:00:00+02:00"))
    found, _ = asked(stage, register)
    assert [each.disclosures for each in only(found).before] == [1]  # in February nothing was by it
    assert [(each.mechanisms, each.disclosures, each.persons) for each in only(found).after] == [
        ((), 1, 1),
        (("scc",), 1, 1),
    ]


def test_whether_the_register_has_ended_the_mechanism_itself_changes_nothing(stage: Stage) -> None:
    stage.record(account(), mailed(**BEFORE), mailed(**AFTER))
    open_, _ = asked(stage, guarded(stage.work.register, ("dpf", None, None)))
    ended, _ = asked(stage, guarded(stage.work.register, ("dpf", None, "2026-03-09")))
    assert [each.mechanisms for each in only(open_).after] == [()]
    assert [each.mechanisms for each in only(ended).after] == [()]
    assert only(open_).before == only(ended).before


def test_a_mechanism_that_was_declared_anew_since_holds_from_then_on(stage: Stage) -> None:
    register = guarded(stage.work.register, ("dpf", None, "2026-03-09"), ("dpf", "2026-03-15", None))
    stage.record(account(), mailed(**AFTER), mailed(occurred_at="2026-03-15T00:00:00+02:00"))
    found, _ = asked(stage, register)
    assert [each.mechanisms for each in only(found).after] == [(), ("dpf",)]


def test_parties_that_never_relied_on_it_are_not_named_and_those_that_got_nothing_are_named_apart(stage: Stage) -> None:
    stage.record(account(), shipment(**AFTER), mailed(**AFTER))
    found, _ = asked(stage)
    assert [each.party for each in found.parties] == ["sendgrid"]
    assert "meta" in found.unobserved
    assert "posti" not in found.unobserved
    assert asked(stage, party="meta")[0] == Transfers((), ("meta",))


def test_an_adequacy_decision_is_one_countrys(stage: Stage) -> None:
    register = stage.work.register
    there = tuple(replace(each, country="GB") if each.id == "posti" else each for each in register.declared.parties)
    adequate = (Adequacy("GB", Validity(), confirmed=True, place=Place("test")),)
    register = Register(replace(register.declared, parties=there, adequacy=adequate))
    stage.record(account(), shipment(**BEFORE), shipment("S-2", "O-2", **AFTER))
    found, _ = asked(stage, register, "adequacy", country="GB")
    assert [each.mechanisms for each in only(found, "posti").before] == [("adequacy",)]
    assert [each.mechanisms for each in only(found, "posti").after] == [()]
    assert not asked(stage, register, "adequacy", country="CH")[0].parties


def test_what_was_shown_to_be_erased_is_not_there_still_and_who_is_erased_here_is_counted_apart(stage: Stage) -> None:
    bert = {"customer_id": "C-2", "email": "bert@example.fi"}
    stage.record(account(**bert), mailed("bert@example.fi", customer_id="C-2", **BEFORE))
    stage.record(shipment("S-2", "O-2", customer_id="C-2"))
    stage.record(account(), mailed(**BEFORE))
    stage.at("2026-03-11T09:00:00+02:00")
    case = stage.approve(stage.preview(stage.open("erasure", ("customer_id", "C-2"))))
    assert case.forgotten is None  # an order is under way
    stage.parties.by_id["sendgrid"] = Party(lambda _order: Outcome("promised", how="letter", by="2026-06-01"))
    stage.approve(stage.preview(stage.open("erasure", ("customer_id", "C-1"))))
    one = only(asked(stage)[0])
    assert [(each.persons, each.held) for each in one.before] == [(1, 0)]
    assert (one.erased.persons, one.erased.may_be_held, one.erased.promised) == (1, 1, 1)


def test_what_several_persons_share_is_counted_apart(stage: Stage) -> None:
    home = {"email": "home@example.fi"}
    stage.record(account(**home), account(customer_id="C-2", **home), mailed("home@example.fi", **AFTER))
    (after,) = only(asked(stage)[0]).after
    assert (after.persons, after.shared, after.disclosures) == (0, 1, 1)
