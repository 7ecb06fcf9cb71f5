"""What became of a person's cases, as moments: of each step when it was, of a task which party and what came of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lineage.cases.entries import Entry
from lineage.timeline.model import Asked, Moment

STEPS: Mapping[str, tuple[str, ...]] = {
    "received": ("right", "channel"),
    "doubted": (),
    "proved": (),
    "approved": (),
    "extended": (),
    "legal-hold": ("party", "purpose", "category"),
    "legal-release": (),
    "item-refused": ("ground", "party", "purpose", "category"),
    "item-granted": (),
    "entombed": (),
    "forgotten": (),
    "destroyed": (),
    "handed": (),
    "lifted": (),
    "answered": (),
    "partly-done": (),
    "incident": (),
    "reopened": (),
    "refused": ("ground",),
    "withdrawn": (),
    "duplicate": (),
    "closed": (),
}
"""The entries that are told, each with those words of it that are of a vocabulary and name nobody."""


def moments_of(entries: Sequence[Entry], asked: Asked, *, shared: bool) -> Iterator[Moment]:
    """Yield the steps of a case, and of each of its tasks every state it came to."""
    parties: dict[str, Mapping[str, Any]] = {}
    states: dict[str, str] = {}
    right = entries[0].said["right"] if entries else ""
    for each in entries:
        if each.kind == "planned":
            parties.update((task["task"], task) for task in each.said["tasks"])
        told = _step(each) if each.kind in STEPS else _task(each, parties, states) if each.kind == "task" else None
        # A case is known when its entry is made; it may have been received before, by letter for one.
        at = each.said["received"] if each.kind == "received" else each.at
        if told is not None and asked.wants(at, each.at):
            told = {"shared": shared, "case": each.case, "right": right, **told}
            yield Moment(at, each.at, f"{each.case}.{each.number}", "case", told)


def _step(entry: Entry) -> dict[str, Any]:
    words = {name: entry.said[name] for name in STEPS[entry.kind] if entry.said.get(name) is not None}
    return {"step": entry.kind, "actor": entry.actor, **words}


def _task(entry: Entry, tasks: Mapping[str, Mapping[str, Any]], states: dict[str, str]) -> dict[str, Any] | None:
    """Return what became of a task; None where that is what it was before, after one more attempt."""
    task, state = entry.said["task"], entry.said["state"]
    if states.get(task) == state or task not in tasks:
        return None
    states[task] = state
    told = tasks[task]
    how = {"how": entry.said["how"]} if entry.said.get("how") else {}
    return {"step": "task", "party": told["party"], "action": told["action"], "state": state, **how}
