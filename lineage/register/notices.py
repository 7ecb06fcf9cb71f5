"""Makes the versions of the privacy notice of their entries (GDPR Art. 13-14): which was in force when, and whom it names.

A version takes effect three days after it was posted at the earliest, and ends when the next one takes effect.
"""

from datetime import date, timedelta
from itertools import pairwise

from lineage.clocks import policy_effective_from
from lineage.errors import Misconfigured
from lineage.register.model import Notice, Validity, midnight
from lineage.register.sections import Entry, Sections
from lineage.register.shapes import NoticeShape
from lineage.register.words import Vocabulary

_DAY = timedelta(days=1)


def notices_of(sections: Sections, words: Vocabulary) -> list[Notice]:
    """The versions, the oldest first."""
    begun: list[tuple[date | None, Entry[NoticeShape]]] = []
    for entry in sections.notices:
        begun.append((_first_day(entry, words), entry))
        if any(other.shape.version == entry.shape.version for _, other in begun[:-1]):
            words.faults.add(entry.place("version"), f"the version '{entry.shape.version}' is there twice")
    begun.sort(key=lambda each: each[0] or date.min)
    for (one, before), (other, entry) in pairwise(begun):
        if one == other:
            words.faults.add(
                entry.place(),
                f"two versions take effect on the same day, see {before.place()}: which is in force is then unknown",
            )
    ends = [*(first - _DAY if first else None for first, _ in begun[1:]), None]
    return [_notice(entry, Validity(first, end), words) for (first, entry), end in zip(begun, ends, strict=False)]


def _first_day(entry: Entry[NoticeShape], words: Vocabulary) -> date | None:
    """The first day it is in force; None is open."""
    posted, first = entry.shape.posted, entry.shape.valid_from
    if posted is None:
        return first
    try:
        earliest = policy_effective_from(midnight(posted))
    except Misconfigured as fault:  # a year that cannot be meant
        words.faults.add(entry.place("posted"), f"'posted': {fault}")
        return first
    if first is None:
        first = posted
        while midnight(first) < earliest:
            first += _DAY
    elif midnight(first) < earliest:
        words.faults.add(
            entry.place("valid_from"),
            f"a notice posted on {posted} may take effect three full days later at the earliest",
        )
    return first


def _notice(entry: Entry[NoticeShape], validity: Validity, words: Vocabulary) -> Notice:
    shape = entry.shape
    if not shape.parties and not shape.kinds:
        words.faults.add(entry.place(), "a notice names recipients: give 'parties' or 'kinds' (GDPR Art. 13(1)(e))")
    return Notice(
        version=shape.version,
        posted=shape.posted,
        validity=validity,
        parties=frozenset(words.parties.expand(entry, "parties", shape.parties)),
        kinds=frozenset(shape.kinds),
        purposes=frozenset(words.purposes.expand(entry, "purposes", shape.purposes or ())),
        place=entry.place(),
    )
