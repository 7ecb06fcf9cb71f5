"""Facts: what one event adds to the graph, by pseudonyms alone. Commutative: order, repetition and batches do not matter.

An event adds ownership between identifiers, disclosures, a consent or a link (contract §2-§3). Who is one person is not
decided here.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from lineage.errors import Invalid
from lineage.identifiers import NEVER, WHO, rank
from lineage.products import comparable
from lineage.pseudonyms import Pseudonyms

MOST_IDENTIFIERS = 200
"""Of one person in one event: what several customers named at once own grows by its square."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Named(Protocol):
    """An identifier as it was sent."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> str: ...


class Concerned(Protocol):
    """One person an event speaks of, and the categories of her that were really present."""

    @property
    def identifiers(self) -> Sequence[Named]: ...
    @property
    def reference(self) -> Named | None: ...
    @property
    def categories(self) -> tuple[str, ...]: ...
    @property
    def forbidden(self) -> bool: ...


class Said(Protocol):
    """What one event says, in clear: all that is needed of it from whoever reads events."""

    @property
    def type(self) -> str: ...
    @property
    def event_id(self) -> str: ...
    @property
    def occurred_at(self) -> int: ...
    @property
    def controller(self) -> str: ...
    @property
    def people(self) -> Sequence[Concerned]: ...
    @property
    def parties(self) -> Sequence[str]: ...
    @property
    def source(self) -> str | None: ...
    @property
    def target(self) -> str | None: ...
    @property
    def purpose(self) -> str | None: ...
    @property
    def consent(self) -> tuple[str, bool] | None: ...
    @property
    def link(self) -> tuple[Named, Named, bool] | None: ...
    @property
    def evidence(self) -> Mapping[str, str | bool]: ...
    @property
    def products(self) -> Sequence[tuple[str, str]]: ...


# Tuples and not frozen dataclasses: several are made for every event, and a tuple costs a third.
class Route(NamedTuple):
    """What disclosures have in common: who gave to whom, why, which categories, for which company."""

    source: str
    target: str
    purpose: str
    categories: tuple[str, ...]
    controller: str
    forbidden: bool


class Disclosure(NamedTuple):
    """One event's disclosure of one person. `part` tells an event's persons apart; times are microseconds, UTC."""

    event: bytes
    part: int
    holder: bytes
    route: Route
    at: int
    recorded: int
    as_sent: bytes


class Consent(NamedTuple):
    """A consent given or withdrawn."""

    event: bytes
    holder: bytes
    purpose: str
    granted: bool
    at: int
    recorded: int
    as_sent: bytes


class Link(NamedTuple):
    """A named decision that two identifiers are one person (`joined`), or no longer."""

    event: bytes
    one: bytes
    other: bytes
    joined: bool
    at: int
    recorded: int
    as_sent: bytes


class Bought(NamedTuple):
    """That a disclosure of a person tells of a product that she bought: its model, by pseudonym. Which, is sealed in it."""

    event: bytes
    part: int
    holder: bytes
    model: bytes


class Part(NamedTuple):
    """What one event says of one of its persons: her number in it, what her disclosure hangs on, and what she is known by."""

    number: int
    holder: bytes
    identifiers: tuple[bytes, ...]
    owns: tuple[tuple[bytes, bytes], ...]


class Facts(NamedTuple):
    """All that one event adds. `identifiers` maps pseudonym to kind; `owns` pairs (owner, owned).

    `parts` tells its persons apart where it speaks of several; else it is empty, and all is about one.
    """

    event: bytes
    content: bytes
    at: int
    recorded: int
    identifiers: dict[bytes, str]
    owns: tuple[tuple[bytes, bytes], ...]
    disclosures: tuple[Disclosure, ...]
    consents: tuple[Consent, ...]
    links: tuple[Link, ...]
    parts: tuple[Part, ...] = ()
    bought: tuple[Bought, ...] = ()


def facts_of(
    said: Said, content: bytes, pseudonyms: Pseudonyms, recorded: int, is_party: Callable[[str], bool]
) -> Facts:
    """Return what an event adds to the graph; `as_sent` is still in clear and must be sealed before it is written.

    Raises:
        Invalid: a party is not in the register, or the event speaks of nobody.
    """
    for party in said.parties:
        if not is_party(party):
            raise Invalid("unknown party")
    event, at = pseudonyms.event(said.event_id), said.occurred_at
    identifiers: dict[bytes, str] = {}
    owns: list[tuple[bytes, bytes]] = []
    disclosures: list[Disclosure] = []
    consents: list[Consent] = []
    bought: list[Bought] = []
    spans: list[tuple[int, bytes, tuple[list[bytes], list[bytes], bool], int]] = []
    for part, (person, named) in enumerate(_apart(said.people)):
        known, before = _known_by(named, person.reference, pseudonyms, identifiers), len(owns)
        holder = _own(*known, owns)
        if holder is None:
            continue
        spans.append((part, holder, known, before))
        if said.source and said.target and said.purpose:
            route = Route(said.source, said.target, said.purpose, person.categories, said.controller, person.forbidden)
            products = said.products if person is said.people[0] else ()  # another person only receives the goods
            told = as_sent(named, said.evidence, products)
            disclosures.append(Disclosure(event, part, holder, route, at, recorded, told))
            if products:
                bought += _bought(products, event, part, holder, pseudonyms)
        if said.consent:
            consents.append(Consent(event, holder, *said.consent, at, recorded, as_sent(named, said.evidence)))
    links = _links(said, event, recorded, pseudonyms, identifiers)
    if not (disclosures or consents or links):
        raise Invalid("names nobody")
    return Facts(
        event, pseudonyms.content(said.type, content), at, recorded, identifiers,
        tuple(owns), tuple(disclosures), tuple(consents), links, _parts(spans, owns) if len(spans) > 1 else (),
        tuple(bought),
    )  # fmt: skip


def _bought(
    products: Iterable[tuple[str, str]], event: bytes, part: int, holder: bytes, pseudonyms: Pseudonyms
) -> list[Bought]:
    models = sorted({comparable(model) for model, _ in products} - {""})
    return [Bought(event, part, holder, pseudonyms.product(model)) for model in models]


def _parts(
    spans: Sequence[tuple[int, bytes, tuple[list[bytes], list[bytes], bool], int]], owns: Sequence[tuple[bytes, bytes]]
) -> tuple[Part, ...]:
    """Return an event's persons, each given by what is known of her and where in `owns` hers begins."""
    ends = [*(before for *_, before in spans[1:]), len(owns)]
    return tuple(
        [
            Part(number, holder, (*known[0], *known[1]), tuple(owns[before:end]))
            for (number, holder, known, before), end in zip(spans, ends, strict=True)
        ]
    )


