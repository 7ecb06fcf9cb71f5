"""Makes the declared disclosures of their entries: who may get what, for which purpose, from whom, and when.

Two entries of one party and purpose may not answer the same question at the same time, so that an answer never depends
on the order of a file.
"""

from collections import defaultdict
from itertools import combinations

from lineage.register.faults import Faults
from lineage.register.model import Party, Recipient, Validity
from lineage.register.sections import Entry, Sections
from lineage.register.shapes import RecipientShape
from lineage.register.words import Vocabulary, days_of


def recipients_of(sections: Sections, parties: dict[str, Party], words: Vocabulary) -> list[Recipient]:
    """The declared disclosures, one for each party and purpose an entry names; never longer than the party is valid."""
    found = [recipient for entry in sections.recipients for recipient in _recipients(entry, parties, words)]
    _compare(found, words.faults)
    return found


def _recipients(entry: Entry[RecipientShape], parties: dict[str, Party], words: Vocabulary) -> list[Recipient]:
    shape = entry.shape
    sources = frozenset(words.sources.expand(entry, "from", shape.sources))
    categories = frozenset(words.categories.expand(entry, "categories", shape.categories))
    purposes = words.purposes.expand(entry, "purposes", shape.purposes)
    declared = days_of(entry, shape, words.faults)
    found = []
    for party in words.parties.expand(entry, "parties", shape.parties):
        validity = declared
        if party in parties:
            validity = _within(entry, declared, parties[party], words.faults)
        found += [
            Recipient(
                party, purpose, shape.role, sources, categories, validity, shape.confirmed, entry.place(), shape.note
            )
            for purpose in purposes
        ]
    return found


def _within(entry: Entry[RecipientShape], declared: Validity, party: Party, faults: Faults) -> Validity:
    if declared.overlaps(party.validity):
        return declared.meet(party.validity)
    if declared.starts < declared.ends and party.validity.starts < party.validity.ends:
        faults.add(entry.place(), f"this never holds: the party '{party.id}' is not valid on any of these days")
    return declared


def _compare(recipients: list[Recipient], faults: Faults) -> None:
    alike: dict[tuple[str, str], list[Recipient]] = defaultdict(list)
    for recipient in recipients:
        alike[recipient.party, recipient.purpose].append(recipient)
    for (party, purpose), entries in alike.items():
        for one, other in combinations(entries, 2):
            if not one.validity.overlaps(other.validity):
                continue
            twice = sorted(one.sources & other.sources)
            if twice:
                faults.add(
                    other.place,
                    f"'{party}' for '{purpose}' from {', '.join(twice)} is declared twice then, see {one.place}",
                )
            elif one.role != other.role:
                faults.add(
                    other.place,
                    f"'{party}' for '{purpose}' is {one.role} and {other.role} at the same time, see {one.place}",
                )
