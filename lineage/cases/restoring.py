"""What the cases say was done, done again where a restored backup has undone it: nobody who was erased comes back.

Each step does no harm when it is done twice. What is under way is left to whoever carries cases on.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lineage.cases.case import Case
from lineage.cases.casework import Casework
from lineage.cases.closing import held_of
from lineage.cases.deciding import stopped_purposes
from lineage.cases.entries import Entry, check_chain
from lineage.cases.folding import folded
from lineage.cases.rights import rule
from lineage.cases.rows import OVER
from lineage.cases.subjects import file_name, key_name, sealed_under, subject_of
from lineage.errors import Misconfigured
from lineage.facts import Consent, Disclosure, Link
from lineage.graph import NOW, Forgotten
from lineage.recording import bound
from lineage.sealing import Seal
from lineage.tombstones import STREAM, Suppression, Tombstone


class Mended(NamedTuple):
    """How much was put back or taken away again. `facts` counts disclosures, consents, links, and what was hung elsewhere."""

    tombstones: int = 0
    suppressions: int = 0
    facts: int = 0
    keys: int = 0

    def plus(self, other: "Mended") -> "Mended":
        """Return both together."""
        return Mended(*map(sum, zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at everything found. Cases by name: what is not mended, and why, in the other three."""

    mended: Mended
    unknown: tuple[str, ...]
    """Tombstones name these cases as theirs, and no entry tells of it. What they erased is erased again."""
    unreadable: tuple[str, ...]
    """Cases that go on, whose key is gone: what was sent to their parties cannot be read."""
    broken: tuple[str, ...]
    """Cases whose chain in the journal is not whole."""


def tombstones_of(entry: Entry) -> list[Tombstone]:
    """Return the tombstones that an entry tells of."""
    if entry.kind != "entombed":
        return []
    return [Tombstone(bytes.fromhex(key), entry.said["before"], entry.case) for key in entry.said["keys"]]


def entomb(work: Casework, stones: Sequence[Tombstone]) -> int:
    """Put tombstones back where they, or later ones, are missing; return how many were."""
    there = work.memory.entombed({each.key for each in stones}) if stones else {}
    gone = {each.key: each for each in stones if each.key not in there or there[each.key].before < each.before}
    if gone:
        work.memory.entomb([each for each in stones if each.key in gone])
    return len(gone)


def mend(work: Casework, id_: str) -> Mended:
    """Do again what a case says was done, as far as it is undone. Raises: as the stores."""
    chain = work.journal.entries(id_)
    case = folded(chain)
    stones = [stone for each in chain for stone in tombstones_of(each)]
    return Mended(
        tombstones=entomb(work, stones),
        suppressions=_suppress(work, case, stones),
        facts=_forget(work, case, chain) if case.forgotten is not None else 0,
        keys=_destroy(work, case, chain, stones),
    )


def check(work: Casework) -> Checked:
    """Look through all cases and tombstones, and mend what is undone (GDPR Art. 17, 5(2))."""
    mended, unreadable, broken = Mended(), [], []
    known: set[tuple[bytes, str]] = set()
    for row in work.journal.cases():
        chain = work.journal.entries(row.case)
        try:
            check_chain(chain)
        except Misconfigured:
            broken.append(row.case)
        known |= {(stone.key, stone.case) for each in chain for stone in tombstones_of(each)}
        mended = mended.plus(mend(work, row.case))
        if row.state not in OVER and _is_unreadable(work, chain):
            unreadable.append(row.case)
    unknown: dict[str, list[Tombstone]] = {}
    for stone in work.memory.tombstones():
        if stone.key != STREAM and (stone.key, stone.case) not in known:
            unknown.setdefault(stone.case, []).append(stone)
    for stones in unknown.values():
        mended = mended.plus(_erase(work, stones))
    return Checked(mended, tuple(sorted(unknown)), tuple(unreadable), tuple(broken))


def _suppress(work: Casework, case: Case, stones: Iterable[Tombstone]) -> int:
    """Put back what the inflow was stopped by, or that it was let again: as of then, for a later decision holds."""
    if case.approved is None or not (ground := rule(case.right).suppress):
        return 0
    purposes = stopped_purposes(case)
    members = {*subject_of(work.graph, case.subjects).members, *case.subjects}
    if not any(each.ground == ground for each in work.memory.suppressed(case.subjects)):
        members |= {
            each.key for each in stones
        }  # all are lost, and of whoever is erased nothing else tells who she was
    words = [(case.approved, False), *([(case.lifted, True)] if case.lifted is not None else [])]
    before, said = set(work.memory.suppressed(members)), set(work.memory.suppressions(members))
    work.memory.suppress(
        [
            Suppression(k, "*", each, ground, at, case.id, lifted)
            for k in members
            for each in purposes
            for at, lifted in words
        ]
    )
    if said != set(work.memory.suppressions(members)):
        work.graph.touch(members)
    return len(before ^ set(work.memory.suppressed(members)))


