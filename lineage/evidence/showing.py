"""What of a case's entries a certificate shows. Whatever is not named here is withheld: its digest stands in its place.

So nothing gets out by being added later. What is named is closed words, register ids, dates and counts. Free text, whoever
wrote it, and every pseudonym stay inside. A word that could be somebody's number or address is withheld even where its place
is named. Nor is there anything by which it could be told whether an authority got something: only parties with a task are
named, and how many items there were is withheld with them.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from lineage.cases.commitments import WITHHELD, opened, shown
from lineage.cases.entries import Entry, salt_of
from lineage.errors import Refused

SHOWN: Mapping[str, frozenset[str]] = {
    kind: frozenset(paths.split())
    for kind, paths in {
        "received": "right received controller verified by channel purposes",
        "doubted": "asked",
        "guessed": "",
        "proved": "proved",
        "planned": "tasks tasks.task tasks.party tasks.form tasks.action tasks.controller tasks.categories tasks.purposes"
        " tasks.after tasks.observed tasks.due tasks.until tasks.promised tasks.by_hand tasks.rule tasks.law"
        " tasks.then tasks.then.until tasks.then.rule tasks.then.law tasks.refused"
        " tasks.roles tasks.assumed tasks.first tasks.last undecided ambiguous unopened digest",
        "approved": "approved digest",
        "claimed": "task look_at",
        "task": "task state how by ground look_at failed due categories purposes",
        "entombed": "before",
        "forgotten": "kept",
        "destroyed": "",
        "extended": "until",
        "handed": "",
        "lifted": "",
        "answered": "",
        "partly-done": "until",
        "closed": "",
        "refused": "ground",
        "item-refused": "number ground party purpose category remedies",
        "item-granted": "number",
        "withdrawn": "",
        "duplicate": "of",
        "incident": "source target purpose categories",
        "reopened": "",
        "shredded": "until",
        "filed": "file shows type bytes mark task",
        "unfiled": "files why",
        "alarmed": "alarm",
        "telling": "",
        "told": "",
        "legal-hold": "party purpose category gone",
        "legal-release": "number until",
        "noted": "",
    }.items()
}

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ID = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-[0-9A-Z]{8}(?:/\d+\.\d+)?")
_CODE = re.compile(r"[a-z0-9][a-z0-9._:()/§-]{0,63}")
_NUMBER = re.compile(r"\d(?:[ ()-]{0,2}\d){6,}")
_ACTOR = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_LONGEST = 300
_PARTIES = frozenset({("incident", "source"), ("incident", "target")})
_CODES = frozenset(
    {("task", "ground"), ("task", "how"), ("task", "by"), ("refused", "ground"), ("item-refused", "ground")}
)


def shown_entry(entry: Entry, parties: Collection[str]) -> dict[str, Any]:
    """Return what a certificate shows of what an entry says. `parties` are those the case has tasks for.

    Raises: Refused: the entry's actor is not a role or a party.
    """
    if not _ACTOR.fullmatch(entry.actor) or _NUMBER.search(entry.actor):
        raise Refused(
            f"entry {entry.number} of case {entry.case} names an actor that is no role: it cannot be certified",
            "cannot-certify",
            case=entry.case,
        )
    paths = SHOWN.get(entry.kind, frozenset())

    def visible(path: tuple[str, ...], told: Any) -> bool:  # noqa: ANN401 - any JSON
        if not path:
            return True
        if ".".join(path) not in paths:
            return False
        return _is_impersonal(entry.kind, path[-1], told, parties)

    return shown(salt_of(entry.said), entry.said, visible)


def visible_entry(entry: Entry, said: Mapping[str, Any]) -> Entry:
    """Return an entry as its reader knows it, so that it can be folded: nobody's pseudonyms, and `WITHHELD` here and there.

    `said` is the JSON of `shown_entry`.
    """
    told = opened(said)[1]
    told = dict(told) if isinstance(told, Mapping) else {}
    if entry.kind == "received":
        told["subjects"] = []
        told.setdefault("language", WITHHELD)
    for name, each in told.items():
        if isinstance(each, list):
            told[name] = [item for item in each if item != WITHHELD]
    return Entry(entry.case, entry.number, entry.at, entry.kind, entry.actor, told, b"", entry.previous, entry.hash)


def parties_of(entries: Sequence[Entry]) -> frozenset[str]:
    """Return the parties a chain has tasks for."""
    return frozenset(task["party"] for each in entries if each.kind == "planned" for task in each.said["tasks"])


def _is_impersonal(kind: str, name: str, told: Any, parties: Collection[str]) -> bool:  # noqa: ANN401 - any JSON
    if not isinstance(told, str):
        return True
    if (kind, name) in _PARTIES:
        return told in parties
    if (kind, name) in _CODES and not _CODE.fullmatch(told):
        return False
    if _DAY.fullmatch(told) or _ID.fullmatch(told):
        return True
    return len(told) <= _LONGEST and "@" not in told and not _NUMBER.search(told)
