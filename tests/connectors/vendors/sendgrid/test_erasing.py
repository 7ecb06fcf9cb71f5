"""An erasure at SendGrid: whom it reaches, in which calls, and what is said of it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.calling import Call, NotSent
from connectors.channel import Ways
from connectors.channels import channels, open_connector
from connectors.descriptors import load_descriptors
from connectors.protocol import Together
from connectors.sandbox.faults import Kind
from connectors.waiting import Later
from lineage.cases.orders import Order, Outcome, Sending
from lineage.errors import JalkiError, Misconfigured
from tests.connectors.vendors.sendgrid.standing import HERS, LOW, OTHER, Standing, standing
from tests.contracts.connector import carried

ERASE, CONTACTS = ("POST", "/v3/recipients/erasejob"), ("DELETE", "/v3/marketing/contacts")
SEARCH = ("POST", "/v3/marketing/contacts/search/emails")
SUBUSERS = """settings:
  key: {file: sendgrid.key}
  subusers: {news: {}, shop: {}}
"""


def told(stage: Standing, *orders: Order, asks: bool = False) -> Sequence[Outcome | JalkiError]:
    async def run() -> Sequence[Outcome | JalkiError]:
        connector = stage.connector()
        assert isinstance(connector, Together)
        try:
            return await (connector.ask_together(orders) if asks else connector.send_together(orders))
        finally:
            await connector.close()

    return asyncio.run(run())


def one(stage: Standing, order: Order) -> Outcome:
    (outcome,) = told(stage, order)
    assert isinstance(outcome, Outcome), outcome
    return outcome


def people(stage: Standing, number: int) -> list[Order]:
    """Orders about so many people, whose contacts there are."""
    order, addresses = stage.order(), [f"person{each}@example.fi" for each in range(number)]
    stage.seed(contacts=[{"email": each} for each in addresses])
    return [replace(order, key=f"{n}", task=f"t-{n}", identifiers=(("email", a),)) for n, a in enumerate(addresses)]


def test_an_erasure_is_promised_by_the_day_that_the_descriptor_says_and_no_sooner(stage: Standing) -> None:
    run = asyncio.run(carried(stage, "erase"))
    assert {each.state for each in run.outcomes[:-1]} == {"sent"}
    assert (run.last.state, run.last.how, run.last.by, run.last.ground) == (
        "promised",
        "contact-gone",
        "2026-10-28",
        None,
    )
    evidence = b"\n".join(each.evidence for each in run.outcomes).decode()
    assert [json.loads(line)["sendgrid"].get("mail_data") for line in filter(None, evidence.split("\n"))][:2] == [
        "accepted"
    ] * 2
    assert LOW not in evidence


def test_without_a_day_that_a_vendor_names_it_stays_accepted_and_can_be_asked(stage: Standing) -> None:
    erase = replace(stage.descriptor.means["erase"], within=None)
    stage.descriptor = replace(stage.descriptor, means={"erase": erase})
    run = asyncio.run(carried(stage, "erase"))
    assert (run.last.state, run.last.handle) == ("accepted", "done")
    (again,) = told(stage, replace(run.order, handle="done"), asks=True)
    assert isinstance(again, Outcome)
    assert again.state == "accepted"
    stage.seed()  # somebody has uploaded her again
    (found,) = told(stage, replace(run.order, handle="done"), asks=True)
    assert isinstance(found, Outcome)
    assert (found.state, found.ground) == ("failed", "contact-still-there")


def test_each_subuser_is_told_for_an_erasure_does_not_reach_them(tmp_path: Path) -> None:
    with standing(tmp_path, settings=SUBUSERS) as stage:
        stage.hosted.seed({"accounts": {"shop": {"mail": [LOW, OTHER]}}})
        asyncio.run(carried(stage, "erase"))
        accounts = stage.hosted.held()["accounts"]
    assert {name: each["mail"] for name, each in accounts.items()} == {name: [OTHER] for name in ("", "news", "shop")}


def test_addresses_go_as_they_were_sent_and_as_sendgrid_may_have_written_them(stage: Standing) -> None:
    order = stage.order()
    sending = Sending((("email", " Maija.Meri@Example.fi"), ("customer_id", "C-1001")), "newsletter")
    one(stage, replace(order, identifiers=(("email", HERS),), sendings=(sending,)))
    (job, *_) = stage.hosted.vendor.state.jobs._jobs.values()
    assert job.asked["addresses"] == [LOW]
    assert not [
        each for each in stage.traffic("erasejob") if json.loads(each.content)["email_addresses"] != [LOW, HERS]
    ]


def test_her_own_word_not_to_be_written_to_stays_and_is_said(stage: Standing) -> None:
    stage.order()
    stage.seed(spam_reports=[LOW], suppressed=[LOW])
    run = asyncio.run(carried(stage, "erase"))
    assert (run.last.state, run.last.ground) == ("promised", "suppression-kept")
    assert json.loads(run.last.evidence)["sendgrid"]["kept"] == ["global", "spam_reports"]
    assert stage.account()["suppressed"] == [LOW]


def test_an_erasure_suppresses_nobody(stage: Standing) -> None:
    asyncio.run(carried(stage, "erase"))
    assert (stage.account()["suppressed"], stage.account()["groups"]["5"]) == ([], [OTHER])


def test_a_key_that_may_not_erase_is_a_task_for_a_person_and_nothing_is_begun(stage: Standing) -> None:
    order = stage.order()
    stage.hosted.seed({"scopes": ["marketing.read"]})
    outcome = one(stage, order)
    assert (outcome.state, outcome.ground) == ("manual", "scope-missing")
    assert not stage.hosted.counts.get(ERASE)
    assert not stage.hosted.counts.get(CONTACTS)


def test_a_subuser_that_is_none_is_our_own_mistake(tmp_path: Path) -> None:
    with standing(tmp_path, settings=SUBUSERS) as stage:  # `shop` is not there
        (fault,) = told(stage, stage.order())
    assert isinstance(fault, Misconfigured)
    assert "sub-user" in str(fault)


def test_somebody_who_is_no_contact_is_promised_at_once(stage: Standing) -> None:
    outcome = one(stage, replace(stage.order(), identifiers=(("email", "nobody@example.fi"),)))
    assert (outcome.state, outcome.how) == ("promised", "contact-gone")
    assert not stage.hosted.counts.get(CONTACTS)


@pytest.mark.parametrize("named", [(), (("customer_id", "C-1001"),), (("email", "no address"),)])
def test_an_order_without_an_address_is_for_a_person(stage: Standing, named: tuple[tuple[str, str], ...]) -> None:
    outcome = one(stage, replace(stage.order(), identifiers=named))
    assert (outcome.state, outcome.how) == ("manual", "no-identifier")
    assert not any(stage.hosted.counts.values())


def test_what_was_sent_as_an_address_and_is_none_makes_it_partial(stage: Standing) -> None:
    run_order = replace(stage.order(), identifiers=(("email", "nobody@example.fi"), ("email", "MÄKI@example.fi")))
    outcome = one(stage, run_order)
    assert (outcome.state, outcome.ground) == ("partial", "address-unfit")


def test_a_deletion_that_is_said_to_be_done_and_is_not_is_found_out(stage: Standing) -> None:
    stage.order()
    stage.hosted.fault(Kind.LIE, CONTACTS[1], method="DELETE", calls=10)
    run = asyncio.run(carried(stage, "erase"))
    assert (run.last.state, run.last.ground) == ("failed", "contact-still-there")
    assert stage.hosted.counts[CONTACTS] == 4
    stage.hosted.well()
    again = one(stage, replace(run.order, handle=run.last.handle))  # a person has sent it out again
    assert again.state == "sent"
    assert stage.hosted.counts[CONTACTS] == 5


def test_a_deletion_that_stopped_half_way_is_made_again_for_who_is_left(stage: Standing) -> None:
    orders = people(stage, 6)
    stage.hosted.fault(Kind.PARTIAL, CONTACTS[1], method="DELETE")
    first = [each for each in told(stage, *orders) if isinstance(each, Outcome)]
    stage.hosted.clock.forward(10_000_000)
    second = told(stage, *(replace(each, handle=came.handle) for each, came in zip(orders, first, strict=True)))
    assert [each.state for each in second if isinstance(each, Outcome)] == ["promised"] * 3 + ["sent"] * 3


def test_an_address_that_sendgrid_does_not_like_spoils_it_for_nobody_else(stage: Standing) -> None:
    orders = people(stage, 8)
    orders[3] = replace(orders[3], identifiers=(("email", "odd@example.1a"),))
    answers = told(stage, *orders)
    states = [each.state for each in answers if isinstance(each, Outcome)]
    assert states == ["sent"] * 3 + ["failed"] + ["sent"] * 4
    assert isinstance(answers[3], Outcome)
    assert answers[3].evidence
    assert "odd@" not in repr(replace(answers[3], evidence=b""))


def test_many_are_told_in_as_few_calls_as_the_limits_allow(stage: Standing) -> None:
    orders = people(stage, 450)
    stage.hosted.count_anew()
    answers = told(stage, *orders)
    assert {each.state for each in answers if isinstance(each, Outcome)} == {"sent"}
    assert {call: stage.hosted.counts[call] for call in (ERASE, SEARCH, CONTACTS)} == {ERASE: 2, SEARCH: 5, CONTACTS: 3}
    handles = [each.handle for each in answers if isinstance(each, Outcome)]
    assert len(set(handles)) == 3
    stage.hosted.clock.forward(10_000_000)
    stage.hosted.count_anew()
    ended = told(stage, *(replace(each, handle=handle) for each, handle in zip(orders, handles, strict=True)))
    assert {(each.state, each.ground) for each in ended if isinstance(each, Outcome)} == {("promised", "lists-unread")}
    assert dict(stage.hosted.counts) == {("GET", "/v3/marketing/contacts/imports/{id}"): 3, SEARCH: 5}


def test_the_limit_of_erasures_is_kept_across_restarts_and_told_as_a_time(stage: Standing) -> None:
    order = stage.order()
    window = stage.hosted.clock() - stage.hosted.clock() % 60_000_000
    stage.counts.spend("sendgrid/erasejob", window, 100, 100)
    (fault,) = told(stage, order)
    assert isinstance(fault, Later)
    assert 0 < fault.seconds <= 60
    assert not stage.hosted.counts.get(ERASE)


def test_what_was_done_for_one_account_is_not_done_again_when_another_is_busy(stage: Standing) -> None:
    order = stage.order()
    window = stage.hosted.clock() - stage.hosted.clock() % 60_000_000
    stage.counts.spend("sendgrid/erasejob", window, 100, 99)
    first = one(stage, order)
    assert first.state == "sent"
    assert (first.handle or "").startswith("mail.1.")
    stage.hosted.clock.forward(60_000_000)
    one(stage, replace(order, handle=first.handle))
    assert stage.hosted.counts[ERASE] == 2


def test_other_accounts_than_before_are_all_told_again(stage: Standing) -> None:
    one(stage, replace(stage.order(), handle="mail.2.ffffffff"))
    assert stage.hosted.counts[ERASE] == 2


def test_a_dry_run_shows_the_calls_and_makes_none_and_counts_none(stage: Standing) -> None:
    made: list[Call] = []
    order = stage.order()
    ways = Ways(stage.hosted.clock, {}, stage.counts, dry=made.append)
    connector = open_connector(stage.descriptor, "SendGrid", ways)
    assert connector
    with pytest.raises(NotSent):
        asyncio.run(connector.send(order))
    asyncio.run(connector.close())
    assert [each.url.rpartition("/")[2] for each in made if each.method == "POST"] == ["erasejob", "erasejob", "emails"]
    assert not stage.counts.spent
    assert not any(stage.hosted.counts.values())


def test_the_shipped_descriptor_claims_what_the_channel_can_show() -> None:
    shipped, channel = load_descriptors()["sendgrid"], channels()["sendgrid"]
    said = {right: (each.proof, each.within) for right, each in shipped.means.items()}
    assert said == {right: (each.proof, each.within) for right, each in channel.means.items()}
    assert (shipped.limits.rates, shipped.limits.together) == (channel.rates, 5_000)
    assert shipped.identifiers["email"] == ("sendgrid-email@1",)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("settings: {}", "key"),
        ("settings:\n  key: {file: k}\n  fields: {address: nowhere}", "no field of a contact"),
        ('settings:\n  key: {file: k}\n  subusers: {"a\\nb": {}}', "not written as it must be"),
        ("settings:\n  key: {file: k}\n  groups: {newsletter: 0}", "greater than or equal to 1"),
        ("settings:\n  key: {file: k}\n  sub_users: {}", "do you mean subusers?"),
    ],
)
def test_settings_that_are_wrong_are_told_by_their_line(tmp_path: Path, settings: str, said: str) -> None:
    (tmp_path / "sendgrid.yaml").write_text(f"channel: sendgrid\naddress: https://api.sendgrid.example\n{settings}\n")
    with pytest.raises(Misconfigured, match=r"sendgrid\.yaml:\d+: ") as fault:
        load_descriptors(tmp_path)
    assert said in str(fault.value)
