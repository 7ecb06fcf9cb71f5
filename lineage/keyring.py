"""The key ring: one data key for each identifier that facts hang on, wrapped by the master key, apart from the graph.

Whoever destroys a key there has erased what it sealed, in the graph, its copies and the dead letters at once.
"""

from collections.abc import Collection, Mapping
from typing import Protocol


class KeyRing(Protocol):
    """A store of data keys of 32 bytes by name. Names are pseudonyms, or words for the company's own keys.

    Any number of threads may use one, and any number of processes one store, each with a ring of its own.
    """

    def keys(self, names: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the key of every name, made and durably kept where there was none.

        Raises: Retryable: the store is away or full. Misconfigured: it was made under another master key.
        """
        ...

    def find(self, names: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the keys there are; makes none."""
        ...

    def destroy(self, names: Collection[bytes]) -> int:
        """Delete the keys of these names durably, and return how many there were; a name without a key is passed over.

        No ring of the store gives one of them in an answer to a question that is put after this returned. Whoever asks
        for `keys` of the name later gets a new one. Backups of the store keep theirs: do it again after a restore.

        Raises: Refused: a key of the company's own is among the names, or the ring is open for reading. Retryable: the
        store is away or busy; what it did is done, and may be done again.
        """
        ...

    def close(self) -> None:
        """Let the store go."""
        ...
