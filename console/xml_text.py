"""Text that XML can hold. Escaping is the writer's; this takes out what no escape lets in."""

import re

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return a text with a mark in place of each character that XML 1.0 has not (its production 2)."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
