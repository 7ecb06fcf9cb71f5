"""The key ring's tables, and what differs between the databases that may hold them. Seals and opens nothing.

`key` holds data keys. `tombstone` and `suppression` hold what must be remembered of those who are forgotten: no more
than a keyed hash to find a row by is in clear there. `generation` holds a mark for each of the three, put anew in the
transaction that takes from it or changes it: whoever remembers something of a table compares its mark first.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Dialect,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    select,
    update,
)

from lineage.errors import Misconfigured, Refused
from lineage.stores.listing import chunks


class Bytes(LargeBinary):
    """Bytes as both drivers take and give them: copying each into their own type and back would double the cost."""

    def bind_processor(self, dialect: Dialect) -> None:
        """Give the driver what it is given."""

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        """Return what the driver returns."""


METADATA = MetaData()
KEY = Table(
    "key",
    METADATA,
    Column("name", Bytes, primary_key=True),
    Column("wrapped", Bytes, nullable=False),
    quote=False,
    sqlite_with_rowid=False,
    # The first dead row is one too many: PostgreSQL looks for dead rows by itself each minute, and takes them out.
    postgresql_with={"autovacuum_vacuum_threshold": 0, "autovacuum_vacuum_scale_factor": 0},
)
# With row numbers of SQLite's own, unlike the others: nearly all names that it is asked for are not there, and to find
# that out nothing is read but the index of names, a tenth of the table.
TOMBSTONE = Table(
    "tombstone",
    METADATA,
    Column("name", Bytes, primary_key=True),
    Column("sealed", Bytes, nullable=False),
    quote=False,
)
SUPPRESSION = Table(
    "suppression",
    METADATA,
    Column("name", Bytes, primary_key=True),
    Column("entry", Bytes, primary_key=True),
    Column("sealed", Bytes, nullable=False),
    quote=False,
    sqlite_with_rowid=False,
)
GENERATION = Table(
    "generation",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("mark", Bytes, nullable=False),
    quote=False,
    sqlite_with_rowid=False,
)
MARKED = (KEY.name, TOMBSTONE.name, SUPPRESSION.name)
# The mark of a table that nothing was ever taken from, or changed in.
UNTOUCHED = b""
_MARK = 16
# Names that are read at a time: a million at once would be more than a worker may hold.
_PAGE = 10_000


@lru_cache(maxsize=64)
def _asking(table: Table, size: int, dialect: Dialect) -> str:
    """Return the question for the rows of so many names, parameters by position.

    It is made once: what SQLAlchemy does anew each time it runs a statement costs a fifth of a batch at 2,000 names.
    """
    return _compiled(select(table).where(table.c.name.in_(_names(size))), dialect)


@lru_cache(maxsize=64)
def _deleting(table: Table, size: int, dialect: Dialect) -> str:
    return _compiled(delete(table).where(table.c.name.in_(_names(size))), dialect)


@lru_cache(maxsize=4)
def _asking_names(table: Table, dialect: Dialect) -> str:
    name = table.c.name
    asked = select(name).where(name > bindparam("after", type_=name.type)).order_by(name)
    # SQLAlchemy has a way of its own with each database's limit, and with parameters in it; both understand this one.
    return f"{_compiled(asked, dialect)} LIMIT {_PAGE}"


@lru_cache(maxsize=2)
def _asking_marks(dialect: Dialect) -> str:
    return _compiled(select(GENERATION), dialect)


def _names(size: int) -> list[Any]:
    return [bindparam(f"name_{number}", type_=KEY.c.name.type) for number in range(size)]


def _compiled(statement: Any, dialect: Dialect) -> str:  # noqa: ANN401 - any of SQLAlchemy's statements
    return str(statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True}))


@dataclass(frozen=True, slots=True)
class Database:
    """An open database with the tables in it. `name` is what messages call it. Any thread may use it.

    `translated` turns the errors of what runs in it into ours. `adding` is the INSERT of a key that leaves a row that
    is there as it is; both databases can, each in a dialect of its own. `cleansed` takes what was deleted out of the
    database's files, as far as it can.
    """

    name: str
    reading: Engine
    writing: Engine
    adding: str
    begin: str | None
    translated: Callable[[], AbstractContextManager[None]]
    cleansed: Callable[[], None]
    read_only: bool

    @contextmanager
    def asked(self) -> Iterator[Connection]:
        """Ask questions within the block, each for itself."""
        with self.translated(), self.reading.connect() as connection:
            yield connection

    @contextmanager
    def changed(self) -> Iterator[Connection]:
        """Change rows within the block, in one transaction. Raises: Refused: the database is open for reading."""
        if self.read_only:
            raise Refused(f"{self.name} is open for reading: nothing in it is changed")
        with self.translated(), self.writing.begin() as connection:
            if self.begin:
                connection.exec_driver_sql(self.begin)
            yield connection

    def marks(self, connection: Connection) -> Mapping[str, bytes]:
        """Return each table's mark. What is asked for after this may be newer than its mark, and is never older.

        Raises: Misconfigured: there are none: somebody has changed the database by hand.
        """
        found = connection.exec_driver_sql(_asking_marks(connection.dialect))
        marks: dict[str, bytes] = dict(found.cursor.fetchall() if found.cursor else ())
        if marks.keys() < set(MARKED):
            raise self.damaged()
        return marks

    def put_mark(self, connection: Connection, table: Table) -> None:
        """Give a table a new mark, at the end of its change or at the beginning: others who do wait from here on.

        It is drawn and not counted: after a backup was restored a number would come again, and mean something else.
        """
        mark = update(GENERATION).where(GENERATION.c.name == table.name).values(mark=os.urandom(_MARK))
        if connection.execute(mark).rowcount != 1:
            raise self.damaged()

    def damaged(self) -> Misconfigured:
        """Return the error that says that something is not as this program would have left it."""
        return Misconfigured(f"{self.name} is not a key ring of Jalki, or is damaged: restore it from a backup")


def rows_of(connection: Connection, table: Table, names: Collection[bytes]) -> list[tuple[Any, ...]]:
    """Return the rows of those names, each with its columns in order."""
    rows: list[tuple[Any, ...]] = []
    for chunk in chunks(names):
        asked = connection.exec_driver_sql(_asking(table, len(chunk), connection.dialect), tuple(chunk))
        # The driver's own tuples: to make SQLAlchemy's rows of them costs a tenth of the whole question.
        rows += asked.cursor.fetchall() if asked.cursor else ()
    return rows


def names_of(connection: Connection, table: Table) -> Iterator[list[bytes]]:
    """Return the names there are in order, so many at a time; of those put there meanwhile some may be among them."""
    after = b""
    while True:
        asked = connection.exec_driver_sql(_asking_names(table, connection.dialect), (after,))
        page = [name for (name,) in asked.cursor.fetchall()] if asked.cursor else []
        yield page
        if len(page) < _PAGE:
            return
        after = page[-1]


def delete_rows(connection: Connection, table: Table, names: Collection[bytes]) -> int:
    """Delete the rows of those names; return how many there were."""
    return sum(
        connection.exec_driver_sql(_deleting(table, len(chunk), connection.dialect), tuple(chunk)).rowcount
        for chunk in chunks(names)
    )
