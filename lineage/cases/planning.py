"""The plan of a case: which party is asked to do what, with which identifiers, and what the law keeps. Pure; asks nobody.

The parties are those that really got something, those declared to have copies of it, and nobody else (GDPR Art. 19, C-154/21).
"""

import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from lineage.cases.case import Case
from lineage.cases.entries import canonical
from lineage.cases.items import Item, Seen, Then
from lineage.cases.keys import new_task
from lineage.cases.orders import PLACES
from lineage.cases.protecting import is_by_hand, is_protected
from lineage.cases.rights import Rule, rule
from lineage.cases.rows import COPY
from lineage.cases.seen import Fact
from lineage.cases.words import Form
from lineage.clocks import add_months
from lineage.register import Register


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan: `said` goes into the entry as it is, `personal` sealed beside it (JSON)."""

    said: Mapping[str, Any]
    personal: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """What tells this plan from another: equal as long as the same would be done."""
        return str(self.said["digest"])


@dataclass(frozen=True, slots=True)
class Asked:
    """What a case says about itself that a plan depends on. `purposes`, where the person chose some; `changes` by category."""

    case: str
    rule: Rule
    secret: bytes
    """The case's key."""
    purposes: tuple[str, ...] = ()
    changes: Mapping[str, str] = field(default_factory=dict)
    protected: bool = False
    """Whether her address is to be found out by nobody."""
    round: int = 0
    """How many plans there were before: what is added later has identifiers of its own."""
    collected: Callable[[Item], bool] = lambda _: False
    """Whether a copy is asked for of an item; see `lineage.cases.collecting`."""


def asked_of(case: Case, personal: Mapping[str, Any], secret: bytes) -> Asked:
    """Return what a case says that its plan depends on."""
    told = rule(case.right)
    chosen = tuple(case.notes.get("purposes") or told.purposes or ())
    given = personal.get("changes") or {}
    return Asked(case.id, told, secret, chosen if told.chosen else (), given, is_protected(case), case.round)


def plan(
    asked: Asked, items: Sequence[Item], seen: Sequence[Seen], register: Register, due: str, about: Mapping[str, Any]
) -> Planned:
    """Return what will be done, by `due` (an ISO day).

    `about` is told with it: how many identifiers are left alone (`undecided`, `ambiguous`), and the version of the `holds`.
    """
    groups = _grouped(asked, items)
    ids = {
        group: new_task(asked.case, asked.round, number) for number, group in enumerate(sorted(groups, key=_sortable))
    }
    downstream = _downstream(seen, register)
    tasks = [
        _task(ids[group], group, groups[group], downstream, ids, asked, due) for group in sorted(groups, key=_sortable)
    ]
    payloads = {ids[group]: _payload(asked, group, groups[group], seen) for group in groups}
    told = {
        "items": [_told(each) for each in items],
        "tasks": tasks,
        **about,
        "unopened": sum(not each.identifiers for each in seen),
        # By pseudonym of the event: so it is known later which ones the plan has thought of already.
        "facts": [f"{each.disclosure.event.hex()}.{each.disclosure.part}" for each in seen],
    }
    held: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for each in items:
        if each.decision in KEPT:
            for until in {each.until or "", each.then.until if each.then else each.until or ""}:
                held[until] += [(event.hex(), part) for event, part in each.facts]
    return planned_of(told, payloads, held, asked.secret)


def planned_of(
    told: Mapping[str, Any], payloads: Mapping[str, Any], held: Mapping[str, Sequence[tuple[str, int]]], secret: bytes
) -> Planned:
    """Return a plan: what is told of it, what each task is told, and which facts are held until which day."""
    said = {**told, "digest": _digest(told, payloads, secret)}
    personal = {
        "payloads": payloads,
        "held": {until: sorted(set(facts)) for until, facts in held.items()},
    }
    return Planned(said, personal)


KEPT = frozenset({"hold", "refuse"})
"""Decisions by which an item is not erased now."""
OWN_WISH = "rights"
"""The purpose of what went to a company because she asked for it (Art. 20(2)): what becomes of it there is hers to say."""


class Group(NamedTuple):
    """What is told to a party as one task. `until` (empty: until a person releases it) and `promised` are ISO days."""

    party: str
    form: Form
    until: str | None
    promised: str | None
    then: Then | None = None
    """What keeps it when it is released."""
    refused: str | None = None
    """The ground on which a person refused it."""
    apart: str | None = None
    """The purpose, where something of the party is refused: categories and purposes of a task then name nothing that is."""


def _sortable(group: Group) -> tuple[str, ...]:
    then = map(str, group.then or ())
    return (
        group.party,
        group.form,
        group.until or "",
        group.promised or "",
        *then,
        group.refused or "",
        group.apart or "",
    )


def _grouped(asked: Asked, items: Iterable[Item]) -> dict[Group, list[Item]]:
    """Return what is to be done by party, form and day. Authorities are never among them (Art. 4(9))."""
    groups: dict[Group, list[Item]] = defaultdict(list)
    erases = asked.rule.action == "erase"
    items = tuple(items)
    split = {each.party for each in items if each.decision == "refuse"}
    for each in items:
        if each.form is None or asked.rule.action is None or not _wanted(asked, each):
            continue
        if each.purpose == OWN_WISH and each.form == "notice":
            continue
        until = (each.until or "") if erases and each.decision in KEPT else None
        promised, then = (each.promised, each.then) if erases else (None, None)
        refused = each.law if each.decision == "refuse" else None
        apart = each.purpose if each.party in split else None
        groups[Group(each.party, each.form, until, promised, then, refused, apart)].append(each)
    return dict(groups)


