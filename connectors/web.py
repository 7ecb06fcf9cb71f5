"""The public routes as one ASGI application: answers by link, and OpenDSR both ways. Decides nothing.

It is the only part of the system that strangers reach: bodies are bounded in size and time, answers carry strict headers,
and neither an address nor a body is ever logged.
"""

import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from connectors.confirming import Confirming, Page
from connectors.opendsr.answering import Answering, Reply
from connectors.opendsr.callbacks import Callbacks
from connectors.opendsr.messages import LARGEST
from connectors.pages import STYLE_HASH
from connectors.strict import Strict, read_body

LARGEST_FORM = 16 * 1024
"""Bytes of an answer by link."""
CALLBACKS = "/opendsr/callbacks"
PROCESSOR = "/opendsr/v2"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # an address holds the token
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
_log = logging.getLogger(__name__)


def public_app(
    *, confirming: Confirming | None = None, callbacks: Callbacks | None = None, answering: Answering | None = None
) -> ASGIApp:
    """Return the application; what is None has no routes."""
    routes: list[BaseRoute] = []
    if confirming is not None:
        routes += _confirm_routes(confirming)
    if callbacks is not None:
        routes += _callback_routes(callbacks)
    if answering is not None:
        routes += _processor_routes(answering)
    return Strict(Starlette(routes=routes, exception_handlers={Exception: _broken, HTTPException: _plain}), _HEADERS)


def public_server(
    app: ASGIApp, host: str, port: int, *, certificate: str | None = None, key: str | None = None
) -> uvicorn.Server:
    """Return a server of the application that logs no request, for one of whose addresses would be a token in a log.

    Behind a proxy, switch that one's access log off too for `/confirm/`.
    """
    logging.getLogger("uvicorn.access").disabled = True  # access_log=False only holds while nobody adds a log to it
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            ssl_certfile=certificate,
            ssl_keyfile=key,
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            ws="none",
            lifespan="off",
            limit_concurrency=200,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=10,
            h11_max_incomplete_event_size=16 * 1024,
        )
    )


def _confirm_routes(confirming: Confirming) -> list[BaseRoute]:
    async def show(request: Request) -> Response:
        return _html(await confirming.show(request.path_params["token"]))

    async def answer(request: Request) -> Response:
        body = await read_body(request, LARGEST_FORM)
        return _html(await confirming.answer(request.path_params["token"], _fields(body)))

    return [
        Route("/confirm/{token}", show, methods=["GET"]),
        Route("/confirm/{token}", answer, methods=["POST"]),
    ]


def _callback_routes(callbacks: Callbacks) -> list[BaseRoute]:
    async def receive(request: Request) -> Response:
        status = await callbacks.receive(_lower(request), await read_body(request, LARGEST))
        return Response(status_code=status, headers={"Retry-After": "60"} if status == 503 else None)

    return [Route(CALLBACKS, receive, methods=["POST"])]


def _processor_routes(answering: Answering) -> list[BaseRoute]:
    async def discovery(_: Request) -> Response:
        return _reply(answering.discovery())

    async def certificate(_: Request) -> Response:
        return _reply(answering.certificate())

    async def create(request: Request) -> Response:
        return _reply(await answering.create(_token(request), await read_body(request, LARGEST)))

    async def status(request: Request) -> Response:
        return _reply(await answering.status(_token(request), str(request.path_params["id"])))

    async def results(request: Request) -> Response:
        return _reply(await answering.results(_token(request), str(request.path_params["id"])))

    async def cancel(request: Request) -> Response:
        return _reply(await answering.cancel(_token(request), str(request.path_params["id"])))

    return [
        Route(f"{PROCESSOR}/discovery", discovery, methods=["GET"]),
        Route(f"{PROCESSOR}/certificate", certificate, methods=["GET"]),
        Route(f"{PROCESSOR}/requests", create, methods=["POST"]),
        Route(f"{PROCESSOR}/requests/{{id:uuid}}", status, methods=["GET"]),
        Route(f"{PROCESSOR}/requests/{{id:uuid}}/results", results, methods=["GET"]),
        Route(f"{PROCESSOR}/requests/{{id:uuid}}", cancel, methods=["DELETE"]),
    ]


def _fields(body: bytes) -> Mapping[str, str]:
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=10, errors="strict"))
    except ValueError:  # no UTF-8, or too many fields: an answer that is not complete
        return {}


def _lower(request: Request) -> Mapping[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


def _token(request: Request) -> str:
    return request.headers.get("authorization", "")


def _html(page: Page) -> Response:
    return Response(page.html, page.status, media_type="text/html; charset=utf-8")


def _reply(reply: Reply) -> Response:
    return Response(reply.body, reply.status, headers=dict(reply.headers))


async def _plain(_: Request, fault: Exception) -> Response:
    status, headers = (fault.status_code, fault.headers) if isinstance(fault, HTTPException) else (500, None)
    return PlainTextResponse(str(status), status, headers=dict(headers or {}))


async def _broken(_: Request, fault: Exception) -> Response:
    _log.error("a public page failed: %s", type(fault).__name__)  # not its text: that may repeat what was sent
    return PlainTextResponse("500", 500)
