"""Entries of a case's chain: what happened, in order, each bound to the one before by its hash.

They hold no personal data in clear: pseudonyms, parties, categories, states, dates; what is personal is `sealed` under the
case's own key. Whoever has an entry and the one before can check it, offline and without any key.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lineage.cases.canonical import canonical
from lineage.cases.commitments import SALT, below, digest, first_salt
from lineage.errors import Misconfigured

__all__ = ["FIRST", "Entry", "Said", "canonical", "check_chain", "entry", "hash_of", "salt_of"]

FIRST = bytes(32)
"""What the first entry of a chain is bound to."""

Said = Mapping[str, Any]
"""JSON: texts, whole numbers, booleans, None, lists and mappings of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a case. `at` is microseconds UTC; `actor` a role (`dpo`, `person`, `jalki`, a party's id)."""

    case: str
    number: int
    at: int
    kind: str
    actor: str
    said: Said
    sealed: bytes
    previous: bytes
    hash: bytes


def entry(after: Entry | str, at: int, kind: str, actor: str, said: Said, sealed: bytes = b"") -> Entry:
    """Return the entry that follows `after`, or the first one of the case of that id. The same arguments make the same one.

    To what is said comes `salt`, by which parts of it can later be withheld in a certificate: the chain's first one is hard
    to guess if the first entry names a pseudonym or has a sealed part, and each further one follows from the one before.
    """
    if isinstance(after, str):
        case, number, previous, salt = after, 0, FIRST, first_salt(said, sealed)
    else:
        case, number, previous = after.case, after.number + 1, after.hash
        salt = below(salt_of(after.said), "\0next")
    said = {"salt": salt.hex(), **said}
    hashed = _hash(case, number, at, kind, actor, digest(salt_of(said), said), sealed, previous)
    return Entry(case, number, at, kind, actor, said, sealed, previous, hashed)


def check_chain(entries: Sequence[Entry]) -> None:
    """Make sure that a chain is whole from its beginning and unchanged.

    Raises: Misconfigured: an entry is missing, doubled, out of order or changed; the message names its number.
    """
    previous, case = FIRST, entries[0].case if entries else ""
    for number, each in enumerate(entries):
        if each.number != number or each.case != case or each.previous != previous or each.hash != _hash_of(each):
            raise Misconfigured(
                f"the chain of case {case} is broken at entry {number}: restore it from a copy",
                "chain-broken",
                case=case,
            )
        previous = each.hash


def salt_of(said: Said) -> bytes:
    """Return the salt of an entry; where none was kept, one that hides nothing."""
    try:
        return bytes.fromhex(said["salt"]) if len(said["salt"]) == 2 * SALT else bytes(SALT)
    except (KeyError, TypeError, ValueError):
        return bytes(SALT)


def hash_of(told: Mapping[str, Any]) -> bytes:
    """Return the hash of an entry of which this is known: all its parts, what is said and sealed as hexadecimal digests."""
    return hashlib.sha256(canonical(told)).digest()


def _hash_of(each: Entry) -> bytes:
    said = digest(salt_of(each.said), each.said)
    return _hash(each.case, each.number, each.at, each.kind, each.actor, said, each.sealed, each.previous)


def _hash(case: str, number: int, at: int, kind: str, actor: str, said: bytes, sealed: bytes, previous: bytes) -> bytes:
    return hash_of(
        {
            "case": case,
            "number": number,
            "at": at,
            "kind": kind,
            "actor": actor,
            "said": said.hex(),
            "sealed": hashlib.sha256(sealed).hexdigest(),
            "previous": previous.hex(),
        }
    )
