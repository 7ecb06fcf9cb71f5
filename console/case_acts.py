"""The commands by which staff decide about a case: refuse, extend, withdraw, lift, protect, confirm a task."""

from typing import Annotated

import typer

from console.case_checks import check_confirmed, check_order
from console.case_given import CONFIRMED, CaseId, day, ground, one_of, task_name
from console.case_logs import opened_for_cases
from console.case_opening import carried_out, there
from console.cases import case_commands
from console.terminal import DONE, IN_PART, Data, counted, settings_of, tell
from lineage.cases.carrying import confirm
from lineage.cases.deciding import extend, protect, refuse, withdraw
from lineage.cases.holds import LegalHold
from lineage.cases.keeping import hold, is_out, release
from lineage.cases.lifting import lift
from lineage.cases.protecting import is_by_hand
from lineage.cases.refusing import grant_items, refuse_items
from lineage.cases.rows import dates_of
from lineage.cases.words import TaskState

__all__ = ["case_commands"]

_NOT_GONE = frozenset({"cancelled", "held", "queued", "manual"})
"""Tasks that the party need not have heard of."""


@case_commands.command("refuse")
def refuse_command(
    context: typer.Context,
    case: CaseId,
    reason: Annotated[str, typer.Option("--reason", help="Told to the person, with her remedies.")],
    ground_: Annotated[str, typer.Option("--ground", help="The article, such as 12(5) or 17(3)(b).")],
    party: Annotated[str | None, typer.Option("--party", help="Only what this party has.")] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="Only what is there for this purpose.")] = None,
    category: Annotated[str | None, typer.Option("--category", help="Only this category.")] = None,
    data: Data = None,
) -> None:
    """Refuse a case: always a person's decision, with its ground and reason (Art. 12(4)-(5)).

    With a party, purpose or category only the items that these name are refused; the rest is approved as it then stands.
    """
    article = ground(ground_)
    with opened_for_cases(there(settings_of(context, data))) as book:
        work = book.work
        if (party, purpose, category) == (None, None, None):
            refuse(work, case, article, reason)
            told = f"refused on {article}"
        else:
            found = refuse_items(work, case, article, reason, party=party, purpose=purpose, category=category)
            told = f"refusal {len(found.refusals)} of items, on {article}; the rest waits for its approval"
    tell(f"case {case}: {told}; the answer names the Tietosuojavaltuutettu and the court")


@case_commands.command("grant")
def grant_command(
    context: typer.Context,
    case: CaseId,
    number: Annotated[
        int, typer.Option("--number", help="The refusal's number, as `case refuse` and `case show` print it.")
    ],
    data: Data = None,
) -> None:
    """Grant items after all that were refused; of an erasure that goes on they are erased by themselves."""
    with opened_for_cases(there(settings_of(context, data))) as book:
        found = grant_items(book.work, case, number)
        if found.approved is not None:
            carried_out(book)
    tell(f"case {case}: refusal {number} is taken back")


@case_commands.command("extend")
def extend_command(
    context: typer.Context,
    case: CaseId,
    reason: Annotated[str, typer.Option("--reason", help="Why it takes longer; told to the person.")],
    data: Data = None,
) -> None:
    """Extend a case by two months; the notice must go out within the first (Art. 12(3))."""
    with opened_for_cases(there(settings_of(context, data))) as book:
        work = book.work
        dates = dates_of(extend(work, case, reason))
    tell(f"case {case}: extended; the person must be told by {dates.notice_by}, and answered by {dates.operative}")


@case_commands.command("withdraw")
def withdraw_command(context: typer.Context, case: CaseId, data: Data = None) -> None:
    """Withdraw a case for the person; what has not gone out is cancelled."""
    with opened_for_cases(there(settings_of(context, data))) as book:
        work = book.work
        found = withdraw(work, case)
    gone = sum(each.state not in _NOT_GONE and each.how != "turns-over" for each in found.tasks.values())
    tell(f"case {case}: withdrawn" + (f"; {counted(gone, 'task')} had gone out already" if gone else ""))


