"""What a case's chain says, as a certificate states it. The same function makes it and checks it, from what is shown alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from lineage.cases.case import Filed, Task
from lineage.cases.entries import Entry
from lineage.cases.folding import folded
from lineage.cases.refusals import Refusal
from lineage.register import Register
from lineage.times import rfc3339_or_null


class Known(NamedTuple):
    """What the register says of a party: its legal name, its country (ISO 3166-1 alpha-2) and its roles, by purpose several."""

    name: str
    country: str | None = None
    roles: tuple[str, ...] = ()


def known_in(register: Register, at: int) -> Callable[[str], Known]:
    """Return how a register knows parties by, at a time (microseconds UTC)."""

    def known(party: str) -> Known:
        entry = register.party(party)
        roles = sorted({register.role(party, purpose, at) for purpose in register.purposes_of(party)})
        return Known(entry.name, entry.country, tuple(roles)) if entry else Known(party)

    return known


PROMISED = frozenset({"sent", "accepted", "promised"})
"""States in which a party was told, or has said that it will; nothing shows that anything is done."""
_NO_PROOF = ("http-", "smtp-", "confirmed-link")
"""Ways of knowing that show no more than a promise, whatever the state says."""
NOT_DONE = frozenset({"queued", "partial", "manual", "overdue", "failed"})
OUT_OF_SCOPE = ("systems-without-events", "passed-on-unseen", "authorities")
"""What no certificate speaks of; see docs/explanation/what-a-certificate-proves.md."""


def statement(entries: Sequence[Entry], known: Callable[[str], Known]) -> dict[str, Any]:
    """Return what the visible entries of a case say, as JSON; times are RFC 3339, UTC. `known` is the register's word.

    Raises: Misconfigured: an entry of a kind this version does not know. KeyError, TypeError, ValueError: it is no case.
    """
    case = folded(entries)
    planned = _planned(entries)
    tasks = sorted(case.tasks.values(), key=lambda task: (task.party, task.form, task.until or "", task.id))
    return {
        "case": case.id,
        "right": case.right,
        "controller": case.controller,
        "by": case.by,
        "identity_verified": case.verified,
        "received": rfc3339_or_null(case.received),
        "identity_asked": rfc3339_or_null(case.asked),
        "identity_proved": rfc3339_or_null(case.proved),
        "approved": rfc3339_or_null(case.approved),
        "extended": rfc3339_or_null(case.extended),
        "handed": rfc3339_or_null(case.handed),
        "lifted": rfc3339_or_null(case.lifted),
        "answered": rfc3339_or_null(case.answered),
        "closed": rfc3339_or_null(case.closed),
        "state": case.state,
        "refused_on": case.refused_on,
        "duplicate_of": case.duplicate_of,
        "own_record": {
            "entombed": rfc3339_or_null(case.entombed),
            "forgotten": rfc3339_or_null(case.forgotten),
            "keys_destroyed": rfc3339_or_null(case.keys_destroyed),
        },
        "parties": [_party(task, planned[task.id], known(task.party)) for task in tasks],
        "holds": [_hold(task) for task in tasks if task.state == "held"],
        "only_promised": [_outcome(task) for task in tasks if _is_promise(task)],
        "not_done": [_outcome(task) for task in tasks if task.state in NOT_DONE],
        "incidents": [_incident(each) for each in case.incidents],
        "unknowns": _unknowns(entries, planned, tasks),
        "out_of_scope": list(OUT_OF_SCOPE),
        "counts": {
            state: sum(task.state == state for task in tasks) for state in sorted({task.state for task in tasks})
        },
        # Only where there is any: a certificate from before there could be reads as it was signed.
        **(
            {"refusals": [{**refusal_told(each), "remedies": ["GDPR 77", "GDPR 79"]} for each in case.refusals]}
            if case.refusals
            else {}
        ),
        **({"evidence": [file_told(each) for each in case.files]} if case.files else {}),
    }


def refusal_told(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal of single items as JSON; its reason is sealed, and in the letter to the person alone."""
    return {
        "number": refusal.number,
        "ground": refusal.ground,
        "party": refusal.party,
        "purpose": refusal.purpose,
        "category": refusal.category,
        "at": rfc3339_or_null(refusal.at),
        "granted": rfc3339_or_null(refusal.granted),
    }


