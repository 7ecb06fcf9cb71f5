"""Lists over everything: what came back after an erasure, what is kept too long, what could not be recorded. Nobody is named."""

import re
from collections import Counter
from collections.abc import Iterator
from heapq import nlargest, nsmallest
from pathlib import PurePath

from starlette.responses import Response

from console.opening import Folder
from console.shapes import Shape, overdue_shape
from console.web.reading import Look, read_through
from console.web.visits import Visit
from console.web.weakness_figures import every_case
from lineage.graph import Letter
from lineage.overdue import overdue
from lineage.recording import read_letter
from lineage.sealing import Seal
from lineage.times import rfc3339

LISTED = 200
_PLACE = re.compile(r"(:\d+|, record \d+|\[\d+\]@\d+)$")


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


async def dead_letters(visit: Visit) -> Response:
    """Show how many records could not be recorded, by reason and by where they came from; their content stays sealed."""

    def found(folder: Folder, look: Look) -> Shape:
        letters = folder.graph.letters()
        keys = folder.keyring.find([each.key for each in letters])
        counts: dict[tuple[str, str], list[int]] = {}
        for each in letters:
            look()
            counts.setdefault((each.reason, _topic(each, keys.get(each.key))), []).append(each.recorded)
        rows = [
            {"reason": reason, "topic": topic, "count": len(times), "first": rfc3339(min(times)), "last": rfc3339(max(times))}
            for (reason, topic), times in counts.items()
        ]  # fmt: skip
        rows = nlargest(LISTED, rows, key=lambda each: (each["count"], each["reason"], each["topic"]))
        return {"rows": rows, "count": len(letters)}

    return visit.page("dead_letters.html", **await read_through(visit, found))


def _topic(letter: Letter, key: bytes | None) -> str:
    """Return the file or topic a record stood in, without folders and its place there; empty where its key is gone."""
    if key is None:
        return ""
    position, _ = read_letter(Seal(key).open(letter.sealed, letter.key))
    return PurePath(_PLACE.sub("", position)).name


def _names(folder: Folder) -> dict[str, str]:
    return {each.id: each.name for each in folder.register.parties()}
