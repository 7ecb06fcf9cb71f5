"""Answers about what a party has still, and about transfers to third countries: counts, and persons by pseudonym in pages."""

from collections.abc import Callable
from contextlib import closing, suppress

from console.api.about_persons import only_its_own
from console.api.answering import Answer, Asking, asked_rightly
from console.api.asked import ReachedAsked
from console.api.asked_parties import (
    RemainingAsked,
    RemainingPersonsAsked,
    TransfersAsked,
    TransfersPersonsAsked,
)
from console.api.pages import FullError, Page
from console.known_party import check_party
from console.reaching_shapes import first_shape
from console.remaining_shapes import left_shape, remaining_shape
from console.transfers_asked import check_past
from console.transfers_shapes import sent_shape, transfers_shape
from lineage.graph import Until
from lineage.reached import Asked, Reach, first_answer
from lineage.remaining import Left, Remaining, remaining
from lineage.stores.spool import SqliteSpool
from lineage.times import now
from lineage.transfers import Annulled, Listed, PartyTransfers, Span, Transfers, transfers

_EVER = -(10**17)
"""Where a span begins that has no beginning: before all times that an event can have."""


def reached_first(asking: Asking, asked: ReachedAsked) -> Answer:
    """Return what can be said at once of a breach at a party, whatever the number of persons."""
    folder, until = asking.folder, Until(asked.at, asked.known_at)
    told = Asked(asked.party, asked.from_, asked.to, now(), until)
    found = first_answer(folder.graph, folder.register, told)
    return Answer(first_shape(told, asked.known, found, folder.register))


def look_at_leftovers(asking: Asking, asked: RemainingAsked | RemainingPersonsAsked) -> str:
    """Return what is written down of a question about what a party still has. Raises: Problem."""
    only_its_own(asking, "own-party", asked.party)
    with asked_rightly("party"):
        check_party(asking.folder, asked.party)
    return f"remaining:{asked.party}"


def remaining_counts(asking: Asking, asked: RemainingAsked) -> Answer:
    """Return what a party may still have: counts."""
    found = _remaining(asking, asked, lambda _: None)
    until = Until(asked.at, asked.known_at)
    return Answer(remaining_shape(asked.party, found, asking.folder.register, _moment(asked), until))


def remaining_persons(asking: Asking, asked: RemainingPersonsAsked) -> Answer:
    """Return a page of the persons of whom a party may still have anything. All are found anew for each page."""
    page = Page(asked.after, asked.limit)

    def told(each: Left) -> None:
        asking.patience.look()
        if page.takes(each.reach.key.hex()):
            page.shapes.append(left_shape(each))

    with suppress(FullError):
        _remaining(asking, asked, told)
    return page.answer()


def _moment(asked: RemainingAsked | RemainingPersonsAsked) -> int:
    return now() if asked.at is None else asked.at


def _remaining(
    asking: Asking, asked: RemainingAsked | RemainingPersonsAsked, told: Callable[[Left], None]
) -> Remaining:
    folder = asking.folder
    with closing(SqliteSpool()) as spool:
        return remaining(
            folder.graph, folder.keyring, folder.journal, folder.register, asked.party, _moment(asked), spool, told,
            lambda _: asking.patience.look(), Until(asked.at, asked.known_at),
        )  # fmt: skip


def look_at_transfers(asking: Asking, asked: TransfersAsked | TransfersPersonsAsked) -> str:
    """Return what is written down of a question about transfers by a mechanism. Raises: Problem."""
    with asked_rightly("annulled"):
        check_past(asked.annulled, now(), asked.at)
    if asked.party is not None:
        with asked_rightly("party"):
            check_party(asking.folder, asked.party)
    return f"transfers:{' '.join(filter(None, (asked.mechanism, asked.country, asked.party)))}"


def transfers_counts(asking: Asking, asked: TransfersAsked) -> Answer:
    """Return what went outside the EEA by a mechanism before it was annulled, and after: counts."""
    question = _annulled(asked)
    found = _transfers(asking, question, lambda *_: asking.patience.look())
    return Answer(transfers_shape(question, found, asking.folder.register))


def transfers_persons(asking: Asking, asked: TransfersPersonsAsked) -> Answer:
    """Return a page of the persons whose data went there, by party, span and pseudonym. All are found anew for each page."""
    question, after = _annulled(asked), None
    if asked.after is not None:
        party, since, key = asked.after.rsplit(".", 2)
        after = (party, int(since), key)
    page = Page(after, asked.limit)

    def told(party: PartyTransfers, span: Span, each: Reach) -> None:
        asking.patience.look()
        if page.takes((party.party, _EVER if span.since is None else span.since, each.key.hex())):
            page.shapes.append(sent_shape(question, party, span, each))

    with suppress(FullError):
        _transfers(asking, question, told)
    return page.answer()


def _annulled(asked: TransfersAsked | TransfersPersonsAsked) -> Annulled:
    country = None if asked.country is None else asked.country.upper()
    return Annulled(
        asked.mechanism, asked.annulled, now(), country, asked.party, Until(asked.at, asked.known_at)
    )  # fmt: skip


def _transfers(asking: Asking, question: Annulled, told: Listed) -> Transfers:
    return transfers(
        asking.folder.casework, question, lambda: closing(SqliteSpool()), told, lambda _: asking.patience.look()
    )  # fmt: skip
