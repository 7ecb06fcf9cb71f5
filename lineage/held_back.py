"""Erased stays erased: what an event says of an erased person from before her erasure is held back.

Decides what of an event that is, and whether it is a replay or late. Pure; asks and writes nothing.
"""

import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from lineage.facts import Facts, Route, of_parts
from lineage.identifiers import WHO, normalised
from lineage.pseudonyms import Pseudonyms
from lineage.tombstones import Tombstone

_DOTLESS = ("gmail.com", "googlemail.com")
_SPACES = " \t\r\n\0\x0b"


class Late(NamedTuple):
    """What came of an erased person after she was erased: the source has her still, and the target may have got her anew.

    `event` and `part` tell it from any other. Times are microseconds UTC: `at` it occurred, at `recorded` it was read here.
    `route` is None where nobody got anything by it (a consent, a link). `as_sent` is in clear: seal it before it is kept.
    `known` tells that the event had been recorded before, so that a plan may have been made for it.
    """

    event: bytes
    part: int
    case: str
    at: int
    recorded: int
    route: Route | None
    as_sent: bytes
    known: bool


class Incidents(Protocol):
    """Where what is late goes: the case that erased the person. Raises: Retryable: not now; it will be told again."""

    def raise_(self, late: Sequence[Late]) -> int:
        """Keep these durably, each once, and return how many were news: the same may come any number of times."""
        ...

    def kept(self, case: str) -> tuple[Collection[tuple[bytes, int]], bytes | None]:
        """Return which disclosures (event, part) a case keeps of whom it erased, and the identifier they hang on."""
        ...


class Held(NamedTuple):
    """What an event says of an erased person. `facts` are hers alone, in clear.

    `entombed` are those of its identifiers that hold it back; `tombstone` is the latest. `whole` tells, of the first of an
    event's, that nothing of the event is left. `arrived` is when the record reached the bus, None where that is not known.
    """

    facts: Facts
    part: int
    tombstone: Tombstone
    entombed: frozenset[bytes]
    whole: bool
    arrived: int | None

    @property
    def is_replay(self) -> bool:
        """Whether its record was on the bus before she was erased: the erasure went over all that had come by then."""
        return self.arrived is not None and self.arrived <= self.tombstone.before


def held_in(facts: Facts, stones: Mapping[bytes, Tombstone], arrived: int | None) -> list[Held]:
    """Return what an event says of erased persons, hers before the erasure.

    Each of its persons is looked at by herself. A link is of both its ends at once.
    """
    if not facts.parts or facts.links:
        whole = _stones(facts.identifiers, facts.at, stones)
        part = facts.disclosures[0].part if facts.disclosures else 0
        return [_held(facts, part, whole, True, arrived)] if whole else []
    found = [(each.number, _stones(each.identifiers, facts.at, stones)) for each in facts.parts]
    first = found[0][0] if all(some for _, some in found) else None
    return [_held(of_parts(facts, (part,)), part, some, part == first, arrived) for part, some in found if some]


def left_of(facts: Facts, held: Sequence[Held]) -> Facts | None:
    """Return what is left of an event without what is held back; None where that is nothing."""
    if not held:
        return facts
    if held[0].whole:
        return None
    gone = {each.part for each in held}
    return of_parts(facts, [each.number for each in facts.parts if each.number not in gone])


def stones_of(held: Held) -> list[Tombstone]:
    """Return tombstones for the references that the event says are the erased person's.

    By its own words: what is owned there by an identifier that is entombed. What is owned by another who is named beside it
    may be another's, and so may an address or a telephone.
    """
    facts, hers = held.facts, set(held.entombed)
    for _ in facts.owns:  # who owns an order owns its shipment: as many steps as there are pairs, at most
        hers |= {owned for owner, owned in facts.owns if owner in hers and facts.identifiers.get(owned) not in WHO}
    return [held.tombstone._replace(key=each) for each in sorted(hers - held.entombed)]


def late_of(held: Held, *, known: bool) -> Late:
    """Return what the case is told of what was held back."""
    facts = held.facts
    route = facts.disclosures[0].route if facts.disclosures else None
    sent = [each.as_sent for each in facts.disclosures] + [each.as_sent for each in facts.consents]
    sent += [each.as_sent for each in facts.links]
    return Late(
        facts.event, held.part, held.tombstone.case, facts.at, facts.recorded, route, next(iter(sent), b""), known
    )


def tombstone_keys(pseudonyms: Pseudonyms, kind: str, value: str) -> frozenset[bytes]:
    """Return the pseudonyms of an identifier in every form in which it may come back.

    E-mail addresses and phone numbers are uploaded hashed too (`AudienceUploaded` with `sent_as` sha256): the SHA-256,
    in hexadecimal, of every form that advertisers ask for is an identifier of the same kind.
    """
    forms = {hashlib.sha256(each.encode()).hexdigest() for each in _hashed_forms(kind, value)}
    return frozenset(pseudonyms.identifier(kind, each) for each in {value, *forms, *map(str.upper, forms)})


def _hashed_forms(kind: str, value: str) -> set[str]:
    plain = normalised(kind, value)
    if kind == "phone":  # Google: E.164; Meta: without the plus
        return {plain, plain.lstrip("+"), value.strip()}
    if kind != "email":
        return set()
    forms = {value, value.strip(), value.strip().lower(), plain, unicodedata.normalize("NFD", plain)}
    forms |= {"".join(plain.split()), plain.strip(_SPACES + ".")}
    name, at, domain = plain.rpartition("@")
    if at and domain in _DOTLESS:  # Google took out the dots, and later what follows a plus too
        forms |= {name.replace(".", "") + at + domain, name.partition("+")[0].replace(".", "") + at + domain}
    return forms


def _stones(keys: Iterable[bytes], at: int, stones: Mapping[bytes, Tombstone]) -> list[Tombstone]:
    """Return the tombstones that hold an event of that time back."""
    return [stones[key] for key in keys if key in stones and at <= stones[key].before]


def _held(facts: Facts, part: int, stones: Sequence[Tombstone], whole: bool, arrived: int | None) -> Held:
    latest = max(stones, key=lambda each: (each.before, each.case, each.key))
    return Held(facts, part, latest, frozenset(each.key for each in stones), whole, arrived)
