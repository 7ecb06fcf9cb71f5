"""Cases by the installed program when things are not as they should be: held folders, lost keys, closed pipes, odd addresses."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from console.opening import locked
from tests.e2e.events import event, write_lines
from tests.e2e.program import JALKI, asked, called, environment
from tests.servers.waiting import free_port

HER = "customer_id:C-17"


@pytest.fixture
def case(data: Path) -> str:
    ended = asked("case", "open", "erasure", "customer_id:C-1", "--channel", "account", "--data", data)
    assert ended.code == 0
    return ended.out.strip()


class Postbox:
    """A mail server on loopback that keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002 - aiosmtpd's own
        self.letters.append(envelope)
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, dict[str, object]]]:
    box = Postbox()
    port = free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, {
        "JALKI_MAIL": f"smtp://127.0.0.1:{port}", "JALKI_MAIL_FROM": "privacy@shop.example",
        "JALKI_WEB_URL": "https://shop.example", "JALKI_LOG_LEVEL": "DEBUG",
    }  # fmt: skip
    server.stop()


def test_a_code_goes_to_the_address_that_is_held_and_shows_who_asks(
    tmp_path: Path, postbox: tuple[Postbox, dict[str, object]]
) -> None:
    box, settings = postbox
    data, case = opened_with(tmp_path, "aino@posti.example")
    ended = called("case", "verify", case, "--doubt", "a new address", "--data", data, settings=settings)
    assert ended.code == 0
    assert [each.rcpt_tos for each in box.letters] == [["aino@posti.example"]]
    content = box.letters[0].content
    assert isinstance(content, bytes)
    code = next(word.strip(".") for word in content.decode().split() if word.strip(".").isdigit())
    assert code not in ended.out + ended.err
    wrong = called("case", "verify", case, "--code", "--data", data, settings=settings, given=b"x\n")
    assert wrong.code == 1
    right = called("case", "verify", case, "--code", "--data", data, settings=settings, given=f" {code} \n".encode())
    assert right.code == 0
    assert asked("case", "show", case, "--json", "--data", data).json["verified"] is True


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: x@evil.example", "a@b.example, c@evil.example", "Aino <a@b.example>", "a@",
     "@b.example", "a@b@c.example"],
)  # fmt: skip
def test_a_code_goes_to_one_mailbox_or_to_none(
    address: str, tmp_path: Path, postbox: tuple[Postbox, dict[str, object]]
) -> None:
    box, settings = postbox
    data, case = opened_with(tmp_path, address)
    ended = called("case", "verify", case, "--doubt", "a new address", "--data", data, settings=settings)
    assert (ended.code, box.letters) == (1, [])
    assert "no e-mail address of hers is held" in ended.said
    assert asked("case", "show", case, "--json", "--data", data).json["state"] == "received"


def test_of_a_protected_person_no_code_goes_to_a_mailbox_that_others_read(
    tmp_path: Path, postbox: tuple[Postbox, dict[str, object]]
) -> None:
    box, settings = postbox
    home = "home@posti.example"
    lines = [
        event("AccountOpened", f"w-{who}", "2026-02-01T08:00:00Z", customer_id=who, email=home, name=who)
        for who in ("C-17", "C-18")
    ]
    data = tmp_path / "data"
    assert asked("ingest", write_lines(tmp_path / "w.jsonl", lines), "--data", data).code == 0
    words = ("case", "open", "erasure", HER, f"email:{home}", "--data", data)
    doubt = ("--doubt", "a new address", "--data", data)
    plain = asked(*words).out.split()[-1]
    assert called("case", "verify", plain, *doubt, settings=settings).code == 0
    case = asked(*words, "--protected").out.split()[-1]
    ended = called("case", "verify", case, *doubt, settings=settings)
    assert (ended.code, len(box.letters)) == (1, 1)
    assert "no mailbox is known to be hers alone" in ended.said


def test_a_doubt_needs_its_reason(tmp_path: Path, postbox: tuple[Postbox, dict[str, object]]) -> None:
    box, settings = postbox
    data, case = opened_with(tmp_path, "aino@posti.example")
    ended = called("case", "verify", case, "--doubt", " ", "--data", data, settings=settings)
    assert (ended.code, box.letters) == (1, [])


def opened_with(folder: Path, address: str) -> tuple[Path, str]:
    lines = [event("AccountOpened", "w-1", "2026-02-01T08:00:00Z", customer_id="C-17", email=address, name="Aino")]
    assert asked("ingest", write_lines(folder / "w.jsonl", lines), "--data", folder / "data").code == 0
    opened = asked("case", "open", "erasure", HER, "--data", folder / "data")
    return folder / "data", opened.out.strip()


def test_only_one_process_works_on_cases_and_whoever_looks_need_not_wait(data: Path, case: str) -> None:
    with locked(data):
        second = called("case", "approve", case, "--data", data)
        assert second.code == 1
        assert "another process is writing" in second.said
        assert called("case", "show", case, "--data", data).code == 0
    assert called("case", "approve", case, "--data", data).code in {0, 3}


@pytest.mark.parametrize("lost", ["master.key", "keys.db", "graph.db"])
def test_what_is_lost_is_said_and_nothing_new_is_made_of_it(lost: str, data: Path, case: str) -> None:
    (data / lost).unlink()
    for each in data.glob(f"{lost}-*"):
        each.unlink()
    for words in (("show", case), ("approve", case), ("certificate", case), ("open", "erasure", HER)):
        ended = called("case", *words, "--data", data)
        assert (ended.code, ended.out) == (2, "")
    assert not (data / lost).exists()


@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("show", "CASE"), ("certificate", "CASE")])
def test_a_reader_that_goes_away_is_no_fault_of_a_case(words: tuple[str, ...], data: Path, case: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    given = [case if each == "CASE" else each for each in words]
    with os.fdopen(writing, "wb") as gone:
        done = subprocess.run(
            [JALKI, "case", *given], stdout=gone, stderr=subprocess.PIPE, env=environment(JALKI_DATA=data), check=False
        )
    assert done.returncode in (0, 1)
    assert b"fault" not in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_plan_is_approved_under_its_own_digest_alone(data: Path, case: str) -> None:
    shown = asked("case", "show", case, "--preview", "--json", "--data", data).json
    digest = shown["plan"]["digest"]
    for wrong in ("", "0" * 64, digest[:11], digest.upper(), "x" * 100_000, digest + "0"):
        if not wrong:
            continue
        ended = called("case", "approve", case, "--digest", wrong, "--data", data)
        assert ended.code == 1
        assert "look again" in ended.said
    assert called("case", "approve", case, "--digest", digest[:12], "--data", data).code in {0, 3}
