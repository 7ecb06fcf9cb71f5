"""What a register elsewhere says, whatever its form: rows of words by field, each with where it stands. Decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lineage.register import Place

FIELDS = (
    "party", "kind", "role", "purpose", "categories", "subjects", "basis", "article", "retention", "law", "country",
    "third_country", "safeguard", "from", "business_id", "dpv", "note",
)  # fmt: skip
"""What a row may say. `from` is who gives the data; `law` what a retention rests on."""

KINDS: Mapping[str, str] = {
    "categories": "categories",
    "basis": "bases",
    "role": "roles",
    "kind": "kinds",
    "subjects": "subjects",
    "safeguard": "safeguards",
    "country": "countries",
    "third_country": "countries",
}
"""The vocabulary that the words of a field are of."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The words of one field of a row, and where they stand: `cell` says which cell or key of the line."""

    words: tuple[str, ...]
    place: Place
    cell: str

    @property
    def where(self) -> str:
        """File, line and cell, as messages name them."""
        return f"{self.place} ({self.cell})" if self.cell else str(self.place)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it says of each field; a field that it leaves empty is not there. `ids` are those the source gives."""

    place: Place
    cells: Mapping[str, Cell]
    ids: Mapping[str, str] = field(default_factory=dict)

    def word(self, name: str) -> str:
        """The words of a field as one text; empty where it says nothing."""
        cell = self.cells.get(name)
        return "" if cell is None else " ".join(cell.words)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A register as it stands elsewhere. `unused` are columns or keys nobody reads here; `notes` how it was read."""

    rows: Sequence[Row]
    unused: Sequence[str] = ()
    notes: Sequence[str] = ()
