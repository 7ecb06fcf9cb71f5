"""A party of one's own is one file: the one that the how-to page shows, against a server."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from connectors.protocol import Connector
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Kind
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured, Refused
from tests.connectors import orders
from tests.connectors.vendors.rest.club import Club
from tests.connectors.vendors.rest.stages import NOON, Told, page_text, told
from tests.contracts.connector import SECRETS

MAIL, CUSTOMER = SECRETS
T = TypeVar("T")


class ClubStage:
    """The club, with a member who is `SECRETS`."""

    def __init__(self, party: Told) -> None:
        self.party = party
        self.connector: Connector = party.open()
        party.hosted.seed({MAIL: {"name": "Maija", "phone": "+358401234567"}})

    def order(self) -> Order:
        return orders.order(party="bonus-club", form="instruction")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[ClubStage]:
    with told(Club(), Clock(NOON), page_text(), tmp_path) as party:
        yield ClubStage(party)


def run(stage: ClubStage, act: Callable[[], Awaitable[T]]) -> T:
    async def go() -> T:
        try:
            return await act()
        finally:
            await stage.connector.close()

    return asyncio.run(go())


def test_a_member_is_verified_to_be_gone_when_she_is_and_not_before(stage: ClubStage) -> None:
    order = stage.order()

    async def act() -> list[Outcome]:
        found = [await stage.connector.send(order)]
        asked = replace(order, handle=found[0].handle, accepted=True, attempt=2)
        found.append(await stage.connector.ask(asked))
        vendor: Any = stage.party.hosted.vendor
        vendor.night()
        return [*found, await stage.connector.ask(asked)]

    told_, before, after = run(stage, act)
    assert (told_.state, told_.how, told_.ask_again_in) == ("accepted", "http-204", 3600.0)
    assert (before.state, before.ask_again_in) == ("accepted", 3600.0)
    assert (after.state, after.how) == ("verified", "read-back")


def test_a_party_that_never_had_her_says_so(stage: ClubStage) -> None:
    stage.party.state.members.clear()
    outcome = run(stage, lambda: stage.connector.send(stage.order()))
    assert (outcome.state, outcome.how) == ("not_held", "http-404")


def test_an_answer_that_nobody_named_has_failed_and_is_kept_for_a_person(
    stage: ClubStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.party.hosted.vendor, "admits", lambda _: Club().trouble(418, None))
    outcome = run(stage, lambda: stage.connector.send(stage.order()))
    assert (outcome.state, outcome.how, outcome.ground) == ("failed", "http-418", "unknown-answer")
    assert b"error" in outcome.evidence


def test_a_copy_is_kept_as_evidence(stage: ClubStage) -> None:
    outcome = run(stage, lambda: stage.connector.send(replace(stage.order(), action="collect")))
    assert (outcome.state, outcome.how) == ("verified", "http-200")
    assert b"+358401234567" in outcome.evidence
    assert "+358401234567" not in repr(replace(outcome, evidence=b""))


@pytest.mark.parametrize(("kind", "state"), [(None, "accepted"), (Kind.ERROR_INSIDE, "declined")])
def test_a_new_value_is_written_and_an_error_inside_a_success_is_seen(
    stage: ClubStage, kind: Kind | None, state: str
) -> None:
    if kind is not None:
        stage.party.hosted.fault(kind)
    order = replace(stage.order(), action="rectify", changes={"phone": '+35850"}, "name": "X'}, categories=("phone",))
    outcome = run(stage, lambda: stage.connector.send(order))
    assert outcome.state == state
    member = stage.party.state.members[MAIL]
    assert member["name"] == "Maija", "a value never becomes syntax"
    assert (member["phone"] == '+35850"}, "name": "X') == (kind is None)


def test_what_the_calls_do_not_cover_is_left_to_a_person(stage: ClubStage) -> None:
    order = replace(stage.order(), action="rectify", changes={"phone": "+35850", "name": "Maija M"})
    outcome = run(stage, lambda: stage.connector.send(order))
    assert (outcome.state, outcome.how, outcome.ground) == ("manual", "not-by-calls", "other-categories")
    assert stage.party.state.members[MAIL]["phone"] == "+35850"


def test_whoever_has_no_identifier_it_knows_is_left_to_a_person_and_nothing_is_called(stage: ClubStage) -> None:
    order = replace(stage.order(), identifiers=(("customer_id", CUSTOMER),))
    outcome = run(stage, lambda: stage.connector.send(order))
    assert (outcome.state, outcome.how, outcome.ground) == ("manual", "not-by-calls", "no-identifier")
    assert stage.party.hosted.seen == ()


def test_a_right_without_calls_is_refused(stage: ClubStage) -> None:
    with pytest.raises(Refused, match="no call to restrict"):
        run(stage, lambda: stage.connector.send(replace(stage.order(), action="restrict")))


def test_every_form_she_may_be_kept_under_is_told_and_the_one_that_is_there_counts(stage: ClubStage) -> None:
    order = replace(stage.order(), identifiers=(("email", MAIL.upper()),))
    outcome = run(stage, lambda: stage.connector.send(order))
    assert outcome.state == "accepted"
    assert [each.method for each in stage.party.hosted.seen] == ["DELETE", "DELETE"]


def test_the_calls_of_a_party_are_counted_across_attempts(stage: ClubStage) -> None:
    run(stage, lambda: stage.connector.send(stage.order()))
    assert sum(stage.party.counts.spent.values()) == 1


def test_a_login_without_its_file_says_which_party_it_is_of(stage: ClubStage) -> None:
    (stage.party.descriptor.folder / "bonus-club.token").unlink()
    with pytest.raises(Misconfigured, match="bonus-club"):
        run(stage, lambda: stage.connector.send(stage.order()))
