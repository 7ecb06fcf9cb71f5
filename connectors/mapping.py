"""Which columns of the shop's own tables are personal data, and what may be changed there: a TOML file of the shop's.

Knows no database.

The file is read whole and checked whole; every fault is told at once. Its form: `docs/how-to/sql-connector.md`.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from connectors.changes import Erase, Mark, erase_of, erased_by, mark_of
from lineage.answers.records import NATURES, Nature
from lineage.answers.unsaid import named_secret
from lineage.errors import Misconfigured
from lineage.identifiers import NEVER
from lineage.register.faults import printable

MOST_ROWS = 5_000
_LARGEST = 1 << 20
_TOP = {"system", "time_zone", "tables"}
_TABLE = {
    "name", "schema", "title", "purpose", "rows", "identify", "through", "columns",
    "erase", "erase_by", "since", "restrict",
}  # fmt: skip
_COLUMN = {"category", "nature", "purpose", "about", "erase", "rectify"}
_THROUGH = {"table", "column", "references"}
_ABOUT = ("person", "other", "text")


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is read, and what its values are; how they are erased, and whether they may be corrected."""

    name: str
    category: str
    nature: Nature
    purpose: str
    about: Literal["person", "other", "text"]
    erase: Erase | None = None
    rectify: bool = False


@dataclass(frozen=True, slots=True)
class Through:
    """How rows are found that name nobody: `column` holds what `references` holds in rows of another mapped table."""

    table: str
    column: str
    references: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """One table. `identify` are (kind of identifier, column); `rows` is the most that one person may have in it.

    With `deletes` a row goes once nothing in it is left to keep; `erase_by` are the kinds by which rows are found then.
    `since` is the column that says when a row was collected.
    """

    name: str
    schema: str | None
    title: str
    rows: int
    identify: tuple[tuple[str, str], ...]
    through: Through | None
    columns: tuple[Column, ...]
    deletes: bool = False
    erase_by: tuple[str, ...] = ()
    since: str | None = None
    restrict: Mark | None = None

    @property
    def erases(self) -> bool:
        """Whether anything of it may be erased."""
        return self.deletes or any(each.erase is not None for each in self.columns)


@dataclass(frozen=True, slots=True)
class SystemMap:
    """All tables of one system. `zone` is that of times that are kept without one."""

    system: str
    zone: ZoneInfo
    tables: tuple[Mapped, ...]

    def below(self, table: str) -> tuple[Mapped, ...]:
        """Return the tables whose rows are found through those of this one."""
        return tuple(each for each in self.tables if each.through is not None and each.through.table == table)

    def deepest_first(self) -> tuple[Mapped, ...]:
        """Return the tables in the order in which rows may go: those found through others first, then what is named last."""
        by_name = {each.name: each for each in self.tables}

        def depth(mapped: Mapped) -> int:
            return 0 if mapped.through is None else 1 + depth(by_name[mapped.through.table])

        numbered = sorted(enumerate(self.tables), key=lambda each: (depth(each[1]), each[0]), reverse=True)
        return tuple(each for _, each in numbered)


