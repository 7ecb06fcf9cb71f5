"""Every flow once: those the register declares at a moment, and those that were observed, laid over each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lineage.register import UNKNOWN, Register
from lineage.ropa.model import Category, Counted, Flow
from lineage.ropa.observing import Edge, Observed

DISCLOSURE, SUB_PROCESSOR, OWN_SYSTEM = "disclosure", "sub-processor", "own-system"
_NOTHING = Observed()


@dataclass(slots=True)
class _Declared:
    """What the register says of one flow: the entries and copies that hold at the moment, put together."""

    kinds: set[str] = field(default_factory=set)
    categories: set[str] = field(default_factory=set)
    confirmed: bool = True


def flows_of(register: Register, seen: Mapping[Edge, Observed], at: int) -> tuple[Flow, ...]:
    """Return every flow, sorted by purpose, source and target."""
    declared = _declared(register, at)
    edges = sorted({*declared, *seen}, key=lambda edge: (edge[2], *edge))
    return tuple(_flow(edge, declared.get(edge), seen.get(edge, _NOTHING), register, at) for edge in edges)


def _declared(register: Register, at: int) -> Mapping[Edge, _Declared]:
    found: dict[Edge, _Declared] = {}
    for entry in register.declared.recipients:
        if entry.validity.covers(at):
            for source in entry.sources:
                one = found.setdefault((source, entry.party, entry.purpose), _Declared())
                one.kinds.add(DISCLOSURE)
                one.categories |= entry.categories
                one.confirmed &= entry.confirmed
    for copy in register.declared.copies:
        if copy.validity.covers(at):
            found.setdefault((copy.source, copy.target, copy.purpose), _Declared()).kinds.add(copy.kind)
    return found


def _flow(edge: Edge, declared: _Declared | None, seen: Observed, register: Register, at: int) -> Flow:
    source, target, purpose = edge
    # What is not declared any more had the role it had when it was seen last.
    moment = at if declared is not None or seen.seen is None else seen.seen.last
    return Flow(
        source=source,
        target=target,
        purpose=purpose,
        kinds=tuple(sorted(declared.kinds)) if declared else (),
        role=_role(target, purpose, declared, register, moment),
        confirmed=declared is not None and declared.confirmed,
        counted=Counted(declared is not None, seen.seen, seen.undeclared),
        categories=_categories(declared.categories if declared else (), seen),
        transfer=register.transfer(target, moment),
        drift=dict(sorted(seen.drift.items())),
        companies=dict(sorted(seen.companies.items())),
    )


def _role(target: str, purpose: str, declared: _Declared | None, register: Register, at: int) -> str:
    """Return what the receiver is. Where no entry says so, a copy does: a sub-processor, or a system of our own."""
    role = register.role(target, purpose, at)
    if role != UNKNOWN or declared is None:
        return role
    if SUB_PROCESSOR in declared.kinds:
        return "processor"
    party = register.party(target)
    return OWN_SYSTEM if party is not None and party.kind == OWN_SYSTEM else role


def _categories(declared: Iterable[str], seen: Observed) -> tuple[Category, ...]:
    allowed = set(declared)
    return tuple(
        Category(each, Counted(each in allowed, seen.categories.get(each), seen.categories_undeclared[each]))
        for each in sorted({*allowed, *seen.categories})
    )
