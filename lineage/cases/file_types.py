"""What a file is, told by its bytes: the few kinds that are kept as evidence. What it is called counts for nothing."""

import re
from collections.abc import Mapping
from typing import Literal

FileType = Literal["pdf", "png", "jpeg", "email", "text"]

_STARTS: Mapping[bytes, FileType] = {b"%PDF-": "pdf", b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg"}
_FIELD = re.compile(rb"([!-9;-~]{1,76}):")
_MAIL = frozenset({b"from", b"date"})
"""The fields that every message has (RFC 5322, 3.6)."""
_MOST_FIELDS = 500
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def type_of(content: bytes) -> FileType | None:
    """Return what a file is, None for anything that is not kept."""
    for start, type_ in _STARTS.items():
        if content.startswith(start):
            return type_
    if not content.strip() or b"\0" in content:
        return None
    if _is_mail(content):
        return "email"
    return "text" if _is_text(content) else None


def _is_mail(content: bytes) -> bool:
    """Whether it begins with the fields of a message, among them who it is from and when it was written."""
    found = set()
    for number, line in enumerate(content.splitlines()):
        if line[:1] in {b" ", b"\t"} and number:  # goes on with the field before
            continue
        field = _FIELD.match(line)
        if field is None or number > _MOST_FIELDS:
            break
        found.add(field[1].lower())
    return found >= _MAIL


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not _CONTROLS.search(text)