def file_told(file: Filed) -> dict[str, Any]:
    """Return a file that is kept as evidence as JSON, but for what is in it."""
    return {
        "number": file.number,
        "shows": file.shows,
        "task": file.task,
        "type": file.type,
        "bytes": file.size,
        "mark": file.mark,
        "filed": rfc3339_or_null(file.at),
        "gone": rfc3339_or_null(file.gone),
    }


def _is_promise(task: Task) -> bool:
    """Whether nothing but somebody's word stands behind it: a task that is called verified has to say by what."""
    if task.state == "verified":
        return task.how is None or task.how.startswith(_NO_PROOF)
    return task.state in PROMISED


def _party(task: Task, told: Mapping[str, Any], known: Known) -> dict[str, Any]:
    return {
        "party": task.party,
        "name": known.name,
        "country": known.country,
        "roles": list(told.get("roles") or known.roles),
        "form": task.form,
        "action": task.action,
        "controller": task.controller,
        "categories": list(task.categories),
        "purposes": list(task.purposes),
        "observed": task.observed,
        "first": rfc3339_or_null(told.get("first")),
        "last": rfc3339_or_null(told.get("last")),
        "planned": rfc3339_or_null(task.planned_at),
        "changed": rfc3339_or_null(task.changed_at),
        "state": task.state,
        "how": task.how,
        "by": task.by,
        "ground": task.ground,
        **({"refused": task.refused} if task.refused else {}),
    }


def _hold(task: Task) -> dict[str, Any]:
    return {
        **({"refused": task.refused} if task.refused else {}),
        "party": task.party,
        "rule": task.rule,
        "law": task.law,
        "until": task.until or None,
        "categories": list(task.categories),
        "purposes": list(task.purposes),
    }


def _outcome(task: Task) -> dict[str, Any]:
    return {
        "party": task.party,
        "form": task.form,
        "state": task.state,
        "how": task.how,
        "by": task.by,
        "due": task.due,
    }


def _incident(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "at": rfc3339_or_null(told["at"]),
        "source": told.get("source"),
        "target": told.get("target"),
        "purpose": told.get("purpose"),
        "categories": told.get("categories"),
    }


def _plans(entries: Sequence[Entry]) -> list[Mapping[str, Any]]:
    """The plans that count: the one that was approved, and those that added to it."""
    plans: list[Mapping[str, Any]] = []
    approved = False
    for each in entries:
        approved = approved or each.kind == "approved"
        if each.kind == "planned":
            plans = [*plans, each.said] if approved else [each.said]
    return plans


def _planned(entries: Sequence[Entry]) -> dict[str, Mapping[str, Any]]:
    """What the plan said of each task, by its id."""
    return {told["task"]: told for plan in reversed(_plans(entries)) for told in plan["tasks"]}


def _unknowns(
    entries: Sequence[Entry], planned: Mapping[str, Mapping[str, Any]], tasks: Sequence[Task]
) -> list[dict[str, Any]]:
    """What Jalki itself knows it does not know."""
    plans = _plans(entries)
    counted = (("undecided", "shared-identifiers-left-alone"), ("ambiguous", "identifiers-of-several-persons"),
               ("unopened", "disclosures-that-no-longer-open"))  # fmt: skip
    unknowns: list[dict[str, Any]] = []
    for name, what in counted:
        if most := max((plan.get(name) or 0 for plan in plans), default=0):
            unknowns.append({"what": what, "count": most})
    parties = {
        "copy-declared-not-observed": {task.party for task in tasks if not task.observed},
        "day-of-hold-assumed": {task.party for task in tasks if planned[task.id].get("assumed")},
        "role-unknown": {task.party for task in tasks if "unknown" in (planned[task.id].get("roles") or ())},
    }
    unknowns += [{"what": what, "party": party} for what, found in parties.items() for party in sorted(found)]
    return unknowns
