"""One request to the console: who makes it, in which language, and what may be done for it. Decides about no case."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from connectors.strict import read_body
from connectors.wording import LANGUAGES, Language
from console.api.answering import Answer, Answering, Question
from console.api.grants import Grant
from console.api.problems import Problem
from console.api.questions import QUESTIONS
from console.api.turns import Turns
from console.case_opening import Casebook
from console.opening import Folder
from console.web.accounts import Accounts
from console.web.customers.desk import CustomerDesk
from console.web.oidc import Provider
from console.web.rendering import holdable, rendered
from console.web.roles import WebRole
from console.web.sessions import Customer, Session, Sessions
from console.web.throttle import Throttle
from console.web.wording import Tree, tree

T = TypeVar("T")
COOKIE = "jalki-console"
CUSTOMER_COOKIE = "jalki-me"
HERS = "/me"
"""What the addresses of the customers' pages begin with. There only a customer's session counts, and elsewhere none."""
LARGEST_FORM = 64 * 1024
"""Bytes of a form without files."""
ACT = 3
"""Slashes in the address of an act: that of its page, and its name."""
MENU = (
    ("inbox", "/cases"), ("open", "/cases/open"), ("find", "/persons"), ("sharing", "/sharing"), ("drift", "/drift"),
    ("parties", "/parties"), ("record", "/record"), ("audit", "/audit"),
)  # fmt: skip
HER_MENU = (("me", "/me"), ("me-open", "/me/open"), ("me-ask", "/me/open/unsubscribe"))
_QUESTIONS = {each.name: each for each in QUESTIONS}


@dataclass(eq=False)  # not frozen: what is raised gets its traceback later
class Denied(Exception):
    """A request that is not handled: `code` names its words, `status` is HTTP's."""

    code: str
    status: int


