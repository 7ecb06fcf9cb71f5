"""The key ring: one data key for each identifier that facts hang on, wrapped by the master key, apart from the graph.

Whoever destroys a key there has erased what it sealed, in the graph, its copies and the dead letters at once.
"""

from collections.abc import Collection, Mapping
from typing import Protocol


class KeyRing(Protocol):
    """A store of data keys of 32 bytes by name. Names are pseudonyms, or words for the company's own keys."""

    def keys(self, names: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the key of every name, made and durably kept where there was none.

        Raises: Retryable: the store is away or full. Misconfigured: it was made under another master key.
        """
        ...

    def find(self, names: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the keys there are; makes none."""
        ...

    def close(self) -> None:
        """Let the store go."""
        ...
