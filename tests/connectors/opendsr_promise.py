"""What is promised of a party that runs our own side of OpenDSR as a processor, over TLS."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.opendsr.answering import Answering, Company
from connectors.opendsr.controller import OpenDsr
from connectors.opendsr.peers import Known, Peer
from connectors.opendsr.signatures import Authorities, Signer
from connectors.web import PROCESSOR, public_app
from lineage.times import now
from tests.connectors import orders
from tests.connectors.kept import KeptRequests
from tests.connectors.keys import Authority
from tests.connectors.lasting import Lasting, LastingStage
from tests.connectors.serving import Faulty, web
from tests.contracts.connector import Fault, Promise
from tests.servers.waiting import free_port

TOKEN = "a long token of multitronic"  # noqa: S105 - of nothing that exists


class Processor:
    """The party, served or away."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        self._authority, self._pair, self._port = authority, authority.issue("localhost", "opendsr"), free_port()
        self._token = folder / "token"
        self._token.write_text(TOKEN)
        self.requests = KeptRequests(now() + orders.DAY)
        signer = Signer("localhost", self._pair.certificate, self._pair.key)
        self._url = f"https://127.0.0.1:{self._port}{PROCESSOR}"
        answering = Answering(signer, [Company("multitronic", self._token)], self.requests, self._url, now)
        self._app = Faulty(public_app(answering=answering))
        self._running: ExitStack | None = None
        self.sets(None)

    def connector(self, seconds: float) -> OpenDsr:
        ca = self._authority.ca
        peer = Peer("multicare", self._url, "localhost", Authorities.of(ca), self._token, ca, seconds=seconds)
        return OpenDsr(Known(peer, now), now)

    def sets(self, fault: Any) -> None:
        if fault == "away":
            self.close()
            return
        self._app.fault = fault
        if self._running is None:
            self._running = ExitStack()
            self._running.enter_context(web(self._app, self._port, self._pair))

    def close(self) -> None:
        if self._running is not None:
            self._running.close()
        self._running = None


@contextmanager
def _staged(request: pytest.FixtureRequest) -> Iterator[LastingStage]:
    party = Processor(request.getfixturevalue("authority"), request.getfixturevalue("tmp_path"))
    words = {
        Fault.AWAY: "away", Fault.BUSY: "busy", Fault.BUSY_SILENT: "busy-silent", Fault.BROKEN: "broken",
        Fault.BROKEN_AFTER: "broken-after", Fault.LOST: "slow", Fault.LOST_AFTER: "slow-after", Fault.DROPPED: "cut",
        Fault.CUT: "cut-after", Fault.REFUSED: "refused", Fault.EXPIRED: "login", Fault.LIE: "forged",
    }  # fmt: skip
    yield LastingStage(
        Lasting(
            connect=party.connector,
            order=lambda action: orders.order(party="multicare", form="instruction", action=action),
            words=words,
            sets=party.sets,
            told=lambda: [request for _, request in party.requests.opened_],
            held=lambda: dict(party.requests.opened_),
            others=lambda: [company for company, _ in party.requests.opened_ if company != "multitronic"],
            secrets=(*orders.SECRETS, TOKEN),
        )
    )
    party.close()


OPENDSR = Promise(
    "opendsr",
    {"erase": "accepted", "collect": "accepted"},
    _staged,
    {
        Fault.DROPPED_AFTER: "As half an answer after the effect: the connection is closed in the middle of it.",
        Fault.ERROR_INSIDE: "What it says is signed, and an error is a status of its own.",
        Fault.PARTIAL: "A request is one order.",
    },
    alike=frozenset({"collect"}),
)
