"""Dead letters: how many there are and why, what could be recorded by now, recording it, and putting aside what never can.

Their content stays sealed. So much is done at a time as somebody waits for; what is left is gone on with from where it stopped.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import nlargest

from starlette.responses import Response

from console.api.patience import Patience
from console.api.problems import Problem
from console.case_opening import Casebook
from console.opening import Folder, log_look
from console.retried_letters import LOOKED_AT, opened_for_foreseeing, retrying_of, worked_through
from console.shapes import Shape
from console.web.reading import Look, read_through
from console.web.refusals import Refusal, told
from console.web.visits import Visit
from lineage.errors import Misconfigured, Refused
from lineage.graph import Letter
from lineage.recording import read_letter
from lineage.sealing import Seal
from lineage.times import rfc3339
from streams.retrying import Retried, Retrying, topic_of

LISTED = 200
AT_A_TIME = 20.0
"""Seconds that letters are worked through before the page is shown again."""
SHORTEST_PURPOSE = 3


@dataclass(frozen=True, slots=True)
class Given:
    """What a form asks to be done, with letters of which reason (empty: all), after which one, and why."""

    do: str
    reason: str
    after: str
    purpose: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What was done, or would be; `left` were not reached, and `after` is the last that was."""

    do: str
    reason: str
    counts: Retried
    left: int
    after: str

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why others fail, the most frequent first."""
        return self.counts.why[:LISTED]


async def dead_letters(visit: Visit) -> Response:
    """Show how many records could not be recorded, by reason and by where they came from."""
    return await _page(visit, 200)


async def act(visit: Visit) -> Response:
    """Do what the form asks: foresee, retry or put aside; refused, the page says why."""
    fields = await visit.form()
    given = Given(
        fields.get("do", ""), fields.get("reason", ""), fields.get("after", ""), fields.get("purpose", "").strip(),
        bool(fields.get("sure")),
    )  # fmt: skip
    if given.do not in {"foresee", "retry", "discard"}:
        raise Problem("question")
    if given.do == "discard" and not (given.sure and given.reason and len(given.purpose) >= SHORTEST_PURPOSE):
        return await _page(visit, 422, refused=Refusal(visit.words["letters"]["say_why"]), given=given)
    try:
        result = await visit.office.turns.run(visit.name, lambda patience: _done(visit, given, patience))
    except (Refused, Misconfigured) as fault:
        return await _page(visit, 409, refused=told(visit.language, fault), given=given)
    return await _page(visit, 200, result=result, given=given)


def _done(visit: Visit, given: Given, patience: Patience) -> Result:
    """Work letters through for as long as is waited."""
    if given.do == "foresee":
        # Not with the register that the console began with: one that was repaired since is what is asked about.
        with opened_for_foreseeing(visit.office.answering.settings) as retrying:
            return _worked(given, retrying, retrying.foresee, patience)
    with visit.office.deciding() as book:
        retrying = retrying_of(book)
        _write_down(visit, book, given)
        retrying.finish()
        return _worked(given, retrying, retrying.retry if given.do == "retry" else retrying.put_aside, patience)


def _write_down(visit: Visit, book: Casebook, given: Given) -> None:
    why = "retry of dead letters" if given.do == "retry" else f"put aside ({given.reason}): {given.purpose}"
    log_look(book.folder, LOOKED_AT, why, actor=visit.name, role=visit.role.name, shown="pseudonyms")


def _worked(
    given: Given, retrying: Retrying, work: Callable[[Sequence[Letter], Retried], object], patience: Patience
) -> Result:
    letters = [each for each in retrying.letters(given.reason or None) if _place(each) > given.after]
    until, reached = time.monotonic() + AT_A_TIME, 0

    def go_on(done: int) -> bool:
        nonlocal reached
        reached = done
        patience.look()
        return time.monotonic() < until

    counts = worked_through(letters, work, go_on)
    after = _place(letters[reached - 1]) if reached else given.after
    return Result(given.do, given.reason, counts, len(letters) - reached, after)


def _place(letter: Letter) -> str:
    """Return where a letter stands in the list, as text that sorts as the list does."""
    return f"{letter.recorded:020d}.{letter.key.hex()}"


async def _page(
    visit: Visit,
    status: int,
    *,
    result: Result | None = None,
    refused: Refusal | None = None,
    given: Given | None = None,
) -> Response:
    listed = await read_through(visit, _listed)
    return visit.page("dead_letters.html", status, **listed, result=result, refused=refused, given=given)


def _listed(folder: Folder, look: Look) -> Shape:
    """Return how many letters there are, by reason and by where they came from."""
    letters = folder.graph.letters()
    keys = folder.keyring.find([each.key for each in letters])
    counts: dict[tuple[str, str], list[int]] = {}
    for each in letters:
        look()
        counts.setdefault((each.reason, _topic(each, keys.get(each.key))), []).append(each.recorded)
    rows = [
        {"reason": reason, "topic": topic, "count": len(times), "first": rfc3339(min(times)), "last": rfc3339(max(times))}
        for (reason, topic), times in counts.items()
    ]  # fmt: skip
    rows = nlargest(LISTED, rows, key=lambda each: (each["count"], each["reason"], each["topic"]))
    return {"rows": rows, "count": len(letters), "reasons": sorted({each.reason for each in letters})[:LISTED]}


def _topic(letter: Letter, key: bytes | None) -> str:
    """Return the file or topic a record stood in; empty where its key is gone."""
    return "" if key is None else topic_of(read_letter(Seal(key).open(letter.sealed, letter.key))[0])
