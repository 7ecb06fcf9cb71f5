"""A page of a list that is worked out from its beginning: what the pages before had is passed over."""

from dataclasses import dataclass, field

from console.api.answering import Answer
from console.shapes import Shape

Mark = str | tuple[int | str, ...]
"""Where something stands in the order of a list; those of one list compare."""


class FullError(Exception):
    """The page is full, and there is more."""


@dataclass(slots=True)
class Page:
    """Takes what comes in the order of its marks. `after` is the last mark of the page before."""

    after: Mark | None
    limit: int
    shapes: list[Shape] = field(default_factory=list)
    last: Mark | None = None
    more: bool = False

    def takes(self, mark: Mark) -> bool:
        """Tell whether what has that mark is on the page. Raises: FullError: it is the first of the next."""
        if self.after is not None and mark <= self.after:  # type: ignore[operator]  # marks of one list are of one kind
            return False
        if len(self.shapes) == self.limit:
            self.more = True
            raise FullError
        self.last = mark
        return True

    def answer(self) -> Answer:
        """Return the page; its last mark, as text, is what the next begins after."""
        return Answer(self.shapes, _text(self.last) if self.more and self.last is not None else None)


def _text(mark: Mark) -> str:
    return ".".join(map(str, mark)) if isinstance(mark, tuple) else str(mark)
