"""Makes unreadable what a person has decided not to give (GDPR Art. 12(4), 15(4), 20(4)) in records about somebody."""

from collections.abc import Iterable
from dataclasses import replace

from lineage.answers.collected import Collected
from lineage.answers.records import Cell, Record
from lineage.cases.refusals import Refused

REFUSED_VALUE = "[refused: see the letter]"
"""What stands where a value was; part of the documented format."""


def without_refused(records: Iterable[Record], refused: Refused) -> tuple[Record, ...]:
    """Return records in which nothing that is refused can be read; that there is something stays."""
    return tuple(replace(each, cells=tuple(_cell(each, cell, refused) for cell in each.cells)) for each in records)


def without_refused_copies(asked: Iterable[Collected], refused: Refused) -> tuple[Collected, ...]:
    """Return what parties sent, the same way."""
    return tuple(replace(each, records=without_refused(each.records, refused)) for each in asked)


def _cell(record: Record, cell: Cell, refused: Refused) -> Cell:
    hidden = cell.value not in (None, "") and refused(record.system, cell.purpose, cell.category)
    return replace(cell, value=REFUSED_VALUE) if hidden else cell
