"""The inbox, a case, and its progress as it goes on. Every look at a case is written down; none shows what identifies anybody."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import cast

from starlette.responses import Response, StreamingResponse

from console.api.asked import CaseAsked, CasesAsked
from console.case_given import case_id
from console.case_shapes import NameOf, Shape, case_shape, names_of
from console.opening import Folder
from console.web.case_acts import ACTS, Act, Fields
from console.web.refusals import Refusal
from console.web.visits import Denied, Visit
from lineage.cases.refusals import grounds_for, refusal_grounds
from lineage.cases.rights import rule
from lineage.cases.rows import OVER
from lineage.cases.words import CASE_STATES, SHOWS, Shows
from lineage.clocks import day_of
from lineage.errors import Misconfigured

LISTED = 50
SOON = 5
"""Days before the day a case must be answered by, from which its line stands out."""
BETWEEN_LOOKS = 1.0
LONGEST_PROGRESS = 30 * 60
"""Seconds after which a page must ask anew for what goes on."""


async def inbox(visit: Visit) -> Response:
    """List cases by the day they must be answered."""
    given = visit.query
    asked = visit.asked(
        CasesAsked, state=given.get("state"), all=given.get("all"), after=given.get("after"), limit=str(LISTED)
    )  # fmt: skip
    answer = await visit.page_of("cases", asked)
    today = day_of(visit.office.clock())
    listed = cast("list[Shape]", answer.shape)
    rows = [{**each, "left": (date.fromisoformat(each["operative"]) - today).days} for each in listed]
    return visit.page(
        "inbox.html", rows=rows, soon=SOON, states=CASE_STATES, state=asked.state, all=asked.all, after=answer.after,
        first=asked.after is None,
    )  # fmt: skip


async def case(visit: Visit) -> Response:
    """Show one case."""
    return await case_page(visit, 200, None, {})


async def case_page(visit: Visit, status: int, refused: Refusal | None, given: Fields) -> Response:
    """Show the case of the address. `refused` is why something was not done to it; what was typed is kept in its fields."""
    shape = await _shape(visit)
    acts = [act for act in ACTS if act.name in visit.role.does and may(act, shape)]
    today = day_of(visit.office.clock())
    left = (date.fromisoformat(shape["dates"]["operative"]) - today).days
    lines = _lines(shape["plan"]["items"], names_of(visit.office.answering.declared.register))
    tried = visit.request.url.path.rpartition("/")[2]
    return visit.page(
        "case.html", status, case=shape, lines=lines, acts=acts, refused=refused, given=given, tried=tried, left=left,
        soon=SOON, shows=_shows(shape), planned=_planned(shape), names=names_of(visit.office.answering.declared.register),
        grounds=_grounds(shape, visit.language),
    )  # fmt: skip


def _planned(shape: Shape) -> Mapping[str, list[str]]:
    """Return the parties, purposes and categories of which something is not refused yet."""
    ours = [each for each in shape["plan"]["items"] if each["decision"] not in {"none", "refuse"}]
    return {name: sorted({each[name] for each in ours}) for name in ("party", "purpose", "category")}


def _grounds(shape: Shape, language: str) -> Mapping[str, str]:
    """Return the grounds on which items can be refused, with what the person is told."""
    every = refusal_grounds()
    return {each: every[each].texts[language] for each in grounds_for(shape["right"])}


def _shows(shape: Shape) -> list[Shows]:
    """Return what a file could be filed to show as the case stands; nothing where it takes none."""
    if shape["shredded"] or (shape["state"] in OVER and shape["state"] != "refused"):
        return []
    undecided = not shape["verified"] and not shape["approved"] and shape["state"] not in OVER
    fits = {"identity": undecided, "mandate": shape["by"] != "person", "task": bool(shape["tasks"])}
    return [each for each in SHOWS if fits.get(each, True)]


def _lines(items: Sequence[Shape], name_of: NameOf) -> list[Shape]:
    """Return what is decided, a line for all categories of which the same is decided for the same reason."""
    found: dict[tuple[str | None, ...], Shape] = {}
    for each in items:
        until, why = each.get("until"), each.get("law") or each.get("rule")
        line = {"name": name_of(each["party"]), "purpose": each["purpose"], "decision": each["decision"]}
        key = (each["party"], each["purpose"], each["decision"], until, why)
        found.setdefault(key, {**line, "until": until, "why": why, "categories": []})["categories"].append(
            each["category"]
        )
    return list(found.values())


def may(act: Act, shape: Shape) -> bool:
    """Tell whether an act fits the state of a case, as far as the page knows."""
    if act.name == "lift" and shape["right"] != "restriction":
        return False
    if act.name == "unfile" and all(each["gone"] for each in shape["evidence"]):
        return False
    in_force = [each for each in shape["refusals"] if not each["granted"]]
    if act.name == "grant" and not (in_force and (not shape["approved"] or rule(shape["right"]).forgets)):
        return False
    if act.name == "refuse-item" and not grounds_for(shape["right"]):
        return False
    if act.name == "release" and all(each["released"] for each in shape["legal_holds"]):
        return False
    return shape["state"] in act.states and (not act.planned or shape["plan"]["digest"] is not None)


async def progress(visit: Visit) -> Response:
    """Send the tasks of a case as server-sent events: now, and whenever they have changed; until it is over, or for some time."""
    shape = await _shape(visit)

    async def events() -> AsyncIterator[str]:
        last, told = "", shape
        for _ in range(int(LONGEST_PROGRESS / BETWEEN_LOOKS)):
            part = visit.part("tasks.html", case=told)
            if part != last:
                yield _event("tasks", part)
                last = part
            await asyncio.sleep(BETWEEN_LOOKS)
            if visit.ended:
                break
            told = await visit.read(lambda folder: _now(folder, shape["case"]))
        yield _event("over", "")

    # nginx would keep what is sent back until there is enough of it
    return StreamingResponse(events(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _now(folder: Folder, case: str) -> Shape:
    return case_shape(folder.casework.case(case), names_of(folder.register))


def _event(name: str, text: str) -> str:
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {name}\n{lines}\n"


def case_of(visit: Visit) -> str:
    """Return the case of an address. Raises: Denied: it can be none."""
    try:
        return case_id(visit.request.path_params["case"])
    except Misconfigured:
        raise Denied("no-such-case", 404) from None


async def _shape(visit: Visit) -> Shape:
    asked = visit.asked(CaseAsked, case=case_of(visit), purpose="case work at the console")
    return cast("Shape", await visit.answer("case", asked))
