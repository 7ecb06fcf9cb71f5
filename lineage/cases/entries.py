"""Entries of a case's chain: what happened, in order, each bound to the one before by its hash.

They hold no personal data in clear: pseudonyms, parties, categories, states, dates; what is personal is `sealed` under the
case's own key. Whoever has an entry and the one before can check it, offline and without any key.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lineage.errors import Misconfigured

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
    """Return the entry that follows `after`, or the first one of the case of that id."""
    case, number, previous = (after, 0, FIRST) if isinstance(after, str) else (after.case, after.number + 1, after.hash)
    return Entry(
        case,
        number,
        at,
        kind,
        actor,
        said,
        sealed,
        previous,
        _hash(case, number, at, kind, actor, said, sealed, previous),
    )


def check_chain(entries: Sequence[Entry]) -> None:
    """Make sure that a chain is whole from its beginning and unchanged.

    Raises: Misconfigured: an entry is missing, doubled, out of order or changed; the message names its number.
    """
    previous, case = FIRST, entries[0].case if entries else ""
    for number, each in enumerate(entries):
        if each.number != number or each.case != case or each.previous != previous or each.hash != _hash_of(each):
            raise Misconfigured(f"the chain of case {case} is broken at entry {number}: restore it from a copy")
        previous = each.hash


def canonical(told: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Return the one form of a JSON value that is hashed and signed (RFC 8785 for all that occurs here)."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _hash_of(each: Entry) -> bytes:
    return _hash(each.case, each.number, each.at, each.kind, each.actor, each.said, each.sealed, each.previous)


def _hash(case: str, number: int, at: int, kind: str, actor: str, said: Said, sealed: bytes, previous: bytes) -> bytes:
    told = {
        "case": case,
        "number": number,
        "at": at,
        "kind": kind,
        "actor": actor,
        "said": said,
        "sealed": hashlib.sha256(sealed).hexdigest(),
        "previous": previous.hex(),
    }
    return hashlib.sha256(canonical(told)).digest()
