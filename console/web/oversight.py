"""The pages about flows: the sharing graph, drift, the parties, the record of processing. No page here names a person."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from console.api.asked import AsOf, DriftAsked, NothingMore, RecordAsked
from console.web.days import end_of_day
from console.web.visits import Visit

LISTED = 50


async def sharing(visit: Visit) -> Response:
    """Show who got what of whom and why, also as of an earlier day."""
    given = visit.request.query_params
    graph = await visit.answer("sharing", visit.asked(AsOf, **_times(given)))
    names = {each["id"]: each for each in graph["parties"]}
    edges = sorted(graph["sharing"], key=lambda each: (-each["disclosures"], each["from"], each["to"]))
    party = given.get("party", "")
    shown = [each for each in edges if not party or party in (each["from"], each["to"])]
    return visit.page("sharing.html", names=names, edges=shown, party=party, given=given)


async def drift(visit: Visit) -> Response:
    """Show disclosures that were not allowed at their moment, newest first."""
    asked = visit.asked(DriftAsked, after=visit.request.query_params.get("after"), limit=str(LISTED))
    answer = await visit.page_of("drift", asked)
    return visit.page("drift.html", rows=answer.shape, after=answer.after, first=asked.after is None)


async def parties(visit: Visit) -> Response:
    """Show the parties of the register, with what each was seen to get."""
    found = await visit.answer("parties", NothingMore())
    return visit.page("parties.html", rows=sorted(found, key=lambda each: (-each["received"], each["name"])))


async def record(visit: Visit) -> Response:
    """Show the record of processing activities, declared and observed (Art. 30)."""
    found = await visit.answer("record", visit.asked(RecordAsked, at=_times(visit.request.query_params)["at"]))
    return visit.page("record.html", record=found)


def _times(given: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: end_of_day(given.get(name, "")) for name in ("at", "known_at")}