def _wanted(asked: Asked, item: Item) -> bool:
    if item.decision == "refuse" and asked.rule.action != "erase":
        return False
    if asked.rule.action == "rectify":
        return item.category in asked.changes
    if asked.rule.action == COPY:
        return asked.collected(item)
    return not asked.rule.chosen or not asked.purposes or item.purpose in asked.purposes


def _task(
    id_: str,
    group: Group,
    items: Sequence[Item],
    downstream: Mapping[str, frozenset[str]],
    ids: Mapping[Group, str],
    asked: Asked,
    due: str,
) -> dict[str, Any]:
    party, form, until, promised, then, refused, _ = group
    onward = downstream.get(party, frozenset())
    after = sorted(ids[other] for other in ids if other.party in onward and other.until is None)
    task: dict[str, Any] = {
        "task": id_,
        "party": party,
        "form": form,
        "action": asked.rule.action,
        "controller": min(each.controller for each in items),
        "categories": sorted({each.category for each in items}),
        "purposes": sorted({each.purpose for each in items}),
        "after": after if until is None else [],
        "observed": any(each.observed for each in items),
        "due": due,
        "roles": sorted({each.role for each in items}),
        "assumed": any(each.assumed for each in items),
        "first": min(each.first for each in items),
        "last": max(each.last for each in items),
    }
    if asked.protected and is_by_hand(form, asked.rule.action, task["categories"]):
        task["by_hand"] = True
    if promised is not None:
        task["promised"] = promised
    if until is not None:
        first = min(items, key=lambda each: (each.until or "9", each.rule or ""))
        task |= {"until": until, "rule": first.rule, "law": first.law}
        if until:  # told when the hold is over, so that is when its time begins
            task["due"] = add_months(date.fromisoformat(until), 1).isoformat()
    if refused is not None:
        task["refused"] = refused
    if then is not None:
        task["then"] = then._asdict()
    return task


def _payload(asked: Asked, group: Group, items: Sequence[Item], seen: Sequence[Seen]) -> dict[str, Any]:
    """Return the identifiers exactly as this party got them, in the disclosures this task is about."""
    facts = {fact for each in items for fact in each.facts}
    sent = {
        pair
        for each in seen
        if each.disclosure.route.target == group.party and each.fact in facts
        for pair in each.identifiers
    }
    about = {each.category for each in items}
    changes = {category: value for category, value in asked.changes.items() if category in about}
    return {"identifiers": sorted(sent), "changes": changes, "sendings": _sendings(group, items, seen)}


def _sendings(group: Group, items: Sequence[Item], seen: Sequence[Seen]) -> list[tuple[Any, ...]]:
    """Return each way in which this party got identifiers, with the categories of it that the task is about."""
    about: dict[tuple[Fact, str], set[str]] = defaultdict(set)
    for item in items:
        for fact in item.facts:
            about[fact, item.purpose].add(item.category)
    facts = {fact for fact, _ in about}
    found: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for each in seen:
        route = each.disclosure.route
        if route.target == group.party and each.fact in facts and each.identifiers:
            way = (tuple(sorted(each.identifiers)), route.purpose, _places(each))
            found[way] |= about[each.fact, route.purpose]
    return [(*way, tuple(sorted(categories))) for way, categories in sorted(found.items())]


def _places(seen: Seen) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(seen.evidence[name])) for name in PLACES if seen.evidence.get(name))


def _downstream(seen: Iterable[Seen], register: Register) -> dict[str, frozenset[str]]:
    """Return for each party those it passed data on to, except where they pass it back: nobody waits in a circle."""
    onward: dict[str, set[str]] = defaultdict(set)
    for each in seen:
        route = each.disclosure.route
        if route.source != route.target:
            onward[route.source].add(route.target)
        for copy in register.copies_from(route.target, each.disclosure.at):
            onward[route.target].add(copy.target)
    reached = {party: _reached(party, onward) for party in onward}
    return {
        party: frozenset(other for other in targets if party not in reached.get(other, frozenset()))
        for party, targets in onward.items()
    }


def _reached(party: str, onward: Mapping[str, set[str]]) -> frozenset[str]:
    found: set[str] = set()
    new = {party}
    while new:
        new = {other for each in new for other in onward.get(each, ())} - found
        found |= new
    return frozenset(found)


def _told(item: Item) -> dict[str, Any]:
    told = {
        "party": item.party, "purpose": item.purpose, "category": item.category, "role": item.role,
        "decision": item.decision, "rule": item.rule, "law": item.law, "until": item.until,
        "assumed": item.assumed, "disclosures": item.disclosures,
    }  # fmt: skip
    return {key: value for key, value in told.items() if value is not None}


def _digest(told: Mapping[str, Any], payloads: Mapping[str, Any], secret: bytes) -> str:
    """Of everything that would be done and sent, but not of how often something was seen. Keyed: nobody can guess at it."""
    items = [{key: value for key, value in each.items() if key != "disclosures"} for each in told["items"]]
    tasks = [{key: value for key, value in each.items() if key not in {"first", "last"}} for each in told["tasks"]]
    return hmac.digest(secret, canonical({"items": items, "tasks": tasks, "payloads": payloads}), "sha256").hex()
