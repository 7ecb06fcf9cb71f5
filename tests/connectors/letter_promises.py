"""What is promised where a party gets a letter: by a mailbox alone, and after calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.letters import Addressee, Sender
from connectors.links import Links
from connectors.mail import Mail, MailServer
from connectors.manual import Letters
from lineage.times import now
from tests.connectors import orders
from tests.connectors.keys import Authority
from tests.connectors.lasting import LONG, Lasting, LastingStage
from tests.connectors.orders import MAIL
from tests.connectors.serving import PASSWORD, USER, Mailbox
from tests.connectors.vendors.rest.promise import CLUB, CLUB_PARTY
from tests.connectors.vendors.sandboxed import Held, SandboxedStage
from tests.connectors.vendors.seats import seated
from tests.contracts.connector import CLEAN_ADDRESSES, Fault, Promise

PARTY = "privacy@posti.example"
SENDERS = {"multitronic": Sender("Multitronic Oy", "privacy@multitronic.example")}
LINKS = Links("https://answers.multitronic.example", [b"s" * 32])


class Box:
    """A mailbox, and how it is reached. What it takes for one letter is one Message-ID, as mail systems do."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._authority: Authority = request.getfixturevalue("authority")
        folder: Path = request.getfixturevalue("tmp_path")
        self.box = Mailbox(self._authority.issue("localhost", "mail"))
        self.box.start()
        self._password = folder / "password"
        self._password.write_text(PASSWORD)

    def server(self, seconds: float) -> MailServer:
        ca = self._authority.ca
        return MailServer("127.0.0.1", self.box.port, "starttls", USER, self._password, ca_file=ca, seconds=seconds)

    def letters(self, seconds: float) -> Letters:
        addressee = Addressee("Posti Oy", PARTY, "fi")
        return Letters(addressee, SENDERS, Mail(self.server(seconds)), LINKS, now)

    def sets(self, fault: Any) -> None:
        if fault == "away":
            self.box.stop()
            return
        if self.box._controller is None:
            self.box.start()
        self.box.fault = fault

    def told(self) -> list[str]:
        return list(dict.fromkeys(str(letter["Message-ID"]) for letter in self.box.letters))


@contextmanager
def _letters(request: pytest.FixtureRequest) -> Iterator[LastingStage]:
    box = Box(request)
    words = {
        Fault.AWAY: "away", Fault.BUSY_SILENT: "busy", Fault.BROKEN: "broken", Fault.BROKEN_AFTER: "broken-after",
        Fault.LOST: "slow", Fault.LOST_AFTER: "slow-after", Fault.DROPPED: "cut", Fault.DROPPED_AFTER: "cut-after",
        Fault.REFUSED: "refused", Fault.EXPIRED: "login",
    }  # fmt: skip
    stage = Lasting(
        connect=box.letters,
        order=lambda action: orders.order(action=action),
        words=words,
        sets=box.sets,
        told=box.told,
        held=lambda: len(box.box.letters),
        others=lambda: [each for each in box.box.recipients if each != PARTY],
    )
    yield LastingStage(stage)
    box.box.stop()


_WORD = "A mail server's word is that it took the letter, and no more is claimed by it."
LETTERS = Promise(
    "manual: letters",
    dict.fromkeys(("erase", "stop", "restrict"), "sent"),
    _letters,
    {
        Fault.BUSY: "A mail server that is busy does not say how long (RFC 5321, 450).",
        Fault.CUT: "Its answer is one line: half of it is none, as where the connection is dropped.",
        Fault.LIE: _WORD,
        Fault.ERROR_INSIDE: _WORD,
        Fault.PARTIAL: _WORD,
    },
    alike=frozenset({"stop", "restrict"}),
)


@contextmanager
def _twofold(request: pytest.FixtureRequest) -> Iterator[SandboxedStage]:
    """The club by its calls, then by letter: an order is done when both are, and its letters are counted."""
    box, before = Box(request), [0]

    def order(action: Any) -> Any:
        before[0] = len(box.told())
        return CLUB_PARTY.order(action)

    def is_done(_: Any, held: Held) -> bool:
        return MAIL not in held["members"] and len(box.told()) > before[0]

    text = CLUB_PARTY.text.replace("proof: verified}", "proof: answered, by: channel-then-letter}", 1)
    of = replace(
        CLUB_PARTY, text=f"{text}\nmailbox: {PARTY}\n", order=order, is_done=is_done, told=lambda _: box.told()
    )
    folder: Path = request.getfixturevalue("tmp_path")
    with seated(of.vendor, of.text, of.files, folder, request.getfixturevalue("monkeypatch")) as seat:
        seat.ways = replace(seat.ways, senders=SENDERS, mail=Mail(box.server(LONG)), links=LINKS)
        yield SandboxedStage(seat, of)
    box.box.stop()


TWOFOLD = Promise(
    "twofold: calls, then a letter",
    {"erase": "sent"},
    _twofold,
    {
        CLEAN_ADDRESSES: CLUB.never[CLEAN_ADDRESSES],
        Fault.PARTIAL: CLUB.never[Fault.PARTIAL],
        Fault.ERROR_INSIDE: "The club says by its status whether it deleted.",
    },
)