@dataclass(frozen=True, slots=True)
class Office:
    """What the console works with. `reading` and `deciding` open the stores, in whatever thread they are called."""

    answering: Answering
    turns: Turns
    sessions: Sessions
    accounts: Accounts
    throttle: Throttle
    clock: Callable[[], int]
    url: str
    reading: Callable[[], AbstractContextManager[Folder]]
    deciding: Callable[[], AbstractContextManager[Casebook]]
    customers: CustomerDesk
    provider: Provider | None = None
    """Who else vouches for who signs in."""

    @property
    def secure(self) -> bool:
        """Whether browsers reach it over TLS."""
        return self.url.startswith("https:")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who may make it."""

    request: Request
    office: Office
    session: Session | None
    role: WebRole
    language: Language

    @property
    def name(self) -> str:
        """The name of who is signed in; of a customer her pseudonym."""
        return self.session.name if self.session else ""

    @property
    def actor(self) -> str:
        """Who it is that acts, as it is written down."""
        return "person" if self.session and self.session.customer else self.name

    @property
    def customer(self) -> Customer:
        """The customer whose pages these are. Raises: Denied: it is none."""
        if self.session is None or self.session.customer is None:
            raise Denied("role", 403)
        return self.session.customer

    @property
    def cookie(self) -> str:
        """The cookie that sessions of this part of the console go by."""
        return CUSTOMER_COOKIE if is_hers(self.request) else COOKIE

    @property
    def sessions(self) -> Sessions:
        """The sessions of this part of the console."""
        return self.office.customers.sessions if is_hers(self.request) else self.office.sessions

    @property
    def words(self) -> Tree:
        """The console's words in the visitor's language."""
        return tree(self.language)

    @property
    def was_in(self) -> bool:
        """Whether the browser says that it was signed in, and is not any more."""
        return self.session is None and bool(self.request.cookies.get(self.cookie))

    @property
    def ended(self) -> bool:
        """Whether the session is over by now. To ask does not keep it from being so."""
        return not self.sessions.holds(self.request.cookies.get(self.cookie), self.office.accounts.marks())

    @property
    def here(self) -> str:
        """The address of the page; of what a form is answered with, that of the page the form stands on."""
        path = self.request.url.path
        if is_hers(self.request):
            return f"{HERS}/enter" if path == f"{HERS}/begin" else path
        return path.rpartition("/")[0] if self.request.method == "POST" and path.count("/") == ACT else path

    def page(self, template: str, status: int = 200, **given: object) -> Response:
        """Return a page."""
        return HTMLResponse(self.part(template, **given), status)

    def part(self, template: str, **given: object) -> str:
        """Return a page, or a part of one, as text."""
        about = {
            "role": self.role,
            "name": self.customer.masked if self.actor == "person" else self.name,
            "here": self.here,
            "back": f"{self.here}?{query}" if (query := self.request.url.query) else self.here,
            "languages": LANGUAGES,
            "hers": is_hers(self.request),
            "menu": HER_MENU if is_hers(self.request) else MENU,
            "provider": self.office.provider is not None,
        }
        return rendered(template, self.language, {**about, **given})

    def goes(self, path: str) -> Response:
        """Return what sends the browser to another page of ours, after something was done (303)."""
        return RedirectResponse(path, 303)

    def asked(self, shape: type[BaseModel], **given: object) -> Any:  # noqa: ANN401 - the shape given is what comes
        """Return a question as it is asked by a form. Raises: Problem: it cannot be asked so."""
        try:
            return shape.model_validate({name: each for name, each in given.items() if each not in (None, "")})
        except ValidationError:
            raise Problem("question") from None

    async def answer(self, question: str, asked: BaseModel) -> Any:  # noqa: ANN401 - JSON, of the question's shape
        """Return the answer to a question, written down before where it is about persons. Raises: Problem."""
        return (await self.page_of(question, asked)).shape

    async def page_of(self, question: str, asked: BaseModel) -> Answer:
        """Return a page of the answer to a question; else as `answer`."""
        return await self.answer_of(_QUESTIONS[question], asked)

    async def answer_of(self, question: Question, asked: BaseModel) -> Answer:
        """Return the answer to a question that the API does not have; else as `answer`."""
        bound = self.customer.pseudonym if self.role.about == "own-person" else None
        grant = Grant(self.name, self.actor, self.role.name, "", "", 0, 0, bound=bound)
        return await self.office.turns.run(self.name, lambda patience: self.office.answering.answer(
            question, asked, grant, self.role.asking, patience
        ))  # fmt: skip

    async def read(self, work: Callable[[Folder], T]) -> T:
        """Return what comes of reading what is recorded. Raises: Problem; what the work raises."""

        def done(_: object) -> T:
            with self.office.reading() as folder:
                return work(folder)

        return await self.office.turns.run(self.name, done)

    async def decide(self, work: Callable[[Casebook], T]) -> T:
        """Return what comes of a decision about a case, once it is kept. Raises: Problem; what the work raises."""

        def done(_: object) -> T:
            with self.office.deciding() as book:
                return work(book)

        return await self.office.turns.run(self.name, done)

    @property
    def query(self) -> Mapping[str, str]:
        """What the address asks, the last of each name."""
        return _read(self.request.query_params.multi_items())

    async def form(self) -> Mapping[str, str]:
        """Return the fields of the form that was sent, each once. Raises: Problem: it is none. HTTPException: too large."""
        if (
            self.request.headers.get("content-type", "").partition(";")[0].strip()
            != "application/x-www-form-urlencoded"
        ):
            raise Problem("media-type")
        body = await read_body(self.request, LARGEST_FORM)
        try:
            pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=100, errors="strict")
        except ValueError:
            raise Problem("question") from None
        return _read(pairs)


def is_hers(request: Request) -> bool:
    """Tell whether a request is to the customers' pages."""
    return request.url.path == HERS or request.url.path.startswith(f"{HERS}/")


def _read(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {holdable(name): holdable(value) for name, value in pairs}
