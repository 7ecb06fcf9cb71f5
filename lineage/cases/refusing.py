"""Refusing single items of a request, and granting them after all: always a person's decision, with its ground and reason.

Before approval only: what is approved has been told to her, or may have been. Granted it may be at any time.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from lineage.cases.case import Case
from lineage.cases.casework import Casework, New
from lineage.cases.deciding import planned
from lineage.cases.refusals import REMEDIES, Refusal, grounds_for
from lineage.cases.rights import rule
from lineage.cases.transitions import check_may
from lineage.clocks import day_of
from lineage.errors import Refused

MARKETING = frozenset({"newsletter", "advertising"})
"""Purposes of direct marketing: an objection to it is never refused (Art. 21(3))."""
_MOST = 200
"""Refusals of one case."""


def refuse_items(
    work: Casework,
    id_: str,
    ground: str,
    reason: str,
    *,
    party: str | None = None,
    purpose: str | None = None,
    category: str | None = None,
) -> Case:
    """Refuse the items of a case that this party has, for this purpose, of this category; None: any. The rest goes on.

    The reason is sealed, and told to the person with the ground and her remedies (Art. 12(4)).

    Raises: Refused: no reason; the ground does not stand against the right; nothing of the plan, or all of it, is meant.
    """
    if not reason.strip():
        raise Refused(
            "a refusal needs its reason: the person is told it, with her right to complain and to go to court",
            "refusal-reason",
        )

    def decide(case: Case) -> list[New]:
        check_may(case, "refuse-item")
        number = len(case.refusals) + 1
        refusal = Refusal(number, ground, work.clock(), party, purpose, category)
        _check(case, refusal)
        _check_items(case, refusal, planned(work, case).said["items"])
        said = {
            "number": number, "ground": ground, "party": party, "purpose": purpose, "category": category,
            "remedies": list(REMEDIES),
        }  # fmt: skip
        return [New("item-refused", "dpo", said, {"reason": reason.strip()})]

    return work.decided(id_, decide)


def grant_items(work: Casework, id_: str, number: int) -> Case:
    """Take a refusal of items back. Before approval they are planned for; of an erasure that goes on they go by themselves.

    Raises: Refused: there is none of that number, or it was taken back; or the case is past that.
    """

    def decide(case: Case) -> list[New]:
        check_may(case, "grant")
        found = next((each for each in case.refusals if each.number == number), None)
        if found is None or found.granted is not None:
            raise Refused(
                f"case {id_}: no refusal {number} is in force: `jalki case show {id_}` lists them",
                "no-refusal",
                case=id_,
                number=number,
            )
        if case.approved is not None and not rule(case.right).forgets:
            raise Refused(
                f"case {id_} is approved without what was refused: open a new case for it", "refused-before", case=id_
            )
        yesterday = day_of(work.clock()) - timedelta(days=1)
        return [New("item-granted", "dpo", {"number": number, "until": yesterday.isoformat()})]

    return work.decided(id_, decide)


def _check(case: Case, refusal: Refusal) -> None:
    """Make sure that such a refusal may be of an item of the case."""
    grounds = grounds_for(case.right)
    if not grounds:
        raise Refused(
            f"case {case.id}: {case.right} is never refused in part (GDPR {rule(case.right).article})",
            "never-in-part",
            right=case.right,
        )
    if refusal.ground not in grounds:
        raise Refused(
            f"case {case.id}: items of {case.right} are refused on one of {', '.join(grounds)}",
            "refused-on",
            grounds=tuple(grounds),
        )
    if refusal.party is None and refusal.purpose is None and refusal.category is None:
        raise Refused(
            "say which items: of which party, purpose or category; or refuse the case as a whole", "which-items"
        )
    if len(case.refusals) >= _MOST:
        raise Refused(
            f"case {case.id} has {_MOST} refusals: refuse it as a whole, or name more with one",
            "many-refusals",
            case=case.id,
            most=_MOST,
        )
    told = rule(case.right)
    if told.suppress and not told.forgets:
        _check_stopped(case, refusal)


def _check_stopped(case: Case, refusal: Refusal) -> None:
    """What is stopped, or restricted, is so for a purpose: at all parties, or at none."""
    chosen = purposes_stopped(case)
    if refusal.purpose is None or refusal.party is not None or refusal.category is not None or not chosen:
        raise Refused(
            f"case {case.id}: what the shop may not share any more goes by purposes: refuse one of those the case names",
            "by-purpose",
        )
    if refusal.purpose not in chosen:
        raise Refused(
            f"case {case.id}: it is about {', '.join(chosen)}: refuse one of these",
            "of-purposes",
            purposes=tuple(chosen),
        )
    if case.right == "objection" and refusal.purpose in MARKETING:
        raise Refused("an objection to direct marketing is never refused (GDPR Art. 21(3))", "marketing")


def purposes_stopped(case: Case) -> Sequence[str]:
    """Return the purposes for which a case has sharing stopped; none: all there are."""
    return list(case.notes.get("purposes") or rule(case.right).inflow)


def _is_asked(case: Case, item: Mapping[str, Any]) -> bool:
    """Whether the request is about an item at all."""
    told = rule(case.right)
    if told.action == "rectify":
        return item["category"] in case.notes.get("changed", ())
    chosen = purposes_stopped(case)
    return not told.chosen or not chosen or item["purpose"] in chosen


def _check_items(case: Case, refusal: Refusal, items: Sequence[Mapping[str, Any]]) -> None:
    ours = [each for each in items if each["decision"] != "none" and _is_asked(case, each)]
    still = [each for each in ours if each["decision"] != "refuse"]
    meant = [each for each in still if refusal.covers(each["party"], each["purpose"], each["category"])]
    if not meant:
        raise Refused(
            f"case {case.id}: that is no item of what it means: `jalki case show {case.id} --preview` lists them",
            "no-item",
            case=case.id,
        )
    if len(meant) == len(still):
        raise Refused(
            f"case {case.id}: that would be all of it: refuse the case as a whole, with `jalki case refuse`",
            "all-of-it",
            case=case.id,
        )
