"""The process may end at any durable step of an access case that asks for a copy: whoever goes on has it, and asks once."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lineage.answers.collected import collected
from lineage.answers.records import Cell, Record, packed
from lineage.cases.deciding import approve
from lineage.cases.handing import hand
from lineage.cases.orders import Outcome
from tests.cases.events import account, mailed, subscribed
from tests.cases.stage import Parties, Party, Stage, staged
from tests.cases.stepping import Killed, Steps, every_moment, stepped

DAYS = ("2026-05-04T10:00:00+03:00", "2026-05-04T11:00:00+03:00", "2026-05-04T12:00:00+03:00")
AFTER = ("2026-05-04T10:10:00+03:00", "2026-05-04T11:10:00+03:00", "2026-05-04T12:10:00+03:00")
RECORDS = (Record("sendgrid", "contacts", (Cell("city", "Vaasa", "address", "newsletter", "observed", "text"),)),)
ACCEPTED = Outcome("accepted", how="http-201", handle="job", ask_again_in=600.0)
GIVEN = Outcome("verified", how="signed-answer", evidence=b"{}", copy=packed(RECORDS))


def parties() -> Parties:
    return Parties({"sendgrid": Party(lambda _: ACCEPTED, asked=lambda _: GIVEN)})


def go_on(stage: Stage, days: Sequence[str]) -> None:
    """Do what is left to do, as staff and workers would: the answer is made once the copy is here."""
    for day in days:
        stage.at(day)
        rows = stage.work.journal.cases()
        case = stage.work.case(rows[0].case) if rows else stage.open("access", ("customer_id", "C-1"))
        if case.state == "received":
            approve(stage.work, stage.preview(case).id)
        case = stage.run(case)
        if all(each.state == "verified" for each in case.tasks.values()) and case.handed is None:
            hand(stage.work, case.id, ["statement.json"], made_of=case)
            stage.run(case)


def outcome(stage: Stage) -> Any:
    case = stage.work.case(stage.work.journal.cases()[0].case)
    came = collected(stage.work.journal.entries(case.id), stage.work.personal)
    return case.state, [each.state for each in case.tasks.values()], [(each.standing, each.records) for each in came]


def test_a_copy_is_here_once_whenever_the_process_ended(tmp_path: Path) -> None:
    with staged(tmp_path / "shop") as stage:
        stage.record(account(), subscribed(), mailed())

    def gone_on(folder: Path, steps: Steps, days: Sequence[str], told: Parties) -> Any:
        with staged(folder, days[0], told) as stage:
            stage.work = replace(stepped(stage.work, steps), askable=lambda _: {"sendgrid"})
            go_on(stage, days)
            return outcome(stage)

    steps = Steps()
    shutil.copytree(tmp_path / "shop", tmp_path / "whole")
    expected = gone_on(tmp_path / "whole", steps, DAYS, parties())
    assert expected == ("closed", ["verified"], [("given", RECORDS)])
    assert steps.names.count("add claimed") == 2
    for number, done in every_moment(steps.names):
        folder, told, killed = tmp_path / f"{number}-{done}", parties(), Steps()
        shutil.copytree(tmp_path / "shop", folder)
        killed.kill_at(number, done=done)
        with pytest.raises(Killed):
            gone_on(folder, killed, DAYS, told)
        assert gone_on(folder, Steps(), AFTER, told) == expected, (steps.names[number], done)
        assert len({order.key for order in told.by_id["sendgrid"].seen}) == 1
