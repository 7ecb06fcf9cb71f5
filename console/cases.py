"""The commands about cases: a right of a person, from its arrival to its answer."""

import os
import pwd
import sys
from typing import Annotated

import typer

from console.case_checks import approved, check_message
from console.case_given import CaseId, changes, mandate, one_of, purposes, rights
from console.case_logs import opened_for_cases
from console.case_opening import carried_out, opened_for_looking, there
from console.case_shapes import (
    Shape,
    case_shape,
    names_of,
    requests_table,
    rows_shape,
    rows_table,
    sent_table,
    tasks_table,
)
from console.case_telling import orders_of, requests_of, with_identifiers
from console.opening import log_look
from console.postbox import send_code
from console.revealing import reason_to_reveal
from console.settings import Settings
from console.shapes import as_json
from console.terminal import DONE, Data, Json, Reason, out, say, settings_of, tell, time_of
from lineage.cases.case import Case
from lineage.cases.deciding import preview
from lineage.cases.identity import guess, prove
from lineage.cases.intake import CHANNELS, Message, receive
from lineage.cases.protecting import is_protected
from lineage.cases.rights import rule
from lineage.cases.rows import OVER, dates_of, is_late_copy
from lineage.cases.words import CASE_STATES, RIGHTS
from lineage.errors import Misconfigured, Refused
from lineage.identifiers import read_identifier
from lineage.times import now

NOT_YET = 3
_LONGEST_CODE = 100

case_commands = typer.Typer(
    no_args_is_help=True, help="Rights of a person: from the request to the answer and its proof."
)


