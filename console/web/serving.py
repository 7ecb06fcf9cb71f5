"""Serves the console, on loopback unless told otherwise. The wiring; decides nothing. It holds no party's credentials.

Of what goes out it keeps the mail server alone: by it customers get their codes. A relay takes letters and shows nothing.
"""

import asyncio
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from connectors.web import public_server
from console.api.answering import Answering
from console.api.serving import is_loopback
from console.api.turns import Turns
from console.case_logs import opened_for_cases
from console.case_opening import Casebook
from console.opening import Folder, declared_of, opened
from console.outward import Outward
from console.serving import bound_at, served
from console.settings import Settings
from console.terminal import tell
from console.web.accounts import Accounts
from console.web.app import web_app
from console.web.customers.desk import CustomerDesk
from console.web.customers.links import Links
from console.web.sessions import Sessions
from console.web.throttle import Throttle
from console.web.visits import Office
from lineage.times import now

_log = logging.getLogger(__name__)


def serve(settings: Settings) -> None:
    """Serve pages until the program is told to stop.

    Raises: Misconfigured: there is nothing to read, the address cannot be had, or the file of accounts cannot be used.
    """
    whole = settings.outward.shop is None
    settings = replace(settings, outward=mail_alone(settings.outward))
    declared = declared_of(settings)
    with opened(settings, declared):
        pass  # what cannot be read is said now, and not with the first page
    accounts = Accounts(settings.accounts_file)
    if not accounts.all():
        tell("nobody can sign in yet: `jalki users add` makes an account")
    asyncio.run(_serve(settings, Answering(settings, declared), accounts, whole=whole))


async def _serve(settings: Settings, answering: Answering, accounts: Accounts, *, whole: bool) -> None:
    host, port = settings.console
    bound, turns, stop = bound_at(host, port, "JALKI_CONSOLE"), Turns(), asyncio.Event()
    url = settings.console_url or f"http://{host}:{bound.getsockname()[1]}"
    if not is_loopback(host) and not url.startswith("https:"):
        _log.warning("the console is served at %s without TLS: put a proxy before it, and set JALKI_CONSOLE_URL", host)

    @contextmanager
    def reading() -> Iterator[Folder]:
        with opened(settings, answering.declared) as folder:
            yield folder

    @contextmanager
    def deciding() -> Iterator[Casebook]:
        with opened_for_cases(settings) as book:
            yield book

    hers = settings.customer_url or url
    links = Links(settings.shop_links, hers, now) if settings.shop_links else None
    customers = CustomerDesk(now, reading, settings.outward, url=hers, links=links, whole=whole)
    office = Office(answering, turns, Sessions(now), accounts, Throttle(now), now, url, reading, deciding, customers)
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    try:
        async with served(public_server(web_app(office), host, port), bound):
            tell(f"console at {url}/")
            tell(f"customers' pages at {hers}/me")
            await stop.wait()
            office.sessions.end_all()
            await customers.close()
    finally:
        bound.close()
        turns.close()


def mail_alone(outward: Outward) -> Outward:
    """Return what the console keeps of what goes out: whoever reaches this process gets no party's password by it."""
    return Outward(mail=outward.mail, sender=outward.sender)
