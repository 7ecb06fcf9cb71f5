"""Answers `POST /may-share` of a worker: reads a small question, and says whether data may be sent. Decides nothing itself.

An identifier stands in the body alone: addresses of requests end up in logs.
"""

import asyncio
import ipaddress
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from lineage.errors import JalkiError, Misconfigured

MayShare = Callable[[str, str, str], Awaitable[Sequence[str]]]
"""Given identifier, party and purpose: the reasons why not, none where it may be.

Raises: Misconfigured: one of the three is not known. Any other of our errors: nobody can tell now.
"""

LARGEST = 4_096
"""Bytes of a question."""
_PATIENCE = 5.0
"""Seconds that a question may take to come."""
_ASKED = ("identifier", "party", "purpose")
_FORM = "ask with a JSON object of three texts: identifier, party and purpose"


async def answer_may_share(
    request: web.BaseRequest, may_share: MayShare, always: Mapping[str, str]
) -> web.StreamResponse | int:
    """Return the answer, with the headers that every answer has; or the status of a refusal without words."""
    if (refused := _refusal(request)) is not None:
        return refused
    try:
        async with asyncio.timeout(_PATIENCE):
            question = _read(await request.read())
    except TimeoutError:
        return 408
    if question is None:
        return web.json_response({"error": _FORM}, status=400, headers=always)
    try:
        why = await may_share(*question)
    except Misconfigured as fault:
        return web.json_response({"error": str(fault)}, status=400, headers=always)
    except JalkiError as fault:
        return web.json_response({"error": str(fault)}, status=503, headers=always)
    return web.json_response({"allowed": not why, "why": list(why)}, headers=always)


def _refusal(request: web.BaseRequest) -> int | None:
    """Return why a question is not even read. Without a login only this machine may ask, and no page in a browser."""
    if not _is_local(request.remote) or "Origin" in request.headers:
        return 403
    if request.method != "POST":
        return 405
    if request.content_type != "application/json":
        return 415
    if request.content_length is None:
        return 411
    return 413 if request.content_length > LARGEST else None


def _is_local(remote: str | None) -> bool:
    try:
        address = ipaddress.ip_address(remote or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _read(body: bytes) -> list[str] | None:
    """Return identifier, party and purpose; None where the body does not say just these."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or told.keys() != set(_ASKED):
        return None
    values = [told[name] for name in _ASKED]
    return values if all(isinstance(each, str) for each in values) else None
