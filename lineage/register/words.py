"""Which words an entry may mention (parties, purposes, categories), and the sets that stand for several of them.

Knows no validity and no rule; `binding`, `flows` and `rules` build on it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lineage.register.faults import Faults
from lineage.register.model import PERSON, UNKNOWN, Validity
from lineage.register.sections import Entry, S, Sections
from lineage.register.shapes import Dated, validity_of


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one kind, and its sets."""

    kind: str
    known: Collection[str]
    sets: dict[str, tuple[str, ...]]
    faults: Faults

    def expand(self, entry: Entry[S], key: str, names: Iterable[str]) -> tuple[str, ...]:
        """Every word the names stand for, once each, in their order; unknown ones are faults and left out."""
        found: dict[str, None] = {}
        for index, name in enumerate(names):
            if name.startswith("$") and name[1:] in self.sets:
                found |= dict.fromkeys(self.sets[name[1:]])
            elif name in self.known:
                found[name] = None
            else:
                self.unknown(entry, (key, index), name)
        return tuple(found)

    def check(self, entry: Entry[S], key: str, name: str) -> bool:
        """Whether one word, which may not be a set, is known; a fault if not."""
        if name not in self.known:
            self.unknown(entry, (key,), name)
        return name in self.known

    def unknown(self, entry: Entry[S], steps: tuple[str | int, ...], name: str) -> None:
        """Say that there is no such word."""
        what = f"set of {self.kind} words" if name.startswith("$") else self.kind
        self.faults.add(entry.place(*steps), f"unknown {what} '{name}'")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All words of one register. `sources` are the parties, the person herself, and `unknown`."""

    parties: Words
    sources: Words
    purposes: Words
    categories: Words
    faults: Faults


def vocabulary_of(sections: Sections, categories: frozenset[str], faults: Faults) -> Vocabulary:
    """The words a register may use: its own parties and purposes, and the categories the events know."""
    parties = sections.ids.get("parties", set())
    if PERSON in parties:
        entry = next((entry for entry in sections.parties if entry.key == PERSON), None)
        if entry is not None:
            faults.add(entry.place(), f"'{PERSON}' is the person herself and no party")
    if UNKNOWN in parties:
        entry = next((entry for entry in sections.parties if entry.key == UNKNOWN), None)
        if entry is not None:
            faults.add(entry.place(), f"'{UNKNOWN}' says that nobody knows, and is no party")
    known: dict[str, Collection[str]] = {
        "parties": parties,
        "purposes": sections.ids.get("purposes", set()),
        "categories": categories,
    }
    kinds = {"parties": "party", "purposes": "purpose", "categories": "category"}
    words = {}
    for name, kind in kinds.items():
        plain = Words(kind, known[name], {}, faults)
        sets = {entry.key: plain.expand(entry, "names", entry.shape.names) for entry in sections.sets[name]}
        words[name] = Words(kind, known[name], sets, faults)
    sources = Words("party", {*parties, PERSON, UNKNOWN}, words["parties"].sets, faults)
    return Vocabulary(words["parties"], sources, words["purposes"], words["categories"], faults)


def days_of(entry: Entry[S], dated: Dated, faults: Faults, *steps: str | int) -> Validity:
    """The validity an entry writes down; a last day before the first is a fault."""
    validity = validity_of(dated)
    if validity.starts >= validity.ends:
        faults.add(entry.place(*steps, "valid_until"), "'valid_until' is before 'valid_from'")
    return validity
