"""Every durable step of casework, one after the other: something can be made to happen before or after any of them.

What cannot be taken for any error of ours stands for the end of the process: nothing may catch it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from lineage.cases.casework import Casework

STEPS = {
    "journal": ("add",),
    "memory": ("entomb", "suppress"),
    "graph": ("forget",),
    "keyring": ("destroy",),
}


class Killed(BaseException):
    """The process ended here."""


@dataclass(slots=True)
class Steps:
    """Counts steps; `met` hears of each, with its number, before (False) and after (True) it is taken."""

    met: Callable[[int, bool], None] = lambda _number, _done: None
    names: list[str] = field(default_factory=list)
    dead: bool = False

    def taken(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: object) -> Any:
            if self.dead:
                raise Killed
            number = len(self.names)
            kind = given[0][-1].kind if name == "add" and given[0] else ""  # type: ignore[index]
            self.names.append(f"{name} {kind}".strip())
            self.met(number, False)
            found = act(*given)
            self.met(number, True)
            return found

        return step

    def kill_at(self, wanted: int, *, done: bool) -> None:
        """Have the process end before, or after, a step."""

        def met(number: int, is_done: bool) -> None:
            if (number, is_done) == (wanted, done):
                self.dead = True
                raise Killed

        self.met = met


class _Stepped:
    """A store whose durable calls are steps; after the end of the process it answers nothing."""

    def __init__(self, store: Any, names: tuple[str, ...], steps: Steps) -> None:
        self._store, self._names, self._steps = store, names, steps

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if self._steps.dead:
            raise Killed
        if name == "together":  # each write by itself, as some stores do: so every moment between two of them is met
            return nullcontext
        return self._steps.taken(name, found) if name in self._names else found


def stepped(work: Casework, steps: Steps) -> Casework:
    """Return casework whose every durable call is a step."""
    stores: dict[str, Any] = {store: _Stepped(getattr(work, store), names, steps) for store, names in STEPS.items()}
    return replace(work, **stores)


def every_moment(names: Sequence[str]) -> Iterator[tuple[int, bool]]:
    """Return all moments that differ: before each step, and after a claim, before the party is told anything."""
    for number, name in enumerate(names):
        yield number, False
        if name == "add claimed":
            yield number, True


__all__ = ["Killed", "Steps", "every_moment", "stepped"]
