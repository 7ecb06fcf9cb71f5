"""The plan shown, and the decision of a person on it: approval, refusal, extension, withdrawal, protection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from lineage.cases.carrying import for_a_person
from lineage.cases.case import Case
from lineage.cases.casework import Casework, New
from lineage.cases.collecting import copy_due, is_collected
from lineage.cases.entries import entry
from lineage.cases.filing import let_go_of_proofs
from lineage.cases.folding import folded_on
from lineage.cases.holds import load_holds
from lineage.cases.items import Seen, items
from lineage.cases.plan_changes import UNSHOWN, Change, difference
from lineage.cases.planning import Planned, asked_of, plan
from lineage.cases.protecting import BY_HAND, check_shown, is_by_hand, is_protected
from lineage.cases.refusals import REMEDIES
from lineage.cases.rights import rule
from lineage.cases.rows import COPY, OVER, copies_awaited, dates_of
from lineage.cases.subjects import name, seen_of, subject_of
from lineage.cases.transitions import check_may
from lineage.cases.words import Action
from lineage.clocks import day_of, deadlines
from lineage.errors import Refused
from lineage.facts import Consent
from lineage.tombstones import Suppression

SHORTEST_DIGEST = 12


def preview(work: Casework, id_: str) -> Case:
    """Work out the plan as things stand, keep it, and return the case with it. What was kept already is not kept twice."""

    def decide(case: Case) -> list[New]:
        check_may(case, "plan")
        found = planned(work, case)
        return [] if case.plan.get("digest") == found.digest else [New("planned", "jalki", found.said, found.personal)]

    return work.decided(id_, decide)


def foresee(work: Casework, id_: str) -> tuple[Case, Planned]:
    """Work out the plan as things stand, and return the case as it would be with it, and the plan. Keeps nothing.

    Raises: Refused: there is no such case, or its plan is approved.
    """
    case = work.case(id_)
    check_may(case, "plan")
    found = planned(work, case)
    if case.plan.get("digest") != found.digest:
        case = folded_on(case, entry(case.last, work.clock(), "planned", "jalki", found.said))
    return case, found


def planned(work: Casework, case: Case, besides: frozenset[tuple[bytes, int]] = frozenset()) -> Planned:
    """Return the plan of a case as things stand; without the facts `besides`, for which there is one already."""
    subject = subject_of(work.graph, case.subjects)
    seen, consents = seen_of(work.graph, work.keyring, subject.members)
    left = {"undecided": len(subject.undecided), "ambiguous": len(subject.ambiguous), "persons": subject.persons}
    return plan_of(work, case, [each for each in seen if each.fact not in besides], consents, left=left)


def plan_of(
    work: Casework,
    case: Case,
    seen: Sequence[Seen],
    consents: Sequence[Consent],
    *,
    left: Mapping[str, int] | None = None,
    reopened: bool = False,
    action: Action | None = None,
) -> Planned:
    """Return a plan for these disclosures, for another `action` than the right's where one is given.

    `left` counts identifiers that are left alone; see `planning.plan`. `reopened`: for a case that is opened again now.
    """
    personal = work.personal(work.journal.entries(case.id)[0]) or {}
    table = load_holds().at(work.clock())
    found = items(seen, consents, work.register, work.clock(), case.legal_holds, holds=table, asked=case.received,
                  refusals=case.refusals)  # fmt: skip
    named = name(case.id, case.generation + reopened)
    secret = work.keyring.keys((named,))[named]
    about = {"undecided": 0, "ambiguous": 0, "persons": 1, **(left or {}), "holds": table.version}
    due = dates_of(case).operative
    if reopened:  # its day is over; what came back is to be told anew within a month of now
        due = deadlines(work.clock()).operative
    asked = asked_of(case, personal, secret)
    if action is not None:
        asked = replace(asked, rule=replace(asked.rule, action=action))
    elif asked.rule.action == COPY:
        parties = frozenset(work.askable(case.right)) - {case.controller}
        asked = replace(asked, collected=partial(is_collected, case.right, parties, work.register, work.clock()))
        due = copy_due(dates_of(case), work.clock())
    return plan(asked, found, seen, work.register, due.isoformat(), about)


def approve(work: Casework, id_: str, *, digest: str | None = None, by: bytes | None = None) -> Case:
    """Approve the plan of a case. With `digest` only if the plan is still the one that was shown under it.

    With `by`, the pseudonym of who approves, it takes two: the first approval is kept (`first_approval` of the case's
    notes), and the case is approved by another person's of the same plan.

    Raises: Refused: the plan has changed since (the message names how), another right of the same message comes first, a
    protected person has not shown who she is, the same person approves twice, or the case does not let itself be approved.
    """
    rest: Sequence[Change] = ()

    def decide(case: Case) -> list[New]:
        nonlocal rest
        check_may(case, "approve")
        check_shown(case)
        _check_turn(work, case)
        if (twin := _approved_twin(work, case)) is not None:
            raise Refused(
                f"case {id_}: the same right of the same person is carried out in case {twin} already", "twin", case=id_,
                other=twin,
            )  # fmt: skip
        found = planned(work, case)
        if digest and not _is_shown(found.digest, digest):
            known = case.plan if _is_shown(str(case.plan.get("digest")), digest) else None
            rest = difference(known, found.said) if known else [UNSHOWN]
            raise Refused(
                f"case {id_}: since the preview things have changed ({'; '.join(each.text for each in rest)}): look again,"
                " then approve",
                "changed",
                case=id_,
                changes=tuple(rest),
            )
        told = [] if case.plan.get("digest") == found.digest else [New("planned", "jalki", found.said, found.personal)]
        if by is not None and not _is_second(work, case, found.digest, by):
            return [*told, New("noted", "dpo", {"first_approval": found.digest}, {"by": by.hex()})]
        return [*told, New("approved", "dpo", {"approved": work.clock(), "digest": found.digest})]

    case = work.decided(id_, decide)
    if case.approved is None:
        return case
    stop_inflow(work, case)
    return let_go_of_proofs(work, case)


def _is_shown(digest: str, begun: str) -> bool:
    """Tell whether a digest is the one whose beginning a person gives."""
    return len(begun) >= SHORTEST_DIGEST and digest.startswith(begun)


def stop_inflow(work: Casework, case: Case) -> list[bytes]:
    """Stop the inflow first: from now on the shop is told not to share; or again, that it may. Twice does no harm.

    Returns the identifiers it is stopped for: those she had then.
    """
    if not rule(case.right).suppress:
        return []
    members = sorted({*subject_of(work.graph, case.subjects).members, *case.subjects})
    at = work.clock() if is_let(case) or case.approved is None else case.approved
    work.memory.suppress(suppressions_of(case, members, at))
    work.graph.touch(members)  # what was sent since then may be drift, or none any more
    return members


def suppressions_of(case: Case, members: Iterable[bytes], at: int) -> list[Suppression]:
    """Return what a case has the shop told about these identifiers."""
    told = rule(case.right)
    purposes = stopped_purposes(case)
    return [
        Suppression(key, "*", each, told.suppress, at, case.id, is_let(case)) for key in members for each in purposes
    ]


def stopped_purposes(case: Case) -> Sequence[str]:
    """Return the purposes for which the shop may not share any more: those the case is about, but for what was refused."""
    told = rule(case.right)
    purposes = case.notes.get("purposes") or told.inflow or ("*",)
    if told.forgets:  # she withdraws her consents with it, whatever is not erased
        return list(purposes)
    refused = {each.purpose for each in case.refusals if each.granted is None}
    return [each for each in purposes if each not in refused]


def is_let(case: Case) -> bool:
    """Whether the shop may share again: the restriction was lifted, or the request withdrawn."""
    return case.lifted is not None or case.state == "withdrawn"


def _is_second(work: Casework, case: Case, digest: str, by: bytes) -> bool:
    """Tell whether another person has approved this very plan already. Raises: Refused: it was the same person."""
    if case.notes.get("first_approval") != digest:
        return False
    first = next(each for each in reversed(work.journal.entries(case.id)) if "first_approval" in each.said)
    if (work.personal(first) or {}).get("by") == by.hex():
        raise Refused(
            f"case {case.id}: you have approved it: it takes another person, too", "approved-by-you", case=case.id
        )
    return True


def _check_turn(work: Casework, case: Case) -> None:
    """Copies before erasure: a right waits for those of the same message that must be answered first."""
    if not case.together:
        return
    for row in work.journal.cases_of(case.subjects):
        if row.right not in rule(case.right).after or row.state in OVER:
            continue
        other = work.case(row.case)
        if other.together != case.together:
            continue
        if other.state not in {"answered", "partly-done"}:
            raise Refused(
                f"case {case.id} waits for case {row.case} ({row.right}) of the same message: answer that first",
                "waits",
                case=case.id,
                other=row.case,
                right=row.right,
            )
        if awaited := copies_awaited(other):
            raise Refused(
                f"case {case.id} waits for copies of case {row.case}, which {', '.join(each.party for each in awaited)} "
                f"may send until {max(each.due for each in awaited)}: after that day it is approved without them",
                "waits-for-copies",
                case=case.id,
                other=row.case,
                parties=tuple(each.party for each in awaited),
                day=max(each.due for each in awaited),
            )


def _approved_twin(work: Casework, case: Case) -> str | None:
    members = set(subject_of(work.graph, case.subjects).members) | set(case.subjects)
    for row in work.journal.cases_of(members):
        if row.case != case.id and row.right == case.right and row.state in {"carrying-out", "answered", "partly-done"}:
            other = work.case(row.case)
            if other.answered is None:
                return other.id
    return None


def refuse(work: Casework, id_: str, ground: str, reason: str) -> Case:
    """Refuse a case: a person decides, with a ground and the remedies told (Art. 12(4)-(5)). Raises: Refused: no reason."""
    if not reason.strip():
        raise Refused(
            "a refusal needs its reason: the person is told it, with her right to complain and to go to court",
            "refusal-reason",
        )

    def decide(case: Case) -> list[New]:
        check_may(case, "refuse")
        return [New("refused", "dpo", {"ground": ground, "remedies": list(REMEDIES)}, {"reason": reason})]

    return let_go_of_proofs(work, work.decided(id_, decide))


def extend(work: Casework, id_: str, reason: str) -> Case:
    """Extend the time by two months; the notice with its reasons must go out in the first (Art. 12(3)).

    Raises: Refused: without a reason, twice, or after the first month.
    """
    if not reason.strip():
        raise Refused(
            "an extension needs its reason (complexity, number of requests): the person is told it", "extension-reason"
        )

    def decide(case: Case) -> list[New]:
        check_may(case, "extend")
        if case.extended is not None:
            raise Refused(f"case {id_} is extended already, and can be only once", "extended", case=id_)
        last = dates_of(case).legal
        if day_of(work.clock()) > last:
            raise Refused(
                f"case {id_} could be extended until {last}: that day is over; answer it now", "too-late-to-extend", case=id_,
                day=last.isoformat(),
            )  # fmt: skip
        return [
            New(
                "extended",
                "dpo",
                {"until": dates_of(replace(case, extended=work.clock())).operative.isoformat()},
                {"reason": reason},
            )
        ]

    return work.decided(id_, decide)


def withdraw(work: Casework, id_: str) -> Case:
    """Withdraw a case for the person: what has not gone out is cancelled, what has is told as it is."""

    def decide(case: Case) -> list[New]:
        check_may(case, "withdraw")
        if case.entombed is not None:
            raise Refused(
                f"case {id_}: what is erased cannot be brought back; the case goes on", "erased-already", case=id_
            )
        return [New("withdrawn", "person", {})]

    case = work.decided(id_, decide)
    if case.approved is not None and case.right == "restriction":
        stop_inflow(work, case)  # one of marketing stays: it ends with her next consent
    return let_go_of_proofs(work, case)


def protect(work: Casework, id_: str) -> Case:
    """Mark the person of a case as protected. What would tell where she is and has not gone out is for a person from now on.

    Other cases that she has opened are marked one by one; those that she opens from now on are by themselves. Raises:
    Refused: the case is over.
    """

    def decide(case: Case) -> list[New]:
        if case.state in OVER:
            raise Refused(f"case {id_} is {case.state}: nothing more goes out by it", f"may-not-{case.state}", case=id_)
        if is_protected(case):
            return []
        waiting = (
            each
            for each in case.tasks.values()
            if case.approved
            and each.state == "queued"
            and not each.claimed
            and is_by_hand(each.form, each.action, each.categories)
        )
        mark = New("noted", "dpo", {"protected": True})
        return [mark, *(New("task", "dpo", for_a_person(each.id, BY_HAND)) for each in waiting)]

    return work.decided(id_, decide)
