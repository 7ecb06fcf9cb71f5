"""Recording: facts and dead letters into the graph, sealed, once each, in one transaction. The only way in."""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from lineage.facts import Consent, Disclosure, Facts, Link
from lineage.graph import Graph, Letter
from lineage.held_back import Held, held_in, left_of
from lineage.keyring import KeyRing
from lineage.pseudonyms import Pseudonyms
from lineage.sealing import Seal
from lineage.watching import Watch

REUSED = "event_id was used before for other content"


Form = Literal["record", "line", "fields", "rows", "part"]
"""What the bytes of a dead letter are: a record of a bus, a line of JSON, the fields of an event as JSON, rows of a table, or a
part of something that was too large or damaged."""


class Dead(NamedTuple):
    """A record that cannot be recorded: why, where it stood (file and line, or topic, partition and offset), and itself.

    `forbidden` names whose values were dropped of it before (`schemas.forbidden`). `blotted`: in it card numbers were blotted
    out, and nobody could tell whose.
    """

    reason: str
    position: str
    record: bytes
    form: Form = "record"
    forbidden: frozenset[str] = frozenset()
    blotted: bool = False


Foreseen = Literal["recorded", "repeated", "held-back", "reused"]
"""What recording an event would come to: nothing of it is left, or its id was used before for other content, are the last two."""


class Read(NamedTuple):
    """An event's facts, with where its record stood and the record, should it prove to be bad input after all.

    `arrived` is when the record reached the bus, microseconds UTC; None where that is not known.
    """

    facts: Facts
    position: str
    record: bytes
    arrived: int | None = None


