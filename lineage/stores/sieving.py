"""Sifts names before a database is asked about them: nearly all that a batch asks for are not there. Asks nothing itself."""

from array import array
from collections.abc import Callable, Collection, Iterable

# Bits for each name: of those that are not there one in 64 comes through at the most, and is asked about in vain.
_BITS = 64
# 16 MiB, for two million names. Of more a greater part comes through.
_MOST_BITS = 1 << 27
# To read so many names costs as much as to ask about one: two with a small SQLite file, ten with PostgreSQL.
_WORTH = 4
# Whoever asks about no more than this wants one answer, and not a table.
_FEW = 512


class Sieve:
    """Lets every name through that it was made of, and few others. Never changes, so any thread may use it.

    Names are keyed hashes: their first 4 bytes spread them evenly.
    """

    def __init__(self, mark: bytes, pages: Iterable[Iterable[bytes]]) -> None:
        """Take the names that a table holds, and the mark that was read before them."""
        starts = array("I")
        for page in pages:
            starts.extend([int.from_bytes(name[:4]) for name in page])
        self.mark, self.size = mark, len(starts)
        bits = min(1 << (self.size * _BITS).bit_length(), _MOST_BITS)
        self._mask = bits - 1
        self._bits = bytearray(bits // 8 + 1)
        for start in starts:
            place = start & self._mask
            self._bits[place >> 3] |= 1 << (place & 7)

    def sifted(self, names: Iterable[bytes]) -> list[bytes]:
        """Return those of the names that may be there."""
        bits, mask, number = self._bits, self._mask, int.from_bytes
        return [name for name in names if bits[(place := number(name[:4]) & mask) >> 3] & 1 << (place & 7)]


class Sifting:
    """The sieve of one table, made when it pays: when what was asked without one has cost as much as making one.

    So whoever looks up one person reads no table, and a table that is changed again and again costs each of its readers
    about twice what it would without a sieve at the most. Any number of threads may use it at once.
    """

    def __init__(self) -> None:
        self._sieve: Sieve | None = None
        self._asked = 0

    def sifted(
        self, mark: bytes, names: Collection[bytes], read: Callable[[], Iterable[Iterable[bytes]]]
    ) -> Collection[bytes]:
        """Return those of the names that must be asked for; all others are not in the table under this mark.

        The mark was read before. `read` gives the table's names; it may give some that are newer than the mark.
        """
        sieve = self._sieve
        if sieve is None or sieve.mark != mark:
            # Two threads may lose a count, or both make a sieve: that costs time, and makes no answer wrong.
            self._asked += len(names)
            if self._asked < max(_FEW, sieve.size // _WORTH if sieve else 0):
                return names
            self._sieve = sieve = Sieve(mark, read())
            self._asked = 0
        return sieve.sifted(names)

    def forget(self) -> None:
        """Forget the table."""
        self._sieve, self._asked = None, 0
