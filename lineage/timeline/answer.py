"""The answer itself: what is recorded of a person, what was looked at, and what became of her cases, put in order."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from lineage.answers.gathering import told_of
from lineage.answers.statement import is_look_up
from lineage.cases.casework import Casework
from lineage.consents import ConsentOf
from lineage.facts import Consent, Disclosure, Link
from lineage.judging import rules_broken
from lineage.persons import Person, find_person
from lineage.register import PERSON
from lineage.revealing import Looked, looked_at
from lineage.timeline.model import Asked, Kind, Moment, Order, Timeline
from lineage.timeline.of_cases import moments_of

BATCH = 200
"""Identifiers that are asked about at a time."""


def timeline(
    work: Casework, looks: Iterable[Looked], asked: Asked, order: Order, person: Person | None = None
) -> Timeline:
    """Put all that happened to whoever an identifier stands for into the order, and return what else is known.

    `looks` is the access log, opened (`lineage.revealing.opened_looks`). What hangs on identifiers that she shares is told
    as `shared`; where the identifier asked about is itself shared, all of it is. `person` is whoever that is, where it is
    known already. Raises: as the stores.
    """
    person = person or find_person(work.graph.near(asked.key), asked.key, asked.until)
    keys = {asked.key, *person.members, *person.shared}
    stones = work.memory.entombed({asked.key, *person.members}).values()
    order.add(_recorded(work, person, asked))
    cases = _cases(work, person, asked, {each.case for each in stones})
    for case, shared in cases.items():
        order.add(moments_of(work.journal.entries(case), asked, shared=shared))
    many = 0
    for number, look in enumerate(looks):
        if not asked.wants(look.at, look.at):
            continue
        many += look.at_many and look.in_clear
        theirs = _is_hers(looked_at(look, work.pseudonyms), person, keys, cases)
        if theirs is not None:
            kind: Kind = "revealed" if look.in_clear else "asked-about"
            order.add([Moment(look.at, look.at, f"look.{number}", kind, {"shared": theirs})])
    return Timeline(
        person=person,
        kinds=dict(sorted(Counter(person.members.values()).items())),
        erased=tuple(sorted({(each.case, each.before) for each in stones})),
        many=many,
    )


def _recorded(work: Casework, person: Person, asked: Asked) -> Iterator[Moment]:
    """Yield what hangs on her identifiers, so many identifiers at a time."""
    graph = work.graph
    consent = ConsentOf(graph, person, asked.until)
    holders = sorted(person.members.keys() | person.shared)
    for first in range(0, len(holders), BATCH):
        some = set(holders[first : first + BATCH])
        yield from _wanted(asked, _disclosed(work, person, asked, some, consent.held))
        yield from _wanted(asked, map(partial(_consent, person), graph.consents(some, asked.until)))
        yield from _wanted(asked, map(partial(_link, person), graph.links(some, asked.until)))


def _wanted(asked: Asked, moments: Iterable[Moment]) -> Iterator[Moment]:
    return (each for each in moments if asked.wants(each.at, each.recorded))


def _disclosed(
    work: Casework, person: Person, asked: Asked, holders: set[bytes], held: Callable[..., bool]
) -> Iterator[Moment]:
    keys = work.keyring.find(holders)
    for each in work.graph.disclosures(holders, asked.until):
        shared = each.holder in person.shared
        # What she gave herself is no look at her: it need not be opened.
        looked = each.route.source != PERSON and is_look_up(told_of(each, keys), work.register)
        yield _disclosure(work, each, shared, partial(held, shared=shared), looked=looked)


def _disclosure(
    work: Casework, each: Disclosure, shared: bool, held: Callable[[str, int], bool], *, looked: bool
) -> Moment:
    route = each.route
    told: dict[str, Any] = {
        "shared": shared,
        "event": each.event.hex(),
        "from": route.source,
        "to": route.target,
        "purpose": route.purpose,
        "basis": work.register.basis(route.purpose, each.at),
        "role": work.register.role(route.target, route.purpose, each.at),
        "categories": list(route.categories),
        "controller": route.controller,
        "drift": list(rules_broken(work.register, each, held)),
    }
    key = f"{each.event.hex()}.{each.part}"
    return Moment(each.at, each.recorded, key, "looked-up" if looked else "disclosed", told)


def _consent(person: Person, each: Consent) -> Moment:
    told = {"shared": each.holder in person.shared, "event": each.event.hex(), "purpose": each.purpose}
    key = f"{each.event.hex()}.{each.holder.hex()}"
    return Moment(each.at, each.recorded, key, "consented" if each.granted else "withdrew", told)


def _link(person: Person, each: Link) -> Moment:
    told = {"shared": not {each.one, each.other} & person.members.keys(), "event": each.event.hex()}
    return Moment(each.at, each.recorded, f"{each.event.hex()}.-", "linked" if each.joined else "unlinked", told)


def _cases(work: Casework, person: Person, asked: Asked, erasing: set[str]) -> dict[str, bool]:
    """Return her cases, and of each whether it names only identifiers that she shares: then it may be another's."""
    own = {asked.key, *person.members} - person.shared
    found = dict.fromkeys(sorted(erasing), False)
    for row in work.journal.cases_of(own | person.shared):
        found.setdefault(row.case, not own & set(row.subjects))
    return found


def _is_hers(at: bytes | str | None, person: Person, keys: set[bytes], cases: Mapping[str, bool]) -> bool | None:
    """Tell whether a look was at something that she shares; None where it was not at her."""
    if isinstance(at, bytes):
        return at in person.shared if at in keys else None
    return None if at is None else cases.get(at)
