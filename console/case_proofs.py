"""The commands that hand something out of a case: its certificate, and the answer to the person."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from console.case_acts import case_commands
from console.case_opening import Casebook, carried_out, opened_for_casework
from console.cases import CaseId
from console.terminal import Data, settings_of, tell
from lineage.answers.gathering import Matter, gather
from lineage.answers.package import package
from lineage.answers.portable import portable
from lineage.answers.statement import statement
from lineage.cases.case import Case
from lineage.cases.deciding import hand
from lineage.cases.rights import rule
from lineage.checkpointing import checkpointed, seed_of
from lineage.errors import Misconfigured, Refused
from lineage.evidence.certificate import certificate
from lineage.evidence.signing import public_key, public_pem
from lineage.evidence.stating import known_in
from lineage.evidence.verifying import verify

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
    with opened_for_casework(settings_of(context, data)) as book:
        work = book.work
        work.case(case)
        seed = seed_of(work)
        point = checkpointed(work, case)
        file = certificate(work.journal.entries(case), known_in(work.register, work.clock()), work.clock(), seed, point)
    if public_key_ is not None:
        _write(public_key_, public_pem(seed))
    if out is None:
        sys.stdout.buffer.write(file)  # as it is: a certificate is signed byte for byte
    elif out.suffix == ".pdf":
        from console.certificates_pdf import pages  # the PDF library takes a second to load

        body = verify(file, public_key(seed)).body
        assert body is not None  # noqa: S101 - it was made right here
        _write(out, pages(file, body))
    else:
        _write(out, file)
    if out is not None:
        tell(
            f"case {case}: certificate in {out}; anybody can check it with `jalki verify-certificate` and the public key"
        )


@case_commands.command("answer")
def answer_command(
    context: typer.Context,
    case: CaseId,
    out: Annotated[Path, typer.Option("--out", help="A folder for the files; they hold personal data.")],
    data: Data = None,
) -> None:
    """Make what the person asked for: the statement of an access case (HTML, PDF, JSON, CSV), the package of a transfer."""
    with opened_for_casework(settings_of(context, data)) as book:
        found = book.work.case(case)
        if not rule(found.right).answer or found.approved is None:
            raise Refused(f"case {case} has nothing to hand over: that is for access and transfer, once approved")
        files = _files(book, found)
        _write_all(out, files)
        hand(book.work, case, sorted(files))
        carried_out(book)
    tell(f"case {case}: {', '.join(sorted(files))} in {out}: send them to the person, then delete them")


def _files(book: Casebook, case: Case) -> dict[str, bytes]:
    matter, work = _matter(book, case), book.work
    if rule(case.right).answer == "package":
        return {"transfer.zip": package(portable(matter, work.register, case.controller, work.clock()))}
    from console.answering import statement_files

    contact = book.folder.settings.outward.sender or ""
    told = statement(matter, work.register, case.controller, work.clock(), contact=contact)
    return dict(statement_files(told, case.language))


def _matter(book: Casebook, case: Case) -> Matter:
    """Return all of the case's person. Raises: Refused: what it names belongs to several persons."""
    work = book.work
    matters = [gather(work.graph, work.keyring, work.pseudonyms, key) for key in case.subjects]
    known = [each for each in matters if each.person.members]
    if len({frozenset(each.person.members) for each in known}) > 1:
        raise Refused(f"case {case.id} names several persons: link them by a decision first, or open a case for each")
    return known[0] if known else matters[0]


def _write_all(folder: Path, files: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as cause:
        raise Misconfigured(f"{folder} cannot be made: {cause.strerror}") from cause
    for name, content in files.items():
        _write(folder / name, content)


def _write(path: Path, content: bytes) -> None:
    """Write a file for its owner alone."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
    except OSError as cause:
        raise Misconfigured(f"{path} cannot be written: {cause.strerror}") from cause
