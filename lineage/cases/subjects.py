"""Whose case it is: the identifiers that a case acts on, and what was seen of them. Asks the graph and the key ring."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lineage.cases.entries import Entry
from lineage.cases.items import Seen
from lineage.facts import Consent, read_as_sent
from lineage.graph import NOW, Graph
from lineage.keyring import KeyRing
from lineage.persons import find_person
from lineage.recording import bound
from lineage.sealing import Seal


@dataclass(frozen=True, slots=True)
class Subject:
    """A person as a case acts on her.

    `members` are her identifiers, by kind; a shared one is among them only where the case names it beside one of her own.
    `undecided` are shared ones that hang below her and are left alone; `unknown` tells that nothing is recorded.
    """

    members: dict[bytes, str]
    undecided: frozenset[bytes]
    ambiguous: tuple[bytes, ...]
    """Identifiers of the case that belong to several persons, where nothing else of the case says whose they are."""
    persons: int = 0
    """How many persons the case names as one: more than one is a decision of whoever opened it."""

    @property
    def unknown(self) -> bool:
        """Whether nothing at all is recorded of her."""
        return not self.members and not self.ambiguous


def subject_of(graph: Graph, named: Sequence[bytes]) -> Subject:
    """Return the person behind the identifiers a case names. A shared one is hers by the case naming it beside her own."""
    members: dict[bytes, str] = {}
    persons: set[frozenset[bytes]] = set()
    undecided: set[bytes] = set()
    shared: list[bytes] = []
    for key in named:
        person = find_person(graph.near(key), key, NOW)
        if person.candidates == 1:
            members |= person.members
            persons.add(frozenset(person.members))
            undecided |= person.shared
        elif person.candidates > 1:
            shared.append(key)
    decided = [key for key in shared if key in undecided]
    if decided:
        members |= dict(graph.kinds(decided))
    ambiguous = tuple(key for key in shared if key not in decided)
    return Subject(members, frozenset(undecided - members.keys()), ambiguous, len(persons))


def seen_of(graph: Graph, keyring: KeyRing, members: Collection[bytes]) -> tuple[list[Seen], list[Consent]]:
    """Return what was disclosed of these identifiers, opened where their keys are there, and their consents."""
    disclosures = sorted(graph.disclosures(members, NOW), key=lambda each: (each.at, each.event, each.part))
    keys = keyring.find({each.holder for each in disclosures})
    seen = []
    for each in disclosures:
        plain = Seal(keys[each.holder]).open(each.as_sent, bound(each)) if each.holder in keys else None
        identifiers, evidence = read_as_sent(plain) if plain else ([], {})
        seen.append(Seen(each, tuple(identifiers), evidence))
    return seen, sorted(graph.consents(members, NOW), key=lambda each: (each.at, each.event))


def sealed(keyring: KeyRing, case: str, number: int, told: object, said: Mapping[str, Any]) -> bytes:
    """Seal a personal part of an entry that says this under its key, bound to the entry's place."""
    named = key_name(case, said)
    return Seal(keyring.keys((named,))[named]).seal(json.dumps(told, ensure_ascii=False).encode(), _place(case, number))


def opened(keyring: KeyRing, entry: Entry) -> dict[str, Any] | None:
    """Return a personal part; None where its key is destroyed, or there was none."""
    named = key_name(entry.case, entry.said)
    key = keyring.find((named,)).get(named) if entry.sealed else None
    return dict(json.loads(Seal(key).open(entry.sealed, _place(entry.case, entry.number)))) if key else None


def name(case: str, generation: int = 0) -> bytes:
    """Return the name of a case's key in the key ring. A case that is opened again has a new one: the old is destroyed."""
    return f"case:{case}".encode() if generation == 0 else f"case:{case}:{generation}".encode()


def key_name(case: str, said: Mapping[str, Any]) -> bytes:
    """Return the name of the key that the personal part of an entry is sealed under: the case's, or that of a file."""
    return file_name(case, said["file"]) if "file" in said else name(case, said.get("key", 0))


def file_name(case: str, number: int) -> bytes:
    """Return the name of the key of a file, which can go before the case's does."""
    return f"file:{case}:{number}".encode()


def proof_name(case: str) -> bytes:
    """Return the name of the key of a one-time code, which goes with the check."""
    return b"proof:" + case.encode()


def sealed_under(case: str, generation: int, files: int) -> list[bytes]:
    """Return the names of all keys that anything of a case, with so many files, was ever sealed under."""
    own = (name(case, each) for each in range(generation + 1))
    return [proof_name(case), *own, *(file_name(case, each) for each in range(1, files + 1))]


def _place(case: str, number: int) -> bytes:
    return f"entry\0{case}\0{number}".encode()
