"""Answers about one person's time, about who looked at whom, and whether her data may be shared. Each is written down first."""

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass

from console.api.about_persons import look_at_person
from console.api.answering import Answer, Asking
from console.api.asked_persons import (
    LookupsAsked,
    MayShareAsked,
    MomentsAsked,
    PersonLookupsAsked,
    StaffAsked,
    TimelineAsked,
)
from console.api.pages import FullError, Page
from console.api.patience import Patience
from console.api.problems import wrong
from console.lookups_found import Wanted, of_all, of_person, times
from console.may_sharing import answer, may_share_shape
from console.opening import LOOKS
from console.timelines import moment_shape, timeline_shape
from lineage.graph import Until
from lineage.identifiers import read_identifier
from lineage.lookups import Span
from lineage.revealing import opened_looks
from lineage.stores.ordering import SqliteOrder
from lineage.timeline import Asked, Moment, Timeline, timeline
from lineage.times import now


def person_timeline(asking: Asking, asked: TimelineAsked) -> Answer:
    """Return what is known beside the moments of one person's time, which are only counted."""
    with closing(SqliteOrder()) as order:
        span, found = _put_in_order(asking, asked, now(), order)
        counts: dict[str, int] = {}
        for each in order.in_order():
            counts[each.kind] = counts.get(each.kind, 0) + 1
    return Answer(timeline_shape(":".join(read_identifier(asked.identifier)), span, found, counts))


def person_moments(asking: Asking, asked: MomentsAsked) -> Answer:
    """Return a page of the moments of one person's time.

    Each page is a look at her, and so a moment itself: only looks from before the first page was asked for are told, or
    there would never be a last one. The mark of a page begins with when that was.
    """
    by, after = now(), None
    if asked.after is not None:
        first, at, recorded, key = asked.after.split(".", 3)
        by, after = int(first), (int(at), int(recorded), key)
    page = Page(after, asked.limit)
    with closing(SqliteOrder()) as order, suppress(FullError):
        _put_in_order(asking, asked, by, order)
        for each in order.in_order():
            if page.takes((each.at, each.recorded, each.key)):
                page.shapes.append(moment_shape(each))
    found = page.answer()
    return found if found.after is None else Answer(found.shape, f"{by}.{found.after}")


def _put_in_order(
    asking: Asking, asked: TimelineAsked | MomentsAsked, by: int, order: SqliteOrder
) -> tuple[Asked, Timeline]:
    """Put the moments in order; of looks only those that were written down by then (microseconds UTC)."""
    folder = asking.folder
    key = folder.pseudonyms.identifier(*read_identifier(asked.identifier))
    span = Asked(key, Until(asked.at, asked.known_at), asked.since, asked.until)
    looks = (each for each in opened_looks(folder.graph, folder.keyring.find((LOOKS,))[LOOKS]) if each.at <= by)
    return span, timeline(folder.casework, looks, span, Patient(order, asking.patience))


@dataclass(frozen=True, slots=True)
class Patient:
    """An order that takes moments only as long as somebody waits for the answer. Satisfies `lineage.timeline.Order`."""

    order: SqliteOrder
    patience: Patience

    def add(self, moments: Iterable[Moment]) -> None:
        """Take moments. Raises: OutOfPatienceError: nobody waits for the answer any more."""
        self.order.add(self._looking(moments))

    def in_order(self) -> Iterator[Moment]:
        """Yield them in order."""
        return self.order.in_order()

    def _looking(self, moments: Iterable[Moment]) -> Iterator[Moment]:
        for each in moments:
            self.patience.look()
            yield each


# ── look-ups ──


def look_up_counts(asking: Asking, asked: LookupsAsked) -> Answer:
    """Return counts of all look-ups of an interval: of nobody in particular, and without who it was."""
    _check_viewer(asking, asked.viewer)
    span, wanted = _span(asked), Wanted(None, asked.viewer, who=False)
    shape = {"asked": None, "staff": None, "viewer": asked.viewer, **times(span)}
    return Answer(shape | of_all(asking.folder, span, wanted, lambda _: asking.patience.look()))


def look_at_look_ups(asking: Asking, asked: PersonLookupsAsked) -> str:
    """Return what is written down of a question about the look-ups at one person. Raises: Problem."""
    _check_viewer(asking, asked.viewer)
    return look_at_person(asking, asked)


def look_ups_at_person(asking: Asking, asked: PersonLookupsAsked) -> Answer:
    """Return the look-ups at one person, without who it was; she herself is told only of those at what is hers alone."""
    named, span = read_identifier(asked.identifier), _span(asked)
    wanted = Wanted(None, asked.viewer, who=False, alone=asking.role.about == "own-person")
    shape = {"asked": ":".join(named), "staff": None, "viewer": asked.viewer, **times(span)}
    return Answer(shape | of_person(asking.folder, named, span, wanted))


def look_at_staff(asking: Asking, asked: StaffAsked) -> str:
    """Return what is written down of a question that names staff: whom it is about, if anybody. Raises: Problem."""
    _check_viewer(asking, asked.viewer)
    if asked.identifier is not None:
        return look_at_person(asking, asked)
    return f"lookups:{asked.staff or ''}"


def look_ups_of_staff(asking: Asking, asked: StaffAsked) -> Answer:
    """Return look-ups with who it was: at one person, of one of staff, or counts of all."""
    named = None if asked.identifier is None else read_identifier(asked.identifier)
    span, wanted = _span(asked), Wanted(asked.staff, asked.viewer, who=True)
    told = None if named is None else ":".join(named)
    shape = {"asked": told, "staff": asked.staff, "viewer": asked.viewer, **times(span)}
    if named is not None:
        return Answer(shape | of_person(asking.folder, named, span, wanted))
    return Answer(shape | of_all(asking.folder, span, wanted, lambda _: asking.patience.look()))


def _span(asked: LookupsAsked | PersonLookupsAsked | StaffAsked) -> Span:
    span = Span(asked.since, asked.until, Until(asked.at, asked.known_at))
    if span.since is not None and span.last is not None and span.since > span.last:
        raise wrong([("since", "it lies after the end of what is asked for")])
    return span


def _check_viewer(asking: Asking, viewer: str | None) -> None:
    if viewer is not None and not asking.folder.register.is_party(viewer):
        raise wrong([("viewer", "it is not in the register")])


# ── sharing ──


def look_at_sharing(asking: Asking, asked: MayShareAsked) -> str:
    """Return what is written down of a question whether somebody's data may be sent. Raises: Problem."""
    register = asking.folder.register
    if not register.is_party(asked.party):
        raise wrong([("party", "it is not in the register")])
    if register.purpose(asked.for_) is None:
        raise wrong([("for", "it is no purpose of the register")])
    return look_at_person(asking, asked)


def sharing_allowed(asking: Asking, asked: MayShareAsked) -> Answer:
    """Return whether one person's data may be sent to a party for a purpose now."""
    told = answer(asking.folder, read_identifier(asked.identifier), asked.party, asked.for_, now())
    return Answer(may_share_shape(asked.identifier, asked.party, asked.for_, told))
