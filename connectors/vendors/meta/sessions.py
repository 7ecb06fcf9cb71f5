"""Sessions: the name a removal has at Meta, what is asked of it, and what it answers. Pure; calls nobody."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.vendors.meta.graph import Part
from connectors.vendors.meta.rows import SINGLE, Row, Target

ROWS_AT_MOST = 10_000
"""Rows of one call."""
DAY_SECONDS = 86_400
"""In so long a removal has its effect, as Meta says of most."""
_HANDLE = re.compile(r"([0-9a-f]{16})-([0-9]{1,12})")
_COUNT = Annotated[int, Field(ge=0, strict=False)]
_LOOSE = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class Batch(NamedTuple):
    """Rows of one audience and schema, the `number`th of their session."""

    target: Target
    rows: Sequence[Row]
    number: int
    last: bool
    all_rows: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A removal as a handle tells of it: a name made of the orders in it, and when it was sent, in seconds."""

    name: str
    at: int

    @classmethod
    def of(cls, keys: Iterable[str], now: int) -> "Sent":
        """Return the one of these orders. The same orders make the same name, however often."""
        return cls(hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()[:16], now // 1_000_000)

    @classmethod
    def read(cls, handle: str | None) -> "Sent | None":
        """Return the one that a handle tells of; None where it is none."""
        found = _HANDLE.fullmatch(handle or "")
        return None if found is None else cls(found[1], int(found[2]))

    @property
    def handle(self) -> str:
        """What to ask by."""
        return f"{self.name}-{self.at}"

    def number(self, target: Target) -> int:
        """Return the session's number at an audience, for one schema. Meta wants a positive integer."""
        digest = hashlib.sha256(f"{self.name}/{','.join(target.schema)}".encode()).digest()
        return int.from_bytes(digest[:7], "big") or 1


def batches(rows: Mapping[Target, Sequence[Row]]) -> Iterator[Batch]:
    """Return rows in batches that Meta takes."""
    for target, each in rows.items():
        for number, begin in enumerate(range(0, len(each), ROWS_AT_MOST), 1):
            end = begin + ROWS_AT_MOST
            yield Batch(target, each[begin:end], number, end >= len(each), len(each))


def removal(batch: Batch, sent: Sent) -> Part:
    """Return the call that takes the rows of a batch out of their audience."""
    keys = batch.target.schema
    single = len(keys) == 1 and keys[0] in SINGLE.values()
    session = {
        "session_id": sent.number(batch.target),
        "batch_seq": batch.number,
        "last_batch_flag": batch.last,
        "estimated_num_total": batch.all_rows,
    }
    payload = {
        "schema": keys[0] if single else list(keys),
        "is_raw": not single,
        "data": [row[0] for row in batch.rows] if single else [list(row) for row in batch.rows],
    }
    return Part("DELETE", f"{batch.target.audience}/users", {"payload": payload, "session": session})


def question(target: Target, sent: Sent) -> Part:
    """Return the call that asks how a session goes."""
    return Part("GET", f"{target.audience}/sessions", {"session_id": str(sent.number(target))})


class Received(BaseModel):
    """What Meta answers to a removal. The counts are of rows, and say nothing of anybody being found."""

    model_config = _LOOSE
    audience_id: str
    num_received: _COUNT
    num_invalid_entries: _COUNT
    session_id: str | None = None

    @classmethod
    def read(cls, said: Mapping[str, object], batch: Batch, sent: Sent) -> "Received | None":
        """Return an answer; None where it is none to this batch."""
        try:
            told = cls.model_validate(said)
        except ValidationError:
            return None
        session = str(sent.number(batch.target))
        right = told.audience_id == batch.target.audience and told.num_received == len(batch.rows)
        return told if right and told.session_id in (None, session) else None


class Session(BaseModel):
    """How a session goes. All that it says is text, and no document says which words `stage` has: it is not read."""

    model_config = _LOOSE
    session_id: str
    end_time: str | None = None
    num_invalid_entries: _COUNT = 0

    @property
    def over(self) -> bool:
        """Whether Meta has done with it."""
        return self.end_time not in (None, "", "0")


class _Sessions(BaseModel):
    model_config = _LOOSE
    data: list[Session]


def session_of(said: Mapping[str, object], target: Target, sent: Sent) -> Session | None:
    """Return the session that was asked for; None where Meta does not know it. Raises: ValueError: nobody can read this."""
    try:
        told = _Sessions.model_validate(said).data
    except ValidationError:
        raise ValueError("no list of sessions") from None
    number = str(sent.number(target))
    return next((each for each in told if each.session_id == number), None)
