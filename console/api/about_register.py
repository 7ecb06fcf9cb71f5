"""Answers from the register alone, and about dates: nothing of any person, and nothing of what is recorded."""

from console.api.answering import Answer, Asking, asked_rightly
from console.api.asked import NothingMore
from console.api.asked_register import BreachAsked, ClockAsked, DifferenceAsked, NamesAsked, NoticeAsked
from console.clocking import breach_shape, dates_shape, moment_of
from console.notice_differences import difference_shape, names_shape
from console.shapes import findings_shape
from lineage.notice import Notice, as_text, notice, notice_texts_of
from lineage.notice.shape import notice_shape
from lineage.register import check
from lineage.times import now


def notice_rows(asking: Asking, asked: NoticeAsked) -> Answer:
    """Return the recipients part of the privacy notice, row by row."""
    return Answer(notice_shape(_notice(asking, asked.at)))


def notice_text(asking: Asking, asked: NoticeAsked) -> str:
    """Return it as a text, in Markdown."""
    return as_text(_notice(asking, asked.at), notice_texts_of(asked.language))


def notice_difference(asking: Asking, asked: DifferenceAsked) -> Answer:
    """Return how a published notice differs from the register, row by row."""
    return Answer(difference_shape(asked.as_published(), _notice(asking, asked.at)))


def notice_names(asking: Asking, asked: NamesAsked) -> Answer:
    """Return what a published text names otherwise than the register."""
    return Answer(names_shape(asked.text, _notice(asking, asked.at), asking.folder.register))


def _notice(asking: Asking, at: int | None) -> Notice:
    return notice(asking.folder.register, now() if at is None else at)


def register_findings(asking: Asking, _: NothingMore) -> Answer:
    """Return what is wrong or still open in the register."""
    return Answer(findings_shape(check(asking.folder.register)))


def case_dates(_: Asking, asked: ClockAsked) -> Answer:
    """Return the dates of a case."""
    with asked_rightly(""):
        return Answer(
            dates_shape(asked.received, asked.approved, asked.asked, asked.proved, extended=asked.extended)
        )  # fmt: skip


def breach_hours(_: Asking, asked: BreachAsked) -> Answer:
    """Return until when a breach can be notified."""
    with asked_rightly("breach"):
        return Answer(breach_shape(moment_of(asked.breach, "--breach")))
