"""The commands that hand something out of a case: its certificate, and the answer to the person."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from console.carrying import case_commands
from console.case_given import CaseId
from console.case_logs import opened_for_cases
from console.case_opening import Casebook, carried_out, there
from console.certifying import certified, drawn
from console.files import write_all
from console.terminal import Data, settings_of, tell
from lineage.cases.case import Case
from lineage.cases.handing import hand
from lineage.cases.protecting import is_protected
from lineage.clocks import day_of
from lineage.errors import Misconfigured

__all__ = ["case_commands"]


@case_commands.command("certificate")
def certificate_command(
    context: typer.Context,
    case: CaseId,
    out: Annotated[Path | None, typer.Option("--out", help="A file, .json or .pdf. Default: JSON to stdout.")] = None,
    public_key_: Annotated[
        Path | None, typer.Option("--public-key", help="Write the company's public key there, to check it with.")
    ] = None,
    data: Data = None,
) -> None:
    """Issue the certificate of a case as it stands: what each party did, how that is known, what is kept, what is not known."""
    # Only this command needs it, and it would be loaded for all others too.
    from lineage.evidence.signing import public_pem

    with opened_for_cases(there(settings_of(context, data))) as book:
        made = certified(book, case)
    if public_key_ is not None:
        _write(public_key_, public_pem(made.seed))
    if out is None:
        sys.stdout.buffer.write(made.file)  # as it is: a certificate is signed byte for byte
    else:
        _write(out, drawn(made) if out.suffix.lower() == ".pdf" else made.file)
    if out is not None:
        tell(
            f"case {case}: certificate in {out}; anybody can check it with `jalki verify-certificate` and the public key"
        )


@case_commands.command("answer")
def answer_command(
    context: typer.Context,
    case: CaseId,
    out: Annotated[Path | None, typer.Option("--out", help="A folder for the files; they hold personal data.")] = None,
    to: Annotated[
        str | None, typer.Option("--to", help="A transfer: send the package to this target of JALKI_TARGETS.")
    ] = None,
    extension: Annotated[
        bool, typer.Option("--extension", help="The notice of an extension, of a case that is being carried out.")
    ] = False,
    data: Data = None,
) -> None:
    """Make what the person gets, in her language: statement, package, or a letter of what was done, refused or extended."""
    if (out is None) == (to is None) or (to is not None and extension):
        raise Misconfigured("say one of --out FOLDER and --to TARGET; --extension goes with --out")
    with opened_for_cases(there(settings_of(context, data))) as book:
        said = _written(book, case, out, extension) if out is not None else _sent(book, case, str(to))
        carried_out(book)
    tell(f"case {case}: {said}")


def _written(book: Casebook, case: str, out: Path, extension: bool) -> str:
    from console.case_answers import ADDRESS, answer_of, keep_made  # what answers are made of takes a while to load

    # All of it is made before the first file is written: a store that is away leaves nothing behind.
    asked = book.work.case(case)
    made = answer_of(book, asked, extension=extension)
    write_all(out, {**made.files, **({ADDRESS: made.address} if made.address else {})})
    keep_made(book, asked, made)
    if made.kind != "extension":
        _tell_of_copies(book, asked)
    named = f"{', '.join(sorted(made.files))} in {out}"
    if is_protected(asked):
        return f"{named}: her address is protected: hand them over where she has shown who she is, then delete them"
    where = f"; {ADDRESS} says where" if made.address else ""
    return f"{named}: send them to the person, then delete them{where}"


def _tell_of_copies(book: Casebook, case: Case) -> None:
    """Say whose copy the answer is without, and that it is to be made again when that comes."""
    from console.case_answers import collected_of
    from lineage.answers.collected import AWAITED

    for each in collected_of(book, case):
        if each.standing in AWAITED:
            since = "could not be asked yet" if each.asked is None else f"was asked on {day_of(each.asked)}"
            tell(f"{each.party} {since} and has not answered: the answer says so; make it again when its copy comes")


def _sent(book: Casebook, case: str, to: str) -> str:
    from console.transferring import hand_over  # HTTP takes a while to load

    asked = book.work.case(case)
    target, outcome = hand_over(book, asked, to)
    hand(book.work, case, ["transfer.zip"], {"to": target.party, "state": outcome.state}, made_of=asked)
    _tell_of_copies(book, asked)
    shown = "its checksum is confirmed" if outcome.state == "verified" else "taken, but not confirmed: ask the receiver"
    return f"transfer.zip is at {target.party}, {shown}; tell the person"


def _write(path: Path, content: bytes) -> None:
    """Write a file for its owner alone."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
    except OSError as cause:
        raise Misconfigured(f"{path} cannot be written: {cause.strerror}") from cause
