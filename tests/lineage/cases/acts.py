"""What a person of staff can do to a case, as the machine does it: one call each, that the product may refuse."""

from collections.abc import Callable, Mapping

from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.deciding import approve, extend, preview, refuse, withdraw
from lineage.cases.handing import hand
from lineage.cases.identity import prove
from lineage.cases.keeping import hold, release
from lineage.cases.lifting import lift
from lineage.cases.refusals import grounds_for, refusal_grounds
from lineage.cases.refusing import refuse_items
from lineage.cases.rights import rule
from lineage.clocks import day_of
from tests.lineage.cases.answers import ORDERS

ACTS = (
    "preview", "approve", "refuse", "extend", "withdraw", "withdraw", "hand", "lift", "prove", "hold", "release",
)  # fmt: skip


def decisions(work: Casework, case: Case, which: int) -> Mapping[str, Callable[[], object]]:
    """Return the acts by name."""
    today = day_of(work.clock()).isoformat()
    return {
        "preview": lambda: preview(work, case.id),
        "approve": lambda: approve(work, case.id, digest=case.plan.get("digest")),
        "refuse": lambda: refuse(work, case.id, "manifestly unfounded", "the eleventh this week"),
        "extend": lambda: extend(work, case.id, "many requests"),
        "withdraw": lambda: withdraw(work, case.id),
        "hand": lambda: hand(work, case.id, ["answer.pdf"]) if rule(case.right).answer else None,
        "lift": lambda: lift(work, case.id, today),
        "hold": lambda: hold(work, case.id, ORDERS[len(case.legal_holds) % len(ORDERS)]),
        "release": lambda: release(work, case.id, ORDERS[which % len(ORDERS)].name),
        "prove": lambda: prove(work, case.id, "seen in the store"),
    }


def refuse_a_part(work: Casework, case: Case, which: int, by: str, *, fits: bool) -> None:
    """Refuse what its plan has by party, purpose or category, on a ground that `fits` its right or any."""
    grounds = (grounds_for(case.right) if fits else ()) or tuple(refusal_grounds())
    if items := [each for each in case.plan.get("items", ()) if each["decision"] != "none"]:
        named = {by: items[which % len(items)][by]}
        refuse_items(work, case.id, grounds[which % len(grounds)], "they are needed", **named)
