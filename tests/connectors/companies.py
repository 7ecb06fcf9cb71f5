"""A company that speaks OpenDSR as a processor, on a real server; and the one that asks it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from starlette.types import ASGIApp

from connectors.opendsr.answering import Answering, Company
from connectors.opendsr.controller import OpenDsr
from connectors.opendsr.peers import Known, Peer
from connectors.opendsr.signatures import Authorities, Signer
from connectors.web import PROCESSOR, public_app
from lineage.cases.orders import Order
from tests.connectors.kept import KeptRequests
from tests.connectors.keys import Authority, Pair
from tests.connectors.orders import DAY, Clock, order
from tests.connectors.serving import Faulty, web
from tests.servers.waiting import free_port

TOKEN = "a long token of multitronic"  # noqa: S105 - of the tests alone
CALLBACK = "https://answers.multitronic.example/opendsr/callbacks"


class Processor:
    """The company `multicare`, which answers `multitronic` at `localhost`."""

    def __init__(self, authority: Authority, folder: Path, callback: str = CALLBACK, takes: int = DAY) -> None:
        """`takes` is how long it says that a request takes, in microseconds."""
        self.authority, self.clock, self.port = authority, Clock(), free_port()
        self.tls = authority.issue("localhost", "tls")
        self.token = folder / "token"
        self.token.write_text(TOKEN)
        self.company = Company("multitronic", self.token, frozenset({callback}))
        self.requests = KeptRequests(self.clock.time + takes)
        self.url = f"https://127.0.0.1:{self.port}{PROCESSOR}"
        self.app = Faulty(self._app(self.tls))
        self.peer = Peer(
            "multicare", self.url, "localhost", Authorities.of(authority.ca), self.token, authority.ca, seconds=5.0
        )

    def sign_with(self, pair: Pair) -> None:
        """Take another certificate for signing."""
        self.app._app = self._app(pair)

    def signer(self) -> Signer:
        return Signer("localhost", self.tls.certificate, self.tls.key)

    def connector(self, **changed: object) -> OpenDsr:
        return OpenDsr(self.known(**changed), self.clock, CALLBACK)

    def known(self, **changed: object) -> Known:
        return Known(replace(self.peer, **changed), self.clock)  # type: ignore[arg-type]  # fields of a peer

    def order(self, **changed: object) -> Order:
        return order(**({"party": "multicare", "form": "instruction"} | changed))

    def _app(self, pair: Pair) -> ASGIApp:
        signer = Signer("localhost", pair.certificate, pair.key)
        return public_app(answering=Answering(signer, [self.company], self.requests, self.url, self.clock))

    @contextmanager
    def running(self) -> Iterator["Processor"]:
        with ExitStack() as stack:
            stack.enter_context(web(self.app, self.port, self.tls))
            yield self
