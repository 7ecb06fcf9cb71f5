"""What the tests of the bus share: a real seal, and a run of an app on a log in a folder."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from streams.app import build_app
from streams.backoff import Backoff
from streams.delivery import BatchApp
from streams.log import Log, Outgoing, Record

URL = "jalki+log://test"
QUICK = Backoff(first=0.001, most=0.004)


class Aes:
    """AES-GCM under a fixed key; the nonce is a counter, which is enough for one test."""

    def __init__(self) -> None:
        self._cipher = AESGCM(b"0123456789abcdef" * 2)
        self._count = 0

    def seal(self, plain: bytes, bound_to: bytes) -> bytes:
        self._count += 1
        nonce = self._count.to_bytes(12, "big")
        return nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def open(self, sealed: bytes, bound_to: bytes) -> bytes:
        return self._cipher.decrypt(sealed[:12], sealed[12:], bound_to)


def open_log(folder: Path) -> Log:
    return Log(folder / "log.sqlite", Aes(), clock=lambda: 1_700_000_000_000_000)


def numbered(count: int, start: int = 0) -> list[Outgoing]:
    return [Outgoing(b"%d" % number) for number in range(start, start + count)]


def numbers(records: Iterable[Record]) -> list[int]:
    return [int(record.value) for record in records]


def app_of(
    topics: Sequence[str],
    handle: Callable[[Sequence[Record]], Awaitable[None]],
    *,
    batch: int = 10,
    partitions: int = 1,
    **settings: Any,
) -> BatchApp:
    return build_app(URL, topics, handle, batch_records=batch, partitions=partitions, backoff=QUICK, **settings)
