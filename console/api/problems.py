"""What goes wrong, as problem details (RFC 9457): one table of codes. No text of it repeats what was asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """A kind of problem: its HTTP status, and what it says."""

    status: int
    text: str


KINDS: Mapping[str, Kind] = {
    "json": Kind(400, "the body is not JSON in UTF-8"),
    "broken-off": Kind(400, "the request broke off"),
    "token": Kind(401, "there is no token, or it is not valid: ask whoever gives them out for one"),
    "role": Kind(403, "your role may not ask this"),
    "reveal": Kind(403, "your role is not shown identifiers: leave `reveal` out"),
    "not-yours": Kind(403, "your token is for another party or person"),
    "no-such-page": Kind(404, "there is nothing at this address: see /openapi.json"),
    "no-such-case": Kind(404, "there is no such case"),
    "method": Kind(405, "this address is asked by another method"),
    "accept": Kind(406, "the answer is not to be had in a form that you accept: leave `Accept` out for JSON"),
    "slow": Kind(408, "the body took too long to arrive"),
    "decided": Kind(409, "the case is past its plan: what it does is decided"),
    "large": Kind(413, "the body is too large"),
    "media-type": Kind(415, "send the body as application/json"),
    "question": Kind(422, "the question cannot be answered as it is asked"),
    "purpose": Kind(
        422, "say in `purpose` why you ask: it is written down before a question about persons is answered"
    ),
    "many": Kind(429, "you have several questions under way: wait for their answers"),
    "fault": Kind(500, "a fault of the program itself: its log names the kind"),
    "busy": Kind(503, "too many questions are under way: ask again later"),
    "late": Kind(503, "the answer took too long: ask for less"),
    "store": Kind(503, "what is recorded cannot be read now: ask again later"),
    "not-written": Kind(503, "that you ask could not be written down, so it is not answered: ask again later"),
}


class ErrorShape(BaseModel):
    """What is wrong with one field of a question."""

    model_config = ConfigDict(extra="forbid")
    field: str
    text: str


class ProblemShape(BaseModel):
    """Problem details (RFC 9457). `code` tells kinds of problems apart; `errors` is there for a question that is wrong."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(description="Always `about:blank`.")
    title: str
    status: int
    detail: str
    code: str
    errors: list[ErrorShape] = []


@dataclass(eq=False)  # not frozen: what is raised gets its traceback later
class Problem(Exception):
    """A question that is not answered, and why."""

    code: str
    errors: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.code].status

    def shape(self) -> dict[str, object]:
        """Return its JSON."""
        kind = KINDS[self.code]
        shape: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(kind.status).phrase,
            "status": kind.status,
            "detail": kind.text,
            "code": self.code,
        }
        return (
            {**shape, "errors": [{"field": name, "text": text} for name, text in self.errors]} if self.errors else shape
        )


def wrong(errors: Iterable[tuple[str, str]]) -> Problem:
    """Return the problem of a question with these fields wrong."""
    return Problem("question", tuple(errors))