def load_mapping(path: Path, categories: Collection[str], purposes: Collection[str]) -> SystemMap:
    """Return the mapping in a TOML file. `categories` and `purposes` are the words it may use.

    Raises: Misconfigured: the file cannot be read, or is wrong: every fault on a line of its own.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise Misconfigured(f"{path.name} is larger than a mapping ever is: name the right file")
        read = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as cause:
        raise Misconfigured(f"{path.name} cannot be read as TOML: check its path and its form") from cause
    return _Reading(path.name, categories, purposes).mapping(read)


class _Reading:
    """Reads one file and gathers its faults."""

    def __init__(self, file: str, categories: Collection[str], purposes: Collection[str]) -> None:
        self._file, self._categories, self._purposes = file, categories, purposes
        self._faults: list[str] = []

    def mapping(self, read: Mapping[str, Any]) -> SystemMap:
        self._only(read, _TOP, "the file")
        system = self._text(read, "system", "the file")
        listed = read.get("tables")
        if not isinstance(listed, list) or not listed:
            self._fault("the file", "names no [[tables]]")
            listed = []
        tables = tuple(self._table(each) for each in listed if isinstance(each, dict))
        zone = self._zone(read.get("time_zone", "UTC"))
        self._check_ways(tables)
        if self._faults:
            raise Misconfigured("\n".join(self._faults))
        return SystemMap(system, zone, tables)

    def _table(self, read: Mapping[str, Any]) -> Mapped:
        name = self._text(read, "name", "a table")
        self._only(read, _TABLE, name)
        rows = read.get("rows", MOST_ROWS)
        if not isinstance(rows, int) or isinstance(rows, bool) or not 1 <= rows <= 100_000:
            self._fault(name, "rows is a whole number from 1 to 100000")
        identify = self._identify(read.get("identify", {}), name)
        through = self._through(read["through"], name) if "through" in read else None
        if bool(identify) == bool(through):
            self._fault(name, "says by one of identify and through how a person's rows are found")
        if read.get("erase") not in (None, "delete"):
            self._fault(name, 'erase of a table is "delete"; else say it of its columns')
        if through and (read.keys() & {"erase_by", "since"}):
            self._fault(name, "is found through another table: erase_by and since are said there")
        return Mapped(
            name=name,
            schema=self._text(read, "schema", name) if "schema" in read else None,
            title=self._text(read, "title", name) if "title" in read else name,
            rows=rows,
            identify=identify,
            through=through,
            columns=self._columns(read, name),
            deletes=read.get("erase") == "delete",
            erase_by=erased_by(read.get("erase_by"), [kind for kind, _ in identify], name, self._fault),
            since=self._text(read, "since", name) if "since" in read else None,
            restrict=mark_of(read.get("restrict"), name, self._fault),
        )

    def _columns(self, read: Mapping[str, Any], table: str) -> tuple[Column, ...]:
        columns = read.get("columns")
        if not isinstance(columns, dict) or not columns:
            self._fault(table, "names no columns")
            return ()
        return tuple(
            self._column(name, each if isinstance(each, dict) else {}, read.get("purpose"), table)
            for name, each in columns.items()
        )

    def _column(self, name: str, read: Mapping[str, Any], purpose: object, table: str) -> Column:
        where = f"{table}.{name}"
        self._only(read, _COLUMN, where)
        if named_secret(name):
            self._fault(where, "is named like a secret: secrets are never read, take it out")
        return Column(
            name=name,
            category=self._one_of(read.get("category"), self._categories, where, "category"),
            nature=self._one_of(read.get("nature"), NATURES, where, "nature"),  # type: ignore[arg-type] # it was just checked
            purpose=self._one_of(read.get("purpose", purpose), self._purposes, where, "purpose"),
            about=self._one_of(read.get("about", "person"), _ABOUT, where, "about"),  # type: ignore[arg-type] # the same
            erase=erase_of(read.get("erase"), where, self._fault),
            rectify=self._flag(read.get("rectify", False), where, "rectify"),
        )

    def _identify(self, read: object, table: str) -> tuple[tuple[str, str], ...]:
        if not isinstance(read, dict) or not all(isinstance(column, str) and column for column in read.values()):
            self._fault(table, 'identify is written {kind = "column"}')
            return ()
        for kind in sorted(NEVER & read.keys()):
            self._fault(table, f"identifies by {kind}, which singles nobody out")
        return tuple(read.items())

    def _through(self, read: object, table: str) -> Through:
        if not isinstance(read, dict):
            self._fault(table, 'through is written {table = "…", column = "…", references = "…"}')
            return Through("", "", "")
        self._only(read, _THROUGH, table)
        return Through(*(self._text(read, key, f"{table}.through") for key in ("table", "column", "references")))

    def _check_ways(self, tables: tuple[Mapped, ...]) -> None:
        """Every way to a person ends at a table that names her."""
        by_name = {each.name: each for each in tables}
        if len(by_name) < len(tables):
            self._fault("the file", "maps a table twice")
        for each in tables:
            passed, at = {each.name}, each
            while at.through is not None:
                if at.through.table not in by_name or at.through.table in passed:
                    self._fault(each.name, "goes through tables that are not mapped, or in a circle")
                    break
                at = by_name[at.through.table]
                passed.add(at.name)
        for each in tables:
            self._check_changes(each, by_name)

    def _check_changes(self, table: Mapped, by_name: Mapping[str, Mapped]) -> None:
        above = by_name.get(table.through.table) if table.through else None
        if above is not None and above.deletes and not table.deletes:
            self._fault(
                table.name, f'must have erase = "delete" too: without rows of {above.name} nobody would find its own'
            )
        corrected = [each.category for each in table.columns if each.rectify]
        if len(corrected) > len(set(corrected)):
            self._fault(table.name, "has two columns of one category to rectify: one new value cannot be both")

    def _zone(self, name: object) -> ZoneInfo:
        try:
            return ZoneInfo(str(name))
        except (ValueError, OSError, KeyError):
            self._fault("the file", "time_zone is no name of a time zone, such as Europe/Helsinki")
            return ZoneInfo("UTC")

    def _one_of(self, value: object, words: Collection[str], where: str, what: str) -> str:
        if isinstance(value, str) and value in words:
            return value
        self._fault(where, f"{what} is missing, or no {what} that is known")
        return ""

    def _flag(self, value: object, where: str, what: str) -> bool:
        if not isinstance(value, bool):
            self._fault(where, f"{what} is true or false")
        return value is True

    def _text(self, read: Mapping[str, Any], key: str, where: str) -> str:
        value = read.get(key)
        if isinstance(value, str) and value:
            return value
        self._fault(where, f"{key} is missing or no text")
        return ""

    def _only(self, read: Mapping[str, Any], known: Collection[str], where: str) -> None:
        for key in sorted(read.keys() - set(known)):
            self._fault(where, f"has '{key}', which means nothing here")

    def _fault(self, where: str, what: str) -> None:
        self._faults.append(printable(f"{self._file}: {where} {what}"))
