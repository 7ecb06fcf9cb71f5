"""A decision whether two identifiers are one person's: recorded as the event of the contract, with who decided and why.

Known by the commands `link` and `unlink`, and by the page of a person. Knows no terminal.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from console.case_opening import Casebook
from console.opening import Folder, log_look
from lineage.errors import Misconfigured, Refused
from lineage.graph import NOW
from lineage.persons import find_person
from lineage.shared import decided, holding
from lineage.times import rfc3339
from schemas.records import JsonRecords
from streams.recorder import POSITION
from streams.records import Record

Named = tuple[str, str]
"""Kind and value of an identifier."""
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether two identifiers are one person's (`joined`), in whose name (`controller`), who decided it, and why."""

    left: Named
    right: Named
    joined: bool
    controller: str
    by: str
    reason: str
    role: str = ""
    """The role at the console; empty: by a command."""


def decide(book: Casebook, decisions: Sequence[Decision]) -> int:
    """Record decisions, all or none of them, each written to the access log before; return how many changed anything.

    Raises:
        Misconfigured: one names no two identifiers, no company of the register, or no reason.
        Refused: nothing is recorded of an identifier, or a decision of a later moment holds.
    """
    now = book.work.clock()
    wanted = [each for each in decisions if not _holds(book.folder, each, now)]
    for each in wanted:
        _write_down(book.folder, each)
    if wanted:
        _record(book, wanted, now)
    return len(wanted)


def companies_of(folder: Folder) -> list[str]:
    """Return the companies in whose name something can be decided."""
    return sorted(each.id for each in folder.register.declared.controllers)


def _holds(folder: Folder, decision: Decision, now: int) -> bool:
    """Tell whether that is what was decided already. Raises: as `decide`."""
    companies = companies_of(folder)
    if decision.controller not in companies:
        raise Misconfigured(f"--controller is one of {', '.join(companies)}", "company", companies=tuple(companies))
    if not 3 <= len(decision.reason.strip()) <= LONGEST_REASON:
        raise Misconfigured(
            f"--reason says why, in 3 to {LONGEST_REASON} characters: it is written down",
            "decision-reason",
            most=LONGEST_REASON,
        )
    left, right = (folder.pseudonyms.identifier(*each) for each in (decision.left, decision.right))
    if left == right:
        raise Misconfigured("the two identifiers are one and the same: name two", "one-and-same")
    for name, key in (("LEFT", left), ("RIGHT", right)):
        if not find_person(folder.graph.near(key), key, NOW).candidates:
            raise Refused(f"nothing is recorded of {name}: look how it is written", "nothing-of-it")
    last = holding(decided(folder.graph, {left, right}, NOW), left, right)
    if last is not None and last.joined != decision.joined and last.at >= now:
        raise Refused(
            f"a decision of {rfc3339(last.at)} holds: it lies after now, so nothing decided now would count",
            "decision-ahead",
        )
    return last is not None and last.joined == decision.joined


def _write_down(folder: Folder, decision: Decision) -> None:
    word = "link" if decision.joined else "unlink"
    for kind, value in (decision.left, decision.right):
        key = folder.pseudonyms.identifier(kind, value)
        log_look(
            folder, f"where:{key.hex()}", f"{word}: {decision.reason.strip()}", actor=decision.by, role=decision.role,
            shown="pseudonyms",
        )  # fmt: skip


def _record(book: Casebook, decisions: Sequence[Decision], now: int) -> None:
    """Record them as the agents do, in one transaction."""
    records = JsonRecords(book.folder.catalogue)
    batch = []
    for each in decisions:
        encoded = records.encode(json.dumps(_event(each, now)).encode())
        position = ((POSITION, b"link" if each.joined else b"unlink"),)
        batch.append(Record(encoded.topic, 0, 0, now // 1_000, None, encoded.record, position))
    recorder = book.recorder
    assert recorder is not None  # noqa: S101 - it is opened for casework
    outcome = recorder.write([recorder.seal(recorder.prepare(batch))])
    if outcome.recorded != len(batch):
        raise Refused("the decision could not be recorded: `jalki dead-letters` tells why", "not-recorded")


def _event(decision: Decision, now: int) -> dict[str, Any]:
    ends = {
        name: {"kind": kind, "value": value}
        for name, (kind, value) in (("left", decision.left), ("right", decision.right))
    }
    return {
        "type": "IdentifiersLinked" if decision.joined else "IdentifiersUnlinked",
        "event_id": f"decision-{uuid4()}",
        "occurred_at": rfc3339(now),
        "controller": decision.controller,
        **ends,
        "decided_by": decision.by,
    }
