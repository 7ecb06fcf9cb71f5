"""Takes the forms of the console's acts, and that which opens a case. What was decided, by whom, is in the access log too."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response

from console.case_checks import check_message
from console.case_given import changes, purposes, rights
from console.case_opening import Casebook
from console.opening import log_look
from console.web.case_acts import Act, Fields
from console.web.case_pages import case_of, case_page
from console.web.refusals import Refusal, told
from console.web.visits import Denied, Visit
from lineage.cases.intake import CHANNELS, Message, receive
from lineage.cases.words import RIGHTS
from lineage.errors import Misconfigured, Refused
from lineage.identifiers import read_identifier
from lineage.times import now
from schemas.vocabulary import vocabulary


def handler(act: Act) -> Callable[[Visit], Awaitable[Response]]:
    """Return what handles the form of an act: done, the browser goes back to the case; refused, the case says why."""

    async def handle(visit: Visit) -> Response:
        given = await visit.form()
        case = case_of(visit)
        if any(field.needed and not given.get(field.name, "").strip() for field in act.fields):
            return await case_page(visit, 422, Refusal(visit.words["case"]["missing"]), given)

        def work(book: Casebook) -> None:
            if not book.work.journal.entries(case):
                raise Denied("no-such-case", 404)
            log_look(
                book.folder, f"case:{case}", f"console: {act.name}", actor=visit.name, role=visit.role.name,
                shown="pseudonyms",
            )  # fmt: skip
            act.work(book, case, given, visit.name)

        try:
            await visit.decide(work)
        except (Refused, Misconfigured) as fault:
            return await case_page(visit, 409, told(visit.language, fault), given)
        return visit.goes(f"/cases/{case}")

    return handle


async def opening(visit: Visit) -> Response:
    """Show the form to open a case with."""
    return await _opening(visit, 200, None, {})


async def opened(visit: Visit) -> Response:
    """Open a case for each right that was chosen."""
    given = await visit.form()
    try:
        message = _message(given)
        cases = await visit.decide(lambda book: _received(book, message))
    except (Refused, Misconfigured) as fault:
        return await _opening(visit, 409, told(visit.language, fault), given)
    return visit.goes(f"/cases/{cases[0]}" if len(cases) == 1 else "/cases")


async def _opening(visit: Visit, status: int, refused: Refusal | None, given: Fields) -> Response:
    companies = await visit.read(lambda folder: sorted(each.id for each in folder.register.declared.controllers))
    return visit.page(
        "opening.html", status, refused=refused, given=given, rights=RIGHTS, channels=CHANNELS, companies=companies,
        categories=sorted(vocabulary().categories),
    )  # fmt: skip


def _message(given: Fields) -> Message:
    """Return what was asked for. Raises: Misconfigured: the form does not say enough, or what it says is none."""
    asked = rights(",".join(right for right in RIGHTS if given.get(f"right-{right}")) or given.get("right", ""))
    named = [line.strip() for line in given.get("identifiers", "").splitlines() if line.strip()]
    if not named:
        raise Misconfigured(
            "say who asks: an identifier a line, like an e-mail address, or customer_id:C-17", "who-asks"
        )
    category, value = given.get("category", ""), given.get("value", "").strip()
    chosen = [each.strip() for each in given.get("purposes", "").replace(",", " ").split()]
    return Message(
        rights=asked,
        named=[read_identifier(each) for each in named],
        received=now(),
        channel=given.get("channel", "email"),
        controller=given.get("controller", ""),
        language=given.get("language", "fi"),
        answer_to=given.get("answer_to") or None,
        purposes=purposes(asked, chosen or None),
        changes=changes(asked, [f"{category}={value}"] if value else []),
        protected=bool(given.get("protected")),
    )


def _received(book: Casebook, message: Message) -> list[str]:
    check_message(book.work, message)
    return [each.id for each in receive(book.work, message)]
