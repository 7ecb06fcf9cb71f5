"""Tries a mapping on the first rows: all that would be done with them but recording. Writes nothing, not even a key."""

import secrets
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from lineage.errors import Invalid
from lineage.facts import facts_of
from lineage.pseudonyms import Pseudonyms
from lineage.times import now
from schemas.catalogue import Catalogue
from schemas.codec import decode
from schemas.extract import InvalidEvent, said
from schemas.records import JsonRecords
from streams.backfill.forming import Formed, Forming, check_columns
from streams.backfill.mapping import Backfill
from streams.backfill.table import Table
from streams.backfill.tables import tables_of
from streams.sources import Source


class Checked(NamedTuple):
    """What the first rows of each table are. `unused` are columns that the mapping does not name, by table."""

    formed: Formed
    unused: Sequence[tuple[str, Sequence[str]]]


def check(mapping: Backfill, catalogue: Catalogue, is_party: Callable[[str], bool], most: int) -> Checked:
    """Form the first `most` rows of every table, and judge the events as recording would.

    Raises: Misconfigured: a table cannot be used or lacks a column. Retryable: the database is away.
    """
    forming = Forming(mapping, JsonRecords(catalogue), most_bad=sys.maxsize)
    pseudonyms = Pseudonyms(secrets.token_bytes(32))  # forgotten with this run
    unused = []
    for name, table in tables_of(mapping):
        check_columns(mapping, table)
        needed = {column for column, _ in mapping.columns()}
        unused.append((name, [column for column in table.columns if column not in needed]))
        first = Table(table.position, table.columns, islice(table.rows, most))
        for chunk, _ in forming.chunks(first):
            _judge(chunk, catalogue, is_party, pseudonyms, forming.formed)
    return Checked(forming.formed, unused)


def _judge(
    chunk: Iterable[object],
    catalogue: Catalogue,
    is_party: Callable[[str], bool],
    pseudonyms: Pseudonyms,
    formed: Formed,
) -> None:
    """Count events that would prove to be bad input when they are recorded."""
    for each in chunk:
        if isinstance(each, Source):
            try:
                kind, event = decode(catalogue, each.encoded.record)
                facts_of(said(kind, event, frozenset()), b"", pseudonyms, now(), is_party)
            except (InvalidEvent, Invalid) as reason:
                formed.events -= 1
                formed.add(str(reason), each.position)
