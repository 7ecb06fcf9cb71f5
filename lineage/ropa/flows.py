"""Every flow once: those the register declares at a moment, and those that were observed, laid over each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lineage.register import Register
from lineage.ropa.model import Category, Counted, Flow
from lineage.ropa.observing import Edge, Observed

DISCLOSURE = "disclosure"
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
        role=register.role(target, purpose, moment),
        confirmed=declared is not None and declared.confirmed,
        counted=Counted(declared is not None, seen.seen, seen.undeclared),
        categories=_categories(declared.categories if declared else (), seen),
        transfer=register.transfer(target, moment),
        drift=dict(sorted(seen.drift.items())),
        companies=dict(sorted(seen.companies.items())),
    )


def _categories(declared: Iterable[str], seen: Observed) -> tuple[Category, ...]:
    allowed = set(declared)
    return tuple(
        Category(each, Counted(each in allowed, seen.categories.get(each), seen.categories_undeclared[each]))
        for each in sorted({*allowed, *seen.categories})
    )
