"""What comes of an erased person after her erasure: an incident on her case, and new tasks for whoever got it anew.

Satisfies `lineage.held_back.Incidents`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from lineage.cases.case import Case
from lineage.cases.casework import Casework, New
from lineage.cases.closing import held_of, kept_on, thought_of
from lineage.cases.deciding import plan_of
from lineage.cases.items import Seen
from lineage.cases.rows import OVER
from lineage.errors import Refused
from lineage.facts import Disclosure, read_as_sent
from lineage.held_back import Late


@dataclass(frozen=True, slots=True)
class CaseIncidents:
    """Keeps what is late with the case that erased the person."""

    work: Casework

    def raise_(self, late: Sequence[Late]) -> int:
        """Keep incidents durably, each once, and plan what follows; return how many were news.

        Raises: Refused: the case is not in the journal.
        """
        by_case: dict[str, list[Late]] = {}
        for each in late:
            by_case.setdefault(each.case, []).append(each)
        return sum(self._raise(id_, several) for id_, several in by_case.items())

    def kept(self, case: str) -> tuple[Collection[tuple[bytes, int]], bytes | None]:
        """Return which disclosures a case keeps of whom it erased, and the identifier they hang on."""
        found = self.work.case(case)
        facts = [(bytes.fromhex(event), part) for each in held_of(self.work, found).values() for event, part in each]
        onto = kept_on(self.work, found)
        return facts, onto[-1] if onto and facts else None

    def _raise(self, id_: str, late: Sequence[Late]) -> int:
        if not self.work.journal.entries(id_):
            raise Refused(
                f"case {id_}, which erased a person, is not in the journal: `jalki restore-check` brings it back"
            )

        new: list[Late] = []

        def decide(case: Case) -> list[New]:
            known = thought_of(self.work, case)
            told = {(bytes.fromhex(each["event"]), each["part"]) for each in case.incidents}
            new[:] = [each for each in late if (each.event, each.part) not in known | told]
            return self._entries(case, new) if new else []

        self.work.decided(id_, decide)
        return len(new)

    def _entries(self, case: Case, late: Sequence[Late]) -> list[New]:
        entries = [New("incident", "jalki", _told(each)) for each in late]
        seen = [_seen(each) for each in late if each.route is not None]
        if not seen:
            return entries
        over = case.state in OVER | {"answered", "partly-done"}
        opened = [New("reopened", "jalki", {"for": "data that came back"})] if over else []
        found = plan_of(self.work, case, seen, (), reopened=over)
        return [*entries, *opened, New("planned", "jalki", found.said, found.personal)]


def _seen(late: Late) -> Seen:
    assert late.route is not None  # noqa: S101 - chosen by the caller
    identifiers, evidence = read_as_sent(late.as_sent)
    disclosure = Disclosure(late.event, late.part, b"", late.route, late.at, late.recorded, b"")
    return Seen(disclosure, tuple(identifiers), evidence)


def _told(late: Late) -> dict[str, Any]:
    route = late.route
    return {
        "what": "data from before the erasure came back"
        if route
        else "a consent or link from before the erasure came back",
        "event": late.event.hex(),
        "part": late.part,
        "occurred": late.at,
        "source": route.source if route else None,
        "target": route.target if route else None,
        "purpose": route.purpose if route else None,
        "categories": list(route.categories) if route else [],
    }
