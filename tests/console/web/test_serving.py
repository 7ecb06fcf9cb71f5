"""The program itself serving pages: where, until it is told to stop, and with nobody's data in what it writes."""

import re
import shutil
import signal
import socket
from pathlib import Path

import httpx2
import pytest

from console.web.accounts import Accounts
from lineage.times import now
from tests.console.web import browsers
from tests.console.web.consoles import HER, WHY, Visitor, code_of
from tests.e2e.program import jalki, started
from tests.servers.fixtures import had
from tests.servers.waiting import accepts, free_port

HERS = "aino.esimerkki@posti.example"


def signed_in(client: httpx2.Client, url: str, data: Path) -> tuple[Visitor, str]:
    account, password = Accounts(data / "accounts.json").add("anna", "dpo", now())
    visitor = Visitor(client, url)
    form = {"name": "anna", "password": password, "code": code_of(account.address())}
    assert visitor.does("/sign-in", form).headers["location"] == "/"
    return visitor, password


def test_it_serves_until_it_is_told_to_stop_and_logs_nothing_of_anybody(shop: Path, tmp_path: Path) -> None:
    data, port = shutil.copytree(shop, tmp_path / "data"), free_port()
    settings = {"JALKI_DATA": data, "JALKI_CONSOLE": f"127.0.0.1:{port}", "JALKI_LOG_LEVEL": "DEBUG"}
    url = f"http://127.0.0.1:{port}"
    with started("console", settings=settings) as running, httpx2.Client(timeout=60, trust_env=False) as client:
        assert running.until(lambda: accepts("127.0.0.1", port)), running.end().err
        anna, password = signed_in(client, url, data)
        page = anna.finds()
        assert HERS in anna.does(f"{page}/reveal", {"purpose": WHY}).text
        anna.sees(f"/persons/{HERS}")
        anna.does("/cases/open", {"right-access": "yes", "identifiers": HERS, "controller": "nobody"})
        case = anna.opens("erasure")
        anna.approves(case)
        with client.stream("GET", f"{url}/cases/{case}/progress") as progress:
            assert progress.headers["content-type"].startswith("text/event-stream")
            assert progress.headers["x-accel-buffering"] == "no"
            told = progress.iter_lines()
            assert next(told) == "event: tasks"
            running.process.send_signal(signal.SIGTERM)
            assert "event: over" in list(told)
        ended = running.end()
    assert (ended.code, ended.out) == (0, "")
    assert f"console at {url}/" in ended.err
    assert "nobody can sign in yet" in ended.err
    for secret in (HERS, "esimerkki", HER, "C-17", password, "anna", WHY, page.rpartition("/")[2]):
        assert secret.lower() not in ended.err.lower(), secret
    assert not re.search("(GET|POST) /", ended.err)


def test_the_progress_of_a_case_ends_with_the_session(shop: Path, tmp_path: Path) -> None:
    data, port = shutil.copytree(shop, tmp_path / "data"), free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        started("console", "--data", data, settings={"JALKI_CONSOLE": f"127.0.0.1:{port}"}) as running,
        httpx2.Client(timeout=60, trust_env=False) as client,
    ):
        assert running.until(lambda: accepts("127.0.0.1", port)), running.end().err
        anna, _ = signed_in(client, url, data)
        with client.stream("GET", f"{url}/cases/{anna.cases()[0]}/progress") as progress:
            told = progress.iter_lines()
            assert next(told) == "event: tasks"
            Accounts(data / "accounts.json").remove("anna")
            assert "event: over" in list(told)


def test_it_does_not_begin_without_data_or_where_something_else_listens(shop: Path, tmp_path: Path) -> None:
    nothing = jalki("console", "--data", tmp_path / "none")
    assert nothing.code == 2
    assert "there is no data in" in nothing.said
    with socket.create_server(("127.0.0.1", 0)) as taken:
        at = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = jalki("console", "--data", shop, settings={"JALKI_CONSOLE": at})
    assert ended.code == 2
    assert "JALKI_CONSOLE cannot be served at" in ended.said


@pytest.mark.parametrize(
    "url",
    ["console.shop.example", "http://console.shop.example", "https://shop.example/console", "ftp://127.0.0.1", "x"],
)
def test_an_address_that_browsers_cannot_use_is_not_taken(shop: Path, url: str) -> None:
    ended = jalki("console", "--data", shop, settings={"JALKI_CONSOLE_URL": url})
    assert ended.code == 2
    assert "JALKI_CONSOLE_URL is an address like" in ended.said


def test_a_machine_without_a_browser_fails_in_ci_and_skips_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.delenv("JALKI_TEST_CHROMIUM", raising=False)
    for ci, outcome in (("true", pytest.fail.Exception), ("", pytest.skip.Exception)):
        monkeypatch.setenv("CI", ci)
        with pytest.raises(outcome, match="no chromium on the path"), had(browsers.opened_browser()):
            pass
