"""What she can ask for: a page for each right, and the case that comes of it. Her session alone names her."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from starlette.responses import Response

from console.api.problems import Problem
from console.case_checks import check_message
from console.case_opening import Casebook
from console.opening import Folder, log_look
from console.web.me.whereabouts import where_of
from console.web.visits import Denied, Visit
from lineage.answers.inquiries import INQUIRY
from lineage.answers.told_to_her import is_told_to_her
from lineage.cases.deciding import stop_inflow
from lineage.cases.intake import Message, receive
from lineage.cases.rights import rule
from lineage.cases.words import RIGHTS, Right
from lineage.errors import Refused
from lineage.graph import NOW
from lineage.persons import find_person
from lineage.times import now
from schemas.vocabulary import vocabulary

LONGEST_VALUE = 500
ORDER: tuple[Right, ...] = (
    "access", "transfer", "rectification", "erasure", "restriction", "objection", "unsubscribe",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choices:
    """What she may choose: of which company, purposes of hers, and what may be corrected. Ids with their names."""

    companies: Mapping[str, str]
    purposes: tuple[str, ...]
    categories: tuple[str, ...]


async def rights(visit: Visit) -> Response:
    """List what she can ask for."""
    return visit.page("me_open.html", rights=ORDER)


async def form(visit: Visit) -> Response:
    """Show the form of one right."""
    right = _right(visit)
    chosen = {f"purpose-{each}" for each in rule(right).purposes or ()}
    return await _form(visit, 200, right, "", dict.fromkeys(chosen, "yes"))


async def ask(visit: Visit) -> Response:
    """Open the case, and go to it. What stops marketing is stopped at once: nobody has to decide it (Art. 7(3), 21(3))."""
    right, given = _right(visit), await visit.form()
    choices = await _choices(visit, right)
    message = _message(visit, right, given, choices)
    if message is None:
        return await _form(visit, 422, right, "missing", given)
    if not visit.office.customers.opening.takes(visit.customer.pseudonym):
        return await _form(visit, 429, right, "many", given)
    try:
        case = await visit.decide(lambda book: _opened(visit, book, message))
    except Refused:
        raise Problem("store") from None
    return visit.goes(f"/me/cases/{case}")


def _right(visit: Visit) -> Right:
    asked = visit.request.path_params["right"]
    if asked not in RIGHTS:
        raise Denied("no-such-page", 404)
    return cast("Right", asked)


async def _form(visit: Visit, status: int, right: Right, wrong: str, given: Mapping[str, str]) -> Response:
    return visit.page(
        "me_ask.html", status, right=right, wrong=wrong, given=given, choices=await _choices(visit, right),
        choosing=rule(right).chosen and right != "unsubscribe",
    )  # fmt: skip


async def _choices(visit: Visit, right: Right) -> Choices:
    found = await where_of(visit) if right in {"objection", "restriction", "rectification"} else {"holdings": []}
    purposes = {each for holding in found["holdings"] for each in holding["purposes"]} - {INQUIRY}
    categories = {each for holding in found["holdings"] for each in holding["categories"]}
    return Choices(
        companies=await visit.read(lambda folder: _companies(visit, folder)),
        purposes=tuple(sorted(purposes | set(rule(right).purposes or ()))),
        categories=tuple(sorted(categories or vocabulary().categories)),
    )


def _companies(visit: Visit, folder: Folder) -> Mapping[str, str]:
    """Return the companies of ours that used her data, the one that did so last first; all, where none is known."""
    register, key = folder.register, bytes.fromhex(visit.customer.pseudonym)
    near = folder.graph.near(key)
    told = is_told_to_her(folder.keyring, register)
    members = find_person(near, key, NOW).members
    last: dict[str, int] = {}
    for each in near.disclosures(members, NOW) if members else ():
        company = each.route.controller
        if each.at > last.get(company, -1) and told(each):
            last[company] = each.at
    known = [each.id for each in register.declared.controllers]
    found = sorted((each for each in known if each in last), key=lambda each: -last[each]) or known
    parties = {each: register.party(each) for each in found}
    return {each: party.name if party else each for each, party in parties.items()}


def _message(visit: Visit, right: Right, given: Mapping[str, str], choices: Choices) -> Message | None:
    """Return what she asks for; None where something is missing, or is nothing she was offered."""
    controller = given.get("company") or next(iter(choices.companies))
    chosen = [name.removeprefix("purpose-") for name in given if name.startswith("purpose-")]
    if not (rule(right).chosen and right != "unsubscribe"):
        chosen = []
    if controller not in choices.companies or not set(chosen) <= set(choices.purposes):
        return None
    if right == "objection" and not chosen:
        return None
    changes: dict[str, str] = {}
    if right == "rectification":
        category, value = given.get("category", ""), given.get("value", "").strip()
        if category not in choices.categories or not value or not value.isprintable() or len(value) > LONGEST_VALUE:
            return None
        changes = {category: value}
    return Message(
        rights=(right,), named=((visit.customer.kind, visit.customer.value),), received=now(), channel="account",
        controller=controller, language=visit.language, purposes=chosen, changes=changes,
        protected=bool(given.get("protected")),
    )  # fmt: skip


def _opened(visit: Visit, book: Casebook, message: Message) -> str:
    check_message(book.work, message)
    key = bytes.fromhex(visit.customer.pseudonym)
    if find_person(book.work.graph.near(key), key, NOW).candidates > 1:
        raise Denied("shared", 403)  # since she came in, somebody else was recorded with it
    log_look(
        book.folder, f"where:{visit.customer.pseudonym}", f"her own request: {message.rights[0]}", actor=visit.actor,
        role=visit.role.name, shown="pseudonyms",
    )  # fmt: skip
    (case,) = receive(book.work, message)
    if case.right == "unsubscribe":
        stop_inflow(book.work, case)
    return case.id