@case_commands.command("open")
def open_command(
    context: typer.Context,
    right: Annotated[str, typer.Argument(help=f"One of {', '.join(RIGHTS)}; several with commas.")],
    identifiers: Annotated[list[str], typer.Argument(metavar="IDENTIFIER…", help="kind:value, or an e-mail address.")],
    received: Annotated[
        str | None, typer.Option("--received", help="When it arrived, at any channel. Default: now.")
    ] = None,
    channel: Annotated[str, typer.Option("--channel", help=f"How it came: {', '.join(CHANNELS)}.")] = "email",
    controller: Annotated[str, typer.Option("--controller", help="The group company it came to.")] = "multitronic",
    language: Annotated[str, typer.Option("--language", help="fi, sv or en: what the person is answered in.")] = "fi",
    answer_to: Annotated[str | None, typer.Option("--answer-to", help="Where the answer goes.")] = None,
    purpose: Annotated[
        list[str] | None, typer.Option("--purpose", help="What it is about: objection, restriction.")
    ] = None,
    change: Annotated[list[str] | None, typer.Option("--change", help="Rectification: category=new value.")] = None,
    protected: Annotated[
        bool, typer.Option("--protected", help="Her address is protected (turvakielto): see `jalki case protect`.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="person, representative or guardian.")] = "person",
    mandate_: Annotated[str | None, typer.Option("--mandate", help="The document that shows the mandate.")] = None,
    mandate_until: Annotated[
        str | None, typer.Option("--mandate-until", help="The mandate's last day, YYYY-MM-DD.")
    ] = None,
    mandate_scope: Annotated[
        str | None, typer.Option("--mandate-scope", help="The rights it covers, with commas.")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Open a case for each right that a person exercises. Prints its id; nothing is sent to anybody yet."""
    settings = settings_of(context, data)
    asked, who = rights(right), one_of(by, ("person", "representative", "guardian"), "--by")
    message = Message(
        rights=asked,
        named=[read_identifier(each) for each in identifiers],
        received=now() if received is None else time_of(received, "--received") or 0,
        channel=one_of(channel, CHANNELS, "--channel"),
        controller=controller,
        language=one_of(language, ("fi", "sv", "en"), "--language"),
        answer_to=answer_to,
        purposes=purposes(asked, purpose),
        changes=changes(asked, change or []),
        by=who,
        mandate=mandate(who, mandate_, mandate_until, mandate_scope),
        protected=protected,
    )
    _open(settings, message, json)


def _open(settings: Settings, message: Message, json: bool) -> None:
    """Begin the cases of a message, and say what is next."""
    if message.received > now():
        raise Misconfigured("--received lies in the future: check its date and offset")
    with opened_for_cases(there(settings)) as book:
        work = book.work
        check_message(work, message)
        cases = receive(work, message)
        shapes = [case_shape(each, names_of(work.register)) for each in cases]
    if json:
        say(as_json(shapes[0] if len(shapes) == 1 else shapes))
        return
    for each in cases:
        say(each.id)
        if each.state == "duplicate":
            tell(f"{each.right}: a duplicate of case {each.duplicate_of}, which goes on")
            continue
        dates = dates_of(each)
        tell(f"{each.right}: answer by {dates.operative}; `jalki case show {each.id} --preview` shows what it means")


@case_commands.command("verify")
def verify_command(
    context: typer.Context,
    case: CaseId,
    doubted: Annotated[
        str | None, typer.Option("--doubt", help="Why there is a reasonable doubt; a code is sent.")
    ] = None,
    code: Annotated[
        bool, typer.Option("--code", help="Check a code, asked for at the terminal or read from stdin.")
    ] = False,
    proved: Annotated[
        str | None, typer.Option("--proved", help="How staff saw who asks; never a copy of the proof.")
    ] = None,
    data: Data = None,
) -> None:
    """Record a doubt about who asks and send a one-time code to an address held already; check the code; or record a proof."""
    if (doubted is not None) + code + (proved is not None) != 1:
        raise Misconfigured("say one of --doubt REASON, --code, --proved HOW")
    settings = settings_of(context, data)
    with opened_for_cases(there(settings)) as book:
        work = book.work
        if doubted is not None:
            where = send_code(book, case, doubted)
            tell(f"case {case}: a code went to {where}; the clock stands still from now, if it is asked for in time")
        elif proved is not None:
            prove(work, case, proved)
            tell(f"case {case}: shown; nothing of the proof is kept")
        elif guess(work, case, _code()):
            tell(f"case {case}: shown; the code is destroyed")
        else:
            raise Refused(f"case {case}: that is not the code")


@case_commands.command("show")
def show_command(
    context: typer.Context,
    case: CaseId,
    preview_: Annotated[
        bool, typer.Option("--preview", help="Work out what would be done as things stand now.")
    ] = False,
    requests: Annotated[
        bool,
        typer.Option(
            "--requests", help="Show the calls and statements for parties as they would be made; none is made."
        ),
    ] = False,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Show the identifiers as they are sent; written to the access log.")
    ] = False,
    reason: Reason = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show a case: its dates, what is decided for each item, every task and how its state is known."""
    settings = settings_of(context, data)
    why = reason_to_reveal(reveal_values=reveal, reason=reason)
    with opened_for_cases(there(settings)) if preview_ else opened_for_looking(settings) as book:
        found = preview(book.work, case) if preview_ else book.work.case(case)
        if why:
            log_look(book.folder, case, why)
        orders = orders_of(book, found)
        shape = with_identifiers(case_shape(found, names_of(book.work.register)), orders, reveal=reveal)
        if requests:
            shape["requests"] = requests_of(book, found, orders, reveal=reveal)
    if json:
        say(as_json(shape))
        return
    _print_case(found, shape)
    if revealed := [each for each in shape["tasks"] if each.get("sent")]:
        out.print(sent_table(revealed))
    if shape.get("requests"):
        out.print(requests_table(shape["requests"]))


def _print_case(case: Case, shape: Shape) -> None:
    dates = dates_of(case)
    say(
        f"case {case.id}: {case.right}, {case.state}; answer by {dates.operative}, "
        f"at the very last {dates.ext_legal or dates.legal}"
    )
    if case.plan:
        if tasks := shape["tasks"]:
            out.print(tasks_table(tasks))
        if rule(case.right).answer:
            told = "" if tasks else "no party is told anything; "
            tell(f"{told}what she asked for is made with `jalki case answer {case.id} --out FOLDER`")
        elif not tasks:
            tell("nothing is recorded that a party would have to be told")
        if (persons := case.plan.get("persons", 1)) > 1:
            tell(f"what the case names belongs to {persons} persons: approve it only if they are one and the same")
        for name, text in (
            ("undecided", "shared with others: left alone"),
            ("ambiguous", "of several persons: say whose, with a link"),
        ):
            if count := case.plan.get(name):
                tell(f"{count} identifiers are {text}")
        if case.approved is None:
            tell(f"approve with: jalki case approve {case.id} --digest {case.plan['digest'][:16]}")
    _tell_of_what_is_special(case)


def _tell_of_what_is_special(case: Case) -> None:
    for task in case.tasks.values():
        if is_late_copy(case, task):
            tell(f"a copy of {task.party} came after the answer was made: make it again, and send it to the person")
    if is_protected(case):
        tell("her address is protected: answer only where she has shown who she is, and write to no shared mailbox")
    for refusal in case.refusals:
        if refusal.granted is None:
            named = " ".join(each for each in (refusal.party, refusal.purpose, refusal.category) if each)
            tell(f"refusal {refusal.number}: {named}, on {refusal.ground}")
    for file in case.files:
        about = f" (task {file.task.rpartition('/')[2]})" if file.task else ""
        gone = ", is gone" if file.gone is not None else ""
        tell(f"file {file.number}: {file.type}, {file.size} bytes, shows {file.shows}{about}{gone}")
    for number, order in enumerate(case.legal_holds, 1):
        if order.released is None:
            tell(f"order {number} keeps something: {order.name}, of {order.by}")
    for each in case.incidents:
        tell(f"incident: {each['what']} (source {each['source']})")


@case_commands.command("list")
def list_command(
    context: typer.Context,
    state: Annotated[
        list[str] | None, typer.Option("--state", help=f"Only in this state: {', '.join(CASE_STATES)}.")
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """List cases by the day they must be answered."""
    from lineage.evidence.checkpoints import CHAIN  # what proofs are signed with takes a while to load

    for each in state or ():
        one_of(each, CASE_STATES, "--state")
    with opened_for_looking(settings_of(context, data)) as book:
        rows = [
            each
            for each in book.work.journal.cases(state or ())
            if each.case != CHAIN and (state or all_ or each.state not in OVER)
        ]
    shapes = rows_shape(sorted(rows, key=lambda each: (each.operative, each.case)))
    if json:
        say(as_json(shapes))
    elif shapes:
        out.print(rows_table(shapes))
    else:
        tell("no case" if all_ or state else "no open case: --all shows those that are over")


@case_commands.command("approve")
def approve_command(
    context: typer.Context,
    case: CaseId,
    digest: Annotated[
        str | None, typer.Option("--digest", help="Only the plan that was shown under this digest.")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Approve what a case means, and carry it out: exit code 0 when it is answered and nothing is owed, 3 when something is."""
    settings = settings_of(context, data)
    with opened_for_cases(there(settings)) as book:
        work = book.work
        if approved(book, case, _approver(), digest).approved is None:
            tell(f"case {case}: approved once; it takes another person, too")
            raise typer.Exit(NOT_YET)
        carried_out(book)
        found = work.case(case)
        shape = case_shape(found, names_of(work.register))
    _tell_state(found, shape, json)


def _approver() -> str:
    """Return who runs this by the system's own word: of two persons neither may be told by an environment variable."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run as a number without a name
        return f"uid {os.getuid()}"


@case_commands.command("watch")
def watch_command(context: typer.Context, case: CaseId, data: Data = None, json: Json = False) -> None:
    """Carry a case on, live, until nothing more can be done now, or until Ctrl-C; 0 when it is over, 3 when something is owed."""
    settings = settings_of(context, data)
    with opened_for_cases(there(settings)) as book:
        work = book.work
        work.case(case)
        carried_out(book, watch=case)
        found = work.case(case)
        shape = case_shape(found, names_of(work.register))
    _tell_state(found, shape, json)


def _tell_state(case: Case, shape: dict[str, object], json: bool) -> None:
    if json:
        say(as_json(shape))
    else:
        _print_case(case, shape)
    over = case.state in OVER | {"partly-done"}
    if not over:
        tell(f"case {case.id} is not complete yet: {case.state}; `jalki case show {case.id}` tells what is owed")
    raise typer.Exit(DONE if over else NOT_YET)


def _code() -> str:
    """Read a code, unseen where somebody types it."""
    if sys.stdin.isatty():
        return str(typer.prompt("code", hide_input=True, err=True))
    if not (line := sys.stdin.readline(_LONGEST_CODE)).strip():
        raise Misconfigured("there is no code on standard input: type it at a terminal, or pipe it in")
    return line
