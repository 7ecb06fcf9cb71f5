"""The sandbox's clock: the machine's, put forward as often as somebody asks. All vendors of a sandbox go by one."""

from lineage.times import now


class Clock:
    """Microseconds since the epoch. Calling it gives the time.

    `stands`: it only moves when it is put forward, as tests want it; the number is where it begins.
    """

    def __init__(self, stands: int | None = None) -> None:
        self._stands = stands
        self._forward = 0

    def __call__(self) -> int:
        """Return the time."""
        return (now() if self._stands is None else self._stands) + self._forward

    def forward(self, microseconds: int) -> None:
        """Put it forward."""
        self._forward += max(microseconds, 0)
