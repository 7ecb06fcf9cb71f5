"""Serves the HTTP API, on loopback unless told otherwise. The wiring; decides nothing."""

import asyncio
import ipaddress
import logging
from contextlib import suppress

from connectors.web import public_server
from console.api.answering import Answering
from console.api.app import api_app
from console.api.grants import Grants
from console.api.turns import Turns
from console.opening import declared_of, opened
from console.serving import bound_at, served, told_to_stop
from console.settings import Settings
from console.terminal import tell
from lineage.times import now

_log = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Answer questions until the program is told to stop.

    Raises: Misconfigured: there is nothing to read, the address cannot be had, or the file of grants cannot be used.
    """
    declared = declared_of(settings)
    with opened(settings, declared):
        pass  # what cannot be read is said now, and not with the first question
    grants = Grants(settings.access_file)
    if not any(each.state(now()) == "valid" for each in grants.all().values()):
        tell("nobody may ask yet: `jalki access add` gives somebody a token")
    asyncio.run(_serve(settings, Answering(settings, declared), grants))


async def _serve(settings: Settings, answering: Answering, grants: Grants) -> None:
    host, port = settings.api
    if not is_loopback(host):
        _log.warning("the API is served at %s without TLS: put a proxy before it", host)
    stop = told_to_stop()
    bound, turns = bound_at(host, port, "JALKI_API"), Turns()
    try:
        async with served(public_server(api_app(answering, grants, turns), host, port), bound):
            tell(f"API at http://{host}:{bound.getsockname()[1]}/")
            await stop.wait()
    finally:
        bound.close()
        turns.close()


def is_loopback(host: str) -> bool:
    """Tell whether nobody but this machine reaches what is served there."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"
