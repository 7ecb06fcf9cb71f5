"""Makes the retention rules of their entries: one for each pair of category and purpose, and none missing.

The vocabulary of the rules themselves is in `retention`.
"""

from collections.abc import Iterable, Iterator

from lineage.register.faults import Faults
from lineage.register.model import UNKNOWN, Recipient, Retention, Undecided
from lineage.register.retention import ANCHORS, HANGS_ON_THE_PERSON, KHO, LONGEST_YEARS
from lineage.register.sections import Entry, Sections
from lineage.register.shapes import PeriodShape, RetentionShape, period_of
from lineage.register.words import Vocabulary

_SPANS = frozenset({"years", "months", "days"})


def retention_of(
    sections: Sections, recipients: Iterable[Recipient], words: Vocabulary
) -> tuple[list[Retention], list[Undecided]]:
    """The rules, and for what it is written that nobody has decided.

    A declared pair that is in neither, or a pair that is there twice, is a fault naming the pair (GDPR Art. 5(1)(e)).
    """
    found = [_rule(entry, words) for entry in sections.retention if entry.shape.after != UNKNOWN]
    undecided = [_undecided(entry, words) for entry in sections.retention if entry.shape.after == UNKNOWN]
    taken: dict[tuple[str, str], Retention | Undecided] = {}
    every: list[Retention | Undecided] = [*found, *undecided]
    for rule in every:
        for category, purpose in pairs_of(rule):
            if (category, purpose) in taken:
                words.faults.add(
                    rule.place, f"({category}, {purpose}) has a rule already, see {taken[category, purpose].place}"
                )
            taken[category, purpose] = rule
    if "retention" not in sections.refused:
        _none_missing(recipients, taken.keys(), words.faults)
    return found, undecided


def pairs_of(rule: Retention | Undecided) -> Iterator[tuple[str, str]]:
    """Every (category, purpose) a rule is for, sorted."""
    return ((category, purpose) for category in sorted(rule.categories) for purpose in sorted(rule.purposes))


def _rule(entry: Entry[RetentionShape], words: Vocabulary) -> Retention:
    shape = entry.shape
    _spans(entry, words.faults)
    return Retention(
        rule=shape.rule,
        categories=frozenset(words.categories.expand(entry, "categories", shape.categories)),
        purposes=frozenset(words.purposes.expand(entry, "purposes", shape.purposes)),
        period=period_of(shape),
        at_latest=None if shape.at_latest is None else period_of(shape.at_latest),
        confirmed=shape.confirmed,
        law=shape.law,
        place=entry.place(),
        note=shape.note,
    )


def _undecided(entry: Entry[RetentionShape], words: Vocabulary) -> Undecided:
    shape = entry.shape
    if shape.at_latest is not None or (_SPANS | {"until_year_end"}) & shape.model_fields_set:
        words.faults.add(
            entry.place("after"), f"'after' is '{UNKNOWN}', so there is no period yet: leave out its length"
        )
    return Undecided(
        categories=frozenset(words.categories.expand(entry, "categories", shape.categories)),
        purposes=frozenset(words.purposes.expand(entry, "purposes", shape.purposes)),
        place=entry.place(),
    )


def _spans(entry: Entry[RetentionShape], faults: Faults) -> None:
    shape = entry.shape
    _span(entry, shape, faults)
    if shape.at_latest is not None:
        _span(entry, shape.at_latest, faults, "at_latest")
    elif shape.after in HANGS_ON_THE_PERSON:
        faults.add(
            entry.place("after"),
            f"'{shape.after}' may never come unless the person acts, which is no period ({KHO}): add 'at_latest'",
        )
    if shape.at_latest is not None and shape.at_latest.after in HANGS_ON_THE_PERSON:
        faults.add(
            entry.place("at_latest", "after"), "'at_latest' must count from an event that does not hang on the person"
        )


def _span(entry: Entry[RetentionShape], shape: RetentionShape | PeriodShape, faults: Faults, *steps: str) -> None:
    if shape.after not in ANCHORS:
        faults.add(
            entry.place(*steps, "after"), f"unknown event '{shape.after}'; there are {', '.join(sorted(ANCHORS))}"
        )
    if not _SPANS & shape.model_fields_set:
        faults.add(entry.place(*steps), "say how long: years, months or days (0 days is the day of the event itself)")
    if shape.years + shape.months / 12 + shape.days / 365 > LONGEST_YEARS:
        faults.add(entry.place(*steps), f"longer than {LONGEST_YEARS} years, which no law asks for")


def _none_missing(recipients: Iterable[Recipient], ruled: Iterable[tuple[str, str]], faults: Faults) -> None:
    known = set(ruled)
    for recipient in recipients:
        missing = [category for category in sorted(recipient.categories) if (category, recipient.purpose) not in known]
        for category in missing:
            faults.add(recipient.place, f"no retention rule for the pair ({category}, {recipient.purpose})")
