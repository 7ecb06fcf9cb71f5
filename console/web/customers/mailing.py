"""Sends a customer her one-time code, where an address is hers alone; to any other nothing goes, and nobody is told so."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from email.message import EmailMessage
from email.policy import SMTP

from connectors.wording import Language
from console.mailboxes import is_mailbox
from console.opening import Folder
from console.web.customers.codes import LASTS, shown
from console.web.sessions import Customer
from console.web.wording import filled, tree
from lineage.cases.subjects import seen_of
from lineage.graph import NOW
from lineage.persons import find_person


def holder_of(reading: Callable[[], AbstractContextManager[Folder]], address: str) -> tuple[Customer | None, bytes]:
    """Return who alone has an address, by what is recorded, and the address's pseudonym; None where nobody or several do.

    The value is as it was sent to us, not as it was typed now: the two may lead to different mailboxes. Whoever is erased
    has none. Raises: Retryable, Misconfigured: a store.
    """
    with reading() as folder:
        key = folder.pseudonyms.identifier("email", address)
        person = find_person(folder.graph.near(key), key, NOW)
        # Looked up even if it is nobody's alone: that takes as long.
        seen, _ = seen_of(folder.graph, folder.keyring, person.members or {key})
        held = [
            (each.disclosure.at, value)
            for each in seen
            for kind, value in each.identifiers
            if kind == "email" and is_mailbox(value.strip()) and folder.pseudonyms.identifier(kind, value) == key
        ]
    alone = person.candidates == 1 and held
    return Customer("email", max(held)[1].strip(), key.hex()) if alone else None, key


def code_letter(language: Language, sender: str, address: str, code: str) -> EmailMessage:
    """Return the mail with a code. It names nobody, and no address of ours to click on."""
    said = tree(language)["me_mail"]
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"], letter["Subject"] = sender, address, said["subject"]
    letter.set_content(filled(said["text"], code=shown(code), minutes=LASTS // 60_000_000) + "\n")
    return letter
