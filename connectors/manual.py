"""Tells a party by letter: half of all recipients have no other way. A person there answers by the link in it.

That a mail server took the letter is `sent`, and no more: nobody at the party has seen it. The answers come in through
`connectors.confirming`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from connectors.letters import Addressee, Sender, can_say, compose, message_id
from connectors.links import Links
from connectors.mail import Mail
from connectors.protocol import Limits
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured, Refused
from lineage.register.model import HELSINKI, midnight

LINK_DAYS = 60
"""Days a link works after the task was due: late answers count too."""
_MOST_LETTERS = 1_000


class Letters:
    """The connector of one party that is told by letter.

    The first letter of a task has always the same Message-ID, so that one which was handed in by an attempt of unknown end
    is not two to the party. `Outcome.handle` counts the letters: with it, the next one is a reminder with an id of its own,
    or mail systems would drop it as a double.
    """

    def __init__(
        self,
        addressee: Addressee,
        senders: Mapping[str, Sender],
        mail: Mail,
        links: Links,
        clock: Callable[[], int],
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> None:
        """`senders` are who we are, by the controller of an order. An addressee without a mailbox is told by a person."""
        self._addressee, self._senders, self._mail, self._links = addressee, dict(senders), mail, links
        self._clock, self._limits = clock, limits

    @property
    def limits(self) -> Limits:
        """How many letters it takes."""
        return self._limits

    async def send(self, order: Order) -> Outcome:
        """Hand a letter in: the first, or a reminder where `order.handle` says that one is out.

        Raises: Refused: there is no letter for this, or the mailbox is not taken. Retryable, Misconfigured: as `Mail`.
        """
        if not can_say(order):
            raise Refused(f"a letter cannot tell a party to {order.action} ({order.form}): a person must see to it")
        if not self._addressee.mailbox:
            return Outcome("manual", how="no-address")
        letter, sender = _letters_out(order) + 1, self._sender(order)
        last = max(date.fromisoformat(order.due), self._today()) + timedelta(days=LINK_DAYS)
        link = self._links.url(order, letter, midnight(last + timedelta(days=1)))
        message = compose(order, sender, self._addressee, link, last.isoformat(), letter)
        message["Date"] = datetime.fromtimestamp(self._clock() // 1_000_000, UTC)
        await self._mail.hand_in(message, sender.mailbox, self._addressee.mailbox)
        return Outcome(
            "sent", how="smtp-250", handle=f"letter-{letter}", evidence=message_id(order, sender, letter).encode()
        )

    async def ask(self, order: Order) -> Outcome:
        """A letter cannot be asked: it is out, and its answer comes by the link."""
        return Outcome("sent" if self._addressee.mailbox else "manual", how="no-answer-yet", handle=order.handle)

    async def close(self) -> None:
        """Nothing is kept open."""

    def _sender(self, order: Order) -> Sender:
        if (sender := self._senders.get(order.controller)) is None:
            raise Misconfigured(
                f"no sender of letters is set for {order.controller}: give its company name and mailbox"
            )
        return sender

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock() // 1_000_000, HELSINKI).date()


def _letters_out(order: Order) -> int:
    """Return how many letters of a task are known to be out. An attempt that failed before has sent none."""
    if order.handle is None:
        return 0
    number = order.handle.removeprefix("letter-")
    if not number.isdecimal() or not 0 < int(number) < _MOST_LETTERS:
        raise Refused("the handle of this task is not one of a letter: it was begun in another way, a person must look")
    return int(number)
