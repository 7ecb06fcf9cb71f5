"""Whether a request, or an answer to it, is as the vendor's specification says; by openapi-core, on what httpx2 recorded."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.vendors.specifications import Specification


def faults_of_request(specification: Specification, request: httpx2.Request) -> Sequence[str]:
    """Return what is wrong with a request; nothing: it is as the specification says."""
    try:
        _judge(specification).validate_request(_Request(specification, request))
    except OpenAPIError as fault:
        return _told(fault)
    return ()


def faults_of_answer(specification: Specification, request: httpx2.Request, answer: httpx2.Response) -> Sequence[str]:
    """Return what is wrong with an answer to a request."""
    try:
        _judge(specification).validate_response(_Request(specification, request), _Answer(answer))
    except OpenAPIError as fault:
        return _told(fault)
    return ()


def valid_request(specification: Specification, request: httpx2.Request) -> None:
    """Assert that a request is as the specification says."""
    assert not (found := faults_of_request(specification, request)), found


def valid_answer(specification: Specification, request: httpx2.Request, answer: httpx2.Response) -> None:
    """Assert that an answer is as the specification says."""
    assert not (found := faults_of_answer(specification, request, answer)), found


@lru_cache(maxsize=16)
def _judge(specification: Specification) -> OpenAPI:
    return OpenAPI.from_dict(dict(specification.whole))


def _told(fault: BaseException) -> Sequence[str]:
    """Return an error, its cause, and what the schema has against it."""
    told = [f"{type(fault).__name__}: {fault}"]
    told += [each.message for each in getattr(fault, "schema_errors", ())]
    return [*told, *(_told(fault.__cause__) if fault.__cause__ else ())]


class _Request:
    """A request in openapi-core's shape. It is taken to be for the specification's first server, wherever it went."""

    def __init__(self, specification: Specification, request: httpx2.Request) -> None:
        server = urlsplit(str((specification.whole.get("servers") or [{"url": "http://localhost"}])[0]["url"]))
        self.host_url = f"{server.scheme or 'http'}://{server.netloc or 'localhost'}"
        target = urlsplit(request.url.raw_path.decode("ascii"))
        self.path = target.path
        self.method = request.method.lower()
        self.body: bytes | None = request.content or None
        self.content_type = request.headers.get("content-type", "").lower()
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(parse_qsl(target.query, keep_blank_values=True)),
            header=Headers(list(request.headers.multi_items())),
            cookie=ImmutableMultiDict(),
        )


class _Answer:
    """An answer in openapi-core's shape."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.status_code = answer.status_code
        self.content_type = answer.headers.get("content-type", "").lower()
        self.headers: Any = Headers(list(answer.headers.multi_items()))
        self.data: bytes | None = answer.content or None
