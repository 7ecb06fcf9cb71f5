"""What a task keeps of its jobs between attempts, as a short text: their ids, the day that was promised, what was seen."""

import re
from dataclasses import dataclass, replace
from datetime import date

_ID = r"[A-Za-z0-9_]{1,255}"
_HANDLE = re.compile(rf"({_ID}(?:\+{_ID})*)(?:@([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}))?(?:#([1-9][0-9]{{0,5}}))?(!)?")


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one task; `by` is the day that was promised first, `seen` how many objects were seen to be redacted.

    `told`: a person was told that a job failed; when the task is sent again, she has settled what stood in the way.
    """

    ids: tuple[str, ...]
    by: date | None = None
    seen: int = 0
    told: bool = False

    @classmethod
    def read(cls, handle: str | None) -> "Jobs | None":
        """Return those that a handle names; None where it is none."""
        found = _HANDLE.fullmatch(handle or "")
        if found is None:
            return None
        try:
            by = date.fromisoformat(found[2]) if found[2] else None
        except ValueError:
            return None
        return cls(tuple(found[1].split("+")), by, int(found[3] or 0), bool(found[4]))

    @property
    def handle(self) -> str:
        """The text."""
        day = f"@{self.by.isoformat()}" if self.by else ""
        return f"{'+'.join(self.ids)}{day}{f'#{self.seen}' if self.seen else ''}{'!' if self.told else ''}"

    def until(self, by: date) -> "Jobs":
        """Return them with the day that is promised."""
        return replace(self, by=by)

    def after(self, more: int) -> "Jobs":
        """Return them with so many more objects seen."""
        return replace(self, seen=self.seen + more)
