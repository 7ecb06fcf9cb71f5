"""Answers about flows, the register and the list of cases: counts and ids, and nothing of any person."""

from collections.abc import Iterable, Iterator
from heapq import nsmallest
from itertools import groupby

from console.api.answering import Answer, Asking
from console.api.asked import AsOf, Between, CasesAsked, DriftAsked, RecordAsked
from console.api.asked_persons import OverdueAsked
from console.api.problems import wrong
from console.case_shapes import rows_shape
from console.ropa_shapes import ropa_shape
from console.shapes import Shape, drift_shape, overdue_shape, parties_shape, sharing_shape
from console.sharing_changes import changes_shape
from console.sharing_svg import sharing_svg
from console.volumes import volumes_shape
from console.volumes_svg import volumes_svg
from lineage.cases.rows import OVER
from lineage.drift import Drift, newest_drift
from lineage.evidence.checkpoints import CHAIN
from lineage.graph import Until
from lineage.overdue import Overdue, overdue
from lineage.ropa import processing_record
from lineage.sharing import sharing
from lineage.sharing_changes import changes
from lineage.times import now, rfc3339_or_null
from lineage.volumes_by_month import received_by_month


def parties(asking: Asking, asked: AsOf) -> Answer:
    """Return the parties of the register, with what each was observed to get, as of two times where they are given."""
    graph, register = asking.folder.graph, asking.folder.register
    shares = sharing(graph, register, Until(asked.at, asked.known_at))
    return Answer(parties_shape(register.parties(), shares, register, now() if asked.at is None else asked.at))


def volumes(asking: Asking, asked: AsOf) -> Answer:
    """Return how often each party got anything, month by month."""
    return Answer(_volumes(asking, asked))


def volumes_picture(asking: Asking, asked: AsOf) -> str:
    """Return it as a picture, SVG."""
    return volumes_svg(_volumes(asking, asked))


def _volumes(asking: Asking, asked: AsOf) -> Shape:
    counts = received_by_month(asking.folder.graph, Until(asked.at, asked.known_at))
    return volumes_shape(counts, asking.folder.register)


def _shared(asking: Asking, asked: AsOf) -> Shape:
    graph, register = asking.folder.graph, asking.folder.register
    return sharing_shape(sharing(graph, register, Until(asked.at, asked.known_at)), register)


def sharing_picture(asking: Asking, asked: AsOf) -> str:
    """Return the sharing graph as a picture, SVG."""
    return sharing_svg(_shared(asking, asked))


def sharing_graph(asking: Asking, asked: AsOf) -> Answer:
    """Return the sharing graph, as of two times where they are given."""
    shape = _shared(asking, asked)
    if asked.at is None and asked.known_at is None:
        return Answer(shape)
    return Answer({"at": rfc3339_or_null(asked.at), "known_at": rfc3339_or_null(asked.known_at), **shape})


def sharing_changes(asking: Asking, asked: Between) -> Answer:
    """Return what changed between two times."""
    graph, register = asking.folder.graph, asking.folder.register
    times = asked.earlier, asked.later
    before, after = (sharing(graph, register, Until(time, asked.known_at)) for time in times)
    return Answer(changes_shape(times, asked.known_at, changes(before, after), register))


def drift_found(asking: Asking, asked: DriftAsked) -> Answer:
    """Return a page of drift. It is judged anew for each, from the newest on, and no more of it than fills the page."""
    folder, after = asking.folder, None
    if asked.after is not None:
        at, event, part = asked.after.split(".")
        after = (-int(at), bytes.fromhex(event), int(part))
    found = newest_drift(
        folder.graph, folder.register, asked.limit + 1, now(), since=asked.since, after=after,
        seen=asking.patience.look, memory=folder.memory, until=Until(asked.at, asked.known_at),
    )  # fmt: skip
    page = found[: asked.limit]
    return Answer(drift_shape(page), _mark(page[-1]) if len(found) > len(page) else None)


def _mark(each: Drift) -> str:
    return f"{each.disclosure.at}.{each.disclosure.event.hex()}.{each.disclosure.part}"


def overdue_found(asking: Asking, asked: OverdueAsked) -> Answer:
    """Return a page of what is kept too long, by the pseudonyms of persons. It is all judged anew for each."""
    folder = asking.folder
    after = ("", -1)
    if asked.after is not None:
        person, _, number = asked.after.partition(".")
        after = (person, int(number))
    found = overdue(
        folder.graph, folder.register, now(), asking.patience.look, wanted=lambda person: person.hex() >= after[0]
    )
    marked = _numbered(found)
    page = nsmallest(asked.limit + 1, (each for each in marked if each[:2] > after), key=lambda each: each[:2])
    shown = page[: asked.limit]
    mark = "{}.{}".format(*shown[-1][:2]) if len(page) > len(shown) else None
    return Answer([overdue_shape(each) for *_, each in shown], mark)


def _numbered(found: Iterable[Overdue]) -> Iterator[tuple[str, int, Overdue]]:
    """Give what is overdue of each person, which comes together and sorted, numbers."""
    for person, several in groupby(found, key=lambda each: each.person):
        for number, each in enumerate(several):
            yield person.hex(), number, each


def record(asking: Asking, asked: RecordAsked) -> Answer:
    """Return the record of processing activities."""
    moment = now() if asked.at is None else asked.at
    if asked.since is not None and asked.since > moment:
        raise wrong([("since", "it is after the time of the record: nothing can have been observed")])
    graph, register = asking.folder.graph, asking.folder.register
    return Answer(ropa_shape(processing_record(graph, register, moment, asked.since, asked.known_at), register))


def cases(asking: Asking, asked: CasesAsked) -> Answer:
    """Return a page of the cases, by the day they must be answered."""
    rows = [
        each
        for each in asking.folder.journal.cases((asked.state,) if asked.state else ())
        if each.case != CHAIN and (asked.state or asked.all or each.state not in OVER)
    ]
    rows.sort(key=lambda each: (each.operative, each.case))
    if asked.after is not None:
        last = tuple(asked.after.split("."))
        rows = [each for each in rows if (each.operative, each.case) > last]
    page = rows[: asked.limit]
    return Answer(rows_shape(page), f"{page[-1].operative}.{page[-1].case}" if len(rows) > len(page) else None)
