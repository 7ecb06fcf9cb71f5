"""Serves the console, on loopback unless told otherwise. The wiring; decides nothing. It holds no party's credentials.

Of what goes out it keeps the mail server alone: by it customers get their codes. A relay takes letters and shows nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
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
from console.serving import bound_at, served, told_to_stop
from console.settings import Settings
from console.terminal import tell
from console.web.accounts import Accounts
from console.web.app import web_app
from console.web.customers.desk import CustomerDesk
from console.web.customers.links import Links
from console.web.oidc import Provider
from console.web.oidc_settings import load_oidc
from console.web.sessions import Sessions
from console.web.throttle import Throttle
from console.web.visits import Office
from lineage.times import now

PATIENCE = 10.0
"""Seconds for which a decision waits for another process that writes to the folder."""
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
    if not accounts.all() and settings.oidc is None:
        tell("nobody can sign in yet: `jalki users add` makes an account")
    asyncio.run(_serve(settings, Answering(settings, declared), accounts, whole=whole))


def office_of(
    settings: Settings, answering: Answering, accounts: Accounts, turns: Turns, url: str, clock: Callable[[], int] = now,
    *, whole: bool = True,
) -> Office:  # fmt: skip
    """Return what the console works with, of the folder that the settings name; reached at `url`.

    `whole` tells that an answer can be made without the shop's own tables.
    """

    @contextmanager
    def reading() -> Iterator[Folder]:
        with opened(settings, answering.declared) as folder:
            yield folder

    @contextmanager
    def deciding() -> Iterator[Casebook]:
        with opened_for_cases(settings, patience=PATIENCE) as book:
            yield book

    hers = settings.customer_url or url
    links = Links(settings.shop_links, hers, clock) if settings.shop_links else None
    customers = CustomerDesk(clock, reading, mail_alone(settings.outward), url=hers, links=links, whole=whole)
    provider = Provider(load_oidc(settings.oidc), f"{url}/sign-in/oidc/back", clock) if settings.oidc else None
    return Office(
        answering, turns, Sessions(clock), accounts, Throttle(clock), clock, url, reading, deciding, customers, provider
    )  # fmt: skip


async def _serve(settings: Settings, answering: Answering, accounts: Accounts, *, whole: bool) -> None:
    host, port = settings.console
    stop = told_to_stop()
    bound, turns = bound_at(host, port, "JALKI_CONSOLE"), Turns()
    url = settings.console_url or f"http://{host}:{bound.getsockname()[1]}"
    if not is_loopback(host) and not url.startswith("https:"):
        _log.warning("the console is served at %s without TLS: put a proxy before it, and set JALKI_CONSOLE_URL", host)

    office = office_of(settings, answering, accounts, turns, url, whole=whole)
    try:
        async with served(public_server(web_app(office), host, port), bound):
            tell(f"console at {url}/")
            tell(f"customers' pages at {office.customers.url}/me")
            await stop.wait()
            office.sessions.end_all()
            await office.customers.close()
            if office.provider is not None:
                await office.provider.close()
    finally:
        bound.close()
        turns.close()


def mail_alone(outward: Outward) -> Outward:
    """Return what the console keeps of what goes out: whoever reaches this process gets no party's password by it."""
    return Outward(mail=outward.mail, sender=outward.sender)
