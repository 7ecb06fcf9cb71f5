"""Calls that a party may take for one about everybody it knows of, told by their words before they are made. Pure.

`connectors.calling` makes none of them, whoever built them; descriptors that hold one are refused when they are read. The
words are those of vendors that erase all of their customers by one call; that a value is such a word does not matter.
"""

import json
import posixpath
import re
from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

_WORD = re.compile(r"deleteall|removeall|deletecontacts$")
_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LISTS = frozenset({"bounces", "blocks", "spam_reports", "invalid_emails"})
_WORTH_READING = re.compile(rb"(?is)(?:delete|remove).{0,12}(?:all|contacts)|\\u00|%")
"""What a body holds that has such a name; most have not, and are not read a second time."""
Pairs = Sequence[tuple[str, str]]


def hits_everybody(method: str, url: str, body: bytes, kind: str = "") -> bool:
    """Tell whether a call could be about everybody. `kind` is the type of its body: one that is no data is not read."""
    target = urlsplit(url)
    path = _plain(target.path)
    query = parse_qsl(target.query, keep_blank_values=True)
    tree = _read(body) if not kind or "json" in kind.lower() or "form" in kind.lower() else None
    names = [name for name, _ in query]
    if any(_is_word(each) for each in (path.rpartition(":")[2] if ":" in path else "", *names, *_names(tree))):
        return True
    return method.upper() == "DELETE" and _names_nobody(path, query, body)


def _names_nobody(path: str, query: Pairs, body: bytes) -> bool:
    """Tell whether a deletion of contacts, or one out of a list of SendGrid's, does not say whose: it would be everybody's."""
    above, _, last = path.lower().rpartition("/")
    if above.endswith("/marketing") and last == "contacts":
        ids = query[0][1].split(",") if len(query) == 1 and query[0][0] == "ids" else []
        return not ids or not all(_ID.fullmatch(each) for each in ids)
    if above.endswith("/suppression") and last in _LISTS:
        tree = _json(body)
        emails = tree.get("emails") if isinstance(tree, dict) else None
        return not isinstance(emails, list) or not emails or not all(isinstance(e, str) and "@" in e for e in emails)
    return False


def _plain(path: str) -> str:
    """Return a path as a server may read it: decoded, also where it is decoded twice, and without dots."""
    for _ in range(3):
        path = unquote(path)
    return posixpath.normpath(f"/{path.lstrip('/')}")


def _is_word(name: str) -> bool:
    return _WORD.match(re.sub(r"[^a-z0-9]", "", name.lower())) is not None


def _read(body: bytes) -> object:
    """Return what a body says: its JSON, or the fields of a form."""
    if not _WORTH_READING.search(body):
        return None
    try:
        return _json(body) or dict(parse_qsl(body.strip().decode(), keep_blank_values=True))
    except UnicodeDecodeError:
        return None


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _names(tree: object) -> Iterator[str]:
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            yield from (str(name) for name in each)
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
