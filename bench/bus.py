"""How many records a second go through the embedded bus: written, sealed, delivered to a handler that does nothing.

Run `python -m bench.bus [RECORDS]`.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from os import urandom
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from streams.app import build_app
from streams.log import Log, Outgoing, Record
from streams.running import embedded

TOPICS = ("accounts", "orders", "shipping", "payments", "newsletter", "web", "aftersales", "disclosures")
BYTES = 300
AT_ONCE = 2_000


class Sealed:
    """AES-256-GCM, as the product seals."""

    def __init__(self) -> None:
        self._cipher = AESGCM(urandom(32))

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        """Nonce and ciphertext."""
        nonce = urandom(12)
        return nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        """The plaintext."""
        return self._cipher.decrypt(sealed[:12], sealed[12:], bound_to)


async def nothing(_: Sequence[Record]) -> None:
    """Handles nothing."""


async def through(folder: Path, records: int) -> float:
    """Seconds for so many records, without start and stop."""
    value = urandom(BYTES)
    share = AT_ONCE // len(TOPICS)
    with Log(folder / "log.sqlite", Sealed()) as log:
        async with embedded(build_app("jalki+log://bench", TOPICS, nothing), log) as bus:
            began = time.perf_counter()
            for at in range(0, records, AT_ONCE):
                keys = [b"%d" % (at + number) for number in range(share)]
                await bus.publish({topic: [Outgoing(value, key) for key in keys] for topic in TOPICS})
            await bus.drain()
            return time.perf_counter() - began


def delivered(folder: Path, records: int) -> float:
    """Seconds to deliver so many records that an earlier process left in the log, start and stop included."""
    with Log(folder / "log.sqlite", Sealed()) as log:
        log.subscribe("jalki", TOPICS)
        batch = {topic: [Outgoing(urandom(BYTES))] * (records // len(TOPICS)) for topic in TOPICS}
        log.append(batch)
        began = time.perf_counter()
        asyncio.run(_drained(log))
        return time.perf_counter() - began


async def _drained(log: Log) -> None:
    async with embedded(build_app("jalki+log://bench", TOPICS, nothing), log) as bus:
        await bus.drain()


def main() -> None:
    """Prints one line."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        whole = asyncio.run(through(Path(one), records))
        rest = delivered(Path(other), records)
    print(
        f"{records:,} records of {BYTES} bytes, {len(TOPICS)} topics: "
        f"published and delivered {records / whole:,.0f}/s ({whole / records * 1e6:.1f} µs each), "
        f"left over and delivered {records / rest:,.0f}/s"
    )


if __name__ == "__main__":
    main()
