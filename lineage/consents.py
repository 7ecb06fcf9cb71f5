"""Whether a person's consent to a purpose held at a moment (GDPR Art. 7). Judged when asked, so order of arrival is nothing."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Protocol

from lineage.facts import Consent
from lineage.graph import Until
from lineage.persons import Person


class Decisions:
    """Consents given and withdrawn, as one line of time for each purpose."""

    def __init__(self, consents: Iterable[Consent]) -> None:
        self._by_purpose: dict[str, list[Consent]] = {}
        # Of two decisions of one moment the withdrawal is the later.
        for consent in sorted(consents, key=lambda each: (each.at, not each.granted, each.event)):
            self._by_purpose.setdefault(consent.purpose, []).append(consent)

    def held(self, purpose: str, at: int) -> bool | None:
        """Tell whether consent held at that moment; None where nothing had been decided by then."""
        last = self.last(purpose, at)
        return None if last is None else last.granted

    def last(self, purpose: str, at: int) -> Consent | None:
        """Return the decision that counts at that moment; None where nothing had been decided by then."""
        decided = self._by_purpose.get(purpose, [])
        before = bisect_right(decided, at, key=lambda each: each.at)
        return decided[before - 1] if before else None


class Consenting(Protocol):
    """What tells of consents. Raises: as `lineage.graph.Graph`."""

    def consents(self, holders: Collection[bytes], until: Until) -> Sequence[Consent]:
        """Return the consents given or withdrawn under the given identifiers."""
        ...


class ConsentOf:
    """The consent that a person's disclosures rest on, and that of what she shares with others.

    A decision under the nearest identifiers counts; where there is none, one under those she shares (her household's
    device), or, for what is shared, one of those who share it.
    """

    def __init__(self, graph: Consenting, person: Person, until: Until) -> None:
        """Nothing is asked before it is needed: most disclosures rest on no consent."""
        self._graph, self._person, self._until = graph, person, until

    @cached_property
    def _own(self) -> list[list[Decisions]]:
        members = self._person.members
        return [[Decisions(self._graph.consents(members, self._until) if members else ())], self._beside]

    @cached_property
    def _shared(self) -> list[list[Decisions]]:
        above = self._person.above - self._person.shared
        return [self._beside, _apart(self._graph, above, self._until)]

    @cached_property
    def _beside(self) -> list[Decisions]:
        return _apart(self._graph, self._person.shared, self._until)

    def held(self, purpose: str, at: int, *, shared: bool) -> bool:
        """Tell whether a disclosure for `purpose` at that moment had a consent to rest on."""
        last = self.last(purpose, at, shared=shared)
        return last is not None and last.granted

    def last(self, purpose: str, at: int, *, shared: bool) -> Consent | None:
        """Return the decision that a disclosure at that moment rests on; None where nobody had decided anything."""
        for circle in self._shared if shared else self._own:
            answers = [last for decisions in circle if (last := decisions.last(purpose, at)) is not None]
            if answers:
                # One that holds is enough.
                return max(answers, key=lambda each: (each.granted, each.at, each.event))
        return None


def _apart(graph: Consenting, keys: Collection[bytes], until: Until) -> list[Decisions]:
    by_holder: dict[bytes, list[Consent]] = {}
    for consent in graph.consents(keys, until) if keys else ():
        by_holder.setdefault(consent.holder, []).append(consent)
    return [Decisions(consents) for consents in by_holder.values()]
