"""The plain model of what must be remembered of the erased, and of the cases that are told of what came late."""

from collections.abc import Callable, Collection, Mapping, Sequence

from lineage.errors import Retryable
from lineage.held_back import Late
from lineage.tombstones import Suppression, Tombstone, standing


class PlainMemory:
    """Tombstones and suppressions in a dictionary. `before_answer` is called before each answer about tombstones."""

    def __init__(self, *tombstones: Tombstone, suppressions: Collection[Suppression] = ()) -> None:
        self._stones = {each.key: each for each in tombstones}
        self._suppressions = list(suppressions)
        self.before_answer: Callable[[], None] = lambda: None
        self.away = False
        self.asked = 0

    def entomb(self, tombstones: Collection[Tombstone]) -> None:
        for each in tombstones:
            there = self._stones.get(each.key, each)
            self._stones[each.key] = max(there, each, key=lambda stone: (stone.before, stone.case))

    def entombed(self, keys: Collection[bytes]) -> Mapping[bytes, Tombstone]:
        self.before_answer()
        self.asked += 1
        if self.away:
            raise Retryable("keys.db is away")
        return {key: self._stones[key] for key in keys if key in self._stones}

    def tombstones(self) -> Sequence[Tombstone]:
        return sorted(self._stones.values())

    def suppress(self, suppressions: Collection[Suppression]) -> None:
        self._suppressions += suppressions

    def suppressed(self, keys: Collection[bytes]) -> Sequence[Suppression]:
        return standing(self.suppressions(keys))

    def suppressions(self, keys: Collection[bytes]) -> Sequence[Suppression]:
        if self.away:
            raise Retryable("keys.db is away")
        return sorted({each for each in self._suppressions if each.key in keys})


class Told:
    """Cases that are told of what came late; `keeps` is what each keeps of whom it erased."""

    def __init__(self) -> None:
        self.late: list[Late] = []
        self.keeps: dict[str, tuple[Collection[tuple[bytes, int]], bytes | None]] = {}
        self.failing = 0

    def raise_(self, late: Sequence[Late]) -> int:
        if self.failing:
            self.failing -= 1
            raise Retryable("graph.db is busy")
        there = {(each.event, each.part) for each in self.late}
        new = [each for each in late if (each.event, each.part) not in there]
        self.late += new
        return len(new)

    def kept(self, case: str) -> tuple[Collection[tuple[bytes, int]], bytes | None]:
        return self.keeps.get(case, ((), None))
