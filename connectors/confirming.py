"""What a person at a party answers by the link in a letter. Looking confirms nothing: mail scanners open every link.

A person's word is no proof. `done` is therefore a promise kept today (`promised`, by today, how `confirmed-link`), never
`verified`: whoever has the link could have answered, and nobody has looked whether the data is gone. Knows no HTTP.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from connectors.answers import Answers, Asked
from connectors.links import Link, Links
from connectors.pages import Said, form_page, said_page
from connectors.wording import Language
from lineage.cases.orders import Outcome
from lineage.errors import Retryable
from lineage.register.model import HELSINKI

LONGEST_TEXT = 500
LONGEST_PROMISE = timedelta(days=366)
HOW = "confirmed-link"
_NOTICE_GROUNDS = ("law", "claims", "contract", "own")
# A processor keeps data because a law of the Union or a Member State makes it (Art. 28(3)(g)), and on no other ground.
_INSTRUCTION_GROUNDS = ("law",)

Answer = Literal["done", "not_held", "declined", "partial", "promised"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """A page to show, with its HTTP status."""

    status: int
    html: str


@dataclass(frozen=True, slots=True)
class Correspondent:
    """A party as the page shows it, in its language."""

    name: str
    language: Language


class Confirming:
    """Shows what a link is for, and takes the one answer that it is good for."""

    def __init__(
        self, links: Links, answers: Answers, parties: Mapping[str, Correspondent], clock: Callable[[], int]
    ) -> None:
        self._links, self._answers, self._parties, self._clock = links, answers, dict(parties), clock

    async def show(self, token: str) -> Page:
        """Return the page of a link: a form, or why there is none. Changes nothing, however often it is opened."""
        found = await self._found(token)
        return found if isinstance(found, Page) else self._form(*found[1:], 200)

    async def answer(self, token: str, given: Mapping[str, str]) -> Page:
        """Take an answer (`answer`, and `ground`, `by`, `text` where it needs them), once for each link."""
        found = await self._found(token)
        if isinstance(found, Page):
            return found
        link, asked, party = found
        outcome = _outcome(given, asked, self._today())
        if outcome is None:
            return self._form(asked, party, 422)
        try:
            kept = await self._answers.received(asked.key, link.once, outcome)
        except Retryable:
            return _page(503, "busy", party.language)
        if not kept:
            return _page(409, "used", party.language)
        _log.info("a party has answered by the link in a letter: %s, %s", asked.party, outcome.state)
        return _page(200, "thanks", party.language)

    async def _found(self, token: str) -> Page | tuple[Link, Asked, Correspondent]:
        link = self._links.read(token)
        if link is None:
            _log.warning("a link to an answer was refused: it is not one of ours")
            return _page(404, "unknown", "en")
        try:
            asked = await self._answers.asked(link.key)
            used = asked is not None and await self._answers.used(link.key, link.once)
        except Retryable:
            return _page(503, "busy", "en")
        party = self._parties.get(asked.party) if asked is not None else None
        if asked is None or party is None or not link.is_for(asked):
            _log.warning("a link to an answer was refused: it is not for a task of ours")
            return _page(404, "unknown", "en")
        if used:
            return _page(409, "used", party.language)
        if link.ends <= self._clock():
            return _page(410, "ended", party.language)
        return link, asked, party

    def _form(self, asked: Asked, party: Correspondent, status: int) -> Page:
        today = self._today()
        return Page(status, form_page(asked, party.name, party.language, grounds_of(asked), today, again=status != 200))

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock() // 1_000_000, HELSINKI).date()


def grounds_of(asked: Asked) -> tuple[str, ...]:
    """Return the grounds a party may keep data on: a controller has its own, a processor only the law."""
    return _NOTICE_GROUNDS if asked.form == "notice" else _INSTRUCTION_GROUNDS


def _page(status: int, what: Said, language: Language) -> Page:
    return Page(status, said_page(what, language))


def _outcome(given: Mapping[str, str], asked: Asked, today: date) -> Outcome | None:
    """Return what an answer comes to; None for one that is not complete.

    The free text goes into the sealed evidence alone: people write names into such fields.
    """
    text = " ".join(given.get("text", "").split())
    answer = given.get("answer")
    if len(text) > LONGEST_TEXT or answer not in ANSWERS:
        return None
    said = {"answer": answer, "on": today.isoformat(), "text": text}
    if answer == "declined":
        ground = given.get("ground", "")
        evidence = _evidence(said | {"ground": ground})
        return Outcome("declined", HOW, ground=ground, evidence=evidence) if ground in grounds_of(asked) else None
    if answer == "promised":
        by = _day(given.get("by", ""))
        if by is None or not today <= by <= today + LONGEST_PROMISE:
            return None
        return Outcome("promised", HOW, by=by.isoformat(), evidence=_evidence(said | {"by": by.isoformat()}))
    if answer == "done":
        return Outcome("promised", HOW, by=today.isoformat(), evidence=_evidence(said))
    return Outcome("partial" if answer == "partial" else "not_held", HOW, evidence=_evidence(said))


def _evidence(said: Mapping[str, str]) -> bytes:
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-01") else None
    except ValueError:
        return None
