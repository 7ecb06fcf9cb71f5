"""What a case knew of the person goes some time after the case has ended, and nothing brings it back."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from lineage.cases.carrying import settle
from lineage.cases.case import Case
from lineage.cases.closing import advance
from lineage.cases.deciding import approve, refuse, withdraw
from lineage.cases.entries import check_chain
from lineage.cases.handing import hand
from lineage.cases.identity import doubt
from lineage.cases.lifting import lift
from lineage.cases.orders import Outcome
from lineage.cases.subjects import proof_name, sealed_under
from lineage.checkpointing import checkpointed, seed_of
from lineage.clocks import SPANS, add_months, day_of
from lineage.evidence.certificate import certificate
from lineage.evidence.signing import public_key
from lineage.evidence.stating import known_in
from lineage.evidence.verifying import verify
from streams.catching_up import catch_up, check_all
from tests.cases.events import account, mailed
from tests.cases.logged import HER, logged, lost, restored, saved
from tests.cases.stage import ACCEPTED, Party, Stage, staged, task_of
from tests.cases.test_shredded import wrapped_keys

ASKED = "2026-05-01T10:00:00+03:00"
FIRST = date(2026, 5, 1)
THREE_YEARS, SHORT = add_months(FIRST, 36), FIRST + timedelta(days=92)


def begun(stage: Stage) -> None:
    stage.record(account(), mailed())
    stage.at(ASKED)


def refused(stage: Stage) -> Case:
    case = stage.open("erasure", HER)
    return refuse(stage.work, case.id, "12(5)", "the eleventh this week")


def withdrawn(stage: Stage) -> Case:
    return withdraw(stage.work, stage.preview(stage.open("erasure", HER)).id)


def repeated(stage: Stage) -> Case:
    stage.open("erasure", HER)
    return stage.open("erasure", HER)


def answered(stage: Stage) -> Case:
    case = stage.approve(stage.preview(stage.open("access", HER)))
    hand(stage.work, case.id, ["statement.html"])
    return stage.run(case)


def objected(stage: Stage) -> Case:
    return stage.approve(stage.preview(stage.open("objection", HER)))


ENDINGS = [
    (refused, "refused", THREE_YEARS),
    (withdrawn, "withdrawn", SHORT),
    (repeated, "duplicate", SHORT),
    (answered, "closed", THREE_YEARS),
    (objected, "closed", THREE_YEARS),
]


def keys(stage: Stage, case: Case) -> int:
    return len(stage.work.keyring.find(sealed_under(case.id, case.generation, len(case.files))))


def proof(stage: Stage, case: Case) -> bytes:
    work = stage.work
    return certificate(
        work.journal.entries(case.id), known_in(work.register, stage.now), stage.now, seed_of(work),
        checkpointed(work, case.id),
    )  # fmt: skip


def after(stage: Stage, last: date) -> None:
    stage.at(f"{last + timedelta(days=1)}T00:00:00+03:00")


@pytest.mark.parametrize(("end", "state", "last"), ENDINGS, ids=lambda each: getattr(each, "__name__", str(each)))
def test_what_is_sealed_goes_when_its_time_is_over_and_the_chain_stays(
    stage: Stage, end: object, state: str, last: date
) -> None:
    begun(stage)
    case = end(stage)  # type: ignore[operator]  # one of the five above
    assert (case.state, keys(stage, case)) == (state, 1)
    before = proof(stage, case)
    stage.at(f"{last}T23:59:59+03:00")
    stage.run(case)
    assert keys(stage, case) == 1
    after(stage, last)
    case = stage.run(case)
    assert (case.state, case.shredded, keys(stage, case)) == (state, stage.now, 0)
    assert case.last.said["until"] == last.isoformat()
    entries = stage.work.journal.entries(case.id)
    check_chain(entries)
    assert not [each for each in entries if stage.work.personal(each)]
    assert advance(stage.work, case.id).last == case.last
    public = public_key(seed_of(stage.work))
    for file in (before, proof(stage, case)):
        assert verify(file, public).faults == ()


def test_a_closed_erasure_has_nothing_left_to_go(stage: Stage) -> None:
    begun(stage)
    case = stage.approve(stage.preview(stage.open("erasure", HER)))
    assert (case.state, keys(stage, case)) == ("closed", 0)
    after(stage, THREE_YEARS)
    assert stage.run(case).shredded is None


def test_a_code_that_was_never_used_goes_too(stage: Stage) -> None:
    begun(stage)
    case = stage.open("erasure", HER, channel="email")
    doubt(stage.work, case.id, "another address")
    refuse(stage.work, case.id, "12(6)", "nobody showed who asks")
    assert stage.work.keyring.find([proof_name(case.id)])
    after(stage, THREE_YEARS)
    assert keys(stage, stage.run(case)) == 0


def test_a_party_that_answers_afterwards_brings_no_key_back_and_is_asked_no_more(stage: Stage) -> None:
    begun(stage)
    stage.parties.by_id["sendgrid"] = Party(lambda _: ACCEPTED)
    case = stage.approve(stage.preview(stage.open("objection", HER)))
    withdraw(stage.work, case.id)
    after(stage, SHORT)
    case = stage.run(case)
    assert case.shredded
    settle(
        stage.work, case.id, task_of(case, "sendgrid").id, Outcome("verified", how="signed-answer", evidence=b"hers")
    )
    stage.at("2036-05-01T10:00:00+03:00")
    case = stage.run(case)
    assert keys(stage, case) == 0
    assert task_of(case, "sendgrid").state != "manual"


def test_a_restriction_can_be_lifted_afterwards_and_what_that_needs_goes_in_its_turn(stage: Stage) -> None:
    begun(stage)
    case = stage.approve(stage.preview(stage.open("restriction", HER)))
    assert case.state == "closed"
    after(stage, THREE_YEARS)
    assert stage.run(case).shredded
    lift(stage.work, case.id, day_of(stage.now).isoformat())
    case = stage.run(case)
    assert (case.state, case.shredded, keys(stage, case)) == ("closed", None, 1)
    assert [each.action for each in stage.told("sendgrid")] == ["restrict", "lift"]
    stage.at("2036-05-01T10:00:00+03:00")
    assert keys(stage, stage.run(case)) == 0


@pytest.mark.parametrize("back", [("keys.db",), ("graph.db",), ("log.db",), ("graph.db", "keys.db")])
def test_no_old_copy_and_no_replay_brings_the_key_back(tmp_path: Path, back: tuple[str, ...]) -> None:
    with logged(tmp_path, ASKED) as (stage, _):
        begun(stage)
        case = refused(stage)
    for each in ("graph.db", "keys.db", "log.db"):
        saved(tmp_path, each, tmp_path / "old")
    with logged(tmp_path, "2029-05-02T10:00:00+03:00") as (stage, _):
        assert stage.run(case).shredded
    for each in back:
        restored(tmp_path, each, tmp_path / "old")
    with logged(tmp_path, "2029-06-02T10:00:00+03:00") as (stage, log):
        checked = check_all(stage.work, log)[1]
        assert (checked.unreadable, checked.broken) == ((), ())
        assert stage.run(case).shredded
        assert keys(stage, case) == 0
    lost(tmp_path, "graph.db")
    with logged(tmp_path, "2029-06-03T10:00:00+03:00") as (stage, log):
        catch_up(stage.work, log)
        assert stage.run(case).shredded
        assert keys(stage, case) == 0


def test_no_file_holds_the_key_afterwards(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        begun(stage)
        before = wrapped_keys(tmp_path / "data" / "keys.db")
        case = refused(stage)
        its = wrapped_keys(tmp_path / "data" / "keys.db") - before
        assert its
        after(stage, THREE_YEARS)
        stage.run(case)
    everything = b"\0".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert not [each for each in its if each in everything]


def test_no_file_of_a_case_is_kept_for_longer_than_anybody_could_be_fined() -> None:
    assert 0 < SPANS.case_file_years <= 10
    assert 0 < SPANS.withdrawn_case_days <= SPANS.case_file_years * 365
    assert 0 < SPANS.duplicate_case_days <= SPANS.case_file_years * 365


def test_what_goes_goes_also_when_a_process_ended_between_its_two_steps(stage: Stage) -> None:
    begun(stage)
    case = refused(stage)
    stage.work.keyring.destroy(sealed_under(case.id, 0, 0))
    after(stage, THREE_YEARS)
    assert stage.run(case).shredded


def test_an_approval_is_not_what_it_takes(stage: Stage) -> None:
    begun(stage)
    case = approve(stage.work, stage.preview(stage.open("objection", HER)).id)
    assert keys(stage, case) == 1
    stage.at("2026-05-20T10:00:00+03:00")
    assert stage.run(case).shredded is None
