"""A look-up, and what is asked of many. Times are microseconds UTC. Decides nothing."""

from dataclasses import dataclass

from lineage.graph import NOW, Until


@dataclass(frozen=True, slots=True)
class Span:
    """An interval of event time, both ends included, and as of when; None: open."""

    since: int | None = None
    by: int | None = None
    until: Until = NOW

    @property
    def last(self) -> int | None:
        """The last instant that is asked for."""
        return min((each for each in (self.by, self.until.at) if each is not None), default=None)

    def wants(self, at: int, recorded: int) -> bool:
        """Tell whether something that occurred and was known at these times is asked for."""
        within = (self.since is None or at >= self.since) and (self.by is None or at <= self.by)
        return within and self.until.covers(at, recorded)


@dataclass(frozen=True, slots=True)
class LookUp:
    """One look at one person: when, when that was recorded, why, for which company, by which party's systems or staff.

    `whose` is a pseudonym of hers, or of what several share (`shared`). `staff` is who it was, as the shop names its
    staff; None where what was sent is gone. `inquiry` tells that it belongs to an authority's inquiry (Art. 4(9)): then
    she is not told of it.
    """

    at: int
    recorded: int
    whose: bytes
    shared: bool
    purpose: str
    company: str
    viewer: str
    role: str
    categories: tuple[str, ...]
    staff: str | None
    inquiry: bool
