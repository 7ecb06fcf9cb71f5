"""All that the customers' pages work with: sessions, codes, links, and what is sent out. Shows no page."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager

from connectors.mail import Mail
from connectors.wording import Language
from console.opening import Folder
from console.outward import Outward
from console.web.customers.allowances import Allowance
from console.web.customers.codes import Codes, Ticket
from console.web.customers.links import Links, Offers
from console.web.customers.mailing import code_letter, holder_of
from console.web.sessions import Sessions
from lineage.errors import JalkiError

MINUTE = 60 * 1_000_000
DAY = 24 * 60 * MINUTE
IDLE, LONGEST = 15 * MINUTE, 120 * MINUTE
MOST = 10_000
AT_ONCE = 2
"""Codes that are handed over at the same time."""
_log = logging.getLogger(__name__)


class CustomerDesk:
    """What is kept for customers, in memory alone. Used from one loop; `close` it there.

    `outward` is the mail server and our mailbox, nothing of any party; `url` is how browsers reach the pages. `links` is
    None where the shop makes none. `whole` tells that an answer can be made without the shop's own tables.
    """

    def __init__(
        self, clock: Callable[[], int], reading: Callable[[], AbstractContextManager[Folder]], outward: Outward, *,
        url: str, links: Links | None = None, whole: bool = True,
    ) -> None:  # fmt: skip
        self.sessions = Sessions(clock, idle=IDLE, longest=LONGEST, most=MOST)
        self.codes, self.links, self.offers = Codes(clock), links, Offers(clock)
        self.url, self.whole = url, whole
        self.asking = Allowance(clock, 1_000, 15 * MINUTE)
        """Codes asked for in all."""
        self.opening = Allowance(clock, 20, DAY)
        """Cases a person may open."""
        self._mails = Allowance(clock, 600, 60 * MINUTE)
        self._of_address = Allowance(clock, 3, 15 * MINUTE), Allowance(clock, 20, DAY)
        self._reading, self._outward = reading, outward
        self._few = asyncio.Semaphore(AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def sends_codes(self) -> bool:
        """Whether there is a mail server to send codes by."""
        return self._outward.mail is not None and self._outward.sender is not None

    @property
    def under_way(self) -> int:
        """How many codes that were asked for are still being seen to."""
        return len(self._under_way)

    def send(self, address: str, ticket: Ticket, language: Language) -> None:
        """Send a code to an address, if it is hers alone, later: whoever asked is answered before it is even looked up."""
        task = asyncio.get_running_loop().create_task(self._sent(address, ticket, language))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def close(self) -> None:
        """End every session, and what is being sent."""
        self.sessions.end_all()
        for each in self._under_way:
            each.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _sent(self, address: str, ticket: Ticket, language: Language) -> None:
        try:
            async with self._few:
                await self._hand_over(address, ticket, language)
        except JalkiError as fault:  # its text names no address
            _log.warning("a code was not handed over: %s", fault)
        except Exception as fault:  # noqa: BLE001 - whatever it is, nobody waits for it
            _log.error("a code was not handed over: %s", type(fault).__name__)

    async def _hand_over(self, address: str, ticket: Ticket, language: Language) -> None:
        found, key = await asyncio.to_thread(holder_of, self._reading, address)
        within = all(each.takes(key) for each in self._of_address)
        server, sender = self._outward.mail, self._outward.sender
        if found is None or not within or server is None or sender is None or not self._mails.takes():
            return
        # Before it goes out: a server that we do not hear of may have it all the same.
        self.codes.goes_to(ticket.ticket, found)
        await Mail(server).hand_in(code_letter(language, sender, found.value, ticket.code), sender, found.value)
