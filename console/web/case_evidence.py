"""Evidence of a case at the console: a file that is kept with it, and is handed out again to whoever says why."""

from collections.abc import Mapping

from starlette.responses import Response

from console.api.asked import CaseAsked
from console.api.problems import Problem
from console.case_given import number, one_of, task_name
from console.case_opening import Casebook
from console.opening import log_look
from console.web.case_files import handed_out
from console.web.case_pages import case_of, case_page
from console.web.refusals import Refusal, told
from console.web.uploads import read_upload
from console.web.visits import Denied, Visit
from lineage.cases.file_types import FileType
from lineage.cases.filing import LARGEST, Kept, file, kept
from lineage.cases.words import SHOWS
from lineage.errors import Misconfigured, Refused

_SERVED: Mapping[FileType, tuple[str, str]] = {
    "pdf": ("pdf", "application/pdf"),
    "png": ("png", "image/png"),
    "jpeg": ("jpg", "image/jpeg"),
    "email": ("eml", "message/rfc822"),
    "text": ("txt", "text/plain; charset=utf-8"),
}
"""How the name of a file ends, and what it is served as: by what it is, never by what somebody called it."""


async def upload(visit: Visit) -> Response:
    """Keep a file with the case; refused or too large, the case says so, with what was typed."""
    case, words = case_of(visit), visit.words["evidence"]
    sent = await read_upload(visit.request, LARGEST, ("shows", "task", "file"))
    given = sent.fields
    if sent.too_large or len(sent.content) > LARGEST:
        return await case_page(visit, 413, Refusal(words["too_large"]), given)
    if not sent.content:
        return await case_page(visit, 422, Refusal(words["no_file"]), given)

    def work(book: Casebook) -> None:
        _look(visit, book, case, "console: evidence", "pseudonyms")
        task = given.get("task", "").strip()
        about = task_name(case, task) if task else None
        file(book.work, case, sent.content, one_of(given.get("shows", ""), SHOWS, "shows"), about)

    try:
        await visit.decide(work)
    except (Refused, Misconfigured) as fault:
        return await case_page(visit, 409, told(visit.language, fault), given)
    return visit.goes(f"/cases/{case}")


async def download(visit: Visit) -> Response:
    """Hand out a file, once it is said why; it is written down before anything is read."""
    case, given = case_of(visit), await visit.form()
    try:
        why = visit.asked(CaseAsked, case=case, purpose=given.get("why", "").strip()).purpose
    except Problem:
        return await case_page(visit, 422, Refusal(visit.words["evidence"]["no_reason"]), given)

    def work(book: Casebook) -> Kept:
        which = number(given.get("number", ""))
        _look(visit, book, case, why, "identifiers")
        return kept(book.work, case, which)

    try:
        found = await visit.decide(work)
    except (Refused, Misconfigured) as fault:
        return await case_page(visit, 409, told(visit.language, fault), given)
    ending, media_type = _SERVED[found.file.type]
    return handed_out(found.content, f"evidence-{case}-{found.file.number}.{ending}", media_type)


def _look(visit: Visit, book: Casebook, case: str, why: str, shown: str) -> None:
    if not book.work.journal.entries(case):
        raise Denied("no-such-case", 404)
    log_look(book.folder, f"case:{case}", why, actor=visit.name, role=visit.role.name, shown=shown)
