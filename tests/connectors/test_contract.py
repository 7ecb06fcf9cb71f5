import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from connectors.letters import Addressee, Sender
from connectors.links import Links
from connectors.mail import Mail, MailServer
from connectors.manual import Letters
from connectors.opendsr.answering import Answering, Company
from connectors.opendsr.controller import OpenDsr
from connectors.opendsr.peers import Known, Peer
from connectors.opendsr.signatures import Authorities, Signer
from connectors.web import PROCESSOR, public_app
from lineage.cases.orders import Order
from lineage.times import now
from tests.connectors import orders
from tests.connectors.kept import KeptRequests
from tests.connectors.keys import Authority
from tests.connectors.serving import PASSWORD, USER, Faulty, Mailbox, web
from tests.contracts.connector import CHECKS, SECRETS, Check, Fault, Stage
from tests.servers.waiting import free_port

WAIT = 4.0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("keys"))


class LetterStage:
    """A party with a mailbox. What it takes for one letter is one Message-ID, as mail systems do."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        pair = authority.issue("localhost", "mail")
        self.box = Mailbox(pair)
        self.box.start()
        (folder / "password").write_text(PASSWORD)
        server = MailServer(
            "127.0.0.1", self.box.port, "starttls", USER, folder / "password", ca_file=authority.ca, seconds=WAIT
        )
        self.connector = Letters(
            Addressee("Posti Oy", "privacy@posti.example", "fi"),
            {"multitronic": Sender("Multitronic Oy", "privacy@multitronic.example")},
            Mail(server),
            Links("https://answers.multitronic.example", [b"s" * 32]),
            now,
        )

    def order(self) -> Order:
        return orders.order()

    def fail(self, fault: Fault | None) -> None:
        if fault == "away":
            self.box.stop()
            return
        if self.box._controller is None:
            self.box.start()
        self.box.fault = fault

    def told(self) -> Sequence[str]:
        return list(dict.fromkeys(str(letter["Message-ID"]) for letter in self.box.letters))

    def close(self) -> None:
        self.box.stop()


class OpenDsrStage:
    """A party that runs our own side of OpenDSR as a processor, over TLS."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        self._pair = authority.issue("localhost", "opendsr")
        self._port = free_port()
        (folder / "token").write_text("a long token of multitronic")
        self.requests = KeptRequests(now() + orders.DAY)
        company = Company("multitronic", folder / "token")
        signer = Signer("localhost", self._pair.certificate, self._pair.key)
        url = f"https://127.0.0.1:{self._port}{PROCESSOR}"
        answering = Answering(signer, [company], self.requests, url, now)
        self.app = Faulty(public_app(answering=answering))
        self._running: ExitStack | None = None
        self.fail(None)
        authorities = Authorities.of(authority.ca)
        peer = Peer("multicare", url, "localhost", authorities, folder / "token", authority.ca, seconds=WAIT)
        self.connector = OpenDsr(Known(peer, now), now)

    def order(self) -> Order:
        return orders.order(party="multicare", form="instruction")

    def fail(self, fault: Fault | None) -> None:
        if fault == "away":
            self.close()
            return
        self.app.fault = fault
        if self._running is None:
            self._running = ExitStack()
            self._running.enter_context(web(self.app, self._port, self._pair))

    def told(self) -> Sequence[str]:
        return [request for _, request in self.requests.opened_]

    def close(self) -> None:
        if self._running is not None:
            self._running.close()
        self._running = None


STAGES = (LetterStage, OpenDsrStage)


@pytest.fixture(params=STAGES, ids=lambda stage: stage.__name__)
def stage(request: pytest.FixtureRequest, authority: Authority, tmp_path: Path) -> Iterator[Stage]:
    made = request.param(authority, tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_connector_tells_its_party(check: Check, stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        try:
            await check(stage)
        finally:
            await stage.connector.close()

    with caplog.at_level(logging.INFO):
        asyncio.run(run())
    assert not [each for each in SECRETS if each in caplog.text]
