"""Collects every fault of one run, so that a lawyer mends a file once and not fault by fault. Reads nothing."""

from dataclasses import dataclass, field

from lineage.errors import Misconfigured
from lineage.register.model import Place


@dataclass(slots=True)
class Faults:
    """The faults found so far. A fault said twice of one line is kept once."""

    _found: set[tuple[str, int, str]] = field(default_factory=set)

    def add(self, place: Place, message: str) -> None:
        """Remember a fault of a line; the message is put on one line, with nothing in it that could steer a terminal."""
        self._found.add((printable(place.file), place.line, printable(" ".join(message.split()))))

    def stop_if_any(self) -> None:
        """Raise `Misconfigured` with one `FILE:LINE: message` a line, sorted, if there was any fault."""
        if self._found:
            raise Misconfigured("\n".join(f"{Place(file, line)}: {text}" for file, line, text in sorted(self._found)))


def printable(text: str) -> str:
    """Return a text that may be printed: a key or a file's name may hold what steers a terminal, or makes a line."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
