"""The ASGI application of the HTTP API: who asks, may she, what does she ask; then the answer, or a problem.

Neither an address nor a body is ever logged, and nothing is kept by whoever passes an answer on.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from connectors.strict import Strict, read_body
from console.api.accepting import JSON, form_of
from console.api.answering import Answer, Answering, Question
from console.api.grants import Grant, Grants
from console.api.openapi import openapi_document
from console.api.problems import MEDIA_TYPE, Problem, wrong
from console.api.questions import QUESTIONS
from console.api.roles import Role, roles
from console.api.turns import Turns
from lineage.errors import JalkiError
from lineage.times import now

NEXT = "Jalki-Next"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
_CODES = {404: "no-such-page", 405: "method", 408: "slow", 413: "large"}
_MEANS = {
    "extra_forbidden": "a field that there is not",
    "missing": "it is missing",
}
_log = logging.getLogger(__name__)


def api_app(answering: Answering, grants: Grants, turns: Turns) -> ASGIApp:
    """Return the application."""
    document = _json(openapi_document())

    async def described(_: Request) -> Response:
        return Response(document, media_type="application/json")

    routes = [Route(each.path, _endpoint(each, answering, grants, turns), methods=[each.method]) for each in QUESTIONS]
    routes.append(Route("/openapi.json", described, methods=["GET"]))
    handlers = {Problem: _told, HTTPException: _told_of_http, Exception: _broken}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False  # it would repeat the address that was asked, with all that stands in it
    return Strict(app, _HEADERS)


def _endpoint(
    question: Question, answering: Answering, grants: Grants, turns: Turns
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        grant, role = _asker(request, grants)
        if question.name not in role.asks:
            raise Problem("role")
        form = form_of(request.headers.get("accept"), question.forms)
        asked = await _asked(question, request)
        content, after = await turns.run(grant.id, lambda patience: _worked(answering.answer(
            question, asked, grant, role, patience, form
        )))  # fmt: skip
        return Response(content, media_type=form or JSON, headers={NEXT: after} if after else None)

    return endpoint


def _worked(answer: Answer) -> tuple[bytes, str | None]:
    return answer.shape.encode() if isinstance(answer.shape, str) else _json(answer.shape), answer.after


def _asker(request: Request, grants: Grants) -> tuple[Grant, Role]:
    """Return who asks. Raises: Problem."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        grant = grants.of(token.strip(), now()) if scheme.lower() == "bearer" else None
    except JalkiError as fault:
        _log.error("the file of who may ask cannot be used: %s", fault)
        raise Problem("store", headers={"Retry-After": "5"}) from None
    if grant is None:
        raise Problem("token", headers={"WWW-Authenticate": 'Bearer realm="jalki"'})
    return grant, roles()[grant.role]


async def _asked(question: Question, request: Request) -> BaseModel:
    """Return what is asked. Raises: Problem: it is not what the question takes."""
    try:
        if question.method == "GET":
            return question.asked.model_validate(_parameters(request))
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Problem("media-type")
        return question.asked.model_validate_json(await read_body(request, question.largest), strict=True)
    except ValidationError as fault:
        raise _wrong(fault, question.asked) from None


def _parameters(request: Request) -> Mapping[str, str]:
    pairs = request.query_params.multi_items()
    if len(dict(pairs)) < len(pairs):
        raise wrong([("", "a parameter that is given twice")])
    return dict(pairs)


def _wrong(fault: ValidationError, asked: type[BaseModel]) -> Problem:
    """Return what is wrong, field by field, without anything that was given: it may be somebody's."""
    errors = fault.errors(include_url=False, include_context=False, include_input=False)
    if any(each["type"] == "json_invalid" for each in errors):
        return Problem("json")
    if any(each["loc"][:1] == ("purpose",) for each in errors):
        return Problem("purpose")
    fields = {each.alias or name for name, each in asked.model_fields.items()}
    named = (str(each["loc"][0]) if each["loc"] else "" for each in errors)
    return wrong(
        (name if name in fields else "", _MEANS.get(each["type"], each["msg"].removeprefix("Value error, ")))
        for name, each in zip(named, errors, strict=True)
    )


def _json(shape: object) -> bytes:
    return json.dumps(shape, ensure_ascii=False, separators=(",", ":")).encode()


def _response(problem: Problem) -> Response:
    headers = {**problem.headers, **({"Connection": "close"} if problem.status in {408, 413} else {})}
    return Response(_json(problem.shape()), problem.status, headers=headers, media_type=MEDIA_TYPE)


async def _told(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, Problem)  # noqa: S101 - it is registered for these
    if fault.status >= 500:
        _log.warning("a question was not answered: %s%s", fault.code, _why(fault))
    return _response(fault)


def _why(fault: BaseException) -> str:
    """Return the message of ours that is behind a problem: it holds no personal data."""
    return f" ({fault.__cause__})" if isinstance(fault.__cause__, JalkiError) else ""


async def _told_of_http(_: Request, fault: Exception) -> Response:
    status, headers = (fault.status_code, fault.headers) if isinstance(fault, HTTPException) else (500, None)
    return _response(Problem(_CODES.get(status, "broken-off" if status < 500 else "fault"), headers=headers or {}))


async def _broken(_: Request, fault: Exception) -> Response:
    _log.error("a question failed: %s", type(fault).__name__)  # not its text: that may repeat what was sent
    return _response(Problem("fault"))
