"""Whom to remove from which user lists: members of a removal, and the requests they fit into. Pure; calls nobody.

Values are hashes of all forms in which Google may have got them. What names nobody makes no request.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from connectors.normalisers import sha256_hex, variants
from connectors.vendors.google.settings import AdsSettings
from lineage.cases.orders import Order
from lineage.errors import Refused

MEMBERS_AT_MOST = 10_000
LISTS_AT_MOST = 10
IDENTIFIERS_AT_MOST = 10
RULES: Mapping[str, tuple[str, ...]] = {"email": ("google-email@2", "google-email@1"), "phone": ("google-phone@1",)}
"""What Google's guides have said, the newest first; for descriptors that name no rules."""
_FIELD = {"email": "emailAddress", "phone": "phoneNumber"}
_LIST = re.compile(r"[1-9][0-9]{0,18}")
_HASH = re.compile(r"[0-9a-fA-F]{64}")
T = TypeVar("T")
Identifier = tuple[str, str]
"""A field of a member, and the hash in it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person, or a part of her identifiers, in up to ten lists; `owner` is the place of her order among those told together."""

    owner: int
    lists: tuple[str, ...]
    identifiers: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """One request: its destinations, and its members in the order of their owners."""

    lists: tuple[str, ...]
    members: tuple[Member, ...]

    def only(self, user_list: str) -> "Batch":
        """Return it with one destination."""
        kept = (replace(each, lists=(user_list,)) for each in self.members if user_list in each.lists)
        return Batch((user_list,), tuple(kept))

    def places(self) -> Mapping[int, tuple[int, int, tuple[str, ...]]]:
        """Return for each owner the first and the last place of its members, and the lists they are removed from."""
        found: dict[int, tuple[int, int, tuple[str, ...]]] = {}
        for at, each in enumerate(self.members):
            first, _, lists = found.get(each.owner, (at, at, ()))
            found[each.owner] = first, at, tuple(sorted({*lists, *each.lists}))
        return found


@dataclass(frozen=True, slots=True)
class Removal:
    """What an order comes to: members, and why a person must see to the rest (`ground`; None: there is no rest)."""

    members: tuple[Member, ...]
    ground: str | None = None


def removal(order: Order, owner: int, said: AdsSettings, rules: Mapping[str, Sequence[str]]) -> Removal:
    """Return whom to remove, from each list exactly what was sent there.

    An order that does not say what went where is about all lists that the settings name.
    """
    by_list: dict[str, set[Identifier]] = defaultdict(set)
    for lists, identifiers in _sent(order, said):
        forms = {each for pair in identifiers for each in _hashes(*pair, rules)}
        for each in lists if forms and _rest_of(lists, identifiers) is None else ():
            by_list[each] |= forms
    same: dict[tuple[Identifier, ...], list[str]] = defaultdict(list)
    for user_list, found in sorted(by_list.items()):
        same[tuple(sorted(found))].append(user_list)
    return Removal(tuple(_members(owner, same)), rest(order, said))


def rest(order: Order, said: AdsSettings) -> str | None:
    """Return why a person must see to a part of an order, None: to none of it."""
    return next((why for lists, sent in _sent(order, said) if (why := _rest_of(lists, sent)) is not None), None)


def _rest_of(lists: Sequence[str], identifiers: Sequence[tuple[str, str]]) -> str | None:
    if not lists:
        return "conversions-by-hand"
    if not any(kind in _FIELD and value for kind, value in identifiers):
        return "no-identifier-it-takes"
    return None if all(_LIST.fullmatch(each) for each in lists) else "list-unknown"


def _sent(order: Order, said: AdsSettings) -> Iterator[tuple[Sequence[str], Sequence[tuple[str, str]]]]:
    """Yield lists and what was sent there; without lists, what was sent for something else: a conversion."""
    if not order.sendings:
        yield sorted(set(said.lists.values())), order.identifiers
    for each in order.sendings:
        audience = each.places.get("audience_id")
        yield ([said.lists.get(audience, audience)] if audience else []), each.identifiers


def _hashes(kind: str, value: str, rules: Mapping[str, Sequence[str]]) -> Iterator[Identifier]:
    if kind not in _FIELD or not value:
        return
    if _HASH.fullmatch(value):  # it was a hash already when it was sent
        yield _FIELD[kind], value.lower()
        return
    for form in (value, *variants(rules.get(kind) or RULES[kind], value)):
        yield _FIELD[kind], sha256_hex(form)


def _members(owner: int, same: Mapping[tuple[Identifier, ...], Sequence[str]]) -> Iterator[Member]:
    for identifiers, lists in same.items():
        for some in _parts(lists, LISTS_AT_MOST):
            for few in _parts(identifiers, IDENTIFIERS_AT_MOST):
                yield Member(owner, tuple(some), tuple(few))


def packed(members: Sequence[Member]) -> Iterator[Batch]:
    """Yield requests that hold all of them, as few as the two bounds allow when members of the same lists stay together."""
    if len({user_list for each in members for user_list in each.lists}) > LISTS_AT_MOST:
        members = sorted(members, key=lambda each: each.lists)
    lists: set[str] = set()
    here: list[Member] = []
    for each in members:
        if here and (len(here) == MEMBERS_AT_MOST or len(lists.union(each.lists)) > LISTS_AT_MOST):
            yield _batch(lists, here)
            lists, here = set(), []
        lists.update(each.lists)
        here.append(each)
    if here:
        yield _batch(lists, here)


def _batch(lists: set[str], members: Sequence[Member]) -> Batch:
    return Batch(tuple(sorted(lists)), tuple(sorted(members, key=lambda each: each.owner)))


def body(batch: Batch, said: AdsSettings) -> bytes:
    """Return the body of `audienceMembers:remove`. Raises: Refused: it names nobody, or no list; nothing is sent then."""
    if not batch.lists or not batch.members or not all(each.identifiers and each.lists for each in batch.members):
        raise Refused("a removal at Google that names nobody, or no list, is never sent: plan the case again")
    wanted = {
        "destinations": [_destination(each, said) for each in batch.lists],
        "audienceMembers": [_member(each, alone=len(batch.lists) == 1) for each in batch.members],
        "encoding": "HEX",
        "validateOnly": said.validate_only,
    }
    return json.dumps(wanted, separators=(",", ":")).encode()


def _destination(user_list: str, said: AdsSettings) -> dict[str, object]:
    accounts = {"operatingAccount": said.account, "loginAccount": said.login_account}
    told = {name: {"accountType": "GOOGLE_ADS", "accountId": account} for name, account in accounts.items() if account}
    return {"reference": user_list, "productDestinationId": user_list, **told}


def _member(member: Member, *, alone: bool) -> dict[str, object]:
    identifiers = [{name: value} for name, value in member.identifiers]
    where = {} if alone else {"destinationReferences": list(member.lists)}
    return {"userData": {"userIdentifiers": identifiers}, **where}


def _parts(things: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    return (things[at : at + most] for at in range(0, len(things), most))
