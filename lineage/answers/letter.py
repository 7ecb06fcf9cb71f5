"""The letter that answers a case: what was done at each recipient, what stays, what is refused (GDPR Art. 12(3)-(4), 19).

Made from the case's entries alone, without any language and without personal data: it can be made when hers are gone.
Nothing in it is better than what was shown. Authorities, and every step of an inquiry, are not in it (Art. 4(9)).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lineage.answers.handing import PURPOSE
from lineage.answers.inquiries import AUTHORITY, INQUIRY
from lineage.answers.letter_model import Done, Kind, Letter, NotDone, Standing, Stays
from lineage.answers.model import Company
from lineage.answers.recipients import OWN_SYSTEM, company_of, is_same_company
from lineage.cases.case import Case, Task
from lineage.cases.entries import Entry
from lineage.cases.folding import folded
from lineage.cases.holds import LEGAL_HOLD, LEGAL_ORDER, load_holds
from lineage.cases.refusals import refusal_grounds
from lineage.cases.rights import rule
from lineage.register import UNKNOWN, Register

SHOWN = frozenset({"read-back", "signed-answer", "staff-evidence"})
"""What shows that something is done. A server that took a request and a ticked box in a letter show nothing."""
TURNS_OVER = "turns-over"
_ANSWERED = frozenset({"sent", "accepted", "verified", "promised", "partial", "declined", "not_held"})
_STANDINGS: Mapping[str, Standing] = {
    "verified": "promised", "promised": "promised", "partial": "partial", "declined": "declined",
    "not_held": "not_held", "failed": "failed", "cancelled": "cancelled", "held": "held", "accepted": "accepted",
}  # fmt: skip


def letter(
    entries: Sequence[Entry],
    register: Register,
    now: int,
    kind: Kind,
    *,
    contact: str = "",
    reason: str = "",
    reasons: Mapping[int, str] | None = None,
) -> Letter:
    """Return the letter about a case as its entries tell it. `now` is microseconds UTC; equal input, equal letter.

    `reason` is the sealed part of a refusal or an extension, `reasons` those of refusals of items, by their number;
    `contact` where she reaches the controller.

    Raises: Misconfigured: an entry of a newer version, or a plan by a version of the holds that is gone.
    """
    case = folded(entries)
    told = rule(case.right)
    plain = Letter(
        kind=kind,
        case=case.id,
        right=case.right,
        controller=company_of(register, case.controller),
        contact=contact,
        made_at=now,
        received=case.received,
        chosen=tuple(case.notes.get("purposes") or told.purposes or ()) if told.chosen else (),
        changed=tuple(case.notes.get("changed") or ()) if case.right == "rectification" else (),
    )
    if kind == "refusal":
        return replace(plain, ground=case.refused_on or "", reason=reason)
    if kind == "extension":
        until = next(each.said["until"] for each in reversed(entries) if each.kind == "extended")
        return replace(plain, until=until, reason=reason)
    refused = _refused(case, _plans(entries), register, reasons or {})
    if kind == "partial":
        return replace(plain, refused=refused)
    return replace(_answered(plain, case, entries, register), refused=refused)


def _refused(
    case: Case, plans: Sequence[Mapping[str, Any]], register: Register, reasons: Mapping[int, str]
) -> tuple[NotDone, ...]:
    """Return what is refused of single items, a row for each decision."""
    items = [
        item
        for plan in plans
        for item in plan["items"]
        if item["decision"] == "refuse" and item["purpose"] != INQUIRY
        and not _is_authority(item["party"], (item["role"],), register)
    ]  # fmt: skip
    found = []
    for refusal in case.refusals:
        about = [each for each in items if refusal.covers(each["party"], each["purpose"], each["category"])]
        if not about:
            continue
        found.append(
            NotDone(
                ground=refusal.ground,
                texts=refusal_grounds()[refusal.ground].texts,
                reason=reasons.get(refusal.number, ""),
                categories=tuple(sorted({each["category"] for each in about})),
                purposes=tuple(sorted({each["purpose"] for each in about})),
                companies=tuple(company_of(register, party) for party in sorted({each["party"] for each in about})),
            )
        )
    return tuple(found)


def _answered(plain: Letter, case: Case, entries: Sequence[Entry], register: Register) -> Letter:
    plans = _plans(entries)
    done = tuple(sorted(_done(case, entries, plans, register), key=_order))
    ours = {each.company.party for each in done if _is_ours(each.company, case, register)}
    # She had it sent there (Art. 20(2)): what becomes of it is between the two of them, and nobody is told by us.
    wished = {
        item["party"]
        for plan in plans
        for item in plan["items"]
        if item["purpose"] == PURPOSE and item["role"] != "authority"
    }
    taken = wished - ours - {each.company.party for each in done}
    undecided, ambiguous, unopened = (max((plan.get(name) or 0 for plan in plans), default=0) for name in _COUNTED)
    return replace(
        plain,
        lifted=case.lifted,
        recipients=tuple(each for each in done if each.company.party not in ours | taken),
        systems=tuple(each for each in done if each.company.party in ours),
        taken_to=tuple(company_of(register, party) for party in sorted(taken)),
        stays=_stays(case, plans, register, taken),
        forgets=rule(case.right).forgets,
        forgotten=case.keys_destroyed,
        kept=case.kept if _keeps(case) else 0,
        came_back=len(case.incidents),
        inflow=case.approved if case.notes.get("inflow") == "stopped" else None,
        nothing=not any(plan["items"] for plan in plans) and not ambiguous and not undecided,
        undecided=undecided,
        ambiguous=ambiguous,
        unopened=unopened,
    )


def _keeps(case: Case) -> bool:
    """Whether our own record keeps something still: to the end of the last hold, and until the case is closed after it."""
    return any(each.state == "held" for each in case.tasks.values()) or (case.state != "closed" and not case.generation)


_COUNTED = ("undecided", "ambiguous", "unopened")


def _plans(entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    """The plans that count: the one that was approved, and those that added to it."""
    plans: list[Mapping[str, Any]] = []
    approved = False
    for each in entries:
        approved = approved or each.kind == "approved"
        if each.kind == "planned":
            plans = [*plans, each.said] if approved else [each.said]
    return plans


def _is_ours(company: Company, case: Case, register: Register) -> bool:
    return company.kind == OWN_SYSTEM or is_same_company(register, company.party, case.controller)


def _order(done: Done) -> tuple[str, ...]:
    return done.company.name.casefold(), done.company.party, done.until or "", *done.purposes


def _done(
    case: Case, entries: Sequence[Entry], plans: Iterable[Mapping[str, Any]], register: Register
) -> Iterator[Done]:
    reached = {each.said["task"] for each in entries if each.kind == "task" and each.said["state"] in _ANSWERED}
    roles = {told["task"]: told.get("roles") or () for plan in plans for told in plan["tasks"]}
    # Once a restriction is lifted, what counts is who was told that it is.
    action = "lift" if case.lifted is not None else rule(case.right).action
    for task in case.tasks.values():
        purposes = tuple(each for each in task.purposes if each != INQUIRY)
        if (
            task.action != action
            or not purposes
            or _is_replaced(task)
            or _is_authority(task.party, roles.get(task.id, ()), register)
        ):
            continue
        yield Done(
            company=company_of(register, task.party),
            roles=tuple(roles.get(task.id) or (UNKNOWN,)),
            standing=_standing(task, task.id in reached),
            categories=task.categories,
            purposes=purposes,
            how=task.how if task.how in SHOWN or task.how == TURNS_OVER else None,
            by=task.by if task.state == "promised" else None,
            until=task.until if task.state == "held" else None,
            ground=task.ground if task.state in {"declined", "partial"} else None,
            observed=task.observed,
        )


def _is_replaced(task: Task) -> bool:
    """Whether an order to keep it has put another task in its place."""
    return task.state == "cancelled" and task.how == LEGAL_ORDER


def _is_authority(party: str, roles: Iterable[str], register: Register) -> bool:
    known = register.party(party)
    return AUTHORITY in roles or (known is not None and known.kind == AUTHORITY)


def _standing(task: Task, reached: bool) -> Standing:
    """Return how a task stands, never better than was shown. `reached`: it was handed over, or has been answered before."""
    if task.state == "verified" and task.how in SHOWN:
        return "proved"
    if task.state == "held" and task.refused:
        return "refused"
    if task.state in _STANDINGS:
        return _STANDINGS[task.state]
    if not reached:  # not even handed over: neither late nor silent
        return "waiting"
    return "overdue" if task.state == "overdue" else "told"


def _stays(
    case: Case, plans: Iterable[Mapping[str, Any]], register: Register, taken: Collection[str]
) -> tuple[Stays, ...]:
    """Return what is held still, a row for each rule and last day; what stays where she had it sent is none of ours."""
    held = {(task.party, task.until) for task in case.tasks.values() if task.state == "held"}
    found: dict[tuple[str, str], list[tuple[Mapping[str, Any], str]]] = {}
    for plan in plans:
        for item in plan["items"]:
            if item["decision"] != "hold" or item["purpose"] == INQUIRY or item["party"] in taken:
                continue
            if (item["party"], item.get("until") or "") in held and not _is_authority(
                item["party"], (item["role"],), register
            ):
                found.setdefault((item["rule"], item.get("until") or ""), []).append((item, plan["holds"]))
    return tuple(
        Stays(
            rule=rule_,
            # Who ordered it is nobody's business but that of who ordered it (Art. 4(9)).
            law="" if rule_ == LEGAL_HOLD else items[0][0].get("law") or "",
            # As it was decided then, by the version that was valid (Art. 5(2)).
            texts=load_holds().version(items[-1][1]).ground(rule_).texts,
            until=until,
            assumed=any(item.get("assumed") for item, _ in items),
            categories=tuple(sorted({item["category"] for item, _ in items})),
            companies=tuple(company_of(register, party) for party in sorted({item["party"] for item, _ in items})),
        )
        for (rule_, until), items in sorted(found.items(), key=lambda each: (each[0][1] or "9999", each[0][0]))
    )
