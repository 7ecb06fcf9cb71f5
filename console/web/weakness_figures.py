"""What the record shows of the seven weaknesses that supervisors found (EDPB, erasure, February 2026). Counts of what is there.

What Jalki does not know is not in here; the page says so in its place.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from console.opening import LOOKS, Folder
from console.shapes import Shape
from console.web.reading import Look
from lineage.cases.case import Case
from lineage.cases.folding import folded
from lineage.cases.holds import load_holds
from lineage.clocks.spans import SPANS
from lineage.evidence.checkpoints import CHAIN
from lineage.notice import notice
from lineage.overdue import overdue
from lineage.register import Register
from lineage.register.register import NOT_IN_NOTICE
from lineage.revealing import opened_looks
from lineage.ropa import processing_record

BACKUP = "backup"
"""The purpose of copies that are kept to restore from."""


def every_case(folder: Folder, look: Look) -> Iterator[Case]:
    """Yield every case, by arrival."""
    for row in folder.journal.cases():
        look()
        if row.case != CHAIN:
            yield folded(folder.journal.entries(row.case))


def of_the_record(folder: Folder, moment: int) -> Shape:
    """Return what register and record show together: notices, periods, copies, where data is."""
    register = folder.register
    record = processing_record(folder.graph, register, moment)
    kept = [each for activity in record.activities for each in activity.kept]
    unnoticed = [each.drift[NOT_IN_NOTICE].disclosures for each in record.flows if NOT_IN_NOTICE in each.drift]
    version = register.notice(moment)
    return {
        "register": register.version,
        "systems": len({each.party.id for activity in record.activities for each in activity.systems}),
        "recipients": len({each.party.id for activity in record.activities for each in activity.recipients}),
        "notice": version and {"version": version.version, "posted": version.posted and version.posted.isoformat()},
        "notices": len(register.declared.notices),
        "unnoticed": sum(unnoticed),
        "open": dict(sorted(Counter(each.what for each in notice(register, moment).open).items())),
        "pairs": sum(len(each.categories) for each in kept),
        "no_period": sum(len(each.categories) for each in kept if each.rule is None),
        "rules": len(register.declared.retention),
        "rules_unconfirmed": sum(not each.confirmed for each in register.declared.retention),
        "copies": [_copy(register, source, target) for source, target in _copies(register, moment)],
    }


def _copies(register: Register, moment: int) -> list[tuple[str, str]]:
    declared = [each for each in register.declared.copies if each.purpose == BACKUP and each.validity.covers(moment)]
    return sorted({(each.source, each.target) for each in declared})


def _copy(register: Register, source: str, target: str) -> Shape:
    """Return a declared backup, with the rules by which what is in it goes."""
    rules = {each.rule: each for each in register.declared.retention if BACKUP in each.purposes}
    return {
        "from": source,
        "to": target,
        "rules": [
            {"rule": each.rule, "law": each.law, "place": str(each.place), "period": asdict(each.period)}
            for _, each in sorted(rules.items())
        ],
    }


def of_procedure(moment: int) -> Shape:
    """Return which version of which table decides, and how long each clock runs."""
    holds = load_holds().at(moment)
    return {"holds": holds.version, "digest": holds.digest, "rules": len(holds.grounds), "spans": asdict(SPANS)}


def looks_by_role(folder: Folder, look: Look) -> dict[str, int]:
    """Return how many entries of the access log were written in each role; of commands, no role is known."""
    found: Counter[str] = Counter()
    for each in opened_looks(folder.graph, folder.keyring.find((LOOKS,))[LOOKS]):
        look()
        found[each.role] += 1
    return dict(sorted(found.items()))


def too_long(folder: Folder, moment: int, look: Look) -> Shape:
    """Return how much is kept past its period: by the rule it is kept by, and how much of it rests on an assumed day."""
    rules: Counter[str] = Counter()
    assumed = 0
    for each in overdue(folder.graph, folder.register, moment, look):
        rules[each.rule] += 1
        assumed += each.assumed
    return {"items": rules.total(), "assumed": assumed, "rules": dict(sorted(rules.items()))}
