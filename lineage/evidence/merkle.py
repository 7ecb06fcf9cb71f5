"""Merkle trees as in RFC 9162 (RFC 6962) section 2.1, with SHA-256: one root for many leaves, and short proofs of one."""

import hashlib
from collections.abc import Sequence


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; of none, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path_of(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return what shows that the leaf at `index` is under the root: the hashes beside its way up, from below."""
    path, level = [], list(leaves)
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        level, index = _above(level), index // 2
    return path


def leads_to(leaf: bytes, index: int, count: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether a leaf hash stands at `index` of `count` leaves under a root, by its path."""
    if not 0 <= index < count:
        return False
    found, left = leaf, list(path)
    while count > 1:
        if index ^ 1 < count:
            if not left:
                return False
            beside = left.pop(0)
            found = _joined(beside, found) if index & 1 else _joined(found, beside)
        index, count = index // 2, (count + 1) // 2
    return not left and found == root


def _above(level: list[bytes]) -> list[bytes]:
    """Return the next level: pairs joined; one without a partner goes up as it is."""
    joined = [_joined(level[place], level[place + 1]) for place in range(0, len(level) - 1, 2)]
    return joined + level[-1:] if len(level) % 2 else joined


def _joined(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