@case_commands.command("lift")
def lift_command(
    context: typer.Context,
    case: CaseId,
    told: Annotated[str, typer.Option("--told", help="The day the person was told of it, YYYY-MM-DD.")],
    data: Data = None,
) -> None:
    """Lift a restriction, once the person was told of it (Art. 18(3)); whoever was told to restrict is told so."""
    on = day(told, "--told")
    with opened_for_cases(there(settings_of(context, data))) as book:
        lift(book.work, case, on)
        carried_out(book)
    tell(f"case {case}: lifted")


@case_commands.command("protect")
def protect_command(context: typer.Context, case: CaseId, data: Data = None) -> None:
    """Mark the person as one whose address nobody may find out (turvakielto); the cases she opens from now on are so too.

    A new address, phone or mailbox of hers goes to parties by a person alone, a code to no mailbox that others read, and
    her answer to nobody who has not shown who she is.
    """
    with opened_for_cases(there(settings_of(context, data))) as book:
        found = protect(book.work, case)
        if found.approved is not None:
            carried_out(book)
    tell(f"case {case}: her address is protected")
    told = [
        each for each in found.tasks.values() if is_by_hand(each.form, each.action, each.categories) and is_out(each)
    ]
    for each in told:
        tell(f"task {each.id.rpartition('/')[2]}, to {each.party}, had gone out, or may have: ask it to tell nobody")
    raise typer.Exit(IN_PART if told else DONE)


@case_commands.command("hold")
def hold_command(
    context: typer.Context,
    case: CaseId,
    name: Annotated[str, typer.Option("--name", help="A name for the order, to release it by.")],
    by: Annotated[str, typer.Option("--by", help="Who ordered it: the court or authority, never a person.")],
    law: Annotated[str, typer.Option("--law", help="The law it rests on; the person is told it.")],
    party: Annotated[str | None, typer.Option("--party", help="Only what this party has.")] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="Only what is there for this purpose.")] = None,
    category: Annotated[str | None, typer.Option("--category", help="Only this category.")] = None,
    data: Data = None,
) -> None:
    """Keep what a court or authority has ordered to be kept, until it is released.

    After the approval that is what has not gone out yet; what has is named, with exit code 1: a person must see to it.
    """
    order = LegalHold(name, by, law, 0, None, party, purpose, category)
    with opened_for_cases(there(settings_of(context, data))) as book:
        check_order(book.work, order)
        found = hold(book.work, case, order)
        if found.approved is not None:
            carried_out(book)
    tell(f"case {case}: kept until `jalki case release {case} --name …`; look at it again within six months")
    gone = [found.tasks[each] for each in found.legal_holds[-1].gone]
    for each in gone:
        tell(f"task {each.id.rpartition('/')[2]}, to {each.party}, had gone out, or may have: see what is left there")
    raise typer.Exit(IN_PART if gone else DONE)


@case_commands.command("release")
def release_command(
    context: typer.Context,
    case: CaseId,
    name: Annotated[str, typer.Option("--name", help="The order's name, as it was given.")],
    data: Data = None,
) -> None:
    """Release an order; what nothing else holds is erased by itself."""
    with opened_for_cases(there(settings_of(context, data))) as book:
        release(book.work, case, name)
        carried_out(book)
    tell(f"case {case}: released")


@case_commands.command("confirm")
def confirm_command(
    context: typer.Context,
    case: CaseId,
    task: Annotated[str, typer.Argument(help="The task's number, as `case show` prints it.")],
    state: Annotated[
        str, typer.Argument(help="verified, promised, partial, declined, not_held, failed, or queued to try again.")
    ],
    evidence: Annotated[str, typer.Option("--evidence", help="What shows it. Kept sealed.")],
    ground_: Annotated[str | None, typer.Option("--ground", help="Declined: the party's own ground.")] = None,
    by: Annotated[str | None, typer.Option("--by", help="Promised: by which day, YYYY-MM-DD.")] = None,
    data: Data = None,
) -> None:
    """Record what a member of staff found out about a task, with the evidence."""
    then: TaskState = one_of(state, CONFIRMED, "STATE")
    check_confirmed(then, ground_, by)
    until = day(by, "--by") if by is not None else None
    name = task_name(case, task)
    settings = settings_of(context, data)
    with opened_for_cases(there(settings)) as book:
        work = book.work
        confirm(work, case, name, then, evidence, ground_, until)
        carried_out(book)
        found = work.case(case)
    tell(f"case {case}: {found.state}")
