"""Seals the frames of the embedded stream: what passes through under a key that passes too, what is kept under one that lasts.

Events lie in the stream only until they are recorded. When none is left their key is destroyed: a copy of the file that was
made meanwhile opens no more, whoever has it (GDPR Art. 17; a person's own key cannot do it, for a frame holds many persons).
When such a copy is brought back its frames are told from damaged ones: each says under the lasting key by which passing key
it was sealed, and when; and a tombstone says until when those keys are gone.
"""

import hashlib
from collections.abc import Callable
from contextlib import suppress

from lineage.errors import Misconfigured, Retryable
from lineage.keyring import KeyRing
from lineage.sealing import Seal
from lineage.times import now
from lineage.tombstones import STREAM, Memory, Tombstone
from streams.drift_topic import KEPT_TOPICS
from streams.log import Log, Passed

PASSING = b"stream"
_LASTING = frozenset(topic.encode() for topic in KEPT_TOPICS)
_MARK = b"\x01"
"""No frame of records begins so: a frame of a version before, which sealed all under the lasting key, is told by it."""
_NAME, _TIME = 16, 8


class Frames:
    """Satisfies `streams.log.Seal`. Without a `memory` every key that is not there counts as missing, none as gone."""

    def __init__(
        self, keyring: KeyRing, lasting: bytes, memory: Memory | None = None, clock: Callable[[], int] = now
    ) -> None:
        self._keyring, self._lasting, self._memory, self._clock = keyring, Seal(lasting), memory, clock
        self._passing: tuple[bytes, Seal] | None = None

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """Return a frame sealed under the key of its topic."""
        if bound_to.split(b"|")[1] in _LASTING:
            return self._lasting.seal(plain, bound_to)
        name, passing = self._under(self._keyring.keys((PASSING,))[PASSING])
        head = _MARK + name + self._clock().to_bytes(_TIME)
        return self._lasting.seal(head + passing.seal(plain, bound_to), bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Return a frame's content.

        Raises: Passed: its key was destroyed, when all of it had been recorded. Misconfigured: its key is missing, or the
        frame was changed or moved.
        """
        told = self._lasting.open(sealed, bound_to)
        if not told.startswith(_MARK):
            return told
        name, at, inner = told[1 : 1 + _NAME], told[1 + _NAME : 1 + _NAME + _TIME], told[1 + _NAME + _TIME :]
        if key := self._keyring.find((PASSING,)).get(PASSING):
            known, passing = self._under(key)
            if known == name:
                return passing.open(inner, bound_to)
        gone = self._memory.entombed((STREAM,)).get(STREAM) if self._memory else None
        if gone is not None and int.from_bytes(at) <= gone.before:
            raise Passed(
                "log.db is an old copy: the key of its records was destroyed; the next `jalki ingest` steps over them"
            )
        raise Misconfigured("the key of records in log.db is not in the key ring: restore a newer copy of the key ring")

    def _under(self, key: bytes) -> tuple[bytes, Seal]:
        """Return a key's name, from which nothing of it can be learnt, and what seals under it; kept while it is the same."""
        name = hashlib.blake2b(key, digest_size=_NAME, person=b"jalki-stream").digest()
        if self._passing is None or self._passing[0] != name:
            self._passing = name, Seal(key)
        return self._passing


def let_pass(log: Log, keyring: KeyRing, memory: Memory, at: int) -> None:
    """Destroy the key of what has passed, unless something is still there that it opens; `at` is now."""
    events = {topic: count for topic, count in log.topics().items() if topic not in KEPT_TOPICS}
    if all(log.begin(topic, each) == log.end(topic, each) for topic, count in events.items() for each in range(count)):
        with suppress(Retryable):  # a reader holds the file: the key is gone, and its last traces go at the next time
            if keyring.find((PASSING,)):
                # First: whoever ends in between has a key that still opens what it has sealed.
                memory.entomb([Tombstone(STREAM, at, "stream")])
            keyring.destroy((PASSING,))


def step_over(log: Log) -> int:
    """Take out of the stream what nobody can read any more; return how many records that nobody had read."""
    return log.step_over([topic for topic in log.topics() if topic not in KEPT_TOPICS])
