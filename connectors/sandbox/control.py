"""The sandbox's own routes, `/_sandbox/…`: what a vendor holds, its calls, its faults, the clock. Nothing of a vendor's."""

import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from connectors.sandbox.faults import DEFAULT_SECONDS, Fault, Kind, Rates
from connectors.sandbox.hosted import Hosted

CONTROL = "/_sandbox/"
LARGEST = 16 * 1024 * 1024
Answering = Callable[[Request], Awaitable[Response]]
Seconds = Annotated[float, Field(ge=0, le=600)]


class _Fault(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    method: Annotated[str, Field(max_length=10)] = ""
    path: Annotated[str, Field(max_length=500)] = ""
    calls: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    seconds: Seconds = DEFAULT_SECONDS


class _Rates(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int
    rates: Mapping[Kind, Annotated[float, Field(ge=0, le=1)]]
    method: Annotated[str, Field(max_length=10)] = ""
    path: Annotated[str, Field(max_length=500)] = ""
    seconds: Seconds = DEFAULT_SECONDS


class _Forward(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    forward_seconds: Annotated[float, Field(ge=0, le=3_660 * 86_400)]


class Control:
    """The application of these routes, of one vendor."""

    def __init__(self, hosted: Hosted) -> None:
        self._hosted = hosted
        pairs: list[tuple[str, str, Answering]] = [
            ("GET", "held", self._held),
            ("POST", "seed", self._seed),
            ("GET", "calls", self._calls),
            ("DELETE", "calls", self._count_anew),
            ("GET", "faults", self._faults),
            ("POST", "faults", self._add),
            ("PUT", "rates", self._at_random),
            ("DELETE", "faults", self._well),
            ("GET", "clock", self._clock),
            ("POST", "clock", self._forward),
        ]
        routes = [Route(CONTROL + name, self._checked(do), methods=[how]) for how, name, do in pairs]
        self._app = Starlette(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._app(scope, receive, send)

    async def _held(self, _: Request) -> Response:
        return JSONResponse(self._hosted.held())

    async def _seed(self, request: Request) -> Response:
        self._hosted.seed(_OBJECT.validate_python(await _json(request)))
        return Response(status_code=204)

    async def _calls(self, _: Request) -> Response:
        known = {(each.method, each.path): 0 for each in self._hosted.vendor.operations}
        counts = {**known, **self._hosted.counts}
        return JSONResponse([{"method": how, "path": path, "calls": count} for (how, path), count in counts.items()])

    async def _count_anew(self, _: Request) -> Response:
        self._hosted.count_anew()
        return Response(status_code=204)

    async def _faults(self, _: Request) -> Response:
        waiting, rates = self._hosted.waiting
        return JSONResponse(
            {
                "faults": [TypeAdapter(Fault).dump_python(each, mode="json") for each in waiting],
                "rates": [
                    {**vars_of(each), "rates": {kind.value: rate for kind, rate in each.rates.items()}}
                    for each in rates
                ],
            }
        )

    async def _add(self, request: Request) -> Response:
        for each in _FAULTS.validate_python(await _json(request)):
            self._hosted.add(Fault(**each.model_dump()))
        return Response(status_code=204)

    async def _at_random(self, request: Request) -> Response:
        rates = _RATES.validate_python(await _json(request))
        self._hosted.at_random(*(Rates(**each.model_dump()) for each in rates))
        return Response(status_code=204)

    async def _well(self, _: Request) -> Response:
        self._hosted.well()
        return Response(status_code=204)

    async def _clock(self, _: Request) -> Response:
        return JSONResponse({"microseconds": self._hosted.clock()})

    async def _forward(self, request: Request) -> Response:
        given = _Forward.model_validate(await _json(request))
        self._hosted.clock.forward(int(given.forward_seconds * 1_000_000))
        return await self._clock(request)

    def _checked(self, answering: Answering) -> Answering:
        """Refuse what a web page could send by way of a browser, and say what is wrong with a body."""

        async def answer(request: Request) -> Response:
            named = request.url.hostname or ""
            if not (_is_loopback(named) or named == urlsplit(self._hosted.url).hostname) or "origin" in request.headers:
                return _wrong(403, "only programs that call the sandbox by its own name may ask this")
            try:
                return await answering(request)
            except ValidationError as fault:
                where = ", ".join(sorted({".".join(map(str, each["loc"])) or "the whole" for each in fault.errors()}))
                return _wrong(400, f"wrong or missing: {where}")
            except ValueError as fault:
                return _wrong(400, f"{fault}")
            except ClientDisconnect:
                return _wrong(400, "the body did not come")

        return answer


_FAULTS: TypeAdapter[list[_Fault]] = TypeAdapter(Annotated[list[_Fault], Field(max_length=1_000)])
_RATES: TypeAdapter[list[_Rates]] = TypeAdapter(Annotated[list[_Rates], Field(max_length=100)])
_OBJECT: TypeAdapter[dict[str, object]] = TypeAdapter(dict[str, object])


def vars_of(rates: Rates) -> dict[str, object]:
    """Return what rates say apart from the rates."""
    return {"seed": rates.seed, "method": rates.method, "path": rates.path, "seconds": rates.seconds}


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _wrong(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status)


async def _json(request: Request) -> object:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise ValueError("the body is larger than 16 MiB")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("the body is not JSON") from None
