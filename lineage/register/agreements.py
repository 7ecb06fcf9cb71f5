"""Makes contracts, and the frameworks that mechanisms of transfer stand on, of their entries. Every fault is collected."""

from itertools import combinations
from typing import get_args

from lineage.register.faults import Faults
from lineage.register.model import Contract, Framework
from lineage.register.sections import Sections
from lineage.register.shapes import Mechanism
from lineage.register.words import Vocabulary, days_of


def contracts_of(sections: Sections, words: Vocabulary) -> list[Contract]:
    """The contracts, one for each party an entry names. Two of one kind may hold at once only for different purposes."""
    found = [
        Contract(
            party=party,
            kind=entry.shape.kind,
            purposes=frozenset(words.purposes.expand(entry, "purposes", entry.shape.purposes or ())),
            validity=days_of(entry, entry.shape, words.faults),
            confirmed=entry.shape.confirmed,
            source=entry.shape.source,
            place=entry.place(),
        )
        for entry in sections.contracts
        for party in words.parties.expand(entry, "parties", entry.shape.parties)
    ]
    for one, other in combinations(found, 2):
        alike = (one.party, one.kind) == (other.party, other.kind)
        rivals = not one.purposes or not other.purposes or one.purposes & other.purposes
        if alike and rivals and one.validity.overlaps(other.validity):
            words.faults.add(
                other.place, f"two contracts with '{other.party}' hold for the same at one time, see {one.place}"
            )
    return found


def frameworks_of(sections: Sections, faults: Faults) -> dict[str, Framework]:
    """The frameworks, by mechanism."""
    found = {}
    for entry in sections.frameworks:
        if entry.key not in get_args(Mechanism):
            faults.add(entry.place(), f"unknown mechanism '{entry.key}'; there are {', '.join(get_args(Mechanism))}")
        validity = days_of(entry, entry.shape, faults)
        found[entry.key] = Framework(entry.key, validity, entry.place(), entry.shape.source)
    return found
