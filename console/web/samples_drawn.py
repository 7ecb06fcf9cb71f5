"""The samples an auditor draws, each with what proves it: closed cases, flows, recipients, a former processor.

What is drawn comes of the record and a seed alone. Events and persons stand here by pseudonym or as a count. What the record
does not show is None, and never a guess.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from console.opening import Folder
from console.remaining_shapes import remaining_shape
from console.shapes import Shape
from console.web.reading import Look
from lineage.cases.case import Case
from lineage.cases.entries import check_chain
from lineage.cases.folding import folded
from lineage.cases.rights import rule
from lineage.drift import Drift, drift_among
from lineage.errors import Misconfigured
from lineage.evidence.checkpoints import CHAIN
from lineage.facts import Disclosure
from lineage.reached import Asked, reached
from lineage.register import PERSON, Register
from lineage.register.register import CONTRACTS
from lineage.remaining import remaining
from lineage.remaining.answer import contract_of
from lineage.sampling import drawn
from lineage.times import rfc3339, rfc3339_or_null

CASES, FLOWS, RECIPIENTS, PROOFS = 10, 10, 5, 10


@dataclass(frozen=True, slots=True)
class Drawing:
    """Of what is drawn. Flows: what occurred from `since` on and was known by `known_at` (microseconds UTC); None: open."""

    seed: str
    since: int | None = None
    known_at: int | None = None


def closed_cases(folder: Folder, drawing: Drawing) -> Shape:
    """Draw closed cases, each replayed from its chain."""
    rows = [each for each in folder.journal.cases(("closed",)) if each.case != CHAIN]
    cases = drawn(drawing.seed, rows, lambda each: each.case.encode(), CASES)
    return {"of": len(rows), "drawn": [_replayed(folder, each.case) for each in cases]}


def _replayed(folder: Folder, id_: str) -> Shape:
    entries = folder.journal.entries(id_)
    try:
        check_chain(entries)
        case = folded(entries)
    except Misconfigured:
        return {"case": id_, "whole": False}
    return {
        "case": id_,
        "whole": True,
        "right": case.right,
        "received": rfc3339(case.received),
        "closed": rfc3339_or_null(case.closed),
        "entries": len(entries),
        "states": _states(case),
        "incidents": len(case.incidents),
    }


def _states(case: Case) -> dict[str, int]:
    states = [each.state for each in case.tasks.values()]
    return {each: states.count(each) for each in sorted(set(states))}


def flows(folder: Folder, drawing: Drawing, look: Look) -> Shape:
    """Draw disclosures, each with what the register said of it at its moment, and with what it broke."""
    count = 0

    def watched() -> Iterator[Disclosure]:
        nonlocal count
        for each in folder.graph.every_disclosure(drawing.since):
            look()
            if drawing.known_at is None or each.recorded <= drawing.known_at:
                count += 1
                yield each

    found = drawn(drawing.seed, watched(), lambda each: each.event + each.part.to_bytes(4, "big"), FLOWS)
    broke = {_fact(each.disclosure): each for each in drift_among(found, folder.graph, folder.register, folder.memory)}
    return {"of": count, "drawn": [_flow(folder.register, each, broke.get(_fact(each))) for each in found]}


def _fact(disclosure: Disclosure) -> tuple[bytes, int]:
    return disclosure.event, disclosure.part


def _flow(register: Register, disclosure: Disclosure, broke: Drift | None) -> Shape:
    route, at = disclosure.route, disclosure.at
    entries = [each for each in register.declared_for(route.target, route.purpose) if each.validity.covers(at)]
    declared = [each for each in entries if route.source in each.sources]
    transfer = register.transfer(route.target, at, route.purpose)
    return {
        "event": disclosure.event.hex(),
        "at": rfc3339(at),
        "recorded": rfc3339(disclosure.recorded),
        "from": route.source,
        "to": route.target,
        "purpose": route.purpose,
        "categories": list(route.categories),
        "basis": register.basis(route.purpose, at),
        "register": [{"place": str(each.place), "confirmed": each.confirmed} for each in declared],
        "contract": _contract(register, disclosure),
        "notice": _notice(register, disclosure),
        "transfer": transfer and {"country": transfer.country, "mechanisms": list(transfer.mechanisms)},
        "broke": list(broke.rules) if broke else [],
    }


def _contract(register: Register, disclosure: Disclosure) -> Shape:
    """Return the contract a flow rests on: whether its role needs one, whether any is declared, and those that held then."""
    route = disclosure.route
    role = register.role(route.target, route.purpose, disclosure.at)
    kind = CONTRACTS.get(role)
    known = register.contracts(route.target, kind, route.purpose) if kind else ()
    held = [each for each in known if each.validity.covers(disclosure.at)]
    return {
        "role": role,
        "needed": kind is not None,
        "declared": bool(known),
        "held": [{"source": each.source, "place": str(each.place), "confirmed": each.confirmed} for each in held],
    }


def _notice(register: Register, disclosure: Disclosure) -> Shape | None:
    """Return the version of the privacy notice of that moment, and whether it names the recipient and the purpose."""
    found, party = register.notice(disclosure.at), register.party(disclosure.route.target)
    if found is None:
        return None
    names = party is not None and found.names(party, disclosure.route.purpose)
    return {"version": found.version, "place": str(found.place), "names": names}


def recipients(folder: Folder, drawing: Drawing, moment: int, look: Look) -> Shape:
    """Draw parties that were seen to get data, each with the number of persons it got it of."""
    seen = {each.route.target for each in folder.graph.volumes(())} - {PERSON}
    known = sorted(each for each in seen if not _is_own(folder.register, each))
    parties = drawn(drawing.seed, known, str.encode, RECIPIENTS)
    return {"of": len(known), "drawn": [_recipient(folder, each, moment, look) for each in parties]}


def _is_own(register: Register, party: str) -> bool:
    known = register.party(party)
    return known is not None and known.kind == "own-system"


def _recipient(folder: Folder, party: str, moment: int, look: Look) -> Shape:
    from lineage.stores.spool import SqliteSpool  # here: the program starts faster without it

    with closing(SqliteSpool()) as spool:
        found = reached(
            folder.graph, folder.keyring, folder.journal, folder.register, Asked(party, None, None, moment), spool,
            lambda _: look(), lambda _: look(),
        )  # fmt: skip
    return {
        **_named(folder.register, party),
        "persons": found.persons,
        "held": found.held,
        "proved": found.proved,
        "retention": found.retention_over,
        "erased": found.erased.persons,
        "shared": found.shared,
        "first": rfc3339_or_null(found.first),
        "last": rfc3339_or_null(found.last),
    }


def _named(register: Register, party: str) -> Shape:
    known = register.party(party)
    return {"party": party, "name": known.name if known else party, "country": known.country if known else None}


def former_processor(folder: Folder, drawing: Drawing, moment: int, look: Look) -> Shape:
    """Draw a processor that may get nothing any more by the register, with what it may still have, and the proofs of erasure."""
    from lineage.stores.spool import SqliteSpool  # here: the program starts faster without it

    register = folder.register
    parties = sorted({each.party for each in register.declared.recipients if each.role == "processor"})
    former = [each for each in parties if contract_of(register, each, moment).ended]
    shapes = []
    for party in drawn(drawing.seed, former, str.encode, 1):
        with closing(SqliteSpool()) as spool:
            found = remaining(
                folder.graph, folder.keyring, folder.journal, register, party, moment, spool, lambda _: look(),
                lambda _: look(),
            )  # fmt: skip
        shapes.append({**remaining_shape(party, found, register, moment), "proofs": proofs(folder, party, look)})
    return {"of": len(former), "drawn": shapes}


def proofs(folder: Folder, party: str, look: Look) -> list[str]:
    """Return the newest cases in which the party has shown that it erased."""
    found: list[str] = []
    for row in reversed(folder.journal.cases()):
        look()
        if row.case != CHAIN and rule(row.right).forgets:
            tasks = folded(folder.journal.entries(row.case)).tasks.values()
            if any(each.party == party and each.action == "erase" and each.state == "verified" for each in tasks):
                found.append(row.case)
        if len(found) == PROOFS:
            break
    return found
