"""Reads all that is recorded of one person, opened: the matter of every answer to her. Judges nothing and writes nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lineage.errors import Refused
from lineage.facts import Consent, Disclosure, read_as_sent
from lineage.graph import NOW, Graph, Until
from lineage.keyring import KeyRing
from lineage.persons import Person, find_person
from lineage.pseudonyms import Pseudonyms
from lineage.recording import bound
from lineage.sealing import Seal


@dataclass(frozen=True, slots=True)
class Told:
    """A disclosure with what was sent. `readable` is False where its key is gone: then nothing is known of what was sent."""

    disclosure: Disclosure
    identifiers: tuple[tuple[str, str], ...]
    evidence: Mapping[str, str | bool]
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent given or withdrawn, with the words she agreed to where they are readable."""

    consent: Consent
    words: str


@dataclass(frozen=True, slots=True)
class Matter:
    """One person: her disclosures and consents in order of time, her identifiers as sent, kinds of those she shares.

    What hangs on shared identifiers is not in it: it may be somebody else's (GDPR Art. 15(4)).
    """

    person: Person
    told: tuple[Told, ...]
    agreed: tuple[Agreed, ...]
    identifiers: tuple[tuple[str, str], ...]
    shared: Mapping[str, int]


def gather(graph: Graph, keyring: KeyRing, pseudonyms: Pseudonyms, key: bytes, until: Until = NOW) -> Matter:
    """Return all of the person behind an identifier.

    Raises: Refused: several persons share it. Retryable, Misconfigured: as the stores.
    """
    near = graph.near(key)
    person = find_person(near, key, until)
    if person.candidates > 1:
        raise Refused(
            "several persons share this identifier: name one of hers alone, or link it to her by a decision", "shared"
        )
    disclosures = sorted(near.disclosures(person.members, until), key=_in_time) if person.members else []
    consents = sorted(near.consents(person.members, until), key=_in_time) if person.members else []
    keys = keyring.find({each.holder for each in disclosures} | {each.holder for each in consents})
    told = tuple(told_of(each, keys) for each in disclosures)
    agreed = tuple(Agreed(each, _words(each, keys)) for each in consents)
    named = {pair for each in told for pair in each.identifiers} | _named(consents, keys)
    return Matter(
        person=person,
        told=told,
        agreed=agreed,
        identifiers=tuple(sorted(pair for pair in named if pseudonyms.identifier(*pair) in person.members)),
        shared=dict(sorted(Counter(graph.kinds(person.shared).values()).items())) if person.shared else {},
    )


def _in_time(fact: Disclosure | Consent) -> tuple[int, bytes, int]:
    return fact.at, fact.event, fact.part if isinstance(fact, Disclosure) else 0


def told_of(disclosure: Disclosure, keys: Mapping[bytes, bytes]) -> Told:
    """Return a disclosure with what was sent, opened by the data key of what it hangs on, where that is there."""
    if disclosure.holder not in keys:
        return Told(disclosure, (), {}, readable=False)
    identifiers, evidence = _opened(disclosure, keys)
    return Told(disclosure, tuple(identifiers), evidence)


def _words(consent: Consent, keys: Mapping[bytes, bytes]) -> str:
    if consent.holder not in keys:
        return ""
    return str(_opened(consent, keys)[1].get("consent_text", ""))


def _named(consents: Sequence[Consent], keys: Mapping[bytes, bytes]) -> set[tuple[str, str]]:
    return {pair for each in consents if each.holder in keys for pair in _opened(each, keys)[0]}


def _opened(
    fact: Disclosure | Consent, keys: Mapping[bytes, bytes]
) -> tuple[list[tuple[str, str]], dict[str, str | bool]]:
    return read_as_sent(Seal(keys[fact.holder]).open(fact.as_sent, bound(fact)))
