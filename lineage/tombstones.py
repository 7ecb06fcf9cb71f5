"""What an erasure leaves behind: tombstones and suppressions. Kept with the keys, apart from the graph, never erased with it.

A tombstone says that nothing of an identifier from before a moment may come back. A suppression says that a party must not
get a person's data for a purpose any more (GDPR Art. 7(3), 21(3)). Both know identifiers by a keyed hash alone.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

STREAM = b"stream"
"""Nobody's identifier: its tombstone says until when the keys of the embedded stream are destroyed."""


class Tombstone(NamedTuple):
    """Nothing of the identifier `key` that occurred by `before` (microseconds UTC) may be recorded; `case` erased it."""

    key: bytes
    before: int
    case: str


class Suppression(NamedTuple):
    """Since `at` a party must not get the identifier `key` for a purpose. `*` stands for every party or purpose.

    `ground` is the contract's right: `objection`, `unsubscribe`, `restriction`. With `lifted` it no longer holds.
    """

    key: bytes
    party: str
    purpose: str
    ground: str
    at: int
    case: str
    lifted: bool = False


class Stood(NamedTuple):
    """A suppression and the moment it was lifted at; `until` None: it stands."""

    said: Suppression
    until: int | None = None


class Memory(Protocol):
    """What must be remembered about those who are to be forgotten. Raises: as `lineage.keyring.KeyRing`."""

    def entomb(self, tombstones: Collection[Tombstone]) -> None:
        """Keep tombstones durably; of two for one identifier the later `before` holds."""
        ...

    def entombed(self, keys: Collection[bytes]) -> Mapping[bytes, Tombstone]:
        """Return the tombstones of those identifiers that have one."""
        ...

    def tombstones(self) -> Sequence[Tombstone]:
        """Return all tombstones, by key."""
        ...

    def suppress(self, suppressions: Collection[Suppression]) -> None:
        """Keep suppressions, or that they are lifted, durably; of two for one key, party, purpose and ground the later holds."""
        ...

    def suppressions(self, keys: Collection[bytes]) -> Sequence[Suppression]:
        """Return all that was ever said of those identifiers, sorted: each suppression, and each that lifts one."""
        ...

    def suppressed(self, keys: Collection[bytes]) -> Sequence[Suppression]:
        """Return the suppressions that stand (lifted ones not) on those identifiers."""
        ...


def stood(said: Iterable[Suppression]) -> list[Stood]:
    """Return each suppression with when it was lifted; of two at the same moment the one that protects is the later."""
    found: list[Stood] = []
    open_: dict[tuple[bytes, str, str, str], list[Suppression]] = {}
    for each in sorted(said, key=in_time):
        place = (each.key, each.party, each.purpose, each.ground)
        if each.lifted:
            found += [Stood(one, each.at) for one in open_.pop(place, ())]
        else:
            open_.setdefault(place, []).append(each)
    return sorted([*found, *(Stood(one) for some in open_.values() for one in some)])


def standing(said: Iterable[Suppression]) -> list[Suppression]:
    """Return the suppressions that stand, sorted: the last word of each party, purpose and ground."""
    last = {(each.key, each.party, each.purpose, each.ground): each for each in sorted(said, key=in_time)}
    return sorted(each for each in last.values() if not each.lifted)


def in_time(each: Suppression) -> tuple[int, bool, str]:
    """Return the order in which suppressions of one person follow each other."""
    return (each.at, not each.lifted, each.case)
