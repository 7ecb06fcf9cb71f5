"""What a mapping may say of changes: how a value is erased, corrected, a row restricted. Knows no database."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lineage.identifiers import RANK, rank

Method = Literal["null", "pseudonymise", "constant", "with-row"]
"""`with-row`: by itself it neither goes nor keeps its row."""
Plain = str | int | bool | None
MARK = "erased-"
"""What a pseudonym begins with; behind it stand `SIGNS` hexadecimal digits."""
SIGNS = 24
_MARK_KEYS = {"column", "on", "off"}

Fault = Callable[[str, str], None]
"""Takes where a fault is, and what it is."""


@dataclass(frozen=True, slots=True)
class Erase:
    """How the value of one column is erased. `constant` is what is put in its place by that method."""

    method: Method
    constant: Plain = None

    def is_void(self, value: object) -> bool:
        """Tell whether a value is what this leaves behind: nothing of a person."""
        if value is None:
            return True
        if self.method == "constant":
            return value == self.constant
        return self.method == "pseudonymise" and is_pseudonym(value)


@dataclass(frozen=True, slots=True)
class Mark:
    """The column of a row that says whether it is restricted (GDPR Art. 18): `on` while it is, `off` after."""

    column: str
    on: Plain
    off: Plain


def is_pseudonym(value: object) -> bool:
    """Tell whether a value is a pseudonym that an erasure put in."""
    text = value if isinstance(value, str) else ""
    return (
        text.startswith(MARK) and len(text) == len(MARK) + SIGNS and set(text[len(MARK) :]) <= set("0123456789abcdef")
    )


def erase_of(read: object, where: str, fault: Fault) -> Erase | None:
    """Return how a column is erased; None where nothing is said of it."""
    if read is None:
        return None
    if read in ("null", "pseudonymise", "with-row"):
        return Erase(read)
    if isinstance(read, dict) and read.keys() == {"constant"} and isinstance(read["constant"], str | int | bool):
        return Erase("constant", read["constant"])
    fault(where, 'erase is one of "null", "pseudonymise", "with-row" and {constant = …}')
    return None


def mark_of(read: object, where: str, fault: Fault) -> Mark | None:
    """Return the mark of restricted rows; None where a table has none."""
    if read is None:
        return None
    told: Mapping[str, Any] = read if isinstance(read, dict) else {}
    plain = all(isinstance(told.get(each), str | int | bool) for each in ("on", "off"))
    if told.keys() != _MARK_KEYS or not isinstance(told["column"], str) or not plain or told["on"] == told["off"]:
        fault(where, "restrict is written {column = …, on = …, off = …}, with two values that differ")
        return None
    return Mark(told["column"], told["on"], told["off"])


def erased_by(read: object, kinds: Collection[str], where: str, fault: Fault) -> tuple[str, ...]:
    """Return by which kinds of identifiers rows are found that are erased.

    By default references alone, where a table has any: one order of hers may be kept by law while another goes, and her
    customer number would find both.
    """
    if read is None:
        references = tuple(each for each in kinds if rank(each) >= RANK["order_id"])
        return references or tuple(kinds)
    listed = read if isinstance(read, list) else []
    if not listed or not set(map(str, listed)) <= set(kinds):
        fault(where, "erase_by is a list of kinds that identify has")
        return ()
    return tuple(map(str, listed))
