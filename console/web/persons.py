"""Where one person's data is. Why it is asked is asked first, and written down each time; identifiers are in no address."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.responses import Response

from console.api.asked import WhereAsked
from console.api.problems import Problem
from console.person_tree import tree_of
from console.shapes import Shape
from console.web.days import end_of_day
from console.web.person_asked import PERSON, PersonAsked
from console.web.person_days import chosen_day, span_of
from console.web.person_drawn import NameOf, drawing, listed
from console.web.refusals import Refusal
from console.web.sessions import Found
from console.web.sharing_drawn import LONGEST_LABEL
from console.web.visits import Denied, Visit
from lineage.errors import Misconfigured
from lineage.identifiers import read_identifier
from lineage.shared import MOST_APART

CHOSEN = ("at", "known_at", "month", "after")
"""What of a person is shown is chosen by these; who she is stands in the session."""


async def form(visit: Visit) -> Response:
    """Show the form that a person is looked for with."""
    return visit.page("find.html", wrong=False, given={})


async def find(visit: Visit) -> Response:
    """Look for a person, once it is said why. Her page asks, and writes it down."""
    given = await visit.form()
    try:
        asked = visit.asked(WhereAsked, identifier=given.get("identifier"), purpose=given.get("purpose"))
        read_identifier(asked.identifier)
    except (Problem, Misconfigured):
        return visit.page("find.html", 422, wrong=True, given=given)
    assert visit.session is not None  # noqa: S101 - no other role has this page
    return visit.goes(f"/persons/{visit.session.find(Found(asked.identifier, asked.purpose))}")


async def person(visit: Visit) -> Response:
    """Show where a person's data is, also as of an earlier time."""
    given = dict(visit.query)
    if "slide" in given:  # by the slider: from now on by its day, as if that had been typed
        given["at"] = chosen_day(given.pop("slide"), given.pop("top", ""))
        return visit.goes(f"{path_of(visit)}{_query(given)}")
    return await person_page(visit, given, None)


async def reveal(visit: Visit) -> Response:
    """Show her identifiers too, once it is said why."""
    given = await visit.form()
    return await person_page(visit, given, given.get("purpose", ""))


def sought_of(visit: Visit) -> Found:
    """Return who is looked at, and why. Raises: Denied: the session knows nobody under that name."""
    sought = visit.session.found.get(visit.request.path_params["found"]) if visit.session else None
    if sought is None:
        raise Denied("no-such-person", 404)
    return sought


def path_of(visit: Visit) -> str:
    """Return the address of the person's page."""
    return f"/persons/{visit.request.path_params['found']}"


async def person_page(
    visit: Visit, given: Mapping[str, str], purpose: str | None, *, status: int = 200, refused: Refusal | None = None
) -> Response:
    """Show the page. With a `purpose` her identifiers are shown; `refused` is why something was not decided."""
    sought = sought_of(visit)
    at, known_at = end_of_day(given.get("at", "")), end_of_day(given.get("known_at", ""))
    asked = visit.asked(
        PersonAsked, identifier=sought.identifier, purpose=sought.purpose if purpose is None else purpose, at=at,
        known_at=known_at, reveal=purpose is not None, month=given.get("month"), after=given.get("after"),
        cases="case" in visit.role.sees,
    )  # fmt: skip
    found: Shape = (await visit.answer_of(PERSON, asked)).shape  # type: ignore[assignment]  # it is no list
    register = visit.office.answering.declared.register
    names = {each.id: each.name for each in register.parties()}
    tree, drawn_name = tree_of(found["where"], found["standing"]), _short(names)
    chosen = {name: given.get(name, "") for name in CHOSEN}
    return visit.page(
        "person.html", status, **found, **chosen, revealed=purpose is not None, path=path_of(visit),
        names=names, tree=listed(tree, lambda party: names.get(party, party)), left_out=tree.left_out,
        drawn=json.dumps(drawing(tree, drawn_name, visit.words["person"]["herself"])),
        span=span_of(found["first"], found["last"], chosen["at"]), most_apart=MOST_APART, refused=refused, given=given,
        query=_query, companies=sorted(each.id for each in register.declared.controllers),
    )  # fmt: skip


def _short(names: Mapping[str, str]) -> NameOf:
    def name_of(party: str) -> str:
        found = names.get(party, party)
        return found if len(found) <= LONGEST_LABEL else f"{found[: LONGEST_LABEL - 1]}…"

    return name_of


def _query(given: Mapping[str, str]) -> str:
    chosen = {name: given[name] for name in CHOSEN if given.get(name)}
    return f"?{urlencode(chosen)}" if chosen else ""
