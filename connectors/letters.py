"""What a letter to a party says (GDPR Art. 5(1)(c), 19, 28(3)). Pure: sends nothing, and knows no mail server.

It holds what this party needs and nothing else: its own identifiers as it got them, never a reason and never another
recipient. A processor reads an instruction, a controller a notice that it may answer with a ground of its own.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from connectors.wording import Language, named, put, words
from lineage.cases.orders import Order
from lineage.errors import Refused

_POLICY = SMTP.clone(cte_type="7bit")  # every mail server takes it, and identifiers keep their letters


@dataclass(frozen=True, slots=True)
class Sender:
    """Who we are in letters: a group company, by the `controller` of the order. `mailbox` is read by people."""

    company: str
    mailbox: str
    contact: str = ""
    """A further line: a postal address, a telephone number."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom a letter goes, in which language, and what stands in it besides the task."""

    name: str
    mailbox: str
    language: Language
    agreement: str = ""
    """The processing agreement the instruction rests on."""
    their_reference: str = ""
    """What the party knows us by: a customer or contract number."""


def can_say(order: Order) -> bool:
    """Tell whether there are words for this form and action. A letter does not hand data on, and nothing of our own gets one."""
    return order.action in words("en").get(f"do.{order.form}", {})


def compose(order: Order, sender: Sender, addressee: Addressee, link: str, ends: str, letter: int) -> EmailMessage:
    """Return the letter of an order: the first (`letter` 1) or a reminder. The same arguments make the same letter.

    `ends` is the last ISO day of the link. Raises: Refused: new values of categories that this party does not have.
    """
    if unknown := sorted(set(order.changes) - set(order.categories)):
        raise Refused(f"a correction names what this party did not get ({', '.join(unknown)}): plan the case again")
    said = words(addressee.language)
    title = put(
        said["letter"]["title"],
        law=said[f"law.{order.form}"][order.action],
        task=said["task"][order.action],
        reference=order.case,
    )
    message = EmailMessage(_POLICY)
    message["From"] = Address(sender.company, addr_spec=sender.mailbox)
    message["To"] = Address(addressee.name, addr_spec=addressee.mailbox)
    message["Subject"] = title if letter == 1 else put(said["letter"]["reminder_title"], title=title)
    message["Message-ID"] = message_id(order, sender, letter)
    if letter > 1:
        message["In-Reply-To"] = message["References"] = message_id(order, sender, 1)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers, please
    message["Content-Language"] = addressee.language
    message.set_content("\n".join(_lines(order, sender, addressee, link, ends, letter)), cte="quoted-printable")
    return message


def message_id(order: Order, sender: Sender, letter: int) -> str:
    """Return the Message-ID of a letter: the same letter, handed in twice, is one to any mail system that looks."""
    return f"<{order.key}.{letter}@{sender.mailbox.rpartition('@')[2]}>"


def _lines(order: Order, sender: Sender, addressee: Addressee, link: str, ends: str, letter: int) -> Iterable[str]:
    said = words(addressee.language)
    text = said["letter"]
    agreement = put(text["agreement"], agreement=addressee.agreement) if addressee.agreement else ""
    yield from (put(text["to"], party=addressee.name), "")
    if letter > 1:
        yield from (text["reminder"], "")
    yield put(text[f"who_{order.form}"], company=sender.company, agreement=agreement)
    if addressee.their_reference:
        yield put(text["their_reference"], reference=addressee.their_reference)
    yield from ("", said[f"do.{order.form}"][order.action], "", text["identifiers"])
    yield from _table(((named(said["kind"], kind), value) for kind, value in order.identifiers))
    if order.action != "collect":  # a copy is asked for of all they have
        yield put(text["categories"], categories=_listed(said["category"], order.categories))
        yield put(text["purposes"], purposes=_listed(said["purpose"], order.purposes))
    if order.changes:
        yield from (
            text["changes"],
            *_table((named(said["category"], each), new) for each, new in order.changes.items()),
        )
    yield from ("", put(text["due"], due=order.due), put(text["link"], ends=ends), link, "")
    yield from (put(text["ours"], reference=order.case), text["ending"], "", sender.company)
    yield from (line for line in (sender.contact, sender.mailbox) if line)


def _table(rows: Iterable[tuple[str, str]]) -> Iterable[str]:
    return [f"  {name}: {_one_line(value)}" for name, value in rows]


def _listed(names: Mapping[str, str], which: Iterable[str]) -> str:
    return ", ".join(sorted(named(names, each) for each in which))


def _one_line(value: str) -> str:
    """Return a value that cannot write lines of its own into the letter: what is no printed sign is shown as its code."""
    return "".join(
        f"\\u{ord(sign):04x}" if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp", "Cs") else sign
        for sign in value
    )
