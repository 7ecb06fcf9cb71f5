"""The one-time code that shows who asks: sent by mail to an address of hers that is held already, never to a new one."""

import asyncio
from email.message import EmailMessage
from email.policy import SMTP

from connectors.mail import Mail
from console.case_opening import Casebook
from console.mailboxes import is_mailbox
from lineage.cases.identity import doubt
from lineage.cases.protecting import is_protected
from lineage.cases.subjects import seen_of, subject_of
from lineage.errors import Misconfigured, Refused
from lineage.graph import NOW
from lineage.persons import find_person

_SUBJECT = {
    "fi": "Vahvistuskoodi tietosuojapyyntöösi",
    "sv": "Kod för din begäran om dataskydd",
    "en": "Code for your data protection request",
}
_TEXT = {
    "fi": "Vahvistuskoodisi on {code}. Se on voimassa puoli tuntia.\n\nJos et ole pyytänyt mitään, älä tee mitään.\n",
    "sv": "Din kod är {code}. Den gäller en halvtimme.\n\nOm du inte har begärt något behöver du inte göra något.\n",
    "en": "Your code is {code}. It is valid for half an hour.\n\nIf you have not asked for anything, you need not do anything.\n",
}


def send_code(book: Casebook, case: str, reason: str) -> str:
    """Record a doubt and send a code; return where it went, masked.

    Raises: Refused: no address of hers is held. Misconfigured: no mail server is set. Retryable: it is away; send it again.
    """
    outward = book.folder.settings.outward
    if outward.mail is None or outward.sender is None:
        raise Misconfigured("a code is sent by mail: set JALKI_MAIL; or record how staff saw who asks, with --proved")
    address = _held_address(book, case)
    if address is None and is_protected(book.work.case(case)):
        raise Refused(
            f"case {case}: her address is protected, and no mailbox is known to be hers alone; record how staff saw who asks,"
            " with --proved"
        )
    if address is None:
        raise Refused(f"case {case}: no e-mail address of hers is held; record how staff saw who asks, with --proved")
    language = book.work.case(case).language
    code = doubt(book.work, case, reason)
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"], letter["Subject"] = outward.sender, address, _SUBJECT[language]
    letter.set_content(_TEXT[language].format(code=code))
    asyncio.run(Mail(outward.mail).hand_in(letter, outward.sender, address))
    name, _, domain = address.partition("@")
    return f"{name[:1]}…@{domain}"


def _held_address(book: Casebook, case: str) -> str | None:
    """Return the address of hers that was used last, of those the case's person has for herself.

    One that she shares is hers where the case names it beside one of her own; not where her address is protected.
    """
    work = book.work
    asks = work.case(case)
    members = set(subject_of(work.graph, asks.subjects).members)
    if is_protected(asks):
        members = {key for key in members if find_person(work.graph.near(key), key, NOW).candidates == 1}
    seen, _ = seen_of(work.graph, work.keyring, members)
    held = [
        (each.disclosure.at, value)
        for each in seen
        for kind, value in each.identifiers
        if kind == "email" and is_mailbox(value) and work.pseudonyms.identifier(kind, value) in members
    ]
    return max(held)[1] if held else None
