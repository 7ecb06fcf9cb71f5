"""What the page of a person asks: one question, so one look that is written down, whatever of her the page shows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from console.api.about_persons import look_at_person, whereabouts_of
from console.api.about_time import Patient
from console.api.answering import Answer, Asking, Question
from console.api.asked import At, Identifier, KnownAt, Purpose, Reveal
from console.api.problems import Problem
from console.opening import LOOKS, Folder, log_look
from console.person_standing import standing
from console.shapes import Shape
from console.web.person_times import Times, read_mark, times_of
from lineage.errors import JalkiError
from lineage.facts import Link
from lineage.graph import NOW, Near, Until
from lineage.identifiers import read_identifier
from lineage.persons import Person, find_person
from lineage.revealing import opened_looks, reveal, values_of
from lineage.shared import Shared, are_apart, decided, shared_by
from lineage.stores.ordering import SqliteOrder
from lineage.timeline import Asked, timeline
from lineage.times import rfc3339, rfc3339_or_null

SHARED, CLAIMS, DECISIONS = 25, 12, 25
"""So many shared identifiers, of each so many who share it, and so many decisions stand on the page."""
Values = Mapping[bytes, tuple[str, str]]


class PersonAsked(BaseModel):
    """Where one person's data is, and a part of one month of her time. `cases`: with what cases did."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    identifier: Identifier
    purpose: Purpose
    at: At = None
    known_at: KnownAt = None
    reveal: Reveal = False
    month: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")] | None = None
    after: Annotated[str, Field(pattern=r"^-?[0-9]{1,18}\.-?[0-9]{1,18}\.[0-9A-Za-z.-]{1,200}$")] | None = None
    cases: bool = False


def _work(asking: Asking, asked: PersonAsked) -> Answer:
    folder, until = asking.folder, Until(asked.at, asked.known_at)
    key = folder.pseudonyms.identifier(*read_identifier(asked.identifier))
    shape, found = whereabouts_of(asking, asked.identifier, until)
    times, more = _times(asking, asked, Asked(key, until), found.person)
    if until == NOW:
        first, last = times.first, times.last
        shares, links = to_decide(folder, key, found.person)
    else:  # decided is as things stand now, whatever they were
        (first, last), shares, links = _extent(folder.graph.near(key), key), [], []
    values: Values = {}
    if asked.reveal:
        shape["revealed"] = reveal(folder.graph, folder.keyring, folder.pseudonyms, found.person, until)
        named = _named(shares, links)
        _tell_of_others(asking, asked, named - {key, *found.person.members, *found.person.shared})
        values = values_of(folder.graph, folder.keyring, folder.pseudonyms, named)
    cases = asked.cases and until == NOW
    return Answer({
        "where": shape,
        "standing": standing(folder, key, found.person) if cases else {},
        "first": rfc3339_or_null(first),
        "last": rfc3339_or_null(last),
        "times": more | _times_shape(times),
        "shares": [_shared_shape(each, links, values) for each in shares[:SHARED]],
        "shares_left": max(0, len(shares) - SHARED),
        "decisions": _decisions(folder.graph, links[:DECISIONS], values),
        "decisions_left": max(0, len(links) - DECISIONS),
    })  # fmt: skip


def to_decide(folder: Folder, key: bytes, person: Person | None = None) -> tuple[list[Shared], list[Link]]:
    """Return what can be decided of whoever an identifier stands for, and what was, as things stand now."""
    person = person or find_person(folder.graph.near(key), key, NOW)
    shares = shared_by(folder.graph, person, NOW)
    owners = {claim.owner for each in shares for claim in each.claims}
    return shares, decided(folder.graph, {key, *person.members, *person.shared, *owners}, NOW)


def name_of(link: Link) -> str:
    """Return what a decision goes by in a form: another of the same two is another one."""
    return f"{link.one.hex()}.{link.other.hex()}.{link.at}"


def _times(asking: Asking, asked: PersonAsked, span: Asked, person: Person) -> tuple[Times, Shape]:
    folder = asking.folder
    looks = opened_looks(folder.graph, folder.keyring.find((LOOKS,))[LOOKS])
    after = None if asked.after is None else read_mark(asked.after)
    with closing(SqliteOrder()) as order:
        found = timeline(folder.casework, looks, span, Patient(order, asking.patience), person)
        moments = (each for each in order.in_order() if asked.cases or each.kind != "case")
        times = times_of(moments, asked.month, after)
    return times, {
        "erased": [{"case": case, "before": rfc3339(before)} for case, before in found.erased],
        "many": found.many,
    }


def _times_shape(times: Times) -> Shape:
    return {
        "month": times.month,
        "months": sorted(times.months.items(), reverse=True),
        "kinds": dict(sorted(times.kinds.items())),
        "moments": times.moments,
        "after": times.after,
    }


def _extent(graph: Near, key: bytes) -> tuple[int | None, int | None]:
    """Return when the first and the last of what is recorded of whoever an identifier stands for occurred."""
    person = find_person(graph, key, NOW)
    holders = {*person.members, *person.shared}
    times = [each.at for each in graph.disclosures(holders, NOW)]
    times += [each.at for each in graph.consents(holders, NOW)]
    times += [each.at for each in graph.links(holders, NOW)]
    return min(times, default=None), max(times, default=None)


def _named(shares: Sequence[Shared], links: Sequence[Link]) -> set[bytes]:
    """Return the identifiers that the page tells of there."""
    named = {each for link in links[:DECISIONS] for each in (link.one, link.other)}
    for share in shares[:SHARED]:
        named |= {share.key, *(claim.owner for claim in share.claims[:CLAIMS])}
    return named


def _tell_of_others(asking: Asking, asked: PersonAsked, others: Collection[bytes]) -> None:
    """Write down that identifiers of whoever shares something with her are shown, too: it is a look at each of them."""
    try:
        for each in sorted(others):
            log_look(
                asking.folder, f"where:{each.hex()}", asked.purpose, actor=asking.grant.name, role=asking.role.name,
                shown="identifiers",
            )  # fmt: skip
    except JalkiError as fault:
        raise Problem("not-written", headers={"Retry-After": "5"}) from fault


def _shared_shape(each: Shared, links: Sequence[Link], values: Values) -> Shape:
    claims = [
        {
            "owner": one.owner.hex(),
            "kind": one.kind,
            "value": _value(values, one.owner),
            "person": one.person.hex(),
            "hers": one.hers,
        }
        for one in each.claims[:CLAIMS]
    ]
    shape = {"key": each.key.hex(), "kind": each.kind, "value": _value(values, each.key), "claims": claims}
    return shape | {"persons": len(each.claims), "apart": are_apart(links, each)}


def _decisions(graph: Near, links: Iterable[Link], values: Values) -> list[Shape]:
    links = list(links)
    kinds = graph.kinds({end for each in links for end in (each.one, each.other)})
    return [
        {
            "at": rfc3339(each.at),
            "joined": each.joined,
            "name": name_of(each),
            "ends": [
                {"key": end.hex(), "kind": kinds[end], "value": _value(values, end)} for end in (each.one, each.other)
            ],
        }
        for each in links
    ]


def _value(values: Values, key: bytes) -> str | None:
    return values[key][1] if key in values else None


class PersonShape(BaseModel):
    """The page's own answer, of no stable shape: it leaves the program only as a page."""


PERSON = Question(
    "person-page", "POST", "/persons/page", "Where one person's data is, as a page shows it.", PersonAsked, PersonShape,
    _work, looks_at=look_at_person,
)  # fmt: skip
