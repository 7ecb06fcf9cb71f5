"""Where her data is, in plain words, and her requests. What would show an inquiry is not in it, nor what others may own."""

from collections.abc import Mapping, Sequence
from typing import cast

from starlette.responses import Response

from console.api.asked import PersonCasesAsked, WhereAsked
from console.opening import Folder
from console.shapes import Shape
from console.web.me.whose import is_hers
from console.web.visits import Visit
from lineage.answers.recipients import OWN_SYSTEM
from lineage.answers.texts import texts_of
from lineage.identifiers import rank
from lineage.register import PERSON, Register

PURPOSE = "her own question, on her pages"
_OURS = frozenset({OWN_SYSTEM, "group"})


async def overview(visit: Visit) -> Response:
    """Show her requests, and who has what of her."""
    found = await where_of(visit)
    register, texts = visit.office.answering.declared.register, texts_of(visit.language)
    ours, others = _parted(found["holdings"], register)
    return visit.page(
        "me.html", where=found, ours=ours, others=others, cases=await cases_of(visit), kinds=_kinds(visit, found),
        country=texts.country, role_of=lambda role: texts.word("roles", role), named=_names(found["holdings"], register),
    )  # fmt: skip


async def where_of(visit: Visit) -> Shape:
    """Return where her data is, as the role may know it. Raises: Problem."""
    asked = visit.asked(WhereAsked, identifier=visit.customer.identifier, purpose=PURPOSE)
    return cast("Shape", await visit.answer("where", asked))


async def cases_of(visit: Visit) -> Sequence[Shape]:
    """Return her cases, newest first. Raises: Problem."""
    asked = visit.asked(PersonCasesAsked, identifier=visit.customer.identifier, purpose=PURPOSE)
    found = cast("Sequence[Shape]", await visit.answer("person-cases", asked))
    hers = await visit.read(lambda folder: _hers(visit, folder, [each["case"] for each in found]))
    return [each for each in reversed(found) if each["case"] in hers]


def _hers(visit: Visit, folder: Folder, cases: Sequence[str]) -> frozenset[str]:
    """Return those that are hers: one that names another one beside her is shown to neither."""
    work = folder.casework
    return frozenset(each for each in cases if is_hers(visit.customer, work, work.case(each)))


def _parted(holdings: Sequence[Shape], register: Register) -> tuple[list[Shape], list[Shape]]:
    """Return what is with us, and what others have."""
    ours: list[Shape] = []
    others: list[Shape] = []
    for each in holdings:
        party = register.party(each["party"])
        (ours if party is not None and party.kind in _OURS else others).append(each)
    return ours, others


def _names(holdings: Sequence[Shape], register: Register) -> Mapping[str, str | None]:
    """Return the names of where data came from; None: from herself."""
    ids = {source for each in holdings for source in each["from"]}
    parties = {each: register.party(each) for each in ids}
    return {each: None if each == PERSON else (party.name if party else each) for each, party in parties.items()}


def _kinds(visit: Visit, found: Shape) -> Mapping[str, int]:
    """Return how many identifiers of hers are known, by what each kind is called."""
    texts, counted = texts_of(visit.language), dict[str, int]()
    for kind, count in sorted(found["identifiers"].items(), key=lambda each: rank(each[0])):
        name = texts.word("kinds", kind, texts.word("kinds", "other"))
        counted[name] = counted.get(name, 0) + count
    return counted
