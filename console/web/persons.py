"""Where one person's data is. Why it is asked is asked first, and written down each time; identifiers are in no address."""

from collections.abc import Mapping

from starlette.responses import Response

from console.api.asked import WhereAsked
from console.api.problems import Problem
from console.web.days import end_of_day
from console.web.sessions import Found
from console.web.visits import Denied, Visit


async def form(visit: Visit) -> Response:
    """Show the form that a person is looked for with."""
    return visit.page("find.html", wrong=False, given={})


async def find(visit: Visit) -> Response:
    """Look for a person, once it is said why."""
    given = await visit.form()
    try:
        asked = visit.asked(WhereAsked, identifier=given.get("identifier"), purpose=given.get("purpose"))
        await visit.answer("where", asked)
    except Problem as problem:
        if problem.code != "question":
            raise
        return visit.page("find.html", 422, wrong=True, given=given)
    assert visit.session is not None  # noqa: S101 - no other role has this page
    return visit.goes(f"/persons/{visit.session.find(Found(asked.identifier, asked.purpose))}")


async def person(visit: Visit) -> Response:
    """Show where a person's data is, also as of an earlier time."""
    return await _page(visit, visit.request.query_params, None)


async def reveal(visit: Visit) -> Response:
    """Show her identifiers too, once it is said why."""
    given = await visit.form()
    return await _page(visit, given, given.get("purpose", ""))


async def _page(visit: Visit, given: Mapping[str, str], purpose: str | None) -> Response:
    sought = visit.session.found.get(visit.request.path_params["found"]) if visit.session else None
    if sought is None:
        raise Denied("no-such-person", 404)
    at, known_at = end_of_day(given.get("at", "")), end_of_day(given.get("known_at", ""))
    asked = visit.asked(
        WhereAsked, identifier=sought.identifier, purpose=sought.purpose if purpose is None else purpose, at=at,
        known_at=known_at, reveal=purpose is not None,
    )  # fmt: skip
    found = await visit.answer("where", asked)
    return visit.page(
        "person.html", where=found, at=given.get("at", ""), known_at=given.get("known_at", ""),
        revealed=purpose is not None, path=f"/persons/{visit.request.path_params['found']}",
    )  # fmt: skip
