"""Waiting by looking: for a port, for an answer, for an end; each with a deadline. And ports nobody else uses."""

import random
import socket
import time
from collections.abc import Callable

LOOK_EVERY = 0.02
# Below every system's range for outgoing connections: one of those may sit on a server's port while it is down, or a
# client that knocks there for long enough may even be connected to itself.
PORTS = range(20_000, 32_000)


class NeverHappenedError(Exception):
    """What was waited for did not come before the deadline, or cannot come any more."""


def until(missing: Callable[[], str | None], *, seconds: float, what: str) -> None:
    """Look until nothing is `missing`; it tells what is, or None. Raises: NeverHappenedError: not within `seconds`."""
    deadline = time.monotonic() + seconds
    while (left := missing()) is not None:
        if time.monotonic() > deadline:
            raise NeverHappenedError(f"{what}: not within {seconds:g} s: {left}")
        time.sleep(LOOK_EVERY)


def accepts(host: str, port: int) -> bool:
    """Tell whether something accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on; it stays a server's own over restarts."""
    for port in random.SystemRandom().sample(PORTS, 200):
        with socket.socket() as looked_at:
            looked_at.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                looked_at.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NeverHappenedError("none of 200 ports looked at is free")
