"""Recording: facts and dead letters into the graph, sealed, once each, in one transaction. The only way in."""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lineage.facts import Consent, Disclosure, Facts, Link
from lineage.graph import Graph, Letter
from lineage.keyring import KeyRing
from lineage.pseudonyms import Pseudonyms
from lineage.sealing import Seal

REUSED = "event_id was used before for other content"


class Dead(NamedTuple):
    """A record that cannot be recorded: why, where it stood (file and line, or topic, partition and offset), and itself."""

    reason: str
    position: str
    record: bytes


class Read(NamedTuple):
    """An event's facts, with where its record stood and the record, should it prove to be bad input after all."""

    facts: Facts
    position: str
    record: bytes


class Sealed(NamedTuple):
    """The same, when what was sent is sealed in the facts."""

    facts: Facts
    position: str
    record: bytes


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch: events new to the graph, events that were there, and the dead."""

    recorded: int
    repeated: int
    dead: tuple[Dead, ...]


class Recording:
    """Writes to one graph and key ring: one thread seals, and one, which may be another, writes."""

    def __init__(self, graph: Graph, keyring: KeyRing, pseudonyms: Pseudonyms) -> None:
        self._graph, self._keyring, self._pseudonyms = graph, keyring, pseudonyms

    def seal(self, batch: Sequence[Read]) -> list[Sealed]:
        """Seal what was sent, each under the data key of what it hangs on; a key that was missing is durable then.

        Raises: Retryable, Refused: the key ring is busy, away or full.
        """
        holders = {each.holder for read in batch for each in read.facts.disclosures}
        holders |= {each.holder for read in batch for each in read.facts.consents}
        holders |= {each.one for read in batch for each in read.facts.links}
        seals = self._seals_of(holders)
        return [Sealed(_with_sealed(facts, seals), position, record) for facts, position, record in batch]

    def write(self, batch: Sequence[Sealed], dead: Sequence[Dead], recorded_at: int) -> Recorded:
        """Record a batch durably; when this returns it is on disk, when it raises nothing is.

        Raises: Retryable, Refused: the store is busy, away or full.
        """
        new, repeated, reused = self._new(batch)
        buried = (*dead, *reused)
        if not new and not buried:
            return Recorded(0, repeated, ())
        facts = [each.facts for each in new]
        there = set(self._graph.record(facts, self._letters(buried, recorded_at)))
        if there:  # another writer recorded the same events since they were looked for: they are judged by what stands
            late = self.write([each for each in new if each.facts.event in there], (), recorded_at)
            repeated, buried = repeated + late.repeated, (*buried, *late.dead)
        return Recorded(len(facts) - len(there), repeated, buried)

    def _letters(self, dead: Sequence[Dead], recorded_at: int) -> list[Letter]:
        keys = [self._pseudonyms.letter(each.position, each.record) for each in dead]
        seals = self._seals_of(keys)
        return [
            Letter(key, each.reason, recorded_at, seals[key].seal(_letter(each), key))
            for key, each in zip(keys, dead, strict=True)
        ]

    def _new(self, batch: Sequence[Sealed]) -> tuple[list[Sealed], int, list[Dead]]:
        """Tell new events from repeated ones, and from other content under a used id; the first stands."""
        contents = dict(self._graph.contents({each.facts.event for each in batch}))
        new: list[Sealed] = []
        repeated, reused = 0, []
        for each in batch:
            facts, position, record = each
            stands = contents.get(facts.event)
            if stands is None:
                contents[facts.event] = facts.content
                new.append(each)
            elif stands == facts.content:
                repeated += 1
            else:
                reused.append(Dead(REUSED, position, record))
        return new, repeated, reused

    def _seals_of(self, names: Collection[bytes]) -> dict[bytes, Seal]:
        """Return seals for one batch. They are not kept: a cipher takes kilobytes, and a microsecond to make."""
        return {name: Seal(key) for name, key in self._keyring.keys(names).items()}


def bound(fact: Disclosure | Consent | Link) -> bytes:
    """Return what a fact's sealed part is bound to: its event, and which of its facts it is."""
    return fact.event + (fact.part.to_bytes(2) if isinstance(fact, Disclosure) else b"-")


def _with_sealed(facts: Facts, seals: Mapping[bytes, Seal]) -> Facts:
    """Return facts with what was sent sealed. Made anew and not by `_replace`, which is dear and runs for every event."""
    disclosures = tuple(
        [
            Disclosure(event, part, holder, route, at, recorded, seals[holder].seal(as_sent, event + part.to_bytes(2)))
            for event, part, holder, route, at, recorded, as_sent in facts.disclosures
        ]
    )
    consents = tuple(
        [each._replace(as_sent=seals[each.holder].seal(each.as_sent, bound(each))) for each in facts.consents]
    )
    links = tuple([each._replace(as_sent=seals[each.one].seal(each.as_sent, bound(each))) for each in facts.links])
    event, content, at, recorded, identifiers, owns, *_ = facts
    return Facts(event, content, at, recorded, identifiers, owns, disclosures, consents, links)


def _letter(dead: Dead) -> bytes:
    letter = {"position": dead.position, "record": base64.b64encode(dead.record).decode()}
    return json.dumps(letter).encode()


def read_letter(plain: bytes) -> tuple[str, bytes]:
    """Return position and record of an opened dead letter."""
    letter = json.loads(plain)
    return letter["position"], base64.b64decode(letter["record"])
