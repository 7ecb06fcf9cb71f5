"""What one event says, drawn from the annotations of its type: the one extractor for every type there is or will be.

Speaks of values as they were sent, in clear; nothing here is written anywhere.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from schemas.annotations import Another, Field
from schemas.catalogue import EventType


class InvalidEvent(ValueError):
    """A record the contract calls bad input; the message names fields, never their values."""


# Tuples and not frozen dataclasses, unlike elsewhere: two of these are made for every event, and a tuple costs a third.
class Named(NamedTuple):
    """An identifier as it was sent."""

    kind: str
    value: str


class Concerned(NamedTuple):
    """One person an event speaks of.

    `reference` is her main reference where her kind of person has one of its own (a consignee), else None.
    """

    identifiers: tuple[Named, ...]
    reference: Named | None
    categories: frozenset[str]
    forbidden: bool


class Said(NamedTuple):
    """What one event says. `occurred_at` is microseconds, UTC; `source` to `purpose` are None where it discloses nothing."""

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


PERSON = "person"
FORMAT_OF_KIND = re.compile(r"[a-z][a-z0-9_]{0,31}")


def said(kind: EventType, event: Mapping[str, Any], forbidden: frozenset[str] = frozenset()) -> Said:
    """Return what `event` says.

    `forbidden` names whose values were dropped because nobody may keep them: `person`, or a field about another person.

    Raises:
        InvalidEvent: a text has not the shape its format asks for, or the event has no id.
    """
    notes = kind.annotations
    if not event["event_id"]:
        raise InvalidEvent("event_id is empty")
    _check(notes.fields, event)
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
    )  # fmt: skip


def _subject(kind: EventType, event: Mapping[str, Any], forbidden: bool) -> Concerned:
    notes = kind.annotations
    identifiers: list[Named] = []
    categories: set[str] = set()
    _collect(notes.fields, event, identifiers, categories)
    if notes.identifiers:
        for each in event[notes.identifiers]:
            if not FORMAT_OF_KIND.fullmatch(each["kind"]):
                raise InvalidEvent(f"{notes.identifiers}: kind is not a word")
            if each["value"].strip():
                identifiers.append(Named(each["kind"], each["value"]))
    if disclosing := notes.discloses:
        if disclosing.categories:
            categories = set(event[disclosing.categories[1:]])
        categories |= disclosing.adds
    return Concerned(tuple(identifiers), None, frozenset(categories), forbidden)


def _another(other: Another, event: Mapping[str, Any], forbidden: bool) -> Concerned:
    _check(other.fields, event[other.name])
    identifiers: list[Named] = []
    categories: set[str] = set()
    _collect(other.fields, event[other.name], identifiers, categories)
    named_by = event[other.named_by]
    reference = Named(other.reference, named_by) if named_by else None
    return Concerned(tuple(identifiers), reference, frozenset(categories), forbidden)


def _collect(fields: Iterable[Field], event: Mapping[str, Any], identifiers: list[Named], found: set[str]) -> None:
    for field in fields:
        value = event[field.name]
        if value is None or not field.category:
            continue
        if value.__class__ is str:
            if value and not value.isspace():
                found.add(field.category)
                if field.identifier:
                    identifiers.append(Named(field.identifier, value))
        elif _present(value):
            found.add(field.category)
            for part in value if isinstance(value, list) else (value,):
                _collect(field.inside, part, identifiers, found)


def _present(value: Any) -> bool:  # noqa: ANN401 - any Avro value
    if isinstance(value, str):
        return bool(value) and not value.isspace()
    if isinstance(value, Mapping):
        return any(map(_present, value.values()))
    if isinstance(value, list):
        return bool(value)
    return value is not None


def _check(fields: Iterable[Field], event: Mapping[str, Any]) -> None:
    for field in fields:
        if not (field.format or field.inside):
            continue
        value = event[field.name]
        if value is None:
            continue
        for part in value if isinstance(value, list) else (value,):
            if field.format:
                if not field.format.fullmatch(part):
                    raise InvalidEvent(f"{field.name}: not in its format")
            else:
                _check(field.inside, part)


def _link(fields: tuple[str, str, bool], event: Mapping[str, Any]) -> tuple[Named, Named, bool]:
    ends = []
    for name in fields[:2]:
        end = event[name]
        if not FORMAT_OF_KIND.fullmatch(end["kind"]) or not end["value"].strip():
            raise InvalidEvent(f"{name}: names no identifier")
        ends.append(Named(end["kind"], end["value"]))
    return ends[0], ends[1], fields[2]


def _value(source: Any, event: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a word, or what stands in a field
    return event[source[1:]] if isinstance(source, str) and source.startswith("$") else source
