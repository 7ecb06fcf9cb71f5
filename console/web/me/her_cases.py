"""One request of hers: how it stands, why something was refused or stays, what she can do; and the files of its answer.

A case that is not hers is no case at all here. What only whoever showed who she is may read is in no other's page.
"""

from dataclasses import dataclass

from starlette.responses import Response

from connectors.wording import Language
from console.case_answers import answer_of, file_names, is_refused_in_part, kind_of, letter_of
from console.case_opening import Casebook
from console.opening import Folder, log_look
from console.web.case_pages import case_of
from console.web.me.whereabouts import PURPOSE
from console.web.me.whose import is_hers, opened_for, tells
from console.web.sessions import Customer
from console.web.visits import Denied, Visit
from lineage.answers.letter_outline import letter_outline
from lineage.answers.outline import Section, remedies
from lineage.answers.texts import texts_of
from lineage.cases.case import Case
from lineage.cases.rights import rule
from lineage.cases.rows import dates_of
from lineage.errors import Refused
from lineage.times import rfc3339

_TYPES = {
    "html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json",
    "csv": "text/csv; charset=utf-8", "zip": "application/zip",
}  # fmt: skip
_ANSWERED = frozenset({"answered", "partly-done", "closed"})


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown of a case. `duplicate_of` is one of hers; `sections` those of the letter to her, as it would be now.

    `elsewhere`: its answer is made where the shop's own tables can be read, and comes another way.
    """

    id: str
    right: str
    state: str
    received: str
    answer_by: str
    extended: bool
    duplicate_of: str | None
    refused_on: str | None
    shown: bool
    sections: tuple[Section, ...]
    files: tuple[str, ...]
    elsewhere: bool
    stopped: bool
    """Whether our systems have been told to stop what she asked to be stopped."""


async def case(visit: Visit) -> Response:
    """Show one of her cases."""
    return visit.page("me_case.html", case=await visit.read(lambda folder: _page(visit, folder)))


async def file(visit: Visit) -> Response:
    """Give a file of an answer, made now. It is written down first."""
    name = str(visit.request.path_params["file"])
    content = await visit.read(lambda folder: _content(visit, folder, name))
    return Response(
        content,
        media_type=_TYPES[name.rpartition(".")[2]],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(visit: Visit, folder: Folder) -> Page:
    book, found = _hers(visit, folder)
    _log(visit, folder, found, PURPOSE, "pseudonyms")
    whole, shown = visit.office.customers.whole, tells(found)
    answered = shown and _is_answered(found)
    elsewhere = answered and not whole and not _is_letter(found)
    return Page(
        id=found.id,
        right=found.right,
        state=found.state,
        received=rfc3339(found.received),
        answer_by=dates_of(found).operative.isoformat(),
        extended=found.extended is not None,
        duplicate_of=_twin(visit.customer, book, found),
        refused_on=found.refused_on,
        shown=shown,
        sections=_sections(book, found, visit.language) if shown else (remedies(texts_of(visit.language)),),
        files=_files(book, found) if answered and not elsewhere else (),
        elsewhere=elsewhere,
        stopped=bool(rule(found.right).suppress)
        and any(each.ground == rule(found.right).suppress for each in folder.memory.suppressed(found.subjects)),
    )


def _content(visit: Visit, folder: Folder, name: str) -> bytes:
    book, found = _hers(visit, folder)
    here = _is_answered(found) and (visit.office.customers.whole or _is_letter(found))
    if not (tells(found) and here and name in _files(book, found)):
        raise Denied("no-such-page", 404)
    _log(visit, folder, found, f"her own answer, {name}", "identifiers")
    try:
        return answer_of(book, found).files[name]
    except Refused:
        raise Denied("no-such-page", 404) from None


def _hers(visit: Visit, folder: Folder) -> tuple[Casebook, Case]:
    """Return a case of hers. Raises: Denied: there is none of that id, or it is not hers: the two are one, in time too."""
    id_, book = case_of(visit), Casebook(folder, folder.casework)
    # Only what is opened for her identifiers is read at all.
    found = book.work.case(id_) if id_ in opened_for(visit.customer, book.work) else None
    if found is None or not is_hers(visit.customer, book.work, found):
        raise Denied("no-such-case", 404)
    return book, found


def _is_answered(case: Case) -> bool:
    """Whether there is an answer for her; what the case knew of her may be destroyed since."""
    return case.shredded is None and (
        case.state == "refused" or (case.state in _ANSWERED and case.approved is not None)
    )


def _is_letter(case: Case) -> bool:
    """Whether the answer is a letter, which takes nothing of the shop's own tables."""
    return case.state == "refused" or not rule(case.right).answer


def _files(book: Casebook, case: Case) -> tuple[str, ...]:
    """Return the files that the answer has now, by name."""
    try:
        return file_names(book, case)
    except Refused:  # since then somebody else was recorded with what she named
        return ()


def _twin(customer: Customer, book: Casebook, case: Case) -> str | None:
    other = case.duplicate_of
    return other if other and is_hers(customer, book.work, book.work.case(other)) else None


def _sections(book: Casebook, case: Case, language: Language) -> tuple[Section, ...]:
    """Return what the letters say as things stand; at least what she can do who is not content."""
    texts, parts = texts_of(language), list[Section]()
    for extension in (False, True):
        try:
            kind = kind_of(case, extension=extension)
            if kind == "answer" and rule(case.right).answer:
                if not is_refused_in_part(case):
                    continue  # what she gets is the file itself
                kind = "partial"
            parts += letter_outline(letter_of(book, case, kind), texts).sections
        except Refused:  # there is nothing to tell of that kind
            continue
    told = dict.fromkeys([*parts, remedies(texts)])
    last = remedies(texts)
    return (*(each for each in told if each != last), last)


def _log(visit: Visit, folder: Folder, case: Case, why: str, shown: str) -> None:
    log_look(folder, f"case:{case.id}", why, actor=visit.actor, role=visit.role.name, shown=shown)
