"""Which entries are new to a case, as every journal decides it. Knows no store."""

from collections.abc import Mapping, Sequence

from lineage.cases.entries import Entry
from lineage.cases.journal import CaseRow, Outrun

KEPT_WINDOWS = 62 * 86_400_000_000
"""How long what a lane spent is kept, microseconds: longer than any window is."""


def follows(
    entries: Sequence[Entry], row: CaseRow, count: int, head: bytes, hashes: Mapping[int, bytes]
) -> Sequence[Entry] | None:
    """Return which entries are new to a case of `count` entries, the last with the hash `head`; None: all is there, and more.

    `hashes` are those of what stands in the place of `entries`, by number.

    Raises: Outrun: something else stands there, or entries between are missing.
    """
    if any(hashes.get(each.number, each.hash) != each.hash for each in entries):
        raise Outrun(f"case {row.case} was added to by another: read it again")
    new = [each for each in entries if each.number not in hashes]
    if entries and not new and entries[-1].number + 1 < count:
        return None
    fits = [each.number for each in new] == list(range(count, count + len(new)))
    if not fits or (new and count and new[0].previous != head) or (not entries and row.entries != count):
        raise Outrun(f"case {row.case} is not what these entries follow: read it again")
    return new