def of_parts(facts: Facts, numbers: Collection[int]) -> Facts:
    """Return what an event adds of some of its persons, given by their numbers, and nothing of the others."""
    parts = tuple([each for each in facts.parts if each.number in numbers])
    others = {each.holder for each in facts.parts if each.number not in numbers}
    return facts._replace(
        identifiers={key: facts.identifiers[key] for each in parts for key in each.identifiers},
        owns=tuple([edge for each in parts for edge in each.owns]),
        disclosures=tuple([each for each in facts.disclosures if each.part in numbers]),
        consents=tuple([each for each in facts.consents if each.holder not in others]),
        parts=parts,
        bought=tuple([each for each in facts.bought if each.part in numbers]),
    )


def primary(said: Said) -> Named | None:
    """Return the identifier that keeps an event's record with others of the same person on a bus.

    It is her highest who, or the main reference; None where the event names nobody.
    """
    if said.link:
        return said.link[0]
    for person in said.people:
        whos = [each for each in person.identifiers if each.kind in WHO]
        if found := min(whos, key=lambda each: rank(each.kind), default=person.reference):
            return found
    return None


def _apart(people: Iterable[Concerned]) -> Iterator[tuple[Concerned, list[Named]]]:
    """Yield each person with her identifiers. Several customers named at once stay several: no event joins accounts."""
    for person in people:
        if len(person.identifiers) > MOST_IDENTIFIERS:
            raise Invalid(f"names more than {MOST_IDENTIFIERS} identifiers: give them as several events")
        named = [each for each in person.identifiers if each.kind not in NEVER]
        customers = {each.value: each for each in named if each.kind == WHO[0]}
        if len(customers) < 2:
            yield person, named
            continue
        others = [each for each in named if each.kind != WHO[0]]
        for customer in customers.values():
            yield person, [customer, *others]


