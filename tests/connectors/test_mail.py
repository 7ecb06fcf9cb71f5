import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors.letters import Addressee, Sender
from connectors.links import Links
from connectors.mail import Mail, MailServer
from connectors.manual import LINK_DAYS, Letters
from lineage.errors import Misconfigured, Refused, Retryable
from lineage.register.model import midnight
from tests.connectors.keys import Authority
from tests.connectors.orders import CUSTOMER, DAY, MAIL, order
from tests.connectors.serving import PASSWORD, USER, Mailbox
from tests.servers.waiting import until

NOON = midnight(date(2026, 12, 1)) + DAY // 2
LINKS = Links("https://answers.multitronic.example", [b"s" * 32])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def box(authority: Authority) -> Iterator[Mailbox]:
    made = Mailbox(authority.issue("localhost", "mail"))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def server(box: Mailbox, authority: Authority, tmp_path: Path) -> MailServer:
    (tmp_path / "password").write_text(PASSWORD)
    return MailServer("127.0.0.1", box.port, "starttls", USER, tmp_path / "password", authority.ca, seconds=5.0)


def letters(server: MailServer, **sender: Sender) -> Letters:
    addressee = Addressee("Posti Oy", "privacy@posti.example", "fi")
    senders = sender or {"multitronic": Sender("Multitronic Oy", "privacy@multitronic.example")}
    return Letters(addressee, senders, Mail(server), LINKS, lambda: NOON)


def test_a_letter_reaches_its_mailbox_and_no_other_over_tls(box: Mailbox, server: MailServer) -> None:
    outcome = asyncio.run(letters(server).send(order()))
    assert (outcome.state, outcome.how, outcome.handle) == ("sent", "smtp-250", "letter-1")
    assert box.recipients == ["privacy@posti.example"]
    text = box.letters[0].get_content()
    assert MAIL in text
    assert CUSTOMER in text


def test_the_link_in_a_letter_is_ours_and_works_some_time_after_the_day_it_is_due(
    box: Mailbox, server: MailServer
) -> None:
    asked = order(due="2026-12-20")
    asyncio.run(letters(server).send(asked))
    [line] = [line for line in box.letters[0].get_content().splitlines() if "/confirm/" in line]
    link = LINKS.read(line.rpartition("/")[2])
    assert link
    assert link.key == asked.key
    assert link.ends == midnight(date(2026, 12, 20)) + (LINK_DAYS + 1) * DAY


def test_what_is_known_to_be_out_makes_the_next_letter_a_reminder(box: Mailbox, server: MailServer) -> None:
    connector, asked = letters(server), order()
    first = asyncio.run(connector.send(asked))
    second = asyncio.run(connector.send(replace(asked, attempt=2, handle=first.handle)))
    third = asyncio.run(connector.send(replace(asked, attempt=3, handle=second.handle)))
    assert third.handle == "letter-3"
    assert len({letter["Message-ID"] for letter in box.letters}) == 3
    assert [str(letter["Subject"]).strip().startswith("Muistutus") for letter in box.letters] == [False, True, True]


def test_an_attempt_that_sent_nothing_does_not_make_the_first_letter_a_reminder(
    box: Mailbox, server: MailServer
) -> None:
    connector, asked = letters(server), order()
    box.fault = "busy"
    with pytest.raises(Retryable):
        asyncio.run(connector.send(asked))
    box.fault = None
    asyncio.run(connector.send(replace(asked, attempt=2)))
    assert not str(box.letters[0]["Subject"]).strip().startswith("Muistutus")


def test_a_changed_password_is_used_at_once(box: Mailbox, server: MailServer) -> None:
    assert server.password_file
    server.password_file.write_text("wrong")
    with pytest.raises(Misconfigured):
        asyncio.run(letters(server).send(order()))
    server.password_file.write_text(PASSWORD)
    asyncio.run(letters(server).send(order()))
    assert len(box.letters) == 1


def test_a_server_that_nobody_we_trust_vouches_for_gets_nothing(
    box: Mailbox, server: MailServer, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "other", "Another authority")
    with pytest.raises(Misconfigured, match="certificate"):
        asyncio.run(letters(replace(server, ca_file=stranger.ca)).send(order()))
    assert box.letters == []


def test_a_server_without_a_login_of_ours_gets_nothing(box: Mailbox, server: MailServer) -> None:
    with pytest.raises(Misconfigured, match="check its user"):
        asyncio.run(letters(replace(server, user=None, password_file=None)).send(order()))
    assert box.letters == []


def test_a_password_never_goes_to_a_server_in_clear() -> None:
    with pytest.raises(Misconfigured, match="tls"):
        Mail(MailServer("mail.example", security="none"))


def test_half_a_login_and_a_wrong_ca_file_are_faults_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="together"):
        Mail(MailServer("mail.example", user="jalki"))
    with pytest.raises(Misconfigured, match="CA file"):
        Mail(MailServer("mail.example", ca_file=tmp_path / "none"))


def test_a_letter_of_a_company_nobody_has_set_is_not_sent_in_the_name_of_another(
    box: Mailbox, server: MailServer
) -> None:
    with pytest.raises(Misconfigured, match="multicare"):
        asyncio.run(letters(server).send(order(controller="multicare")))
    assert box.letters == []


def test_a_task_that_was_begun_in_another_way_is_for_a_person(server: MailServer) -> None:
    for handle in ("8b1f", "letter-0", "letter--1", "letter-²", "letter-99999999"):
        with pytest.raises(Refused):
            asyncio.run(letters(server).send(order(handle=handle)))


def test_whoever_waits_no_longer_leaves_no_connection_behind(box: Mailbox, server: MailServer) -> None:
    box.fault = "slow"

    async def give_up() -> None:
        async with asyncio.timeout(0.3):
            await letters(replace(server, seconds=30.0)).send(order())

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())  # ends only when the thread with the connection has
    until(lambda: None if not box.letters else "taken", seconds=1, what="the letter was not taken")
