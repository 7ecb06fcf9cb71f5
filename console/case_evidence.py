"""The command about evidence that is kept as files: one is added to a case, handed out again, or destroyed."""

from pathlib import Path
from typing import Annotated

import typer

from console.case_acts import case_commands
from console.case_given import CaseId, one_of, task_name
from console.case_logs import opened_for_cases
from console.case_opening import there
from console.files import write_whole
from console.opening import log_look
from console.terminal import Data, settings_of, tell
from lineage.cases.filing import LARGEST, file, kept, unfile
from lineage.cases.words import SHOWS, Shows
from lineage.errors import Misconfigured

__all__ = ["case_commands"]


@case_commands.command("evidence")
def evidence_command(
    context: typer.Context,
    case: CaseId,
    given: Annotated[
        Path | None, typer.Option("--file", help="Keep this file: PDF, PNG, JPEG, an e-mail, text; 4 MiB at most.")
    ] = None,
    shows: Annotated[str | None, typer.Option("--shows", help=f"What it is there for: {', '.join(SHOWS)}.")] = None,
    task: Annotated[str | None, typer.Option("--task", help="With --shows task: the task's number.")] = None,
    number: Annotated[
        int | None, typer.Option("--number", help="A file of the case, as `case show` numbers them.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="With --number: write the file there.")] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", help="With --out: why you look; written to the access log.")
    ] = None,
    destroy: Annotated[bool, typer.Option("--destroy", help="With --number: destroy the file for good.")] = False,
    data: Data = None,
) -> None:
    """Keep a file as evidence, sealed with the case, for no longer than that; hand it out again; or destroy it."""
    if (given is not None) + (out is not None) + destroy != 1 or (given is None) != (number is not None):
        raise Misconfigured("say --file FILE --shows WHAT, --number N --out FILE --reason WHY, or --number N --destroy")
    if given is not None:
        what = one_of(shows or "", SHOWS, "--shows")
        _add(context, data, case, content_of(given), what, task)
    elif number is not None and out is not None:
        _hand_out(context, data, case, number, out, reason)
    elif number is not None:
        with opened_for_cases(there(settings_of(context, data))) as book:
            unfile(book.work, case, number)
        tell(f"case {case}: file {number} is destroyed")


def content_of(path: Path) -> bytes:
    """Return what is in a file, and no more than is looked at. Raises: Misconfigured: it cannot be read."""
    try:
        with path.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as cause:
        raise Misconfigured(f"--file cannot be read: {cause.strerror}") from cause  # its name may name somebody


def _add(context: typer.Context, data: Path | None, case: str, content: bytes, shows: Shows, task: str | None) -> None:
    about = None if task is None else task_name(case, task)
    with opened_for_cases(there(settings_of(context, data))) as book:
        found = file(book.work, case, content, shows, about)
    until = (
        "who asks is shown, or the case decided" if shows == "identity" else "what the case knows of her is destroyed"
    )
    tell(f"case {case}: kept as file {found.number} until {until}; its mark is {found.mark}")


def _hand_out(context: typer.Context, data: Path | None, case: str, number: int, out: Path, reason: str | None) -> None:
    if not (why := (reason or "").strip()):
        raise Misconfigured("say why you look with --reason: it is written to the access log")
    with opened_for_cases(there(settings_of(context, data))) as book:
        found = kept(book.work, case, number)
        log_look(book.folder, f"case:{case}", why, shown="identifiers")
        write_whole(out, found.content)
    tell(
        f"case {case}: file {number} ({found.file.type}) is written; its mark in the certificate is its HMAC-SHA256 under"
        f" {found.key}; delete it when you are done"
    )
