"""Dead letters that speak of a person: records that could not be read may hold her identifiers all the same.

Found by looking into each; nothing of one is kept here.
"""

import re
from collections.abc import Iterable, Iterator

from lineage.graph import Graph
from lineage.identifiers import normalised
from lineage.keyring import KeyRing
from lineage.recording import read_letter
from lineage.sealing import Seal

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def letters_about(graph: Graph, keyring: KeyRing, identifiers: Iterable[tuple[str, str]]) -> list[bytes]:
    """Return the keys of the dead letters in which one of these identifiers (kind, value) stands, as a word of its own.

    Upper and lower case, UTF-8 and UTF-16, and what JSON escapes make no difference. Raises: Retryable, Misconfigured.
    """
    words = {word for kind, value in identifiers for word in _forms(kind, value)}
    if not words:
        return []
    sought = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + r")(?!\w)")
    letters = graph.letters()
    keys = keyring.find([each.key for each in letters])
    found = []
    for each in letters:
        if each.key in keys:
            _, record = read_letter(Seal(keys[each.key]).open(each.sealed, each.key))
            if any(sought.search(text) for text in _texts(record)):
                found.append(each.key)
    return found


def _forms(kind: str, value: str) -> set[str]:
    plain = {value.strip(), normalised(kind, value)}
    if kind == "phone":
        plain |= {"".join(value.split()), normalised(kind, value).replace("+358", "0")}
    return {each.lower() for each in plain if len(each) > 1}


def _texts(record: bytes) -> Iterator[str]:
    """Yield a record as text, as far as it is one."""
    text = record.replace(b"\0", b"").decode("utf-8", "replace").lower()
    yield text
    if "\\u" in text:
        yield _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text).lower()
