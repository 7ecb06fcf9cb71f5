"""The console as an ASGI application: who comes, may she, and then the page; or a page that says why not.

Neither an address nor a form is ever logged. Whoever may not see a page learns nothing of what is there.
"""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from connectors.strict import Strict
from console.api.problems import Problem
from console.web.doors import DOORS, Door
from console.web.origins import is_for_us, is_ours
from console.web.roles import BEFORE, NOBODY, STRANGER, STRANGERS, web_roles
from console.web.session_over import over
from console.web.signing_in import speak
from console.web.visits import COOKIE, CUSTOMER_COOKIE, HERS, Denied, Office, Visit, is_hers
from console.web.wording import language_of
from lineage.errors import JalkiError

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
_STATUS = {404: "no-such-page", 405: "no-such-page", 413: "large"}
_SIGN_OUT = frozenset({"sign-out", "me-sign-out"})
_FAULTS = (Problem, Denied, JalkiError, HTTPException, Exception)
_log = logging.getLogger(__name__)


def web_app(office: Office) -> ASGIApp:
    """Return the application."""

    async def home(request: Request) -> Response:
        hers = not is_for_us(request, office.url) and is_for_us(request, office.customers.url)
        return RedirectResponse(HERS if hers else _visit(request, office).role.home, 303)

    async def language(request: Request) -> Response:
        urls = {office.url, office.customers.url}
        if not any(is_for_us(request, each) and is_ours(request, each) for each in urls):
            raise Denied("elsewhere", 403)
        return await speak(_visit(request, office))

    routes: list[BaseRoute] = [Route("/", home, methods=["GET"]), Route("/language", language, methods=["POST"])]
    routes += [_route(door, office) for door in DOORS]
    routes.append(Mount("/static", StaticFiles(directory=Path(__file__).parent / "static")))

    async def told(request: Request, fault: Exception) -> Response:
        return _told(_visit(request, office), fault)

    app = Starlette(routes=routes, exception_handlers=dict.fromkeys(_FAULTS, told))
    app.router.redirect_slashes = False  # it would repeat the address that was asked
    return Strict(app, _HEADERS)


def _route(door: Door, office: Office) -> Route:
    handlers = {"GET": door.shows, "HEAD": door.shows, "POST": door.does}
    return Route(door.path, _endpoint(door, office), methods=[verb for verb, each in handlers.items() if each])


def _endpoint(door: Door, office: Office) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        url, sent = office.customers.url if is_hers(request) else office.url, request.method == "POST"
        if not is_for_us(request, url) or (sent and not door.from_elsewhere and not is_ours(request, url)):
            raise Denied("elsewhere", 403)
        visit, handler = _visit(request, office), door.does if sent else door.shows
        if door.name not in (visit.role.does if sent else visit.role.sees):
            if visit.session is None:
                lost = sent and visit.was_in and "{found}" not in door.path  # whom she looked at went with the session
                return await over(visit) if lost and door.name not in _SIGN_OUT else _to_sign_in(visit)
            if door.name in BEFORE | STRANGERS:
                return visit.goes(visit.role.home)
            raise Problem("role")
        assert handler is not None  # noqa: S101 - the route has the verbs of the handlers there are
        return await handler(visit)

    return endpoint


def _to_sign_in(visit: Visit) -> Response:
    """Lead to where somebody signs in; the whole page where only a part of one was asked for, by htmx."""
    if visit.request.headers.get("hx-request") == "true":
        return Response(status_code=204, headers={"HX-Redirect": visit.role.home})
    return visit.goes(visit.role.home)


def _visit(request: Request, office: Office) -> Visit:
    if hers := is_hers(request):
        session = office.customers.sessions.of(request.cookies.get(CUSTOMER_COOKIE), {})
    else:
        session = office.sessions.of(request.cookies.get(COOKIE), office.accounts.marks())
    nobody = STRANGER if hers else NOBODY
    role = web_roles().get(session.role, nobody) if session else nobody
    return Visit(request, office, session, role, language_of(request))


def _told(visit: Visit, fault: Exception) -> Response:
    """Return the page of a fault; it repeats nothing of what was asked."""
    if isinstance(fault, (Problem, Denied)):
        code, status = fault.code, fault.status
    elif isinstance(fault, HTTPException):
        code, status = _STATUS.get(fault.status_code, "question"), fault.status_code
    elif isinstance(fault, JalkiError):
        _log.warning("a page was not made: %s", fault)
        code, status = "store", 503
    else:
        _log.error("a page failed: %s", type(fault).__name__)  # not its text: that may repeat what was sent
        code, status = "fault", 500
    response = visit.page("problem.html", status, code=code, back="/")
    response.headers.update(getattr(fault, "headers", None) or {})  # which verbs there are, when to come again
    return response
