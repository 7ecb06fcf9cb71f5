"""Adyen as its shipped descriptor tells it, against the sandbox; judged by its specifications."""

from dataclasses import replace

from connectors.sandbox import adyen
from connectors.sandbox.faults import Kind
from lineage.cases.orders import Sending
from tests.connectors.vendors.rest.recording import Recorded
from tests.connectors.vendors.rest.shipped import CARD, OTHER, PSP, SHOPPER, Open, adyen_order, judged
from tests.connectors.vendors.rest.stages import send
from tests.vendors import rest


def test_adyen_disables_the_card_and_is_asked_to_erase_every_payment(parties: Open, wire: Recorded) -> None:
    party = parties("adyen")
    party.hosted.seed(
        {
            "payments": [{"psp_reference": PSP, "shopper": SHOPPER}, {"psp_reference": OTHER, "shopper": SHOPPER}],
            "cards": {SHOPPER: [CARD]},
        }
    )
    outcome = send(party, adyen_order(PSP, OTHER))
    assert (outcome.state, outcome.how, outcome.ask_again_in) == ("accepted", "http-200", None)
    assert party.hosted.held() == {
        "payments": {PSP: SHOPPER, OTHER: SHOPPER},
        "cards": {SHOPPER: []},
        "asked": [OTHER, PSP],
    }
    party.forward(10)
    assert party.hosted.held()["payments"] == {}
    assert judged(wire, rest.DATA_PROTECTION, adyen.ERASE.removesuffix("/requestSubjectErasure"), "/ca/") == 2
    assert judged(wire, rest.RECURRING, adyen.DISABLE.removesuffix("/disable"), "/pal/") == 1


def test_what_adyen_has_been_asked_before_is_no_proof(parties: Open) -> None:
    party = parties("adyen")
    party.hosted.seed({"payments": [{"psp_reference": PSP}]})
    send(party, adyen_order(PSP, card=None))
    party.forward(10)
    again = send(party, replace(adyen_order(PSP, card=None), attempt=2))
    assert (again.state, again.ground) == ("accepted", "asked-before")


def test_a_payment_adyen_does_not_find_is_not_held_and_one_it_finds_counts(parties: Open) -> None:
    party = parties("adyen")
    assert send(party, adyen_order(PSP, card=None)).state == "not_held"
    party.hosted.seed({"payments": [{"psp_reference": PSP}]})
    assert send(party, adyen_order(PSP, OTHER, card=None)).state == "accepted"


def test_a_stored_card_that_nobody_can_name_is_left_to_a_person(parties: Open) -> None:
    party = parties("adyen")
    party.hosted.seed({"payments": [{"psp_reference": PSP, "shopper": SHOPPER}], "cards": {SHOPPER: [CARD]}})
    outcome = send(party, adyen_order(PSP, card=None))
    assert (outcome.state, outcome.ground) == ("manual", "stored-card-active")
    assert party.hosted.held()["asked"] == []


def test_a_card_is_disabled_for_the_shopper_it_was_sent_with_and_for_no_other(parties: Open) -> None:
    party = parties("adyen")
    party.hosted.seed({"payments": [{"psp_reference": PSP}], "cards": {SHOPPER: [CARD], "C-2": [CARD]}})
    pair = (("customer_id", "C-2"), ("payment_token", CARD))
    given = replace(adyen_order(PSP), sendings=(Sending(pair, "payment"),))
    send(party, given)
    assert party.hosted.held()["cards"] == {SHOPPER: [CARD], "C-2": []}
    both = (Sending(pair, "payment"), Sending((("customer_id", SHOPPER), ("payment_token", CARD)), "payment"))
    send(party, replace(given, sendings=both))
    assert party.hosted.held()["cards"] == {SHOPPER: [CARD], "C-2": []}, "nobody guesses whose card it is"


def test_references_of_another_form_are_left_out_and_none_at_all_leaves_it_to_a_person(parties: Open) -> None:
    party = parties("adyen")
    outcome = send(party, adyen_order("not-a-psp-reference", card=None))
    assert (outcome.state, outcome.how, outcome.ground) == ("manual", "not-by-calls", "no-identifier")
    assert party.hosted.seen == ()


def test_what_was_done_before_a_fault_is_not_done_again(parties: Open) -> None:
    party = parties("adyen")
    party.hosted.seed({"payments": [{"psp_reference": PSP}, {"psp_reference": OTHER}], "cards": {SHOPPER: [CARD]}})
    party.hosted.fault(Kind.BUSY, adyen.ERASE)
    begun = send(party, adyen_order(PSP, OTHER))
    assert (begun.state, begun.how, begun.ask_again_in) == ("sent", "in-part", 7.0)
    assert not [each for each in (SHOPPER, CARD, PSP) if each in (begun.handle or "")]
    done = send(party, replace(adyen_order(PSP, OTHER), handle=begun.handle, attempt=2))
    assert done.state == "accepted"
    assert party.hosted.counts["POST", adyen.DISABLE] == 1
