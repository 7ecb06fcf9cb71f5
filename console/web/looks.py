"""Who looked at whom, when and why: in the shop, as its events tell it, and in Jalki, by its access log. Nobody is named.

The data protection officer sees which of staff it was: she has to find out (C-579/21, GDPR Art. 39(1)(b)). An auditor sees
one and the same pseudonym for each, which is enough to see that somebody looks too often: staff are no recipients, and
their names are theirs. What belongs to an authority's inquiry (Art. 4(9)) is shown to nobody but the officer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import nlargest

from starlette.responses import Response

from console.opening import LOOKS, Folder
from console.shapes import Shape
from console.web.days import first_of, last_of
from console.web.reading import Look, read_through
from console.web.visits import Visit
from lineage.cases.keys import ALPHABET, SYMBOLS
from lineage.clocks import day_of
from lineage.lookups import LookUp, Span, everywhere
from lineage.pseudonyms import Pseudonyms
from lineage.revealing import LOOKUPS, Looked, looked_at, opened_looks
from lineage.times import rfc3339

LISTED = 200
DAYS = 30
"""So many days are shown where none are chosen."""
_TOLD = frozenset({"reached", "samples"})
"""What is told as it was asked: a party, a seed. A serial number would be somebody's."""
_CASE = re.compile(rf"[0-9]{{4}}-[{ALPHABET}]{{{SYMBOLS}}}")


@dataclass(slots=True)
class _Wanted:
    """The interval that is asked for, whether only what has no purpose, whether staff are named; and what there is."""

    span: Span
    bare: bool
    named: bool
    counts: dict[str, int] = field(default_factory=dict)

    def who(self, pseudonyms: Pseudonyms, staff: str | None) -> str | None:
        """Return how somebody of staff is called here; None where nobody knows any more who it was."""
        return staff if staff is None or self.named else pseudonyms.staff(staff).hex()[:12]

    def takes(self, what: str, *, bare: bool) -> bool:
        """Count a look; tell whether it is listed."""
        self.counts[what] = self.counts.get(what, 0) + 1
        self.counts[f"{what}_bare"] = self.counts.get(f"{what}_bare", 0) + bare
        return bare or not self.bare


async def looks(visit: Visit) -> Response:
    """Show the newest look-ups of an interval, by default of the last thirty days."""
    given = visit.query
    today = day_of(visit.office.clock())
    since = given.get("since", "") or (today - timedelta(days=DAYS)).isoformat()
    until = given.get("until", "")
    wanted = _Wanted(
        Span(first_of(since), last_of(until)), given.get("bare") == "true", visit.role.shows == "identifiers"
    )

    def found(folder: Folder, look: Look) -> Shape:
        return {
            "shop": nlargest(LISTED, _shop(folder, wanted, look), key=lambda each: (each["at"], each["person"])),
            "own": nlargest(LISTED, _own(folder, wanted, look), key=lambda each: each["at"]),
            "names": {each.id: each.name for each in folder.register.parties()},
        }

    shown = await read_through(visit, found, "look-ups", "oversight of look-ups")
    return visit.page(
        "looks.html", **shown, since=since, until=until, bare=wanted.bare, named=wanted.named, counts=wanted.counts,
        listed=LISTED,
    )  # fmt: skip


def _shop(folder: Folder, wanted: _Wanted, look: Look) -> Iterator[Shape]:
    """Yield look-ups that the shop's events tell of."""
    found = everywhere(folder.graph, folder.keyring, folder.register, wanted.span, None, lambda _: look())
    for each in found:
        bare = folder.register.purpose(each.purpose) is None
        if (wanted.named or not each.inquiry) and wanted.takes("shop", bare=bare):
            yield _shop_look(each, wanted.who(folder.pseudonyms, each.staff), bare=bare)


def _shop_look(each: LookUp, who: str | None, *, bare: bool) -> Shape:
    return {
        "at": rfc3339(each.at),
        "who": who,
        "company": each.company,
        "viewer": each.viewer,
        "purpose": each.purpose,
        "bare": bare,
        "categories": list(each.categories),
        "person": each.whose.hex(),
        "shared": each.shared,
        "inquiry": each.inquiry,
    }


def _own(folder: Folder, wanted: _Wanted, look: Look) -> Iterator[Shape]:
    """Yield entries of Jalki's own access log. What was typed to ask with is told by its pseudonym."""
    for each in opened_looks(folder.graph, folder.keyring.find((LOOKS,))[LOOKS]):
        look()
        bare = not each.reason.strip()
        if wanted.span.wants(each.at, each.at) and wanted.takes("own", bare=bare):
            who = wanted.who(folder.pseudonyms, each.actor)
            yield {
                "at": rfc3339(each.at), "who": who, "role": each.role, "why": each.reason, "bare": bare,
                "in_clear": each.in_clear, **_at(folder.pseudonyms, each),
            }  # fmt: skip


def _at(pseudonyms: Pseudonyms, look: Looked) -> Shape:
    """Return what a look was at: a case, a person by pseudonym, or what is no one person, without what was typed of it."""
    nothing = {"case": None, "person": None, "many": None}
    word = look.asked.partition(":")[0]
    if look.at_many:
        return {**nothing, "many": look.asked if word in _TOLD else word}
    at = looked_at(look, pseudonyms)
    if isinstance(at, bytes):
        return {**nothing, "person": at.hex()}
    if at is not None and _CASE.fullmatch(at):
        return {**nothing, "case": at}
    return {**nothing, "many": word if word == LOOKUPS else None}
