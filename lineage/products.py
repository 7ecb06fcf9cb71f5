"""Models and serial numbers of products: how they are compared, and what a range of serial numbers is. Knows no person."""

import unicodedata
from dataclasses import dataclass

from lineage.errors import Misconfigured

_LEFT_OUT = str.maketrans("", "", " \t-./_")


def comparable(model: str) -> str:
    """Return a model as it is compared: NFC, lower case, trimmed, runs of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", model).lower().split())


def plain(serial: str) -> str:
    """Return a serial number as it is compared: NFC, capitals, without white space, hyphens, points, slashes, underscores."""
    return unicodedata.normalize("NFC", serial).upper().translate(_LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Serials:
    """A range of serial numbers, both ends included, as they are compared."""

    first: str
    last: str

    def holds(self, serial: str) -> bool | None:
        """Tell whether a serial number lies in the range: place by place, as both ends have as many. None: nobody can say.

        One of another length is of another numbering, or was written down wrongly: that takes nobody off a recall.
        """
        this = plain(serial)
        if len(this) != len(self.first):
            return None
        return self.first <= this <= self.last


def read_serials(text: str) -> Serials:
    """Read a range written `A..B`, or one serial number. Raises: Misconfigured: it is none."""
    first, dots, last = text.partition("..")
    one, other = plain(first), plain(last if dots else first)
    if not one or not other or ".." in last.strip():
        raise Misconfigured("--serials takes a range, like SN1000..SN1999, or one serial number")
    if len(one) != len(other):
        raise Misconfigured("the ends of --serials have different lengths: between those there is no order; ask twice")
    if one > other:
        raise Misconfigured("the first of --serials lies after the last: swap the two")
    return Serials(one, other)