class Sealed(NamedTuple):
    """The same, when what was sent is sealed in the facts. `read` is as it was before."""

    facts: Facts
    position: str
    record: bytes
    read: Read


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a batch: events new to the graph, events that were there, the dead, and what was held back.

    `held_back` counts events of which nothing is recorded, because all they speak of are erased. `late` counts persons in
    events that came after the person was erased; their cases know of each.
    """

    recorded: int
    repeated: int
    dead: tuple[Dead, ...]
    held_back: int = 0
    late: int = 0


class Recording:
    """Writes to one graph and key ring: one thread sifts and seals, and one, which may be another, writes.

    Without a `watch` nobody is taken to be erased: for what is measured or tested apart from erasures.
    """

    def __init__(self, graph: Graph, keyring: KeyRing, pseudonyms: Pseudonyms, watch: Watch | None = None) -> None:
        self._graph, self._keyring, self._pseudonyms, self._watch = graph, keyring, pseudonyms, watch

    def sift(self, batch: Sequence[Read]) -> tuple[Sequence[Read], Sequence[Held]]:
        """Tell what may be recorded from what is held back, before a key is made for anybody who is erased.

        Raises: Retryable: nobody can tell now who is erased.
        """
        stones = self._watch.stones([each.facts for each in batch]) if self._watch else {}
        if not stones:
            return batch, ()
        left: list[Read] = []
        all_held: list[Held] = []
        for read in batch:
            held = [] if stones.keys().isdisjoint(read.facts.identifiers) else held_in(read.facts, stones, read.arrived)
            all_held += held
            if facts := left_of(read.facts, held):
                left.append(read._replace(facts=facts) if held else read)
        return left, all_held

    def foresee(self, batch: Sequence[Read], known: dict[bytes, bytes]) -> list[Foreseen]:
        """Tell of each event what recording it would come to now. Writes nothing, and makes no key.

        `known` are the contents of events that were foreseen before, and gets those of these.

        Raises: Retryable: a store is away.
        """
        stones = self._watch.stones([each.facts for each in batch]) if self._watch else {}
        stand = self._graph.contents({each.facts.event for each in batch})
        known.update(stand)
        found: list[Foreseen] = []
        for read in batch:
            held = held_in(read.facts, stones, read.arrived) if stones else []
            if left_of(read.facts, held) is None:
                found.append("held-back")
            elif read.facts.event not in known:
                known[read.facts.event] = read.facts.content
                found.append("recorded")
            else:
                found.append("repeated" if known[read.facts.event] == read.facts.content else "reused")
        return found

    def seal(self, batch: Sequence[Read]) -> list[Sealed]:
        """Seal what was sent, each under the data key of what it hangs on; a key that was missing is durable then.

        Raises: Retryable, Refused: the key ring is busy, away or full.
        """
        holders = {each.holder for read in batch for each in read.facts.disclosures}
        holders |= {each.holder for read in batch for each in read.facts.consents}
        holders |= {each.one for read in batch for each in read.facts.links}
        seals = self._seals_of(holders)
        return [Sealed(_with_sealed(read.facts, seals), read.position, read.record, read) for read in batch]

    def write(
        self, batch: Sequence[Sealed], dead: Sequence[Dead], recorded_at: int, held: Sequence[Held] = ()
    ) -> Recorded:
        """Record a batch durably, and deal with what of it was held back; when this returns it is all on disk.

        When it raises the same batch is to be given again: what is on disk of it by then is found there.

        Raises: Retryable, Refused: a store is busy, away or full.
        """
        late = self._watch.settle(held) if self._watch and held else 0
        gone = sum(each.whole for each in held)
        new, repeated, buried = self._write(batch, dead, recorded_at)
        seen: set[tuple[bytes, int]] = set()
        # Again until nothing more is found: with an order that is late, its parcel becomes late.
        while self._watch and (found := self._found_again(batch, seen)):
            late += self._watch.take_back(found, new)
            taken = {each.facts.event for each in found if each.whole}
            gone += len(taken & new)
            new -= taken
            seen |= {(each.facts.event, each.part) for each in found}
        return Recorded(len(new), repeated, buried, gone, late)

    def _found_again(self, batch: Sequence[Sealed], seen: Collection[tuple[bytes, int]]) -> list[Held]:
        """Return what was written of persons who are erased by now, and was not seen before."""
        reads = [each.read for each in batch]
        stones = self._watch.stones([each.facts for each in reads]) if self._watch else {}
        found = [held for read in reads for held in held_in(read.facts, stones, read.arrived)] if stones else []
        return [each for each in found if (each.facts.event, each.part) not in seen]

    def _write(
        self, batch: Sequence[Sealed], dead: Sequence[Dead], recorded_at: int
    ) -> tuple[set[bytes], int, tuple[Dead, ...]]:
        """Record a batch in one transaction; return which events are new, how many were there, and the dead."""
        new, repeated, reused = self._new(batch)
        buried = (*dead, *reused)
        if not new and not buried:
            return set(), repeated, ()
        there = set(self._graph.record([each.facts for each in new], self._letters(buried, recorded_at)))
        if there:  # another writer recorded the same events since they were looked for: they are judged by what stands
            again = [each for each in new if each.facts.event in there]
            _, more, dead_too = self._write(again, (), recorded_at)
            repeated, buried = repeated + more, (*buried, *dead_too)
        return {each.facts.event for each in new} - there, repeated, buried

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
            facts, position, record, _ = each
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
    event, content, at, recorded, identifiers, owns, *_, bought = facts
    return Facts(event, content, at, recorded, identifiers, owns, disclosures, consents, links, (), bought)


def _letter(dead: Dead) -> bytes:
    letter: dict[str, Any] = {"position": dead.position, "record": base64.b64encode(dead.record).decode()}
    letter["form"] = dead.form
    if dead.forbidden:
        letter["forbidden"] = sorted(dead.forbidden)
    if dead.blotted:
        letter["blotted"] = True
    return json.dumps(letter).encode()


def read_letter(plain: bytes) -> tuple[str, bytes]:
    """Return position and record of an opened dead letter."""
    letter = json.loads(plain)
    return letter["position"], base64.b64decode(letter["record"])


class Opened(NamedTuple):
    """What an opened dead letter holds, as `Dead` has it. `form` is None in one of an older Jalki, which did not say."""

    position: str
    record: bytes
    form: Form | None
    forbidden: frozenset[str]
    blotted: bool


def open_letter(plain: bytes) -> Opened:
    """Return what stands in an opened dead letter."""
    letter, (position, record) = json.loads(plain), read_letter(plain)
    return Opened(
        position, record, letter.get("form"), frozenset(letter.get("forbidden", ())), letter.get("blotted", False)
    )
