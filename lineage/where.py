"""The answer to `where`: what each party holds of one person, by what was observed and what the register declares."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from lineage.consents import ConsentOf
from lineage.facts import Disclosure
from lineage.graph import Graph, Near, Until
from lineage.judging import rules_broken
from lineage.persons import Person, find_person
from lineage.register import UNKNOWN, Party, Place, Register, Transfer

MIXED = "mixed"
"""The role of a party that has several, by purpose, for what it holds of one person."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What one party holds of one person: its disclosures, added up. Times are microseconds, UTC.

    `observed` is False where the register declares that the party gets a copy and no event has shown it.
    """

    party: Party
    role: str
    sources: tuple[str, ...]
    categories: tuple[str, ...]
    purposes: tuple[str, ...]
    bases: tuple[str, ...]
    first: int
    last: int
    disclosures: int
    transfer: Transfer | None
    drift: tuple[str, ...]
    observed: bool


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where one person's data is. `kinds` counts her identifiers by kind; see `Person` for what is shared."""

    person: Person
    kinds: Mapping[str, int]
    holdings: tuple[Holding, ...]
    shared: tuple[Holding, ...]


def where(
    graph: Graph,
    register: Register,
    key: bytes,
    until: Until,
    now: int,
    told: Callable[[Disclosure], bool] = lambda _: True,
) -> Whereabouts:
    """Return where the data of the person behind an identifier is (contract §3, §4). `now` is microseconds, UTC.

    A disclosure that is not `told` is left out, as if it had not been.
    """
    near = graph.near(key)
    person = find_person(near, key, until)
    consent = ConsentOf(near, person, until)
    own, shared = ([each for each in some if told(each)] for some in _disclosures(near, person, until))
    moment = now if until.at is None else until.at
    return Whereabouts(
        person=person,
        kinds=dict(sorted(Counter(person.members.values()).items())),
        holdings=_holdings(own, register, partial(consent.held, shared=False), moment),
        shared=_holdings(shared, register, partial(consent.held, shared=True), moment),
    )


def _disclosures(graph: Near, person: Person, until: Until) -> tuple[list[Disclosure], list[Disclosure]]:
    own: list[Disclosure] = []
    shared: list[Disclosure] = []
    for each in graph.disclosures(person.members.keys() | person.shared, until):
        (shared if each.holder in person.shared else own).append(each)
    return own, shared


def _holdings(
    disclosures: Iterable[Disclosure], register: Register, consented: Callable[[str, int], bool], moment: int
) -> tuple[Holding, ...]:
    by_party: dict[str, list[Disclosure]] = {}
    for each in disclosures:
        by_party.setdefault(each.route.target, []).append(each)
    found = {party: _holding(party, held, register, consented, moment) for party, held in by_party.items()}
    return tuple(each for _, each in sorted(_with_copies(found, register, moment).items()))


def _holding(
    party: str,
    held: list[Disclosure],
    register: Register,
    consented: Callable[[str, int], bool],
    moment: int,
) -> Holding:
    first, last = min(each.at for each in held), max(each.at for each in held)
    bases = {register.basis(each.route.purpose, each.at) for each in held}
    return Holding(
        party=_party(register, party),
        role=_role({register.role(party, each.route.purpose, each.at) for each in held}),
        sources=tuple(sorted({each.route.source for each in held})),
        categories=tuple(sorted({category for each in held for category in each.route.categories})),
        purposes=tuple(sorted({each.route.purpose for each in held})),
        bases=tuple(sorted(basis for basis in bases if basis)),
        first=first,
        last=last,
        disclosures=len(held),
        transfer=register.transfer(party, moment),
        drift=tuple(sorted({rule for each in held for rule in rules_broken(register, each, consented)})),
        observed=True,
    )


def _with_copies(found: dict[str, Holding], register: Register, moment: int) -> dict[str, Holding]:
    """Add the parties that the register declares to get copies from those found, and from those, and so on."""
    whole = dict(found)
    new = list(found.items())
    while new:
        (source, original), *new = new
        for copy in register.copies_from(source, moment):
            if copy.target in whole:
                if whole[copy.target].observed:
                    continue
                copied = _both(whole[copy.target], original, source)
            else:
                copied = _copy(copy.target, copy.purpose, source, original, register, moment)
            if whole.get(copy.target) != copied:
                whole[copy.target] = copied
                new.append((copy.target, copied))
    return whole


def _copy(party: str, purpose: str, source: str, of: Holding, register: Register, moment: int) -> Holding:
    basis = register.basis(purpose, moment)
    return Holding(
        party=_party(register, party),
        role=register.role(party, purpose, moment),
        sources=(source,),
        categories=of.categories,
        purposes=(purpose,),
        bases=(basis,) if basis else (),
        first=of.first,
        last=of.last,
        disclosures=0,
        transfer=register.transfer(party, moment),
        drift=(),
        observed=False,
    )


def _both(copy: Holding, of: Holding, source: str) -> Holding:
    """Return a declared copy that is fed by one more source."""
    return replace(
        copy,
        sources=tuple(sorted({*copy.sources, source})),
        categories=tuple(sorted({*copy.categories, *of.categories})),
        first=min(copy.first, of.first),
        last=max(copy.last, of.last),
    )


def _party(register: Register, party: str) -> Party:
    found = register.party(party)
    if found is None:  # recorded under a register that knew it
        return Party(party, party, kind=UNKNOWN, country=UNKNOWN, place=Place("not in this register"))
    return found


def _role(roles: set[str]) -> str:
    return roles.pop() if len(roles) == 1 else MIXED
