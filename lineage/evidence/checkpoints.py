"""Checkpoints: signed statements over the newest entries of all chains, each bound to the checkpoint before.

Whoever holds an old checkpoint can tell that no chain was rewritten since. They are kept as entries of kind `checkpoint` of
the chain `CHAIN`, which is no case; this module only makes and checks them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lineage.cases.canonical import canonical
from lineage.cases.entries import FIRST, hash_of
from lineage.errors import Misconfigured
from lineage.evidence.merkle import leads_to, leaf_hash, path_of, root_of
from lineage.evidence.signing import is_signed, sign

CHAIN = "checkpoints"
KIND = "checkpoint"
PURPOSE = "jalki-checkpoint-1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chains as they were `at` (microseconds UTC): `root` over `count` of them, sorted by case. Signed by the company."""

    number: int
    at: int
    count: int
    root: bytes
    previous: bytes
    signature: str

    def told(self) -> dict[str, Any]:
        """Return it as JSON: what an entry says, and a certificate shows."""
        return {**_statement(self.number, self.at, self.count, self.root, self.previous), "signature": self.signature}

    @property
    def hash(self) -> bytes:
        """What the next one is bound to."""
        return hash_of(self.told())


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Where one chain stands in a checkpoint: its newest entry then, its place, and the way up to the root."""

    entry: int
    index: int
    path: tuple[bytes, ...]

    def told(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"entry": self.entry, "index": self.index, "path": [each.hex() for each in self.path]}


def checkpoint(heads: Mapping[str, bytes], at: int, previous: Checkpoint | None, seed: bytes) -> Checkpoint:
    """Return a signed checkpoint over the newest entry's hash of every case, the chain `CHAIN` left out."""
    leaves = _leaves(heads)
    number, before = (previous.number + 1, previous.hash) if previous else (0, FIRST)
    at = max(at, previous.at) if previous else at
    told = _statement(number, at, len(leaves), root_of(leaves), before)
    return Checkpoint(number, at, len(leaves), root_of(leaves), before, sign(seed, PURPOSE, told))


def inclusion(heads: Mapping[str, bytes], case: str, entry: int) -> Inclusion:
    """Return where a case stands in the checkpoint over `heads`; `entry` is the number of its newest entry there."""
    cases = sorted(set(heads) - {CHAIN})
    index = cases.index(case)
    return Inclusion(entry, index, tuple(path_of(_leaves(heads), index)))


def checkpoint_of(told: Mapping[str, Any]) -> Checkpoint:
    """Return a checkpoint from its JSON. Raises: KeyError, TypeError, ValueError: it is none."""
    names = {"number", "at", "count", "root", "previous", "signature"}
    if not names <= told.keys() or told.keys() - names - {"salt"} or not isinstance(told["signature"], str):
        raise ValueError("not a checkpoint")
    number, at, count = (told[name] for name in ("number", "at", "count"))
    if not all(type(each) is int for each in (number, at, count)):
        raise TypeError("not a checkpoint")
    root, previous = bytes.fromhex(told["root"]), bytes.fromhex(told["previous"])
    return Checkpoint(number, at, count, root, previous, told["signature"])


def is_checkpoint(each: Checkpoint, public: bytes) -> bool:
    """Tell whether the company has signed it."""
    told = _statement(each.number, each.at, each.count, each.root, each.previous)
    return is_signed(public, PURPOSE, told, each.signature)


def is_included(each: Checkpoint, case: str, head: bytes, told: Mapping[str, Any]) -> bool:
    """Tell whether a case with this newest entry stands in a checkpoint, by the JSON of an `Inclusion`."""
    path = [bytes.fromhex(step) for step in told["path"]]
    return leads_to(_leaf(case, head), told["index"], each.count, path, each.root)


def check_checkpoints(chain: Sequence[Checkpoint], public: bytes) -> None:
    """Make sure that checkpoints are whole from the first one, in order of time, and signed.

    Raises: Misconfigured: one is missing, doubled, out of order or changed; the message names its number.
    """
    previous, at = FIRST, 0
    for number, each in enumerate(chain):
        if each.number != number or each.previous != previous or each.at < at or not is_checkpoint(each, public):
            raise Misconfigured(f"the checkpoints are broken at number {number}: restore them from a copy")
        previous, at = each.hash, each.at


def _statement(number: int, at: int, count: int, root: bytes, previous: bytes) -> dict[str, Any]:
    return {"number": number, "at": at, "count": count, "root": root.hex(), "previous": previous.hex()}


def _leaves(heads: Mapping[str, bytes]) -> list[bytes]:
    return [_leaf(case, heads[case]) for case in sorted(set(heads) - {CHAIN})]


def _leaf(case: str, head: bytes) -> bytes:
    return leaf_hash(canonical({"case": case, "head": head.hex()}))
