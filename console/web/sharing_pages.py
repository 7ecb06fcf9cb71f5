"""The sharing graph: as a table, and drawn above the same table. What is drawn is fetched by the page. Nobody is in either."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from starlette.responses import JSONResponse, Response

from console.api.asked import AsOf
from console.web.days import end_of_day
from console.web.sharing_drawn import LONGEST_LABEL, MOST, Chosen, NameOf, choices, drawing
from console.web.visits import Visit
from console.web.wording import called, filled
from lineage.register import UNKNOWN


async def sharing(visit: Visit) -> Response:
    """Show who got what of whom and why, also as of an earlier day."""
    return await _page(visit, "sharing.html")


async def graph(visit: Visit) -> Response:
    """Show the same, drawn."""
    return await _page(visit, "graph.html")


async def graph_drawn(visit: Visit) -> Response:
    """Send what is drawn, as JSON."""
    found = await _asked(visit)
    names = {each["id"]: each["name"] for each in found["parties"]}
    others = partial(_others, visit.words["sharing"]["others"])
    return JSONResponse(drawing(found, _chosen(visit.query), _name_of(visit, names), others))


async def _page(visit: Visit, template: str) -> Response:
    found, given = await _asked(visit), visit.query
    chosen = _chosen(given)
    return visit.page(
        template, names={each["id"]: each for each in found["parties"]}, edges=chosen.of(found), chosen=chosen,
        choices=choices(found), given=given, most=MOST, asked=str(visit.request.url.query),
    )  # fmt: skip


async def _asked(visit: Visit) -> Any:  # noqa: ANN401 - JSON, of the question's shape
    given = visit.query
    times = {name: end_of_day(given.get(name, "")) for name in ("at", "known_at")}
    return await visit.answer("sharing", visit.asked(AsOf, **times))


def _chosen(given: Mapping[str, str]) -> Chosen:
    return Chosen(**{name: given.get(name, "") for name in ("category", "purpose", "party", "country")})


def _others(text: str, count: int) -> str:
    return filled(text, count=count)


def _name_of(visit: Visit, names: Mapping[str, str]) -> NameOf:
    def name_of(column: str, name: str) -> str:
        if column == "country":
            found = visit.words["sharing"]["unknown"] if name == UNKNOWN else name
        else:
            found = names.get(name, name) if column == "party" else called(visit.language, column, name)
        return found if len(found) <= LONGEST_LABEL else f"{found[: LONGEST_LABEL - 1]}…"

    return name_of
