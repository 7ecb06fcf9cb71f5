"""The newest records of one partition, kept in memory so that what was just written is neither read back nor unsealed.

A window is one unbroken run of offsets. It holds no truth: whatever it lacks is in the file.
"""

from collections.abc import Sequence

from streams.records import Record


class Window:
    """Records from offset `first` on, without a gap."""

    __slots__ = ("_records", "first", "size")

    def __init__(self) -> None:
        self._records: list[Record] = []
        self.first = 0
        self.size = 0
        """Bytes of the packed frames it stands for, to bound memory; after a cut it is an estimate."""

    @property
    def end(self) -> int:
        """The offset behind the last record."""
        return self.first + len(self._records)

    def add(self, records: Sequence[Record], size: int) -> bool:
        """Appends the records, when they continue the run or begin one. Says whether it did."""
        if self._records and records[0].offset != self.end:
            return False
        if not self._records:
            self.first, self.size = records[0].offset, 0
        self._records.extend(records)
        self.size += size
        return True

    def clear(self) -> None:
        """Forgets all."""
        self._records, self.size = [], 0

    def read(self, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from `offset` on; empty when the run does not hold that offset."""
        start = offset - self.first
        return self._records[start : start + limit] if start >= 0 else []

    def cut(self, offset: int) -> None:
        """Forgets the records before `offset`."""
        gone = min(offset - self.first, len(self._records))
        if gone > 0:
            self.size -= self.size * gone // len(self._records)
            del self._records[:gone]
            self.first += gone
