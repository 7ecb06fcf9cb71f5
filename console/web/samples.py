"""The auditor's samples: drawn by a seed that stands in the address, so that another auditor draws the same."""

import re
import secrets

from starlette.responses import Response

from console.api.problems import Problem
from console.opening import Folder
from console.shapes import Shape
from console.web.days import first_of, last_of
from console.web.reading import Look, read_through
from console.web.samples_drawn import Drawing, closed_cases, flows, former_processor, recipients
from console.web.visits import Visit
from lineage.times import rfc3339

_SEED = re.compile(r"[0-9A-Za-z-]{1,40}")


async def samples(visit: Visit) -> Response:
    """Draw and show the samples; without a seed only the form, with a new one in it."""
    given = visit.query
    days = {name: given.get(name, "") for name in ("since", "known_at")}
    seed = given.get("seed", "").strip()
    if not seed:
        return visit.page("samples.html", seed=str(secrets.randbelow(10**8)), days=days, drawn=False)
    if not _SEED.fullmatch(seed):
        raise Problem("question")
    moment = visit.office.clock()
    drawing = Drawing(seed, first_of(days["since"]), last_of(days["known_at"]))

    def found(folder: Folder, look: Look) -> Shape:
        return {
            "cases": closed_cases(folder, drawing),
            "flows": flows(folder, drawing, look),
            "recipients": recipients(folder, drawing, moment, look),
            "former": former_processor(folder, drawing, moment, look),
            "names": {each.id: each.name for each in folder.register.parties()},
            "version": folder.register.version,
        }

    shown = await read_through(visit, found, f"samples:{seed}", "samples of an audit")
    return visit.page("samples.html", **shown, drawn=True, seed=seed, days=days, at=rfc3339(moment))
