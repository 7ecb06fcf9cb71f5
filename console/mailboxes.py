"""What counts as the address of one mailbox. Knows nobody's address, and sends nothing."""

import re

_WORD = r"[^\s@<>()\[\]\\,;:.\"]+"
_MAILBOX = re.compile(rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@){_WORD}(?:\.{_WORD})*@{_WORD}(?:\.{_WORD})*")


def is_mailbox(address: str) -> bool:
    """Tell whether a text is the address of one mailbox and nothing else (the dot-atoms of RFC 5322, and of RFC 6532).

    What a shop calls an e-mail address can be any text: a list of two, a name beside it, another header on a second line.
    """
    return address.isprintable() and _MAILBOX.fullmatch(address) is not None
