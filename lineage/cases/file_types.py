"""What a file is, told by its bytes: the few kinds that are kept as evidence. What it is called counts for nothing."""

import re
from typing import Literal, get_args

FileType = Literal["pdf", "png", "jpeg", "email", "text"]
FILE_TYPES: tuple[FileType, ...] = get_args(FileType)

_PDF, _PNG, _JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_FIELD = re.compile(rb"([!-9;-~]{1,76}):")
_MAIL = frozenset({b"from", b"date"})
"""The fields that every message has (RFC 5322, 3.6)."""
_MOST_FIELDS = 500
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def type_of(content: bytes) -> FileType | None:
    """Return what a file is, None for anything that is not kept."""
    for start, type_ in ((_PDF, "pdf"), (_PNG, "png"), (_JPEG, "jpeg")):
        if content.startswith(start):
            return next(each for each in FILE_TYPES if each == type_)
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
