"""Rows of a table formed into records for the bus, in chunks of bounded size; stops where too many rows are bad. Knows no bus."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.shaping import meant
from lineage.errors import Misconfigured
from lineage.recording import Dead
from schemas.extract import InvalidEvent
from schemas.records import JsonRecords
from streams.backfill.bounds import MOST_BAD, MOST_SHARE
from streams.backfill.forms import Forms
from streams.backfill.mapping import Backfill, cells_of
from streams.backfill.table import Bad, Table
from streams.chunks import CHUNK, Chunk
from streams.sources import Source

MOST_OF_A_GROUP = 1_000
_KINDS = 200


@dataclass(slots=True)
class Formed:
    """What became of rows so far. `passed` are those that `only` leaves out.

    `kinds` counts bad rows by reason, and `first` is where each kind stood first.
    """

    rows: int = 0
    passed: int = 0
    events: int = 0
    bad: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    stopped: bool = False

    def add(self, reason: str, position: str) -> None:
        """Count a bad row; of the kinds of fault only so many are told apart."""
        self.bad += 1
        kind = reason if reason in self.kinds or len(self.kinds) < _KINDS else "other faults"
        self.kinds[kind] += 1
        self.first.setdefault(kind, position)


class Forming:
    """Forms the rows of tables by one mapping, and counts."""

    def __init__(self, mapping: Backfill, records: JsonRecords, most_bad: int = MOST_BAD) -> None:
        self._mapping, self._records, self._most_bad = mapping, records, most_bad
        self._columns = {
            name: [column for cell in cells_of(form) for column in cell.columns] for name, form in mapping.fields
        }
        self.formed = Formed()

    def chunks(self, table: Table) -> Iterator[tuple[Chunk, int]]:
        """Yield records in chunks, each with the bytes read so far; ends early, with `formed.stopped`, at too many bad rows.

        Raises: Misconfigured: the table lacks columns; before any row.
        """
        chunk: Chunk = []
        read = 0
        for each, read in self._one_by_one(table, self._forms(table)):
            chunk.append(each)
            if len(chunk) == CHUNK:
                yield chunk, read
                chunk = []
            if isinstance(each, Dead) and self.is_too_bad(self.formed.bad):
                self.formed.stopped = True
            if self.formed.stopped:
                break
        if chunk:
            yield chunk, read

    def is_too_bad(self, bad: int) -> bool:
        """Tell whether so many bad rows are more than were allowed, and more than a tenth of all that were read."""
        return bad > self._most_bad and bad * MOST_SHARE > self.formed.rows

    def _forms(self, table: Table) -> Forms:
        check_columns(self._mapping, table)
        return Forms(self._mapping, {name: index for index, name in enumerate(table.columns)})

    def _one_by_one(self, table: Table, forms: Forms) -> Iterator[tuple[Source | Dead, int]]:
        group = _Group(self, table.position, forms)
        formed, nulls, grouped, wanted = self.formed, self._mapping.nulls, self._mapping.grouped, forms.wanted
        read = 0
        for row, read in table.rows:
            formed.rows += 1
            if isinstance(row, Bad):
                group.broken = True
                position = f"{table.position}{row.number}"
                formed.add(row.reason, position)
                yield Dead(row.reason, position, row.raw, "rows"), read
                continue
            cells = [each.strip() for each in row.cells]
            if nulls:
                cells = ["" if each in nulls else each for each in cells]
            if not wanted(cells):
                formed.passed += 1
                continue
            if not grouped:
                yield self.form(forms, f"{table.position}{row.number}", [cells]), read
                continue
            if done := group.take(row.number, cells):
                yield done, read
        if done := group.end():
            yield done, read

    def form(self, forms: Forms, position: str, rows: Sequence[Sequence[str]]) -> Source | Dead:
        """Return the event of these rows as a record, or why it is none."""
        try:
            encoded = self._records.encode_formed(self._mapping.kind.name, forms.event(rows))
        except InvalidEvent as reason:
            return self.dead(self._with_columns(str(reason)), position, rows)
        self.formed.events += 1
        return Source(position, encoded)

    def dead(self, reason: str, position: str, rows: Sequence[Sequence[str]]) -> Dead:
        """Count and return rows that are no event."""
        self.formed.add(reason, position)
        raw = "\n".join("\t".join(row) for row in rows[:MOST_OF_A_GROUP])
        return Dead(reason, position, raw.encode(errors="replace"), "rows")

    def _with_columns(self, reason: str) -> str:
        """Name the columns of the field that a reason begins with, where it does not name them already."""
        columns = self._columns.get(reason.partition(":")[0].partition(".")[0], ())
        known = sorted(set(columns))
        return reason if "(column" in reason or not known else f"{reason} (column {' and '.join(known)})"


class _Group:
    """Gathers rows that follow each other with the same key."""

    def __init__(self, forming: Forming, position: str, forms: Forms) -> None:
        self._forming, self._position, self._forms = forming, position, forms
        self._rows: list[Sequence[str]] = []
        self._key: tuple[str, ...] = ()
        self._first = self._many = 0
        self._spoilt = self.broken = False
        """`broken`: a bad row came after the last good one, perhaps of the same event."""

    def take(self, number: int, cells: Sequence[str]) -> Source | Dead | None:
        """Add a row; return what the rows before it are, where it begins another event."""
        key = self._forms.key(cells)
        done = None
        if self._rows and key == self._key:
            self._spoilt |= self.broken
        else:
            done = self.end()
            self._first, self._key = number, key
        self.broken = False
        self._many += 1
        if self._many <= MOST_OF_A_GROUP:
            self._rows.append(cells)
        return done

    def end(self) -> Source | Dead | None:
        """Return what the rows at hand are, and begin anew."""
        if not self._rows:
            return None
        rows, many, spoilt, position = self._rows, self._many, self._spoilt, f"{self._position}{self._first}"
        self._rows, self._many, self._spoilt = [], 0, False
        if many > MOST_OF_A_GROUP:
            return self._forming.dead(f"more than {MOST_OF_A_GROUP} rows of one event", position, rows)
        if spoilt:
            return self._forming.dead("a row between the rows of this event is bad", position, rows)
        return self._forming.form(self._forms, position, rows)


def check_columns(mapping: Backfill, table: Table) -> None:
    """Make sure that a table has all columns that a mapping needs, once each.

    Raises: Misconfigured: one `FILE:LINE: message` a line, with what may have been meant.
    """
    where = table.position.rstrip(":").removesuffix(", row ")
    faults = dict[str, None]()
    for name, place in sorted(mapping.columns(), key=lambda each: each[1].line):
        if name not in table.columns:
            faults[f"{place}: {where} has no column {name}{meant(name, table.columns)}"] = None
        elif list(table.columns).count(name) > 1:
            faults[f"{place}: {where} has more than one column {name}: name them apart, by header or in the query"] = (
                None
            )
    if faults:
        raise Misconfigured("\n".join(faults))
