"""`jalki sandbox`, as a user starts it, uses it and ends it."""

import json
import signal
import ssl
import stat
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.program import Ended, Running, assert_no_traceback, jalki, started
from tests.servers.waiting import free_port


def ended(run: Running, number: signal.Signals = signal.SIGTERM) -> Ended:
    run.process.send_signal(number)
    told = run.end()
    assert_no_traceback(told)
    return told


def urls(run: Running, folder: Path) -> Any:
    listed = folder / "sandbox.json"
    assert run.until(listed.exists), run.end().err
    return json.loads(listed.read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_vendors_are_served_and_their_keys_written_until_it_is_told_to_end(
    tmp_path: Path, number: signal.Signals
) -> None:
    folder = tmp_path / "staging"
    with started("sandbox", "--folder", folder, "--json", cwd=tmp_path) as run:
        vendors = urls(run, folder)
        sendgrid = vendors["sendgrid"]
        key = (folder / "sendgrid.key").read_text().strip()
        assert httpx2.get(f"{sendgrid}/v3/scopes").status_code == 401
        assert httpx2.get(f"{sendgrid}/v3/scopes", headers={"Authorization": f"Bearer {key}"}).status_code == 200
        told = ended(run, number)
    assert told.code == 0
    assert told.json == {"folder": f"{folder}", "vendors": vendors}
    assert sendgrid in told.said
    assert key not in told.out + told.err
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{sendgrid}/v3/scopes")


def test_its_files_are_their_owners_alone_even_where_others_could_read_them_before(tmp_path: Path) -> None:
    folder = tmp_path / "staging"
    folder.mkdir()
    (folder / "sendgrid.key").write_text("old")
    (folder / "sendgrid.key").chmod(0o644)
    with started("sandbox", "--folder", folder) as run:
        urls(run, folder)
        ended(run)
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    assert (folder / "sendgrid.key").read_text() != "old"


def test_ports_are_those_that_were_asked_for_and_a_taken_one_is_refused(tmp_path: Path) -> None:
    port = free_port()
    with started("sandbox", "--port", port, "--folder", tmp_path / "first") as run:
        assert next(iter(urls(run, tmp_path / "first").values())) == f"http://127.0.0.1:{port}"
        refused = jalki("sandbox", "--port", port, "--folder", tmp_path / "second")
        ended(run)
    assert refused.code == 2
    assert f"port {port} cannot be served" in refused.said
    assert not (tmp_path / "second").exists()


def test_others_reach_it_only_where_it_is_said_by_which_name(tmp_path: Path) -> None:
    folder = tmp_path / "staging"
    refused = jalki("sandbox", "--listen", "0.0.0.0", "--folder", folder)  # noqa: S104 - it must refuse to
    assert (refused.code, folder.exists()) == (2, False)
    assert "--host" in refused.said
    with started("sandbox", "--listen", "0.0.0.0", "--host", "localhost", "--folder", folder) as run:  # noqa: S104
        sendgrid = urls(run, folder)["sendgrid"]
        believed = ssl.create_default_context(cafile=folder / "sandbox-ca.pem")
        assert httpx2.get(f"{sendgrid}/v3/scopes", verify=believed).status_code == 401
        told = ended(run)
    assert sendgrid.startswith("https://localhost:")
    assert "let only your staging" in told.said
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    assert "PRIVATE KEY" not in (folder / "sandbox-ca.pem").read_text()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = jalki("sandbox", "--folder", tmp_path / "file" / "below")
    assert told.code == 2
    assert "cannot be made" in told.said
