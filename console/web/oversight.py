"""The pages about flows: drift, the parties, the record of processing; and what an auditor looks at, as a list. No person."""

from typing import Annotated
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from console.api.asked import AsOf, DriftAsked, RecordAsked
from console.web.days import end_of_day
from console.web.visits import Visit
from lineage.ropa import STATUSES

LISTED = 50
FLOWS = 100
"""So many flows of the record stand on a page."""
AUDIT = (
    ("graph", "/sharing/graph"), ("record", "/record"), ("drift", "/drift"), ("overdue", "/overdue"), ("samples", "/samples"),
    ("weaknesses", "/weaknesses"), ("certificates", "/certificates"), ("incidents", "/incidents"), ("looks", "/looks"),
    ("dead-letters", "/dead-letters"),
)  # fmt: skip
"""Pages by name, and where they are."""


class _After(BaseModel):
    """How many flows are passed over."""

    model_config = ConfigDict(hide_input_in_errors=True)
    after: Annotated[int, Field(ge=0, le=1_000_000)] = 0


async def drift(visit: Visit) -> Response:
    """Show disclosures that were not allowed at their moment, newest first."""
    asked = visit.asked(DriftAsked, after=visit.query.get("after"), limit=str(LISTED))
    answer = await visit.page_of("drift", asked)
    return visit.page("drift.html", rows=answer.shape, after=answer.after, first=asked.after is None)


async def parties(visit: Visit) -> Response:
    """Show the parties of the register, with what each was seen to get; all, or those of a name or a kind."""
    given = visit.query
    chosen = {name: given.get(name, "") for name in ("name", "kind")}
    found = await visit.answer("parties", visit.asked(AsOf))
    sought = chosen["name"].strip().casefold()
    rows = [
        each for each in found
        if chosen["kind"] in {"", each["kind"]} and any(sought in each[name].casefold() for name in ("name", "id"))
    ]  # fmt: skip
    return visit.page(
        "parties.html", rows=sorted(rows, key=lambda each: (-each["received"], each["name"])), chosen=chosen,
        kinds=sorted({each["kind"] for each in found}),
    )  # fmt: skip


async def record(visit: Visit) -> Response:
    """Show the record of processing activities, declared and observed, flow by flow, and what the register lacks (Art. 30)."""
    given = visit.query
    found = await visit.answer("record", visit.asked(RecordAsked, at=end_of_day(given.get("at", ""))))
    chosen = {name: given.get(name, "") for name in ("status", "purpose")}
    flows = [{**flow, "purpose": each["purpose"]} for each in found["activities"] for flow in each["flows"]]
    shown = [each for each in flows if all(each[name] == wanted for name, wanted in chosen.items() if wanted)]
    begin = visit.asked(_After, after=given.get("after")).after
    return visit.page(
        "record.html", record=found, flows=shown[begin : begin + FLOWS], statuses=STATUSES, begin=begin, count=len(shown),
        purposes=sorted({each["purpose"] for each in flows}), chosen=chosen, at=given.get("at", ""),
        names={each["id"]: each["name"] for each in found["parties"]}, after=_next(begin, len(shown)),
        more=urlencode({name: each for name, each in given.items() if name != "after"}),
    )  # fmt: skip


def _next(begin: int, count: int) -> str:
    return str(begin + FLOWS) if begin + FLOWS < count else ""


async def audit(visit: Visit) -> Response:
    """List the pages an auditor looks at, those that the role sees."""
    return visit.page("audit.html", audit=AUDIT)
