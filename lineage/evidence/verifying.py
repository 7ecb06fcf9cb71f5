"""Checks of a certificate with nothing but its bytes and the company's public key: no store, no network, no register."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lineage.cases.canonical import canonical
from lineage.cases.commitments import opened
from lineage.cases.entries import FIRST, Entry, hash_of
from lineage.errors import JalkiError
from lineage.evidence.certificate import FORMAT, PURPOSE, VERSION
from lineage.evidence.checkpoints import checkpoint_of, is_checkpoint, is_included
from lineage.evidence.showing import visible_entry
from lineage.evidence.signing import fingerprint, is_signed
from lineage.evidence.stating import Known, statement

LARGEST = 16 * 1024 * 1024
"""Bytes of a file that is read."""
_BODY = {"format", "version", "issued", "key", "statement", "register", "words", "chain", "checkpoint"}
_ENTRY = {"number", "at", "kind", "actor", "said", "sealed", "previous", "hash"}
_SHAPE = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OverflowError)
"""What reading a tree of another shape ends in."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A check that failed: `form key signature chain statement checkpoint pages`; `entry` where it is one of the chain."""

    check: str
    message: str
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of verifying. `body` is None where the file is no certificate; believe it only if there are no faults."""

    faults: tuple[Fault, ...]
    body: Mapping[str, Any] | None = None

    @property
    def verified(self) -> bool:
        """Whether every check passed."""
        return not self.faults


def verify(file: bytes, public: bytes) -> Finding:
    """Check a certificate, the bytes of its JSON file, against the company's public key (32 bytes). Never raises."""
    try:
        told = _read(file)
    except _SHAPE as cause:
        return Finding((Fault("form", f"this is not a certificate of Jalki: {_why(cause)}"),))
    body, signature = told["body"], told["signature"]
    if body["key"] != fingerprint(public):
        another = Fault("key", "it names another key than the one given: ask the company which is its own")
        return Finding((another,), body)
    faults = [] if is_signed(public, PURPOSE, body, signature) else [
        Fault("signature", "the signature is not the company's over this content: something was changed")
    ]  # fmt: skip
    checks = (_chain, _statement, lambda each: _checkpoint(each, public))
    faults += [fault for check in checks if (fault := _tried(check, body)) is not None]
    return Finding(tuple(faults), body)


def _tried(check: Callable[[Mapping[str, Any]], Fault | None], body: Mapping[str, Any]) -> Fault | None:
    try:
        return check(body)
    except _SHAPE:
        return Fault("form", "a part of it has another shape than certificates of this version have")


def _read(file: bytes) -> Mapping[str, Any]:
    if len(file) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 1024 // 1024} MiB")
    told = json.loads(file.decode())
    if canonical(told) + b"\n" != file:
        raise ValueError("it is not in canonical form: bytes were added, moved or changed")
    body = told["body"]
    if told.keys() != {"body", "signature"} or body["format"] != FORMAT:
        raise ValueError("its format is another")
    if body["version"] != VERSION:
        raise ValueError("it is of another version: verify it with the Jalki that made it, or a newer one")
    if body.keys() != _BODY:
        raise ValueError("parts are missing or added")
    return dict(told)


def _why(cause: Exception) -> str:
    """The message of our own checks; of the others nothing that could quote the file."""
    own = type(cause) is ValueError and not str(cause).startswith("Exceeds")
    return str(cause) if own else "it cannot be read as its JSON"


def _chain(body: Mapping[str, Any]) -> Fault | None:
    """Whether every entry's hash is that of its content, and each is bound to the one before."""
    previous, case = FIRST.hex(), body["statement"]["case"]
    if not body["chain"]:
        return Fault("chain", "the chain is empty")
    for number, each in enumerate(body["chain"]):
        if each.keys() != _ENTRY or type(each["at"]) is not int or each["number"] != number:
            return Fault("chain", f"entry {number} of the chain is missing, doubled or out of order", number)
        if each["previous"] != previous:
            return Fault("chain", f"entry {number} of the chain does not follow the one before", number)
        told = {name: each[name] for name in ("number", "at", "kind", "actor", "sealed", "previous")}
        try:
            said = opened(each["said"])[0].hex()
        except _SHAPE:
            return Fault("chain", f"entry {number} of the chain was changed", number)
        if hash_of({**told, "case": case, "said": said}).hex() != each["hash"]:
            return Fault("chain", f"entry {number} of the chain was changed", number)
        previous = each["hash"]
    return None


def _statement(body: Mapping[str, Any]) -> Fault | None:
    """Whether the statement is what the chain says."""
    case = body["statement"]["case"]
    entries = [_entry(case, each) for each in body["chain"]]
    register = {
        party: Known(each["name"], each["country"], tuple(each["roles"])) for party, each in body["register"].items()
    }
    try:
        stated = statement(entries, lambda party: register[party])
    except JalkiError as cause:
        return Fault("statement", f"the chain cannot be read: {cause}")
    except _SHAPE:
        return Fault("statement", "the chain does not tell a whole case")
    if canonical(stated) != canonical(body["statement"]):
        return Fault(
            "statement", f"the statement says other things than the chain: {', '.join(_differing(body, stated))}"
        )
    return None


def _entry(case: str, each: Mapping[str, Any]) -> Entry:
    previous, own = bytes.fromhex(each["previous"]), bytes.fromhex(each["hash"])
    bare = Entry(case, each["number"], each["at"], each["kind"], each["actor"], {}, b"", previous, own)
    return visible_entry(bare, each["said"])


def _differing(body: Mapping[str, Any], stated: Mapping[str, Any]) -> Sequence[str]:
    said = body["statement"]
    names = sorted({*said, *stated})
    return [name for name in names if canonical(said.get(name)) != canonical(stated.get(name))]


def _checkpoint(body: Mapping[str, Any], public: bytes) -> Fault | None:
    """Whether the chain, as far as the checkpoint goes, stood in it."""
    told = body["checkpoint"]
    if told is None:
        return None
    position = told["position"]
    each = checkpoint_of({name: value for name, value in told.items() if name != "position"})
    if not is_checkpoint(each, public):
        return Fault("checkpoint", "the checkpoint is not signed by the company")
    number = position["entry"]
    if type(number) is not int or type(position["index"]) is not int or not 0 <= number < len(body["chain"]):
        return Fault("checkpoint", "the checkpoint is about an entry that is not here")
    head = bytes.fromhex(body["chain"][number]["hash"])
    if not is_included(each, body["statement"]["case"], head, position):
        return Fault("checkpoint", f"the chain did not stand in the checkpoint with entry {number} as its newest")
    return None
