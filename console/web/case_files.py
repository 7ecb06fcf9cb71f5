"""What is handed out of a case at the console: its certificate, and the letter to the person. Made anew each time."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from starlette.responses import Response

from console.case_answers import ADDRESS, answer_of, keep_made, kind_of
from console.case_opening import Casebook
from console.certifying import certified, drawn
from console.opening import log_look
from console.web.case_pages import case_of, case_page
from console.web.refusals import told
from console.web.visits import Visit
from lineage.cases.case import Case
from lineage.cases.rights import rule
from lineage.errors import Misconfigured, Refused


async def certificate(visit: Visit) -> Response:
    """Hand out the certificate of a case, as JSON or as PDF. It names nobody."""
    case, form = case_of(visit), (await visit.form()).get("form", "pdf")

    def made(book: Casebook) -> bytes:
        found = certified(book, case)
        return drawn(found) if form == "pdf" else found.file

    try:
        content = await visit.decide(made)
    except (Refused, Misconfigured) as fault:
        return await case_page(visit, 409, told(visit.language, fault), {})
    if form == "pdf":
        return handed_out(content, f"certificate-{case}.pdf", "application/pdf")
    return handed_out(content, f"certificate-{case}.json", "application/json")


async def letter(visit: Visit) -> Response:
    """Hand out the letter that tells the person what was done, refused or extended; it is personal data."""
    case, given = case_of(visit), await visit.form()

    def made(book: Casebook) -> bytes:
        found = book.work.case(case)
        extension = bool(given.get("extension"))
        _check_made_here(found, extension=extension)
        log_look(
            book.folder, f"case:{case}", "console: letter", actor=visit.name, role=visit.role.name, shown="identifiers"
        )  # fmt: skip
        letter_ = answer_of(book, found, extension=extension)
        keep_made(book, found, letter_)
        return _zipped({**letter_.files, **({ADDRESS: letter_.address} if letter_.address else {})})

    try:
        content = await visit.decide(made)
    except (Refused, Misconfigured) as fault:
        return await case_page(visit, 409, told(visit.language, fault), {})
    return handed_out(content, f"letter-{case}.zip", "application/zip")


def _check_made_here(case: Case, *, extension: bool) -> None:
    """Make sure that the answer is a letter. Raises: Refused: for a copy it takes the shop's password, which is not here."""
    if kind_of(case, extension=extension) == "answer" and rule(case.right).answer:
        raise Refused(
            f"case {case.id}: its answer is a copy of the data: `jalki case answer {case.id} --out FOLDER` makes it, where the"
            " shop's tables may be read",
            "copy-elsewhere",
            case=case.id,
        )


def _zipped(files: Mapping[str, bytes]) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(name, content)
    return written.getvalue()


def handed_out(content: bytes, name: str, media_type: str) -> Response:
    """Return a file that a browser keeps, and never shows as a page of ours."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
