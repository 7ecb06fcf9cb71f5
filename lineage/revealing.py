"""Reveals identifiers as they were sent, and writes down who looked and why before anything is shown (C-579/21, Art. 32)."""

import json
from collections.abc import Collection, Iterator
from typing import NamedTuple

from lineage.errors import Misconfigured
from lineage.facts import Consent, Disclosure, Link, read_as_sent
from lineage.graph import NOW, Graph, Look, Until
from lineage.identifiers import read_identifier
from lineage.keyring import KeyRing
from lineage.persons import Person
from lineage.pseudonyms import Pseudonyms
from lineage.recording import bound
from lineage.sealing import Seal

_LOOK = b"look"
_AT_MANY = frozenset(["reached", "recall", "drift", "samples", "look-ups", "overdue", "incidents", "dead-letters"])

LOOKUPS = "lookups"
"""Begins what is asked of look-ups: at an identifier, by one of staff, or all."""


def write_look(graph: Graph, key: bytes, at: int, *, actor: str, asked: str, reason: str, **more: str) -> None:
    """Write an entry of the access log, sealed: it names staff and whom they looked at. Raises: Retryable, Refused.

    `more` is what else is known of the look, such as the role it was taken in.
    """
    entry = json.dumps({"actor": actor, "asked": asked, "reason": reason, **more}, ensure_ascii=False)
    graph.look(Look(at, Seal(key).seal(entry.encode(), _LOOK)))


def read_look(look: Look, key: bytes) -> dict[str, str]:
    """Return who looked (`actor`), at what (`asked`) and why (`reason`)."""
    return dict(json.loads(Seal(key).open(look.sealed, _LOOK)))


class Looked(NamedTuple):
    """An entry of the access log: when (microseconds UTC), who looked, at what, and why; and whether values were shown.

    `role` is the one it was taken in; empty where none was written down, as of a command.
    """

    at: int
    actor: str
    asked: str
    reason: str
    in_clear: bool = True
    role: str = ""

    @property
    def at_many(self) -> bool:
        """Whether it was at no one person: at all whom a party or a product reached, or at an auditor's samples and lists."""
        return self.asked.partition(":")[0] in _AT_MANY


def opened_looks(graph: Graph, key: bytes) -> Iterator[Looked]:
    """Yield the access log, oldest first."""
    for look in graph.looks():
        told = read_look(look, key)
        # What is written down without it was written because values were shown.
        in_clear = told.get("shown", "identifiers") == "identifiers"
        yield Looked(look.at, told["actor"], told["asked"], told["reason"], in_clear, told.get("role", ""))


def looked_at(look: Looked, pseudonyms: Pseudonyms) -> bytes | str | None:
    """Return what a look was at: the pseudonym of an identifier, or the id of a case. None: no one person in particular."""
    kind, colon, rest = look.asked.partition(":")
    if look.at_many or not colon:
        return None if look.at_many else look.asked
    if kind in {"case", "where"}:
        return rest if kind == "case" else bytes.fromhex(rest)
    try:
        return pseudonyms.identifier(*read_identifier(rest if kind == LOOKUPS else look.asked))
    except Misconfigured:
        return None


def reveal(
    graph: Graph, keyring: KeyRing, pseudonyms: Pseudonyms, person: Person, until: Until
) -> dict[str, list[str]]:
    """Return a person's identifiers by kind, in every form they were sent in, sorted."""
    wanted = frozenset(person.members) or person.shared
    found: dict[str, set[str]] = {}
    for kind, value in _sent(graph, keyring, wanted, until):
        if pseudonyms.identifier(kind, value) in wanted:
            found.setdefault(kind, set()).add(value)
    return {kind: sorted(values) for kind, values in sorted(found.items())}


def values_of(
    graph: Graph, keyring: KeyRing, pseudonyms: Pseudonyms, wanted: Collection[bytes]
) -> dict[bytes, tuple[str, str]]:
    """Return kind and value of identifiers as they were sent, of those with something to read them from.

    An identifier stands in what hangs on it, on its owners, and on what those own.
    """
    found: dict[bytes, tuple[str, str]] = {}
    for holders in _around(graph, wanted):
        for each in _sent(graph, keyring, holders, NOW):
            if (key := pseudonyms.identifier(*each)) in wanted:
                found.setdefault(key, each)
        if len(found) == len(wanted):
            break
    return found


def _around(graph: Graph, keys: Collection[bytes]) -> Iterator[Collection[bytes]]:
    """Yield where identifiers are told of, step by step: themselves, their owners, what both own."""
    yield keys
    owners = {owner for owner, _ in graph.owners(keys, NOW)} - set(keys)
    yield owners
    yield {owned for _, owned in graph.owned({*keys, *owners}, NOW)} - owners - set(keys)


def _sent(graph: Graph, keyring: KeyRing, holders: Collection[bytes], until: Until) -> Iterator[tuple[str, str]]:
    """Yield the identifiers of all that hangs on these, as they were sent; of who is erased there is nothing to read."""
    facts: list[tuple[bytes, Disclosure | Consent | Link]] = [
        *((each.holder, each) for each in graph.disclosures(holders, until)),
        *((each.holder, each) for each in graph.consents(holders, until)),
        *((each.one, each) for each in graph.links(holders, until)),
    ]
    keys = keyring.find({holder for holder, _ in facts})
    for holder, fact in facts:
        if holder in keys:
            yield from read_as_sent(Seal(keys[holder]).open(fact.as_sent, bound(fact)))[0]
