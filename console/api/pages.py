"""A page of a list that is worked out from its beginning: what the pages before had is passed over."""

from dataclasses import dataclass, field
from typing import Any

from console.api.answering import Answer
from console.shapes import Shape


class FullError(Exception):
    """The page is full, and there is more."""


@dataclass(slots=True)
class Page:
    """Takes what comes in the order of its marks: texts, or tuples that compare. `after` is the last mark of the page before."""

    after: Any
    limit: int
    shapes: list[Shape] = field(default_factory=list)
    last: Any = None
    more: bool = False

    def takes(self, mark: Any) -> bool:
        """Tell whether what has that mark is on the page. Raises: FullError: it is the first of the next."""
        if self.after is not None and mark <= self.after:
            return False
        if len(self.shapes) == self.limit:
            self.more = True
            raise FullError
        self.last = mark
        return True

    def answer(self) -> Answer:
        """Return the page; its last mark, as text, is what the next begins after."""
        return Answer(self.shapes, _text(self.last) if self.more else None)


def _text(mark: Any) -> str:
    return ".".join(map(str, mark)) if isinstance(mark, tuple) else str(mark)
