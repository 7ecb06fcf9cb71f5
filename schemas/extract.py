"""What one event says, drawn from the annotations of its type: the one extractor for every type there is or will be.

Speaks of values as they were sent, in clear; nothing here is written anywhere.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from schemas.annotations import Another, Checked, Kept, Product
from schemas.catalogue import EventType
from schemas.vocabulary import KIND


class InvalidEvent(ValueError):
    """A record the contract calls bad input; the message names fields, never their values."""


# Tuples and not frozen dataclasses, unlike elsewhere: two of these are made for every event, and a tuple costs a third.
class Named(NamedTuple):
    """An identifier as it was sent."""

    kind: str
    value: str


class Concerned(NamedTuple):
    """One person an event speaks of.

    `reference` is her main reference where her kind of person has one of its own (a consignee), else None. `categories`
    are sorted.
    """

    identifiers: tuple[Named, ...]
    reference: Named | None
    categories: tuple[str, ...]
    forbidden: bool


class Said(NamedTuple):
    """What one event says. `occurred_at` is microseconds, UTC; `source` to `purpose` are None where it discloses nothing.

    `evidence` is by field: what shows how it came to be (who decided, the text consented to, the campaign).
    """

    type: str
    event_id: str
    occurred_at: int
    controller: str
    people: tuple[Concerned, ...]
    parties: tuple[str, ...]
    source: str | None
    target: str | None
    purpose: str | None
    consent: tuple[str, bool] | None
    link: tuple[Named, Named, bool] | None
    evidence: dict[str, str | bool]
    products: tuple[tuple[str, str], ...] = ()
    """Model and serial number of each product that the first person bought or has; empty texts where one is not told."""


PERSON = "person"
# The microseconds that can be told as a date.
EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999


def said(kind: EventType, event: Mapping[str, Any], forbidden: frozenset[str] = frozenset()) -> Said:
    """Return what `event` says.

    `forbidden` names whose values were dropped because nobody may keep them: `person`, or a field about another person.

    Raises:
        InvalidEvent: a text has not the shape its format asks for, or the event has no id, or no time that is a date.
    """
    notes = kind.annotations
    if not event["event_id"]:
        raise InvalidEvent("event_id is empty")
    if not EARLIEST <= event["occurred_at"] <= LATEST:
        raise InvalidEvent("occurred_at: not within the years 1 to 9999")
    _check(notes.checked, event)
    people = [_subject(kind, event, PERSON in forbidden)]
    people += [
        _another(other, event, other.name in forbidden)
        for other in notes.others
        if event[other.name] is not None and (_present(event[other.name]) or other.name in forbidden)
    ]
    source = target = purpose = None
    if disclosing := notes.discloses:
        source, target = _value(disclosing.source, event), _value(disclosing.target, event)
        purpose = _value(disclosing.purpose, event)
    return Said(
        kind.name, event["event_id"], event["occurred_at"], event["controller"], tuple(people),
        tuple([event[name] for name in notes.parties]), source, target, purpose,
        (_value(notes.consents[0], event), bool(_value(notes.consents[1], event))) if notes.consents else None,
        _link(notes.links, event) if notes.links else None,
        {name: value for name in notes.evidence if (value := event[name]) not in (None, "")},
        _bought(notes.products, event) if notes.products else (),
    )  # fmt: skip


def _subject(kind: EventType, event: Mapping[str, Any], forbidden: bool) -> Concerned:
    notes = kind.annotations
    identifiers: list[Named] = []
    categories: set[str] = set()
    _collect(notes.kept, event, identifiers, categories)
    if notes.identifiers:
        for each in event[notes.identifiers]:
            if not KIND.fullmatch(each["kind"]):
                raise InvalidEvent(f"{notes.identifiers}: kind is not a word")
            if each["value"].strip():
                identifiers.append(Named(each["kind"], each["value"]))
    if disclosing := notes.discloses:
        if disclosing.categories:
            categories = set(event[disclosing.categories[1:]])
        categories |= disclosing.adds
    return Concerned(tuple(identifiers), None, _sorted(frozenset(categories)), forbidden)


def _another(other: Another, event: Mapping[str, Any], forbidden: bool) -> Concerned:
    identifiers: list[Named] = []
    categories: set[str] = set()
    _collect(other.kept, event[other.name], identifiers, categories)
    named_by = event[other.named_by]
    reference = Named(other.reference, named_by) if named_by else None
    return Concerned(tuple(identifiers), reference, _sorted(frozenset(categories)), forbidden)


def _collect(kept: Iterable[Kept], event: Mapping[str, Any], identifiers: list[Named], found: set[str]) -> None:
    for name, category, identifier, inside in kept:
        value = event[name]
        if value is None:
            continue
        if value.__class__ is str:
            if value:
                found.add(category)
                if identifier and not value.isspace():
                    identifiers.append(Named(identifier, value))
        elif _present(value):
            found.add(category)
            if inside:
                for part in value if isinstance(value, list) else (value,):
                    _collect(inside, part, identifiers, found)


@lru_cache(maxsize=10_000)
def _sorted(categories: frozenset[str]) -> tuple[str, ...]:
    """Sort categories; the combinations that occur are few."""
    return tuple(sorted(categories))


def _present(value: Any) -> bool:  # noqa: ANN401 - any Avro value
    if isinstance(value, Mapping):
        return any(map(_present, value.values()))
    return value is not None and value not in ("", [])


def _check(checked: Iterable[Checked], event: Mapping[str, Any]) -> None:
    for name, form, inside in checked:
        value = event[name]
        if value is None:
            continue
        for part in value if value.__class__ is list else (value,):
            if inside:
                _check(inside, part)
            elif form and not form.fullmatch(part):
                raise InvalidEvent(f"{name}: not in its format")


def _bought(products: Iterable[Product], event: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    found = []
    for within, model, serial in products:
        records = event if within is None else event[within]
        for each in records if isinstance(records, list) else (records,):
            told = (
                ((each[model] if model else None) or "", (each[serial] if serial else None) or "") if each else ("", "")
            )
            if any(told):
                found.append(told)
    return tuple(found)


def _link(fields: tuple[str, str, bool], event: Mapping[str, Any]) -> tuple[Named, Named, bool]:
    ends = []
    for name in fields[:2]:
        end = event[name]
        if not KIND.fullmatch(end["kind"]) or not end["value"].strip():
            raise InvalidEvent(f"{name}: names no identifier")
        ends.append(Named(end["kind"], end["value"]))
    return ends[0], ends[1], fields[2]


def _value(source: Any, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a word, or what stands in a field
    return event[source[1:]] if isinstance(source, str) and source.startswith("$") else source
