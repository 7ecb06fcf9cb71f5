"""Runs the program by a clock that is wrong: `python -m bench.campaign.wrong_clock SECONDS WORD…`.

The program's own time and `time.time`, which libraries ask, are put forward or back; waiting goes by the right one, as on a
machine whose clock is wrong. (libfaketime, which would do it from outside, breaks `time.sleep` of Python 3.11.)
"""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

from lineage import times

_AHEAD = timedelta(seconds=int(sys.argv.pop(1)) if __name__ == "__main__" else 0)


class WrongClock(datetime):
    """Times as ever, but for what now is."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """Return the wrong time."""
        return super().now(tz or UTC) + _AHEAD


def main() -> None:
    """Put the clock forward, then run the program with the words that are left."""
    times.datetime = WrongClock  # type: ignore[attr-defined]  # whoever asks what time it is, asks there
    right: Callable[[], float] = time.time
    time.time = lambda: right() + _AHEAD.total_seconds()
    from console.start import main as program  # only now: whatever it imports gets the wrong clock

    program()


if __name__ == "__main__":
    main()
