"""What the settings of the channel `rest` look like: logins, calls, answers. Pydantic shapes, all closed; makes no call."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.channel import SecretSettings
from connectors.descriptor import Meant
from connectors.everybody import hits_everybody
from connectors.shapes import Seconds
from connectors.vendors.rest.templates import (
    PLACEHOLDER,
    Encoding,
    as_if_filled,
    check_names,
    leaves,
    names_in,
    split_call,
)

_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)
MOST_LEAVES = 200
State = Literal["accepted", "promised", "verified", "partial", "declined", "not_held", "manual", "failed", "letter"]
"""What an answer comes to; `letter`: the call cannot do it, and what else the party needs is said by letter or by a person."""
DONE: tuple[State, ...] = ("accepted", "promised", "verified", "not_held")
_GROUNDS = ("law", "claims", "contract", "own")
_NO_HEADER = frozenset({"accept-encoding", "authorization", "connection", "content-length", "content-type", "cookie"}) | {
    "expect", "host", "te", "trailer", "transfer-encoding", "upgrade",
    "x-http-method", "x-http-method-override", "x-method-override",
}  # fmt: skip


def _header(name: str) -> str:
    if name.lower() in _NO_HEADER:
        raise ValueError("this header is not a descriptor's to set")
    return name


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error:
        raise ValueError("it is no regular expression") from None
    return text


def _path(text: str) -> str:
    split_call(f"POST {text}")
    if names_in(text):
        raise ValueError("the path of a token takes no placeholder")
    return text


Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$"), AfterValidator(_header)]
Pattern = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_pattern)]
Text = Annotated[str, Field(max_length=500)]
Json = str | int | bool | None


class HeaderLogin(BaseModel):
    """A key in a header of its own."""

    model_config = _CLOSED
    name: HeaderName
    secret: SecretSettings


class BasicLogin(BaseModel):
    """A user and a password (RFC 7617)."""

    model_config = _CLOSED
    user: SecretSettings
    password: SecretSettings


class OAuthLogin(BaseModel):
    """Client credentials (RFC 6749 §4.4): a token is fetched at `path`, of the address `at` where it is another."""

    model_config = _CLOSED
    path: Annotated[str, AfterValidator(_path)]
    at: Word | None = None
    client: SecretSettings
    secret: SecretSettings
    scope: Text = ""


class LoginSettings(BaseModel):
    """How we log in: one way."""

    model_config = _CLOSED
    header: HeaderLogin | None = None
    bearer: SecretSettings | None = None
    basic: BasicLogin | None = None
    oauth2: OAuthLogin | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.header, self.bearer, self.basic, self.oauth2)) != 1:
            raise ValueError("name one of header, bearer, basic, oauth2")
        return self


class RequestSettings(BaseModel):
    """One request: `call` is method and path; `at` another of the party's addresses."""

    model_config = _CLOSED
    call: Annotated[str, Field(max_length=300)]
    at: Word | None = None
    query: Annotated[dict[Word, Text], Field(max_length=20)] = {}
    headers: Annotated[dict[HeaderName, Text], Field(max_length=20)] = {}
    body: dict[str, object] | None = None
    encoding: Encoding = "json"
    rate: Word | None = None

    @field_validator("call")
    @classmethod
    def _call(cls, call: str) -> str:
        split_call(call)
        check_names(names_in(call), "identifier", "beside", "constants")
        return call

    @field_validator("query")
    @classmethod
    def _query(cls, query: dict[str, str]) -> dict[str, str]:
        for text in query.values():
            check_names(names_in(text), "identifier", "beside", "constants")
        return query

    @field_validator("headers")
    @classmethod
    def _headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for text in headers.values():
            check_names(names_in(text), "constants")
            if not text.isascii() or not text.isprintable():
                raise ValueError("a header is one line of ASCII")
        return headers

    @field_validator("body")
    @classmethod
    def _body(cls, body: dict[str, object] | None) -> dict[str, object] | None:
        found = list(leaves(body or {}))
        if len(found) > MOST_LEAVES:
            raise ValueError(f"a body has {MOST_LEAVES} values at most")
        for each in found:
            if isinstance(each, str) and names_in(each) and not PLACEHOLDER.fullmatch(each):
                raise ValueError("a placeholder is a whole value of a body: nothing stands beside it")
            check_names(names_in(each) if isinstance(each, str) else (), "identifier", "beside", "constants", "change")
        return body

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.encoding == "form" and not all(isinstance(each, str) for each in (self.body or {}).values()):
            raise ValueError("the values of a form are texts")
        if self.method == "GET" and self.body is not None:
            raise ValueError("a GET has no body")
        if hits_everybody(self.method, *as_if_filled(self.path, self.query, self.body, self.encoding)):
            raise ValueError("this call could be about everybody the party knows of, whoever is put in")
        return self

    @property
    def method(self) -> str:
        """GET, POST, PUT, PATCH or DELETE."""
        return split_call(self.call)[0]

    @property
    def path(self) -> str:
        """Its template."""
        return split_call(self.call)[1]

    @property
    def names(self) -> frozenset[str]:
        """The placeholders that it uses anywhere."""
        texts = [self.call, *self.query.values(), *self.headers.values(), *leaves(self.body or {})]
        return frozenset(name for text in texts if isinstance(text, str) for name in names_in(text))


