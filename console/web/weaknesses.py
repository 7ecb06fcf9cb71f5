"""The page of the seven weaknesses: each with what the record shows of it, and with what Jalki does not know."""

from collections import Counter

from starlette.responses import Response

from connectors.wording import LANGUAGES
from console.api.problems import Problem
from console.opening import Folder
from console.shapes import Shape
from console.web.reading import Look, read_through
from console.web.roles import web_roles
from console.web.visits import Visit
from console.web.weakness_cases import counts_of
from console.web.weakness_figures import every_case, looks_by_role, of_procedure, of_the_record, too_long
from lineage.clocks import day_of
from lineage.times import rfc3339


async def weaknesses(visit: Visit) -> Response:
    """Show the table, to be printed."""
    moment = visit.office.clock()

    def counted(folder: Folder, look: Look) -> Shape:
        return {
            "record": of_the_record(folder, moment),
            "cases": counts_of(every_case(folder, look), day_of(moment)),
            "looks": looks_by_role(folder, look),
        }

    found = await read_through(visit, counted)
    return visit.page(
        "weaknesses.html", **found, at=rfc3339(moment), procedure=of_procedure(moment), overdue=await _overdue(visit, moment),
        accounts=await _accounts(visit), roles=web_roles(), told_in=LANGUAGES,
    )  # fmt: skip


async def _overdue(visit: Visit, moment: int) -> Shape | None:
    """Return what is kept too long; None where that takes too long to count, and the rest of the page need not wait for it."""
    try:
        return await read_through(visit, lambda folder, look: too_long(folder, moment, look))
    except Problem as problem:
        if problem.code != "late":
            raise
        return None


async def _accounts(visit: Visit) -> dict[str, int]:
    """Return how many accounts each role has. Nobody is named."""
    accounts = await visit.office.turns.run(visit.name, lambda _: visit.office.accounts.all())
    return dict(Counter(each.role for each in accounts.values()))