def as_sent(
    named: Sequence[Named], evidence: Mapping[str, str | bool], products: Sequence[tuple[str, str]] = ()
) -> bytes:
    """Return identifiers as they were sent, and evidence, as JSON: {"identifiers": [[kind, value], …], "evidence": {…}}.

    With products `products`, too: [[model, serial number], …].
    """
    told: dict[str, Any] = {"identifiers": [(each.kind, each.value) for each in named], "evidence": dict(evidence)}
    if products:
        told["products"] = list(products)
    return _ENCODER.encode(told).encode()


def read_as_sent(plain: bytes) -> tuple[list[tuple[str, str]], dict[str, str | bool]]:
    """Return the identifiers and the evidence of an opened `as_sent`."""
    told = json.loads(plain)
    return [(kind, value) for kind, value in told["identifiers"]], told["evidence"]


def read_products(plain: bytes) -> list[tuple[str, str]]:
    """Return model and serial number of each product that an opened `as_sent` tells of; none in one of an older version."""
    return [(model, serial) for model, serial in json.loads(plain).get("products", ())]


def _known_by(
    named: Sequence[Named], reference: Named | None, pseudonyms: Pseudonyms, identifiers: dict[bytes, str]
) -> tuple[list[bytes], list[bytes], bool]:
    """Add the identifiers of one person; return her whos and her references, by rank, and whether a customer leads."""
    order, split = _ranked(tuple([each.kind for each in named]))
    keys = []
    for place in order:
        kind, value = named[place].kind, named[place].value
        key = pseudonyms.identifier(kind, value)
        identifiers[key] = kind
        keys.append(key)
    whos, references = keys[:split], keys[split:]
    if reference is not None:
        main = pseudonyms.identifier(reference.kind, reference.value)
        identifiers[main] = reference.kind
        references.insert(0, main)
    return whos, references, split > 0 and named[order[0]].kind == WHO[0]


def _own(whos: list[bytes], references: list[bytes], customer: bool, owns: list[tuple[bytes, bytes]]) -> bytes | None:
    """Add who owns what of one person; return what her disclosure hangs on (contract §3), None where she is nobody."""
    if whos:
        owns += [(whos[0], each) for each in (*whos[1:], *references[:1]) if each != whos[0]]
    if references:
        owns += [(references[0], each) for each in references[1:] if each != references[0]]
    if whos and (not references or customer):
        return whos[0]
    return references[0] if references else None


@lru_cache(maxsize=10_000)
def _ranked(kinds: tuple[str, ...]) -> tuple[tuple[int, ...], int]:
    """Return places of kinds by rank, equal ones as listed, and how many are whos. Few combinations occur."""
    order = sorted(range(len(kinds)), key=lambda place: rank(kinds[place]))
    return tuple(order), sum(kind in WHO for kind in kinds)


def _links(
    said: Said, event: bytes, recorded: int, pseudonyms: Pseudonyms, identifiers: dict[bytes, str]
) -> tuple[Link, ...]:
    if said.link is None:
        return ()
    left, right, joined = said.link
    if left.kind in NEVER or right.kind in NEVER:
        raise Invalid("links a kind that identifies nobody")
    one, other = pseudonyms.identifier(left.kind, left.value), pseudonyms.identifier(right.kind, right.value)
    identifiers[one], identifiers[other] = left.kind, right.kind
    if one > other:
        one, other = other, one
    return (Link(event, one, other, joined, said.occurred_at, recorded, as_sent((left, right), said.evidence)),)
