"""What a vendor gets and gives: a call, its answer, and the operations that it knows. No server, no state."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from connectors.sandbox.faults import Kind
from connectors.sandbox.limits import Limit

JSON = "application/json"
FIELDS_AT_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a vendor sees it. `at` is its time in microseconds, `fault` one that its operation takes."""

    method: str
    template: str
    at: int
    path: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Sequence[tuple[str, str]] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By their lower-case names."""
    body: bytes = field(default=b"", repr=False)
    raw_target: str = field(default="", repr=False)
    """Path and query as they were sent, for vendors that sign them."""
    fault: Kind | None = None

    def asked(self, name: str) -> str | None:
        """Return a query parameter's last value."""
        return next((value for key, value in reversed(self.query) if key == name), None)

    def json(self) -> Any:  # noqa: ANN401 - what a stranger sends may be anything
        """Return the body. Raises: ValueError: it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise ValueError("the body is not JSON") from None

    def form(self) -> Sequence[tuple[str, str]]:
        """Return the fields of a form. Raises: ValueError: it is none."""
        try:
            return parse_qsl(self.body.decode(), keep_blank_values=True, max_num_fields=FIELDS_AT_MOST, errors="strict")
        except ValueError:
            raise ValueError("the body is not a form") from None

    def bearer(self) -> str | None:
        """Return the token of `Authorization: Bearer …`."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor says."""

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = None


def said(status: int, content: object, headers: Mapping[str, str] | None = None, media_type: str = JSON) -> Answer:
    """Return an answer in JSON."""
    return Answer(status, json.dumps(content, ensure_ascii=False).encode(), headers or {}, media_type)


def nothing(status: int = 204) -> Answer:
    """Return an answer without a body."""
    return Answer(status)


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a vendor does. `path` is a template such as `/v1/orders/{id}`; a parameter holds no slash."""

    method: str
    path: str
    does: Callable[[Call], Answer] = field(repr=False)
    limits: tuple[Limit, ...] = ()
    takes: frozenset[Kind] = frozenset()
    """The faults that it makes itself: in part, with an error inside, a lie of its own."""
    open: bool = False
    """Needs no credentials: a token is fetched here, say."""
    largest: int = 8 * 1024 * 1024
    """Bytes of a body that are read at most."""
