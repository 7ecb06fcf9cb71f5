"""The key ring's table, and what differs between the databases that may hold it. Asks and writes nothing itself."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Column, Dialect, Engine, LargeBinary, MetaData, Table, bindparam, select


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
)


@lru_cache(maxsize=64)
def asking(size: int, dialect: Dialect) -> str:
    """Return the question for the wrapped keys of so many names, parameters by position.

    It is made once: what SQLAlchemy does anew each time it runs a statement costs a fifth of a batch at 2,000 names.
    """
    names = [bindparam(f"name_{number}", type_=KEY.c.name.type) for number in range(size)]
    ask = select(KEY.c.name, KEY.c.wrapped).where(KEY.c.name.in_(names))
    return str(ask.compile(dialect=dialect, compile_kwargs={"render_postcompile": True}))


@dataclass(frozen=True, slots=True)
class Database:
    """An open database with the table in it. `name` is what messages call it.

    `translated` turns the errors of what runs in it into ours. `adding` is the INSERT that leaves a row that is there
    as it is; both databases can, each in a dialect of its own.
    """

    name: str
    reading: Engine
    writing: Engine
    adding: str
    begin: str | None
    translated: Callable[[], AbstractContextManager[None]]
    read_only: bool
