"""What a task keeps of its jobs between attempts, as a short text: their ids, and the day that was promised."""

import re
from dataclasses import dataclass, replace
from datetime import date

_ID = r"[A-Za-z0-9_]{1,255}"
_HANDLE = re.compile(rf"({_ID}(?:\+{_ID})*)(?:@([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}))?")


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one task; `by` is the day that was promised first."""

    ids: tuple[str, ...]
    by: date | None = None

    @classmethod
    def read(cls, handle: str | None) -> "Jobs | None":
        """Return those that a handle names; None where it is none."""
        found = _HANDLE.fullmatch(handle or "")
        if found is None:
            return None
        return cls(tuple(found[1].split("+")), date.fromisoformat(found[2]) if found[2] else None)

    @property
    def handle(self) -> str:
        """The text."""
        return "+".join(self.ids) + (f"@{self.by.isoformat()}" if self.by else "")

    def until(self, by: date) -> "Jobs":
        """Return them with the day that is promised."""
        return replace(self, by=by)
