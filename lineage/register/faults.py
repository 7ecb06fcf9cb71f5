"""Collects every fault of one run, so that a lawyer mends a file once and not fault by fault. Reads nothing."""

from dataclasses import dataclass, field

from lineage.errors import Misconfigured
from lineage.register.model import Place


@dataclass(slots=True)
class Faults:
    """The faults found so far. A fault said twice of one line is kept once."""

    _found: set[tuple[str, int, str]] = field(default_factory=set)

    def add(self, place: Place, message: str) -> None:
        """Remember a fault of a line; the message is put on one line."""
        self._found.add((place.file, place.line, " ".join(message.split())))

    def stop_if_any(self) -> None:
        """Raise `Misconfigured` with one `FILE:LINE: message` a line, sorted, if there was any fault."""
        if self._found:
            raise Misconfigured("\n".join(f"{Place(file, line)}: {text}" for file, line, text in sorted(self._found)))