def _forget(work: Casework, case: Case, chain: Iterable[Entry]) -> int:
    """Forget her facts again; what the law keeps hangs on nobody's identifier, as long as it does."""
    kept = [(bytes.fromhex(event), part) for facts in held_of(work, case).values() for event, part in facts]
    count = 0
    for each in chain:
        if each.kind == "entombed":
            keys, onto = [bytes.fromhex(key) for key in each.said["keys"]], bytes.fromhex(each.said["onto"])
            hung = onto if kept else None
            gone = work.graph.forget(keys, each.said["before"], kept, hung)
            count += _counted(gone) + gone.kept
            if {(fact.event, fact.part) for fact in work.graph.disclosures([onto], NOW)} - {*kept}:  # of holds now over
                count += _counted(work.graph.forget([onto], work.clock(), kept, hung))
    return count


def _counted(gone: Forgotten) -> int:
    return gone.disclosures + gone.consents + gone.links + gone.ownerships


def _destroy(work: Casework, case: Case, chain: Sequence[Entry], stones: Sequence[Tombstone]) -> int:
    """Destroy keys again: hers, and those of the case that were destroyed when it was closed."""
    names = {*_let_go(chain, forgets=rule(case.right).forgets)}
    if case.keys_destroyed is not None:
        names |= _old(work, stones)
    there = work.keyring.find(names) if names else {}
    return work.keyring.destroy(there.keys()) if there else 0


def _let_go(chain: Iterable[Entry], *, forgets: bool) -> Iterator[bytes]:
    """Yield the names of the keys that went: of files alone; with each closing of an erasure; some time after a case ended."""
    generation, files, onto = 0, 0, list[str]()
    for each in chain:
        if each.kind == "reopened":
            generation += 1
        elif each.kind == "filed":
            files += 1
        elif each.kind == "unfiled":
            yield from (file_name(each.case, number) for number in each.said["files"])
        elif each.kind == "entombed":
            onto.append(each.said["onto"])
        elif each.kind == "shredded" or (each.kind == "closed" and forgets):
            yield from sealed_under(each.case, generation, files)
            yield from map(bytes.fromhex, onto if each.kind == "closed" else ())


def _old(work: Casework, stones: Iterable[Tombstone]) -> set[bytes]:
    """Return the entombed identifiers whose key, if there is one, is from before: nothing newer opens with it.

    Whoever came back has a new key, which must stay. A backup of the ring can have brought the old one in its place.
    """
    before = {each.key: each.before for each in stones}
    keys = work.keyring.find(before.keys())
    graph, newer = work.graph, set[bytes]()
    facts: list[tuple[bytes, Disclosure | Consent | Link]] = [(e.holder, e) for e in graph.disclosures(keys, NOW)]
    facts += [(each.holder, each) for each in graph.consents(keys, NOW)]
    facts += [(each.one, each) for each in graph.links(keys, NOW)]
    for holder, fact in facts:
        if holder in keys and holder not in newer and fact.at > before[holder] and _opens(keys[holder], fact):
            newer.add(holder)
    return keys.keys() - newer


def _opens(key: bytes, fact: Disclosure | Consent | Link) -> bool:
    try:
        Seal(key).open(fact.as_sent, bound(fact))
    except Misconfigured:
        return False
    return True


def _erase(work: Casework, stones: Collection[Tombstone]) -> Mended:
    """Erase what tombstones alone tell of: nothing says what the law keeps of it."""
    facts = 0
    for before in {each.before for each in stones}:
        keys = [each.key for each in stones if each.before == before]
        facts += _counted(work.graph.forget(keys, before, (), None))
    old = _old(work, stones)
    return Mended(facts=facts, keys=work.keyring.destroy(old) if old else 0)


def _is_unreadable(work: Casework, chain: Sequence[Entry]) -> bool:
    gone = {*_let_go(chain, forgets=True)}
    sealed = {key_name(each.case, each.said) for each in chain if each.sealed} - gone
    return not sealed <= work.keyring.find(sealed).keys()