class AnswerSettings(BaseModel):
    """What one answer means. `where`: values that its JSON must have, by path (`errors.0.code`)."""

    model_config = _CLOSED
    status: Annotated[int, Field(ge=200, le=499)]
    where: Annotated[dict[Annotated[str, Field(max_length=200)], Json], Field(max_length=10)] = {}
    state: State
    ground: Word | None = None
    within: Annotated[int, Field(ge=0, le=400)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.status in (401, 408, 425, 429) or self.status // 100 == 3:
            raise ValueError("401 is a login, 408, 425 and 429 are tried again, and nobody is followed elsewhere (3xx)")
        if (self.state == "promised") != (self.within is not None):
            raise ValueError("promised needs within, the days by the party's own word; no other state has it")
        if self.state == "declined" and self.ground not in _GROUNDS:
            raise ValueError(f"declined needs a ground: {', '.join(_GROUNDS)}")
        return self


Answers = Annotated[list[AnswerSettings], Field(min_length=1, max_length=20)]


class ReadBackSettings(BaseModel):
    """How it is looked whether it was done: first `after` so many seconds, so often again, `times` at most."""

    model_config = _CLOSED
    request: RequestSettings
    after: Seconds = 3_600.0
    times: Annotated[int, Field(ge=1, le=100)] = 10
    answers: Answers


class CallSettings(BaseModel):
    """One call of a right, made once for each identifier of a kind."""

    model_config = _CLOSED
    name: Word
    for_each: Kind
    pattern: Pattern | None = None
    """What a value, as it was sent, must match whole; others are left out."""
    optional: bool = False
    """A preparation: it may have nothing to be made for, and it is not what is claimed."""
    after: Annotated[list[State], Field(min_length=1)] = list(DONE)
    """What all earlier calls must have come to."""
    needs: Annotated[dict[str, Pattern], Field(max_length=20)] = {}
    """What further values must match whole, by placeholder."""
    request: RequestSettings
    idempotency: HeaderName | None = None
    answers: Answers
    read_back: ReadBackSettings | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if "identifier" not in self.request.names:
            raise ValueError("a call names whom it is about: put ${identifier} into it")
        if self.read_back and "identifier" not in self.read_back.request.names:
            raise ValueError("a read-back names whom it is about: put ${identifier} into it")
        if unused := set(self.needs) - self.request.names:
            raise ValueError(f"needs is about ${{{min(unused)}}}, which the call does not use")
        return self


Calls = Annotated[list[CallSettings], Field(min_length=1, max_length=10)]


class RestSettings(BaseModel):
    """All of them. `addresses` are further addresses of the party, `constants` what our account there is called."""

    model_config = _CLOSED
    login: LoginSettings
    ca_file: Annotated[str, Field(min_length=1)] | None = None
    addresses: Annotated[dict[Word, Text], Field(max_length=5)] = {}
    constants: Annotated[dict[Word, Text], Field(max_length=20)] = {}
    calls: dict[Meant, Calls]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for right, calls in self.calls.items():
            if len({each.name for each in calls}) < len(calls):
                raise ValueError(f"two calls of {right} have one name")
            for each in calls:
                _check_right(right, each)
                for request in (each.request, *((each.read_back.request,) if each.read_back else ())):
                    self._check(each.name, request)
        oauth = self.login.oauth2
        if oauth is not None and oauth.at is not None and oauth.at not in self.addresses:
            raise ValueError(f"the login is at {oauth.at}, which is not among the addresses")
        return self

    def _check(self, name: str, request: RequestSettings) -> None:
        if request.at is not None and request.at not in self.addresses:
            raise ValueError(f"the call {name} is at {request.at}, which is not among the addresses")
        used = {each.partition(".")[2] for each in request.names if each.startswith("constants.")}
        if missing := used - self.constants.keys():
            raise ValueError(f"the call {name} uses ${{constants.{min(missing)}}}, which is not among the constants")


def _check_right(right: Meant, call: CallSettings) -> None:
    """A call proves nothing by itself; only what is read back does, or a copy that is the answer."""
    reads = call.request.method == "GET"
    if reads != (right == "access"):
        raise ValueError(f"the call {call.name} of {right}: access is a GET, and nothing else is")
    if not reads and any(each.state == "verified" for each in call.answers):
        raise ValueError(f"the call {call.name} is verified by its own answer: only a read_back can show that")
    if right != "rectify" and any(each.startswith("change.") for each in call.request.names):
        raise ValueError(f"the call {call.name} of {right} uses a change: only rectify has them")
