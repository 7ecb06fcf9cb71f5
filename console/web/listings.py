"""Lists over everything: what came back after an erasure, what is kept too long. Nobody is named."""

from collections import Counter
from collections.abc import Iterator
from heapq import nsmallest

from starlette.responses import Response

from console.opening import Folder
from console.shapes import Shape, overdue_shape
from console.web.reading import Look, read_through
from console.web.visits import Visit
from console.web.weakness_figures import every_case
from lineage.overdue import overdue
from lineage.times import rfc3339

LISTED = 200


async def incidents(visit: Visit) -> Response:
    """Show what came back of whom was erased, newest first, with the case that erased her."""

    def found(folder: Folder, look: Look) -> Shape:
        rows = [
            {**each, "case": case.id, "closed": case.state == "closed", "came": rfc3339(each["at"])}
            for case in every_case(folder, look)
            for each in case.incidents
        ]
        rows.sort(key=lambda each: each["at"], reverse=True)
        return {"rows": rows[:LISTED], "count": len(rows), "names": _names(folder)}

    return visit.page("incidents.html", **await read_through(visit, found, "incidents", "list of incidents"))


async def kept_too_long(visit: Visit) -> Response:
    """Show what is on record past its retention, the longest overdue first."""
    moment = visit.office.clock()

    def found(folder: Folder, look: Look) -> Shape:
        rules: Counter[str] = Counter()

        def counted() -> Iterator[Shape]:
            for each in overdue(folder.graph, folder.register, moment, look):
                rules[each.rule] += 1
                yield overdue_shape(each)

        rows = nsmallest(LISTED, counted(), key=lambda each: (each["last_day"], each["person"], each["party"]))
        return {"rows": rows, "count": rules.total(), "rules": dict(sorted(rules.items())), "names": _names(folder)}

    return visit.page("overdue.html", **await read_through(visit, found, "overdue", "what is kept too long"))


def _names(folder: Folder) -> dict[str, str]:
    return {each.id: each.name for each in folder.register.parties()}
