"""A finding as it is told: one rule that one disclosure broke, with a name of its own. Judges nothing, keeps nothing.

A finding is a function of the graph, the register and the memory; what was told of it is a `Mark`. No personal data is in
either: persons and events stand there by pseudonym, and of a finding that is withdrawn not even she.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lineage.cases.canonical import canonical
from lineage.drift import Drift
from lineage.explaining import Finding, Shown
from lineage.times import rfc3339

FOUND, WITHDRAWN = "found", "withdrawn"
Fact = tuple[bytes, int]
"""Which disclosure: event and part."""


class Mark(NamedTuple):
    """What was told of a finding last. `digest` is of what it said; empty where it says nothing any more."""

    event: bytes
    part: int
    rule: str
    sequence: int
    found: bool
    digest: bytes = b""

    @property
    def fact(self) -> Fact:
        """The disclosure it is about."""
        return self.event, self.part


class Change(NamedTuple):
    """A finding that is told anew: its mark from now on, and the record of it, as JSON."""

    mark: Mark
    record: str


def name_of(event: bytes, part: int, rule: str) -> str:
    """Return the name of a finding, 32 hexadecimal digits: the same whenever and wherever it is found."""
    return hashlib.sha256(b"%b|%d|%b" % (event, part, rule.encode())).hexdigest()[:32]


def said_of(drift: Drift) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield for each rule that a disclosure broke what is said of it, as JSON has it."""
    route, at = drift.disclosure.route, rfc3339(drift.disclosure.at)
    for each in drift.findings:
        yield (
            each.rule,
            {
                **finding_shape(each),
                "at": at,
                "person": drift.person.hex() if drift.person else None,
                "from": route.source,
                "to": route.target,
                "purpose": route.purpose,
                "categories": list(route.categories),
                "controller": route.controller,
                "register": drift.register,
            },
        )


def finding_shape(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON has it: its rule, the law, what to do, what shows it."""
    return {
        "rule": finding.rule,
        "law": finding.law,
        "todo": finding.todo,
        "evidence": [_shown(each) for each in finding.evidence],
    }


def _shown(shown: Shown) -> dict[str, Any]:
    return {
        "kind": shown.kind,
        "text": shown.text,
        "where": shown.where or None,
        "valid_from": shown.valid_from.isoformat() if shown.valid_from else None,
        "valid_until": shown.valid_until.isoformat() if shown.valid_until else None,
        "event": shown.event.hex() if shown.event else None,
        "at": None if shown.at is None else rfc3339(shown.at),
    }


def digest_of(said: Mapping[str, Any]) -> bytes:
    """Return what is equal for what says the same: lines of the register move, and its version says nothing of a person."""
    evidence = [{**each, "where": None} for each in said["evidence"]]
    told = {name: value for name, value in said.items() if name in SAID and name != "register"}
    return hashlib.sha256(canonical({**told, "evidence": evidence})).digest()[:16]


_NOTHING: Mapping[str, Any] = {
    "law": None, "todo": None, "evidence": [], "at": None, "person": None, "from": None, "to": None, "purpose": None,
    "categories": [], "controller": None, "register": None,
}  # fmt: skip
SAID = frozenset({*_NOTHING, "rule"})
"""The fields that say something of a finding; the others of its record only which it is, and how it stands."""


def record_of(mark: Mark, said: Mapping[str, Any] | None, now: int) -> str:
    """Return the record of a finding: what is said of it, or, where it is withdrawn, only which it was."""
    told = {
        "finding": name_of(mark.event, mark.part, mark.rule),
        "sequence": mark.sequence,
        "state": FOUND if mark.found else WITHDRAWN,
        "judged": rfc3339(now),
        "event": mark.event.hex(),
        "part": mark.part,
        **_NOTHING,
        "rule": mark.rule,
        **(said or {}),
    }
    return canonical(told).decode()


def mark_in(record: Mapping[str, Any]) -> Mark:
    """Return the mark of a record that was told."""
    found = record["state"] == FOUND
    digest = digest_of(record) if found else b""
    return Mark(bytes.fromhex(record["event"]), record["part"], record["rule"], record["sequence"], found, digest)
