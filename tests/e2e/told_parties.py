"""Twenty parties that are told of an erasure, as real servers on loopback, and whoever tells them is killed at a step.

Ten speak OpenDSR, ten get letters. A server knows each step of a call: it has come, it has had its effect, it is answered.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Lock

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.web import CALLBACKS
from tests.connectors.companies import Processor
from tests.connectors.keys import Authority
from tests.connectors.serving import web
from tests.servers.waiting import free_port

OPENDSR = (
    "adyen", "google-analytics", "google-ads", "meta", "microsoft", "nets", "paytrail", "sendgrid", "stripe", "klarna"
)  # fmt: skip
BY_LETTER = ("posti", "postnord", "dhl", "ups", "schenker", "matkahuolto", "insurer", "paypal", "svea", "epostservice")
NOT_TOLD = ("walley", "lawyer", "resurs")
"""Parties that could be told, and got nothing of hers."""
CALLS = ("discovery arrived", "discovery answered", "certificate arrived", "certificate answered",
         "request arrived", "request done", "request answered")  # fmt: skip
LETTER = ("recipient named", "letter arrived", "letter done", "letter answered")
MOMENTS = [(party, step) for party in OPENDSR for step in CALLS] + [
    (party, step) for party in BY_LETTER for step in LETTER
]
"""Every step of the fan-out: at which party, and how far its call has come."""
MINUTE = 60_000_000
TIMEOUT = 2.0
"""Seconds of one attempt. What was claimed by whoever was killed is free again after twice that."""
_OUTSIDE = "https://answers.multitronic.example"


@dataclass(slots=True)
class Killing:
    """Kills one process at one step, and is sure that it has ended before the server goes on."""

    wanted: tuple[str, str] | None = None
    pid: int = 0
    _lock: Lock = field(default_factory=Lock)

    def at(self, pid: int, moment: tuple[str, str] | None) -> None:
        """Kill that process at that step. It is a child of this one, which waits for nobody else."""
        with self._lock:
            self.pid, self.wanted = pid, moment

    def met(self, party: str, step: str) -> bool:
        """Tell whether whoever called was killed right now."""
        with self._lock:
            if self.wanted != (party, step):
                return False
            self.wanted = None
            os.kill(self.pid, signal.SIGKILL)
            os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
            return True


class Watched:
    """One OpenDSR party's application. Who is killed before an effect has not had it, whatever was on the wire."""

    def __init__(self, party: str, app: ASGIApp, killing: Killing) -> None:
        self._party, self._app, self._killing = party, app, killing
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = "request" if scope["method"] == "POST" else scope["path"].rpartition("/")[2]
        self.asked.append(call)
        if self._killing.met(self._party, f"{call} arrived"):
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self._app(scope, receive, keep)
        self._killing.met(self._party, f"{call} done")
        for each in kept:
            await send(each)
        self._killing.met(self._party, f"{call} answered")


class Post:
    """A mail server that takes every letter; a mailbox is its party's name."""

    def __init__(self, killing: Killing) -> None:
        self._killing = killing
        self.letters: list[tuple[str, EmailMessage]] = []

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self._killing.met(address.partition("@")[0], "recipient named"):
            return "451 4.3.0 gone"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - see above
        party = envelope.rcpt_tos[0].partition("@")[0]
        if self._killing.met(party, "letter arrived"):
            return "451 4.3.0 gone"
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append((party, letter))
        session.party = party  # type: ignore[attr-defined]  # its own, until it says goodbye
        self._killing.met(party, "letter done")
        return "250 OK"

    async def handle_QUIT(self, _server: SMTP, session: Session, _envelope: Envelope) -> str:  # noqa: N802 - see above
        self._killing.met(getattr(session, "party", ""), "letter answered")
        return "221 Bye"


@dataclass(frozen=True, slots=True)
class Town:
    """All parties, and the settings by which they are told."""

    settings: dict[str, str]
    killing: Killing
    post: Post
    companies: dict[str, tuple[Processor, Watched]]

    def forget(self) -> None:
        """Begin anew: nobody has been told anything."""
        self.killing.at(0, None)
        self.post.letters.clear()
        for company, watched in self.companies.values():
            company.requests.opened_.clear()
            watched.asked.clear()

    def calls(self) -> dict[str, int]:
        """How often each party was told, the same thing again included."""
        told = {party: watched.asked.count("request") for party, (_, watched) in self.companies.items()}
        for party, _ in self.post.letters:
            told[party] = told.get(party, 0) + 1
        return {party: times for party, times in told.items() if times}

    def effects(self) -> dict[str, list[tuple[str, str]]]:
        """What each party has done or been told: by its key, and in which words; the same thing again is one."""
        found = {
            party: [
                (key, str(sorted(incoming.identifiers))) for (_, key), (incoming, _) in company.requests.opened_.items()
            ]
            for party, (company, _) in self.companies.items()
        }
        for party, letter in self.post.letters:
            body = letter.get_body(("plain",))
            assert body
            said = letter["Message-ID"].strip("<>").partition(".")[0], body.get_content()
            if said not in found.setdefault(party, []):
                found[party].append(said)
        return {party: effects for party, effects in found.items() if effects}

    def complete(self) -> None:
        """Have every company say that it is done."""
        for company, _ in self.companies.values():
            for of, key in list(company.requests.opened_):
                company.requests.move(of, key, "completed")


def describe(folder: Path, party: str, lines: str) -> None:
    """Write how a party is told."""
    (folder / f"{party}.yaml").write_text(
        f"{lines}limits:\n  calls: 1000\n  seconds: 1\n  timeout: {TIMEOUT}\n", "utf-8"
    )


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    """Run all the servers as long as the block lasts."""
    parties = folder / "parties"
    parties.mkdir()
    killing = Killing()
    post, authority, companies = Post(killing), Authority(folder / "keys"), {}
    with ExitStack() as stack:
        for party in OPENDSR:
            company = Processor(authority, folder, f"{_OUTSIDE}{CALLBACKS}", takes=MINUTE)
            companies[party] = company, Watched(party, company.app, killing)
            stack.enter_context(web(companies[party][1], company.port, company.tls))
            access = f"  domain: localhost\n  authorities_file: {authority.ca}\n  ca_file: {authority.ca}\n"
            access += f"  token_file: {company.token}\n"
            describe(parties, party, f"channel: opendsr\naddress: {company.url}\nsettings:\n{access}")
        for party in (*BY_LETTER, *NOT_TOLD):
            describe(parties, party, f"channel: manual\naddress: {party}@parties.example\n")
        controller = Controller(post, hostname="127.0.0.1", port=free_port())
        controller.start()
        stack.callback(controller.stop)
        settings = {
            "JALKI_PARTIES": f"{parties}", "JALKI_MAIL": f"smtp://127.0.0.1:{controller.port}",
            "JALKI_MAIL_FROM": "privacy@multitronic.example", "JALKI_WEB_URL": _OUTSIDE,
        }  # fmt: skip
        yield Town(settings, killing, post, companies)
