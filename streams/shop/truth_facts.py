"""One event, read by the letter of the contract's sections 2 and 3: who owns whom, and what was disclosed of whom.

Works on one event at a time and remembers none.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import cast

import phonenumbers

from streams.shop.cards import holds_card_number
from streams.shop.diary import Event
from streams.shop.truth_table import CATEGORY, NOBODY, REFERENCES, TABLE, WHOS, Row

Identifier = tuple[str, str]  # kind and normalised value

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_RANKS = {kind: rank for rank, kind in enumerate((*WHOS, "order_id", "consignee"))}


@dataclass(frozen=True, slots=True)
class Disclosed:
    """These categories of one person went from one party to another; it hangs on `hangs`. Time in microseconds."""

    hangs: Identifier
    source: str
    target: str
    purpose: str
    categories: frozenset[str]
    at: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What one event says. `owns` are pairs of owner and owned; `link` is two identifiers and whether they are one."""

    at: int
    named: tuple[Identifier, ...]
    owns: tuple[tuple[Identifier, Identifier], ...] = ()
    disclosed: tuple[Disclosed, ...] = ()
    link: tuple[frozenset[Identifier], bool] | None = None


@dataclass(frozen=True, slots=True)
class _Subject:
    """One person in an event: her whos and references, each in the order listed."""

    whos: list[Identifier]
    references: list[Identifier]

    def main(self) -> Identifier | None:
        """The main reference: the order if there is one, else the highest and then first listed."""
        return min(self.references, key=rank, default=None)

    def owns(self) -> list[tuple[Identifier, Identifier]]:
        """The highest who owns the other whos and the main reference, which owns the other references."""
        pairs, main = [], self.main()
        if self.whos:
            highest = min(self.whos, key=rank)
            pairs += [(highest, who) for who in self.whos]
            pairs += [(highest, main)] if main else []
        if main:
            pairs += [(main, reference) for reference in self.references]
        return [(owner, owned) for owner, owned in pairs if owner != owned]

    def hangs(self) -> Identifier | None:
        """On the customer number if there is one, else the main reference, else the highest who."""
        customers = [who for who in self.whos if who[0] == "customer_id"]
        if customers:
            return customers[0]
        return self.main() or min(self.whos, key=rank, default=None)


def rank(identifier: Identifier) -> int:
    """The place of its kind in the contract's order; smaller is higher, and `min` keeps the first listed of equals."""
    return _RANKS.get(identifier[0], len(_RANKS))


def normalised(kind: str, value: str) -> Identifier:
    """The identifier as it is compared: e-mail trimmed, NFC, lower-cased; phone as E.164, or stripped if it is none."""
    if kind == "email":
        return kind, unicodedata.normalize("NFC", value.strip()).lower()
    return (kind, _e164(value)) if kind == "phone" else (kind, value)


@lru_cache(maxsize=100_000)
def _e164(text: str) -> str:
    try:
        number = phonenumbers.parse(text, "FI")
    except phonenumbers.NumberParseException:
        return text.strip()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def instant(text: str) -> int:
    """Microseconds since the epoch of an RFC 3339 time."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


def facts_of(event: Event) -> Facts:
    """What this event says, by the contract; the event must be good input."""
    event = cast("Event", without_cards(event))
    at = instant(str(event["occurred_at"]))
    kind = str(event["type"])
    if kind in ("IdentifiersLinked", "IdentifiersUnlinked"):
        return _decided(event, at, linked=kind == "IdentifiersLinked")
    row = TABLE[kind]
    subject = _named(event) if kind == "DataDisclosed" else _subject({name: event.get(name) for name in row.fields})
    people = [(one, _categories(event, row)) for one in _accounts_apart(subject)]
    if event.get("consignee"):
        people.append(_consignee(event))
    return Facts(
        at,
        tuple(name for person, _ in people for name in (*person.whos, *person.references)),
        tuple(pair for person, _ in people for pair in person.owns()),
        tuple(
            _disclosed(event, row, at, hangs, categories)
            for person, categories in people
            if row.target and (hangs := person.hangs())
        ),
    )


def _decided(event: Event, at: int, *, linked: bool) -> Facts:
    sides = [cast("dict[str, str]", event[side]) for side in ("left", "right")]
    ends = tuple(normalised(side["kind"], side["value"]) for side in sides)
    return Facts(at, ends, link=(frozenset(ends), linked))


def _consignee(event: Event) -> tuple[_Subject, frozenset[str]]:
    """The other person who receives the goods: what was told of her, and nothing of the buyer's."""
    consignee = cast("Event", event["consignee"])
    told = {name: consignee.get(name) for name in ("name", "phone", "email", "address")}
    subject = _subject(told)
    if event.get("order_id"):
        subject.references.append(("consignee", str(event["order_id"])))
    return subject, frozenset(CATEGORY[name] for name, value in told.items() if value)


def _subject(fields: Event) -> _Subject:
    present = [normalised(name, str(fields[name])) for name in fields if name in (*WHOS, *REFERENCES) and fields[name]]
    return _Subject(
        [one for one in present if one[0] in WHOS and one[1]],
        [one for one in present if one[0] in REFERENCES],
    )


def _named(event: Event) -> _Subject:
    """The person of a `DataDisclosed`: whatever kinds are named, but for those that identify nobody."""
    named = [
        normalised(str(one["kind"]), str(one["value"]))
        for one in cast("list[Event]", event["identifiers"])
        if one.get("value") and one["kind"] not in NOBODY
    ]
    return _Subject([one for one in named if one[0] in WHOS], [one for one in named if one[0] not in WHOS])


def _accounts_apart(subject: _Subject) -> list[_Subject]:
    """Several accounts named in one event are several persons, each with all else that is named: no event joins them."""
    accounts = sorted({who for who in subject.whos if who[0] == "customer_id"})
    if len(accounts) < 2:
        return [subject]
    others = [who for who in subject.whos if who[0] != "customer_id"]
    return [_Subject([account, *others], list(subject.references)) for account in accounts]


def _categories(event: Event, row: Row) -> frozenset[str]:
    if row.listed:
        return frozenset(cast("list[str]", event["categories"]))
    seen = {CATEGORY[name] for name in row.fields if event.get(name)}
    if "items" in row.fields and any(item.get("serial") for item in cast("list[Event]", event["items"])):
        seen.add("serial_number")
    return frozenset(seen | set(row.adds))


def _disclosed(event: Event, row: Row, at: int, hangs: Identifier, categories: frozenset[str]) -> Disclosed:
    source, target, purpose = (
        str(event[way[1:]]) if way.startswith("@") else way for way in (row.source, row.target, row.purpose)
    )
    return Disclosed(hangs, source, target, purpose, categories, at)


def without_cards(value: object) -> object:
    """The value with every string that holds a card number taken out, at any depth, as if the field were absent."""
    if isinstance(value, dict):
        return {
            name: without_cards(one)
            for name, one in value.items()
            if not (isinstance(one, str) and holds_card_number(one))
        }
    return [without_cards(one) for one in value] if isinstance(value, list) else value
