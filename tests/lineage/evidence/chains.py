"""Chains of cases as casework writes them, for the tests of evidence: with every kind of secret in them that must stay in."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lineage.cases.canonical import canonical
from lineage.cases.entries import Entry, entry
from lineage.evidence.certificate import PURPOSE, certificate
from lineage.evidence.checkpoints import Checkpoint, Inclusion, checkpoint, inclusion
from lineage.evidence.signing import public_key, sign
from lineage.evidence.stating import Known
from lineage.evidence.verifying import verify

SEED = bytes(range(32))
CASE = "2026-7KQ2M9XA"
T0 = 1_780_000_000_000_000
HOUR = 3_600_000_000
PSEUDONYM = "7f3a9c0011223344556677889900aabb"
EVENT = "c0ffee00c0ffee00c0ffee00c0ffee00"
KEYS = ["00aa11bb22cc33dd44ee55ff66778899", PSEUDONYM]
SECRETS = (
    PSEUDONYM, EVENT, *KEYS, "maija.virtanen@example.fi", "+358401234567", "Virtanen", "job-4711-maija", "fi-FI-secret",
    "owes-us: see maija.virtanen@example.fi", "police", "because she shouted", "2026-TWIN0000",
)  # fmt: skip


def known(party: str) -> Known:
    return {
        "posti": Known("Posti Oy – Ålands “Post”", "FI", ("controller",)),
        "sendgrid": Known("Twilio SendGrid", "US"),
        "klarna": Known("Klarna Bank AB (publ) – Sverige", "SE", ("controller",)),
    }.get(party, Known(party))


def told_task(number: int, party: str, form: str = "instruction", **others: Any) -> dict[str, Any]:
    return {
        "task": f"{CASE}/0.{number}", "party": party, "form": form, "action": "erase", "controller": "multitronic",
        "categories": ["email", "name"], "purposes": ["delivery"], "after": [], "observed": True, "due": "2026-06-20",
    } | others  # fmt: skip


def told_item(party: str, role: str = "processor", **others: Any) -> dict[str, Any]:
    return {
        "party": party, "purpose": "delivery", "category": "name", "role": role, "decision": "erase", "assumed": False,
        "disclosures": 2,
    } | others  # fmt: skip


PLAN: Mapping[str, Any] = {
    "items": [
        told_item("sendgrid"),
        told_item("klarna", "unknown"),
        told_item("posti", "controller", decision="hold", rule="H01", law="Kirjanpitolaki 2:10", assumed=True),
        told_item("police", "authority"),
    ],
    "tasks": [
        told_task(0, "klarna", "notice", roles=["unknown"]),
        told_task(1, "order-system", "internal", observed=False),
        told_task(2, "posti", "notice", until="2032-12-31", rule="H01", law="Kirjanpitolaki 2:10", assumed=True),
        told_task(3, "sendgrid", roles=["processor"], first=T0 - 9 * HOUR, last=T0 - HOUR),
        told_task(4, "posti", "notice"),
        told_task(5, "backup", "internal", promised="2026-09-01"),
        told_task(6, "svea", "notice", until="", rule="H27", law="17(3)(e)"),
    ],
    "undecided": 1,
    "ambiguous": 0,
    "unopened": 0,
    "facts": [f"{EVENT}.0"],
    "digest": "ab" * 32,
}
STORY: Sequence[tuple[str, str, Mapping[str, Any], bytes]] = (
    ("received", "person", {
        "right": "erasure", "received": T0, "channel": "email", "controller": "multitronic", "language": "fi-FI-secret",
        "subjects": [PSEUDONYM], "kinds": ["email"], "verified": False, "by": "person", "together": "2026-TWIN0000",
        "purposes": [], "changed": [],
    }, b"sealed under the case's key"),
    ("doubted", "dpo", {"reason": "because she shouted", "asked": T0 + HOUR, "ends": T0 + 2 * HOUR}, b"code"),
    ("guessed", "person", {}, b""),
    ("proved", "person", {"proved": T0 + 2 * HOUR, "how": "code"}, b""),
    ("planned", "jalki", PLAN, b"payloads"),
    ("approved", "dpo", {"approved": T0 + 3 * HOUR, "digest": "ab" * 32}, b""),
    ("claimed", "jalki", {"task": f"{CASE}/0.3", "look_at": T0 + 4 * HOUR}, b""),
    ("task", "sendgrid", {
        "task": f"{CASE}/0.3", "state": "accepted", "how": "http-202", "look_at": None, "handle": "job-4711-maija",
    }, b"receipt"),
    ("task", "klarna", {
        "task": f"{CASE}/0.0", "state": "declined", "how": "signed-answer",
        "ground": "owes-us: see maija.virtanen@example.fi",
    }, b""),
    ("task", "order-system", {"task": f"{CASE}/0.1", "state": "verified", "how": "read-back"}, b""),
    ("task", "posti", {"task": f"{CASE}/0.4", "state": "promised", "how": "confirmed-link", "by": "2026-06-30"}, b""),
    ("noted", "posti", {"late": {"ground": "Virtanen +358401234567"}}, b""),
    ("entombed", "jalki", {"before": T0 + 5 * HOUR, "keys": KEYS, "onto": EVENT}, b""),
    ("forgotten", "jalki", {"kept": 1}, b""),
    ("destroyed", "jalki", {"keys": 2}, b""),
    ("alarmed", "jalki", {"alarm": "operative-5"}, b""),
    ("telling", "jalki", {"message": "5eed" * 8, "alarms": [15]}, b""),
    ("told", "jalki", {"message": "5eed" * 8}, b""),
    ("extended", "dpo", {"until": "2026-08-01"}, b"reason"),
    ("handed", "jalki", {"files": ["statement.html"]}, b""),
    ("lifted", "dpo", {"told": "Virtanen"}, b""),
    ("answered", "jalki", {}, b""),
    ("partly-done", "jalki", {"until": ["2032-12-31"], "on": "2026-06-01"}, b""),
    ("incident", "jalki", {
        "what": "data from before the erasure came back", "event": EVENT, "part": 0, "occurred": T0, "source": "police",
        "target": "klarna", "purpose": "credit", "categories": ["email"],
    }, b""),
    ("reopened", "jalki", {}, b""),
    ("filed", "dpo", {"file": 1, "shows": "task", "type": "pdf", "bytes": 1_024, "mark": "cd" * 32, "task": f"{CASE}/0.4"},
     b"a letter of Virtanen"),
    ("filed", "dpo", {"file": 2, "shows": "other", "type": "text", "bytes": 7, "mark": "ef" * 32}, b"+358401234567"),
    ("unfiled", "dpo", {"files": [2], "why": "by-hand"}, b""),
)  # fmt: skip


def chain(story: Sequence[tuple[str, str, Mapping[str, Any], bytes]] = STORY, case: str = CASE) -> list[Entry]:
    entries: list[Entry] = []
    for place, (kind, actor, said, sealed) in enumerate(story):
        entries.append(entry(entries[-1] if entries else case, T0 + place * HOUR, kind, actor, said, sealed))
    return entries


def checkpointed(entries: Sequence[Entry], upto: int = -1) -> tuple[Checkpoint, Inclusion]:
    """A checkpoint over this chain as it was, and eleven others."""
    last = entries[upto]
    heads = {f"2026-OTHER{number:03}": bytes([number]) * 32 for number in range(11)} | {last.case: last.hash}
    return checkpoint(heads, T0 + 99 * HOUR, None, SEED), inclusion(heads, last.case, last.number)


ENTRIES = chain()
FILE = certificate(ENTRIES, known, T0 + 100 * HOUR, SEED, checkpointed(ENTRIES))
PUBLIC = public_key(SEED)


def body_of(file: bytes = FILE) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(file)["body"]
    return told


def file_of(body: dict[str, Any], signature: str | None = None) -> bytes:
    """A file of that body, signed by the company itself unless a signature is given."""
    return canonical({"body": body, "signature": signature or sign(SEED, PURPOSE, body)}) + b"\n"


def checks(file: bytes) -> list[str]:
    return [fault.check for fault in verify(file, PUBLIC).faults]
