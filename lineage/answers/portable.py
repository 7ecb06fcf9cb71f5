"""What a person may take along (GDPR Art. 20(1)): data she provided or that was observed of her, on consent or contract.

Left out: what was inferred, what the law or a legitimate interest asks for, IP addresses kept against fraud, identity codes,
secrets, and everything of other persons (Art. 20(4)). All of those are in the answer of Art. 15, as far as she may have them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from lineage.answers.collected import AWAITED, Collected, records_in
from lineage.answers.gathering import Matter, Told
from lineage.answers.inquiries import is_inquiry
from lineage.answers.others import OTHER_PERSON, WITHHELD, without_others
from lineage.answers.records import Cell, Record
from lineage.answers.refused_values import REFUSED_VALUE, without_refused, without_refused_copies
from lineage.answers.unsaid import NATIONAL_ID
from lineage.cases.collecting import GROUNDS
from lineage.cases.refusals import Refused
from lineage.register import PERSON, Register

NATURES = frozenset({"provided", "observed"})
_IP = "ip_address"


@dataclass(frozen=True, slots=True)
class Done:
    """Something the person did, as it was observed: when, what for, and the categories she gave. Microseconds UTC."""

    at: int
    purpose: str
    basis: str
    categories: tuple[str, ...]
    references: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Portable:
    """All that goes into the package, in a stable order. `others` counts the values that were another person's."""

    controller: str
    made_at: int
    identifiers: tuple[tuple[str, str], ...]
    history: tuple[Done, ...]
    records: tuple[Record, ...]
    others: int
    awaited: tuple[Collected, ...] = ()
    """Parties that were asked for a copy, and have not answered."""


def portable(
    matter: Matter,
    register: Register,
    controller: str,
    now: int,
    records: Sequence[Record] = (),
    asked: Sequence[Collected] = (),
    refused: Refused = lambda *_: False,
) -> Portable:
    """Return what of a person's data is portable. `now` is microseconds UTC: the ground of a record is judged then.

    `asked` are the parties that were asked for a copy, with what came: like `records`, those of the shop's own tables.
    `refused` tells what is not given.
    """
    records, asked = without_refused(records, refused), without_refused_copies(asked, refused)
    history = tuple(
        sorted(_history(matter.told, register, refused), key=lambda each: (each.at, each.purpose, each.references))
    )
    copies = without_others((*records, *records_in(asked)), matter.identifiers)
    taken = tuple(_taken(copies, register, now))
    identifiers = {pair for each in history for pair in each.references}
    return Portable(
        controller=controller,
        made_at=now,
        identifiers=tuple(sorted(pair for pair in identifiers if pair in matter.identifiers)),
        history=history,
        records=taken,
        others=sum(_mentions_others(cell) for record in taken for cell in record.cells),
        awaited=tuple(each for each in asked if each.standing in AWAITED),
    )


def _history(told: Iterable[Told], register: Register, refused: Refused) -> Iterator[Done]:
    """Yield what came from herself on a ground that counts. What was handed on is no data of hers twice."""
    for each in told:
        route, at = each.disclosure.route, each.disclosure.at
        basis = register.basis(route.purpose, at)
        if route.source != PERSON or basis not in GROUNDS or is_inquiry(each, register):
            continue
        categories = tuple(
            one for one in route.categories if _may_go(one, basis) and not refused(route.target, route.purpose, one)
        )
        if categories:
            yield Done(at, route.purpose, basis, categories, tuple(sorted(set(each.identifiers))))


def _taken(records: Iterable[Record], register: Register, now: int) -> Iterator[Record]:
    for record in records:
        cells = tuple(cell for cell in record.cells if _is_taken(cell, register.basis(cell.purpose, now)))
        # A row of which only other persons' values are left says nothing of her.
        if any(cell.value not in (None, "", OTHER_PERSON) for cell in cells):
            yield replace(record, cells=cells)


def _is_taken(cell: Cell, basis: str | None) -> bool:
    return (
        cell.nature in NATURES
        and basis in GROUNDS
        and _may_go(cell.category, basis)
        and cell.value not in (WITHHELD, REFUSED_VALUE)
    )  # fmt: skip


def _may_go(category: str, basis: str) -> bool:
    """An address of the network is kept against fraud, whatever else it came with, unless she consented to it by itself."""
    return category != NATIONAL_ID and (category != _IP or basis == "consent")


def _mentions_others(cell: Cell) -> bool:
    return isinstance(cell.value, str) and OTHER_PERSON in cell.value
