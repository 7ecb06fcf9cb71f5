"""Counts calls in memory, as the journal does on disk."""

from dataclasses import dataclass, field


@dataclass
class Counts:
    """Satisfies `connectors.budget.Counts`."""

    spent: dict[tuple[str, int], int] = field(default_factory=dict)

    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:
        done = self.spent.get((lane, window), 0) + calls
        if done > limit:
            return False
        self.spent[lane, window] = done
        return True
