"""The program itself serving: where, until it is told to stop, and with nobody's data in what it writes."""

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from console.api.serving import is_loopback
from tests.console.api.desks import Desk
from tests.e2e.program import Running, jalki, started
from tests.servers.waiting import accepts, free_port

HERS = "aino.esimerkki@posti.example"


def serving(running: Running, port: int) -> None:
    assert running.until(lambda: accepts("127.0.0.1", port)), running.end().err


def test_it_answers_until_it_is_told_to_stop_and_logs_nothing_of_anybody(story: Path, tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "JALKI_DATA": story, "JALKI_ACCESS_FILE": tmp_path / "access.json", "JALKI_API": f"127.0.0.1:{port}",
        "JALKI_LOG_LEVEL": "DEBUG",
    }  # fmt: skip
    added = jalki("access", "add", "officer", "--role", "dpo", settings=settings)
    desk = Desk(f"http://127.0.0.1:{port}", added.out.strip())
    with started("serve", settings=settings) as running:
        serving(running, port)
        assert desk.told("where", identifier=f"email:{HERS}", reveal=True)["candidates"] == 1
        desk.sends("GET", f"/v1/where?identifier=email:{HERS}")
        desk.asks("where", identifier=HERS, purpose="")
        Desk(desk.url, "jalki_wrong").asks("parties")
        running.process.send_signal(signal.SIGTERM)
        ended = running.end()
    assert (ended.code, ended.out) == (0, "")
    assert f"API at http://127.0.0.1:{port}/" in ended.err
    for secret in (HERS, "esimerkki", desk.token or "-", "officer", "Art. 15", "jalki_"):
        assert secret.lower() not in ended.err.lower(), secret
    assert not re.search("(GET|POST) /", ended.err)


def test_it_says_when_nobody_may_ask(story: Path, tmp_path: Path) -> None:
    port = free_port()
    settings = {"JALKI_ACCESS_FILE": tmp_path / "access.json", "JALKI_API": f"127.0.0.1:{port}"}
    with started("serve", "--data", story, settings=settings) as running:
        serving(running, port)
        running.process.send_signal(signal.SIGINT)
        ended = running.end()
    assert ended.code == 0
    assert "nobody may ask yet: `jalki access add`" in ended.err


def test_it_does_not_begin_without_data_or_where_something_else_listens(story: Path, tmp_path: Path) -> None:
    nothing = jalki("serve", "--data", tmp_path / "none")
    assert nothing.code == 2
    assert "there is no data in" in nothing.said
    with socket.create_server(("127.0.0.1", 0)) as taken:
        at = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = jalki("serve", "--data", story, settings={"JALKI_API": at, "JALKI_ACCESS_FILE": tmp_path / "a.json"})
    assert ended.code == 2
    assert "JALKI_API cannot be served at" in ended.said
    assert jalki("serve", settings={"JALKI_API": "everywhere"}).code == 2


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("192.0.2.1", False),
     ("::", False), ("jalki.example", False)],
)  # fmt: skip
def test_any_address_but_loopback_is_warned_of(host: str, expected: bool) -> None:
    assert is_loopback(host) == expected


def test_other_commands_do_not_wait_for_what_serves() -> None:
    code = "import sys, console.cli; print([each for each in ('uvicorn', 'starlette') if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
