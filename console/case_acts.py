"""The commands by which staff decide about a case: refuse, extend, withdraw, lift, confirm a task."""

from datetime import date
from typing import Annotated

import typer

from console.case_opening import carried_out, opened_for_casework
from console.cases import CaseId, case_commands, one_of
from console.terminal import Data, settings_of, tell
from lineage.cases.carrying import confirm
from lineage.cases.deciding import extend, lift, refuse, withdraw
from lineage.cases.rows import dates_of
from lineage.cases.words import TASK_STATES, TaskState
from lineage.errors import Misconfigured

__all__ = ["case_commands"]


@case_commands.command("refuse")
def refuse_command(
    context: typer.Context,
    case: CaseId,
    reason: Annotated[str, typer.Option("--reason", help="Told to the person, with her remedies.")],
    ground: Annotated[str, typer.Option("--ground", help="The article, such as 12(5) or 17(3)(b).")],
    data: Data = None,
) -> None:
    """Refuse a case: always a person's decision, with its ground and reason (Art. 12(4)-(5))."""
    with opened_for_casework(settings_of(context, data)) as book:
        work = book.work
        refuse(work, case, ground, reason)
    tell(f"case {case}: refused on {ground}; the answer names the Tietosuojavaltuutettu and the court")


@case_commands.command("extend")
def extend_command(
    context: typer.Context,
    case: CaseId,
    reason: Annotated[str, typer.Option("--reason", help="Why it takes longer; told to the person.")],
    data: Data = None,
) -> None:
    """Extend a case by two months; the notice must go out within the first (Art. 12(3))."""
    with opened_for_casework(settings_of(context, data)) as book:
        work = book.work
        dates = dates_of(extend(work, case, reason))
    tell(f"case {case}: extended; the person must be told by {dates.notice_by}, and answered by {dates.operative}")


@case_commands.command("withdraw")
def withdraw_command(context: typer.Context, case: CaseId, data: Data = None) -> None:
    """Withdraw a case for the person; what has not gone out is cancelled."""
    with opened_for_casework(settings_of(context, data)) as book:
        work = book.work
        found = withdraw(work, case)
    gone = sum(each.state not in {"cancelled", "held"} for each in found.tasks.values())
    tell(f"case {case}: withdrawn" + (f"; {gone} tasks had gone out already" if gone else ""))


@case_commands.command("lift")
def lift_command(
    context: typer.Context,
    case: CaseId,
    told: Annotated[str, typer.Option("--told", help="The day the person was told of it, YYYY-MM-DD.")],
    data: Data = None,
) -> None:
    """Lift a restriction, once the person was told of it (Art. 18(3)); whoever was told to restrict is told so."""
    with opened_for_casework(settings_of(context, data)) as book:
        lift(book.work, case, _day(told, "--told"))
        carried_out(book)
    tell(f"case {case}: lifted")


@case_commands.command("confirm")
def confirm_command(
    context: typer.Context,
    case: CaseId,
    task: Annotated[str, typer.Argument(help="The task's number, as `case show` prints it.")],
    state: Annotated[
        str, typer.Argument(help="verified, promised, partial, declined, not_held, failed, or queued to try again.")
    ],
    evidence: Annotated[str, typer.Option("--evidence", help="What shows it. Kept sealed.")],
    ground: Annotated[str | None, typer.Option("--ground", help="Declined: the party's own ground.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Promised: by which day, YYYY-MM-DD.")] = None,
    data: Data = None,
) -> None:
    """Record what a member of staff found out about a task, with the evidence."""
    then: TaskState = one_of(state, TASK_STATES, "STATE")
    settings = settings_of(context, data)
    with opened_for_casework(settings) as book:
        work = book.work
        confirm(work, case, task if "/" in task else f"{case}/{task}", then, evidence, ground, by)
        carried_out(book)
        found = work.case(case)
    tell(f"case {case}: {found.state}")


def _day(text: str, option: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Misconfigured(f"{option} is a day, YYYY-MM-DD") from None
