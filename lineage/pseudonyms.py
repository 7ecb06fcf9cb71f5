"""Keyed pseudonyms: all that the graph knows identifiers and events by. One way; the key is the company's."""

import hmac
from functools import lru_cache
from hashlib import blake2b

from lineage.identifiers import normalised

LENGTH = 16


class Pseudonyms:
    """Makes pseudonyms under one key of 32 bytes: HMAC-SHA-256, its first 16 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.identifier = lru_cache(maxsize=40_000)(self._identifier)

    def _identifier(self, kind: str, value: str) -> bytes:
        """Return the pseudonym of an identifier, given as it was sent."""
        return self._of(f"{kind}\0{normalised(kind, value)}".encode())

    def product(self, model: str) -> bytes:
        """Return the pseudonym of a product's model, as it is compared (`lineage.products.comparable`)."""
        return self._of(b"product\0" + model.encode())

    def event(self, event_id: str) -> bytes:
        """Return the pseudonym of an event's id."""
        return self._of(b"event\0" + event_id.encode())

    def request(self, company: str, id_: str, attempt: int) -> bytes:
        """Return the pseudonym of a company's request; another one for each attempt to find it a name."""
        return self._of(f"request\0{company}\0{id_}\0{attempt}".encode())

    def letter(self, position: str, record: bytes) -> bytes:
        """Return the pseudonym of a dead letter: the same record at the same place is the same letter."""
        return self._of(b"letter\0" + position.encode() + b"\0" + record)

    def staff(self, name: str) -> bytes:
        """Return the pseudonym of a member of staff, by the name she works under."""
        return self._of(b"staff\0" + name.encode("utf-8", "surrogateescape"))

    def mark(self) -> str:
        """Return what tells this key from another, without telling the key: a graph keeps whose pseudonyms it holds."""
        return self._of(b"mark\0").hex()

    def content(self, type_: str, content: bytes) -> bytes:
        """Return 8 bytes that tell one content from another, keyed, so that nobody can guess at the content."""
        return blake2b(type_.encode() + b"\0" + content, digest_size=8, key=self._key).digest()

    def _of(self, message: bytes) -> bytes:
        return hmac.digest(self._key, message, "sha256")[:LENGTH]
