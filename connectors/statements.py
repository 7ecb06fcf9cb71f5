"""What a dry run hears of where a party is told by statements on its tables. Knows no database and no mapping."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from connectors.changes import Plain

Verb = Literal["SELECT", "UPDATE", "DELETE"]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement on one table as it would be made now. `keys` and `values` may hold personal data, all else holds none.

    `columns` are those it reads or changes, and what becomes of each: `read`, a way of `connectors.changes.Method`,
    `rectify`, `restrict`, `lift`. `rows` is how many rows it is for, `keys` are their primary keys where they change.
    `values` are the new ones; a pseudonym is made when it is written, so there is none of it here.

    Without a `verb` nothing is done in the table, and `rows` is how many keep something that was asked for.
    """

    party: str
    verb: Verb | None
    table: str
    rows: int
    columns: Mapping[str, str] = field(default_factory=dict)
    keys: Sequence[Sequence[object]] = ()
    values: Mapping[str, Plain] = field(default_factory=dict)
