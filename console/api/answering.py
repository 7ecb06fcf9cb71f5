"""How a question is answered: written down first where it is about persons, and only then worked out. Knows no HTTP."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from console.api.grants import Grant
from console.api.patience import Patience
from console.api.problems import Problem, wrong
from console.api.roles import Role
from console.opening import Declared, Folder, log_look, opened
from console.settings import Settings
from console.shapes import Shape
from lineage.errors import JalkiError, Misconfigured

LARGEST = 16 * 1024
"""Bytes of a question."""


class Answer(NamedTuple):
    """What is answered, as JSON or as a text of another form; `after` is what the next page begins after, None: no next."""

    shape: Shape | Sequence[Shape] | str
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, of which folder, and how long is waited for the answer."""

    folder: Folder
    grant: Grant
    role: Role
    patience: Patience


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `looks_at` tells what is written down of who is asked about; None: it is about nobody.

    `listed`: the answer is a list, in pages. A question about persons is a POST, and its body has a `purpose`. `forms` are
    other forms of the answer than JSON, by media type: pictures and texts. `largest`: bytes of its body.
    """

    name: str
    method: Literal["GET", "POST"]
    path: str
    text: str
    asked: type[BaseModel]
    answer: type[BaseModel]
    work: Callable[[Asking, Any], Answer]
    looks_at: Callable[[Asking, Any], str] | None = None
    listed: bool = False
    paged: bool = False
    forms: Mapping[str, Callable[[Asking, Any], str]] = field(default_factory=dict)
    largest: int = LARGEST


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers questions from the record. Any number of threads may use it at once: each opens the folder for itself."""

    settings: Settings
    declared: Declared

    def answer(
        self,
        question: Question,
        asked: BaseModel,
        grant: Grant,
        role: Role,
        patience: Patience,
        form: str | None = None,
    ) -> Answer:
        """Return the answer; of a question about persons, it is written down before that who asks it, and why.

        `form` is one of the question's own, or None: JSON.

        Raises: Problem: it may not be answered, or not now. OutOfPatienceError: nobody waits for it.
        """
        reveal = bool(getattr(asked, "reveal", False))
        if reveal and role.shows != "identifiers":
            raise Problem("reveal")
        if reveal and form:
            raise wrong([("reveal", "a picture shows no identifier")])
        with _readable(), opened(self.settings, self.declared) as folder:
            asking = Asking(folder, grant, role, patience)
            if question.looks_at is not None:
                self._write_down(asking, question.looks_at(asking, asked), str(getattr(asked, "purpose", "")), reveal)
            patience.look()
            return Answer(question.forms[form](asking, asked)) if form else question.work(asking, asked)

    def _write_down(self, asking: Asking, looks_at: str, purpose: str, reveal: bool) -> None:
        shown = "identifiers" if reveal else "pseudonyms"
        try:
            log_look(
                asking.folder, looks_at, purpose, actor=asking.grant.name, role=asking.role.name, shown=shown
            )  # fmt: skip
        except JalkiError as fault:
            raise Problem("not-written", headers={"Retry-After": "5"}) from fault


@contextmanager
def _readable() -> Iterator[None]:
    """Turn what a store does not do into a problem. Its message is not told: it names files and addresses of ours."""
    try:
        yield
    except JalkiError as fault:
        raise Problem("store", headers={"Retry-After": "5"}) from fault


@contextmanager
def asked_rightly(field: str) -> Iterator[None]:
    """Turn what is wrong with a field into a problem: our messages hold no value of it."""
    try:
        yield
    except Misconfigured as fault:
        raise wrong([(field, str(fault).replace("--", ""))]) from fault  # here it is a field, there an option
