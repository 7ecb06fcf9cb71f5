"""An erasure that was closed, and opened again because something came late: its old key is gone, and with it what was told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage.cases.carrying import confirm, settle
from lineage.cases.case import Case
from lineage.cases.orders import Outcome
from lineage.errors import Refused
from tests.cases.events import mailed
from tests.cases.stage import Party, Stage, staged

ASKED, OLD = "2026-07-01T10:00:00+03:00", "2026-04-01T10:00:00+03:00"
HER = ("email", "anna@example.fi")
DECLINED = Outcome("declined", how="http-403", ground="17(3)(b)")
BY_HAND = Outcome("manual", how="no-protocol")
PROMISED = Outcome("promised", how="signed-callback", by="2026-08-01", handle="job-1")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as opened:
        yield opened


def closed_and_opened_again(stage: Stage) -> tuple[Case, str]:
    """A case that was closed with a party's no, and has a late event; and the task that the party declined."""
    stage.parties.by_id["sendgrid"] = Party(lambda _: DECLINED)
    stage.record(mailed())
    stage.at(ASKED)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    stage.at("2026-07-20T10:00:00+03:00")
    case = stage.run(case)
    assert case.state == "closed"
    (old,) = [each.id for each in case.tasks.values() if each.party == "sendgrid"]
    stage.record(mailed(provider="epostservice", occurred_at=OLD))
    return stage.run(case), old


def test_a_party_that_promises_by_itself_what_it_had_declined_is_not_asked_by_what_nobody_can_read(
    stage: Stage,
) -> None:
    stage.parties.by_id["epostservice"] = Party(lambda _: BY_HAND)
    case, old = closed_and_opened_again(stage)
    settle(stage.work, case.id, old, PROMISED)
    stage.at("2026-08-03T10:00:00+03:00")
    case = stage.run(case)
    assert case.tasks[old].state == "promised"
    assert [each.task for each in stage.told("sendgrid")] == [old]
    assert "sendgrid" not in stage.work.journal.parties_due(stage.now), "it would be due for ever"
    (new,) = [each.id for each in case.tasks.values() if each.party == "epostservice"]
    confirm(stage.work, case.id, new, "verified", "a letter of 3 August")
    assert stage.run(case).state == "closed", "it does not keep the case open"


def test_nobody_sends_out_again_what_nobody_can_read(stage: Stage) -> None:
    stage.parties.by_id["epostservice"] = Party(lambda _: BY_HAND)
    case, old = closed_and_opened_again(stage)
    assert case.state == "carrying-out"
    settle(stage.work, case.id, old, Outcome("partial", how="signed-callback"))
    with pytest.raises(Refused, match="its key is destroyed"):
        confirm(stage.work, case.id, old, "queued", "a letter of 5 July")
    assert confirm(stage.work, case.id, old, "verified", "a letter of 5 July").tasks[old].state == "verified"


def test_what_the_late_event_asks_for_is_told_and_asked_as_ever(stage: Stage) -> None:
    stage.parties.by_id["epostservice"] = Party(
        lambda _: PROMISED, asked=lambda _: Outcome("verified", how="read-back")
    )
    case, _ = closed_and_opened_again(stage)
    assert case.state != "closed"
    stage.at("2026-08-03T10:00:00+03:00")
    case = stage.run(case)
    (new,) = [each for each in case.tasks.values() if each.party == "epostservice"]
    assert (new.state, case.state) == ("verified", "closed")
