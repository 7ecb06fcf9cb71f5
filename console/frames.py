"""Seals the frames of the embedded stream: what passes through under a key that passes too, cases under one that lasts.

Events lie in the stream only until they are recorded. When none is left their key is destroyed: a copy of the file that was
made meanwhile opens no more, whoever has it (GDPR Art. 17; a person's own key cannot do it, for a frame holds many persons).
"""

from contextlib import suppress

from lineage.errors import Misconfigured, Retryable
from lineage.keyring import KeyRing
from lineage.sealing import Seal
from streams.case_log import CASE_TOPICS
from streams.log import Log

PASSING = b"stream"
_LASTING = frozenset(topic.encode() for topic in CASE_TOPICS)


class Frames:
    """Satisfies `streams.log.Seal`."""

    def __init__(self, keyring: KeyRing, lasting: bytes) -> None:
        self._keyring, self._lasting = keyring, Seal(lasting)
        self._passing: Seal | None = None

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """Return a frame sealed under the key of its topic."""
        return self._of(bound_to).seal(plain, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Return a frame's content. Raises: Misconfigured: another key, or it was changed or moved."""
        try:
            return self._of(bound_to).open(sealed, bound_to)
        except Misconfigured:  # a version before this sealed all under the lasting key
            return self._lasting.open(sealed, bound_to)

    def _of(self, bound_to: bytes) -> Seal:
        if bound_to.split(b"|")[1] in _LASTING:
            return self._lasting
        if self._passing is None:
            self._passing = Seal(self._keyring.keys((PASSING,))[PASSING])
        return self._passing


def let_pass(log: Log, keyring: KeyRing) -> None:
    """Destroy the key of what has passed, unless something is still there that it opens."""
    events = {topic: count for topic, count in log.topics().items() if topic not in CASE_TOPICS}
    if all(log.begin(topic, each) == log.end(topic, each) for topic, count in events.items() for each in range(count)):
        with suppress(Retryable):  # a reader holds the file: the key is gone, and its last traces go at the next time
            keyring.destroy((PASSING,))
