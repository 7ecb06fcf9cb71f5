"""Salted digests over a tree of JSON: one number stands for the whole, and any part can be shown, or withheld, later.

An entry's hash is made of such a digest, so that a certificate can leave out what is nobody's business and its reader can
still recompute the hash. A withheld part cannot be guessed, however few values it could have: each leaf has a salt of its
own, worked out of its parent's, and only the salts of what is shown are given away. Holds no rule of what is shown.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from lineage.cases.canonical import canonical, text

SALT = 16
WITHHELD = "withheld"
"""Stands where a part is left out."""

Visible = Callable[[tuple[str, ...], Any], bool]
"""Whether what is at a path (names; places in lists are passed over), of this value, may be shown: asked of the whole before
its parts."""

_LEAF, _MAPPING, _LIST = b"\x00", b"\x01", b"\x02"


def first_salt(told: Mapping[str, Any], sealed: bytes) -> bytes:
    """Return the salt of a chain's first entry. It is as hard to guess as the pseudonyms, or the sealed part, in it."""
    return hashlib.blake2b(canonical(told) + sealed, digest_size=SALT, person=b"jalki-salt").digest()


def below(salt: bytes, name: str) -> bytes:
    """Return the salt of a part. From it nothing can be learnt of its parent's, or of those beside it."""
    return hashlib.blake2b(name.encode(), digest_size=SALT, key=salt, person=b"jalki-part").digest()


def digest(salt: bytes, told: Any) -> bytes:  # noqa: ANN401 - any JSON
    """Return the digest (32 bytes, SHA-256) of a value: a mapping with text keys, a list, or a leaf."""
    # Leaves are most of what there is, and texts most of these: they are told from the rest by one look.
    if type(told) is str or not told or not isinstance(told, dict | list | tuple | Mapping):
        return hashlib.sha256(_LEAF + salt + canonical(told)).digest()
    if isinstance(told, list | tuple):
        return _of_list(digest(below(salt, str(place)), each) for place, each in enumerate(told))
    return _of_mapping((name, digest(below(salt, name), each)) for name, each in told.items())


def shown(salt: bytes, told: Any, visible: Visible, path: tuple[str, ...] = ()) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return a value as a certificate shows it: JSON of one of four forms.

    `{"salt", "value"}`: all of it · `{"digest"}`: nothing · `{"parts"}`, `{"items"}`: a mapping or list shown in part.
    """
    if not visible(path, told):
        return {"digest": digest(salt, told).hex()}
    if told and isinstance(told, Mapping):
        parts = {name: shown(below(salt, name), each, visible, (*path, name)) for name, each in told.items()}
        return _joined(salt, told, parts.values()) or {"parts": parts}
    if told and isinstance(told, list | tuple):
        items = [shown(below(salt, str(place)), each, visible, path) for place, each in enumerate(told)]
        return _joined(salt, told, items) or {"items": items}
    return {"salt": salt.hex(), "value": told}


def opened(part: Mapping[str, Any]) -> tuple[bytes, Any]:
    """Return the digest of what is shown so, and its value with `WITHHELD` where something is left out.

    Raises: KeyError, TypeError, ValueError: it is of none of the four forms.
    """
    if part.keys() == {"parts"}:
        inner = {name: opened(each) for name, each in part["parts"].items()}
        return _of_mapping((name, each[0]) for name, each in inner.items()), {
            name: each[1] for name, each in inner.items()
        }
    if part.keys() == {"items"}:
        items = [opened(each) for each in part["items"]]
        return _of_list(each[0] for each in items), [each[1] for each in items]
    if part.keys() == {"digest"}:
        return bytes.fromhex(part["digest"]), WITHHELD
    return digest(bytes.fromhex(part["salt"]), part["value"]), part["value"]


def _joined(salt: bytes, told: object, parts: Collection[Mapping[str, Any]]) -> dict[str, Any] | None:
    """A mapping or list of which all is shown, or nothing, as one; None where it is shown in part."""
    if all("value" in part for part in parts):
        return {"salt": salt.hex(), "value": told}
    if all("digest" in part for part in parts):
        return {"digest": digest(salt, told).hex()}
    return None


def _of_mapping(parts: Iterator[tuple[str, bytes]]) -> bytes:
    told = ",".join(f'[{text(name)},"{each.hex()}"]' for name, each in sorted(parts))
    return hashlib.sha256(_MAPPING + f"[{told}]".encode()).digest()


def _of_list(items: Iterator[bytes]) -> bytes:
    told = ",".join(f'"{each.hex()}"' for each in items)
    return hashlib.sha256(_LIST + f"[{told}]".encode()).digest()
