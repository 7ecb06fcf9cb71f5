"""Parties with a small REST interface of members, one server of its own process: it keeps who was erased where, and when.

`python -m bench.rest_parties PORT`. Whoever tells them is judged by what they saw, and by nothing of its own. Loopback only.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request as Call
from urllib.request import urlopen

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.processes import Process
from tests.servers.waiting import accepts, free_port, until

HOST = "127.0.0.1"
START_SECONDS = 60.0
LONG = 120.0


@dataclass(slots=True)
class Members:
    """What all parties have: everybody is a member of each, until she is erased there."""

    everybody: frozenset[str] = frozenset()
    gone: dict[str, dict[str, float]] = field(default_factory=dict)
    """By party and person, when she was first erased: seconds since 1970."""
    calls: Counter[str] = field(default_factory=Counter)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def erasures(self) -> int:
        """How many erasures there were, each of one person at one party."""
        return sum(map(len, self.gone.values()))

    async def member(self, request: Request) -> Response:
        """Show or erase a member of a party."""
        party, person = request.path_params["party"], request.path_params["person"]
        self.calls[request.method] += 1
        gone = self.gone.setdefault(party, {})
        if person not in self.everybody or person in gone:
            return Response(status_code=404)
        if request.method == "GET":
            return JSONResponse({"id": person, "email": person})
        async with self.changed:
            gone[person] = time.time()
            self.changed.notify_all()
        return Response(status_code=204)

    async def seed(self, request: Request) -> Response:
        """Let these be members of all parties."""
        self.everybody = frozenset(await request.json())
        return Response(status_code=204)

    async def held(self, request: Request) -> Response:
        """Tell who was erased where, and the calls; not before there were `erasures` in all, but after so many `seconds`."""
        least, seconds = (float(request.query_params.get(name, 0)) for name in ("erasures", "seconds"))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self.changed:
                await self.changed.wait_for(lambda: self.erasures() >= least)
        return JSONResponse({"gone": self.gone, "calls": self.calls})


def app() -> Starlette:
    """Return the application, with nobody in it yet."""
    members = Members()
    return Starlette(
        routes=[
            Route("/-/seed", members.seed, methods=["PUT"]),
            Route("/-/held", members.held),
            Route("/{party}/members/{person}", members.member, methods=["GET", "DELETE"]),
        ]
    )


@dataclass(frozen=True, slots=True)
class Server:
    """The running server, as a measurement uses it."""

    host: str
    """Address and port."""

    def seed(self, people: Sequence[str]) -> None:
        """Let these be members of all parties."""
        self._ask("/-/seed", json.dumps(people).encode())

    def held(self, erasures: int = 0, seconds: float = 0.0) -> Mapping[str, Any]:
        """Return `gone` and `calls`, when there were at least so many erasures in all, or after so many seconds."""
        found: Mapping[str, Any] = json.loads(self._ask(f"/-/held?erasures={erasures}&seconds={seconds}"))
        return found

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        call = Call(f"http://{self.host}{path}", body, method="PUT" if body else "GET")
        with urlopen(call, timeout=LONG) as answer:  # noqa: S310
            said: bytes = answer.read()
        return said


@contextmanager
def running_parties(folder: Path) -> Iterator[Server]:
    """Run the server in a process of its own until the end of the block."""
    port = free_port()
    command = [sys.executable, "-m", "bench.rest_parties", f"{port}"]
    process = Process(command, folder / "parties.log", {"PYTHONPATH": f"{Path(__file__).parents[1]}"})
    process.start()
    try:
        until(lambda: process.ended() or (None if accepts(HOST, port) else "no answer"), seconds=START_SECONDS,
              what="the parties")  # fmt: skip
        yield Server(f"{HOST}:{port}")
    finally:
        process.stop()


def serve(port: int) -> None:
    """Serve until ended."""
    uvicorn.run(app(), host=HOST, port=port, access_log=False, log_level="warning", lifespan="off")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
