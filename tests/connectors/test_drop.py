"""A party that is told by files: in a folder, and on a real SFTP server with faults. What its answers come to."""

import asyncio
import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.drop.connector import Drop
from connectors.drop.files import ANSWER, ANSWER_SCHEMA, COLUMNS, MANIFEST, read_answer, read_manifest, written
from connectors.drop.places import Folder
from connectors.protocol import Together
from connectors.secretfile import Secret
from lineage.cases.orders import Order, Outcome
from lineage.errors import Misconfigured, Refused, Retryable
from tests.connectors import orders
from tests.connectors.file_promises import drop, rows, server
from tests.connectors.sftp_server import PASSWORD, SftpParty
from tests.contracts.connector import SECRETS


@pytest.fixture(params=["folder", "sftp"])
def connector(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Drop, Path]:
    """A drop, and its folder as the party sees it."""
    if request.param == "folder":
        (tmp_path / "in" / "answers").mkdir(parents=True)
        return drop(Folder("smartdeals", tmp_path / "in")), tmp_path / "in"
    made: SftpParty = request.getfixturevalue("party")
    return drop(server(made, tmp_path)), made.root / "in"


def answer(folder: Path, sent: Outcome, *said: dict[str, str], **changed: Any) -> None:
    """Answer a file as the party does."""
    (path,) = [
        each for each in folder.glob(f"*{MANIFEST}") if each.name.startswith((sent.handle or "").partition(".")[0])
    ]
    manifest = json.loads(path.read_bytes())
    told = {"schema": ANSWER_SCHEMA, "file": manifest["file"], "sha256": manifest["sha256"], "orders": list(said)}
    (folder / "answers" / f"{manifest['file']}{ANSWER}").write_text(json.dumps(told | changed))


def told(connector: Drop, order: Order) -> tuple[Outcome, Order]:
    sent = asyncio.run(connector.send(order))
    return sent, replace(order, handle=sent.handle, attempt=2)


def test_many_orders_are_one_file_whose_manifest_says_that_it_is_whole(connector: tuple[Drop, Path]) -> None:
    tell, folder = connector
    assert isinstance(tell, Together)
    many = [orders.order(action="erase"), orders.order(action="rectify", changes={"name": 'Maija "M"\r\nMeri'})]
    outcomes = asyncio.run(tell.send_together(many))
    assert {each.state for each in outcomes if isinstance(each, Outcome)} == {"sent"}
    (file,) = folder.glob("*.csv")
    assert not list(folder.glob("*.part"))
    assert set(rows(folder)[0]) == set(COLUMNS)
    assert {row["key"] for row in rows(folder)} == {each.key for each in many}
    assert {row["value"] for row in rows(folder) if row["what"] == "change"} == {'Maija "M"\r\nMeri'}
    assert not stat.S_IMODE(file.stat().st_mode) & 0o007
    assert not [each for each in SECRETS for path in folder.iterdir() if each in path.name]


def test_an_order_that_lies_there_is_not_put_there_again_with_others_beside(connector: tuple[Drop, Path]) -> None:
    tell, folder = connector
    first, second = orders.order(), orders.order()
    one = asyncio.run(tell.send(first))
    again, other = asyncio.run(tell.send_together([first, second]))
    assert isinstance(again, Outcome)
    assert isinstance(other, Outcome)
    assert again.handle == one.handle != other.handle
    keys = [row["key"] for row in rows(folder) if row["what"] == "category" and row["name"] == "name"]
    assert sorted(keys) == sorted([first.key, second.key])


def test_an_order_that_was_answered_and_taken_away_is_not_put_there_again(connector: tuple[Drop, Path]) -> None:
    tell, folder = connector
    order = orders.order()
    sent, _ = told(tell, order)
    answer(folder, sent, {"key": order.key, "state": "taken"})
    for path in folder.glob("jalki-*"):
        path.unlink()
    assert asyncio.run(tell.send(order)).state == "accepted"
    assert not rows(folder)


def test_a_file_without_its_manifest_is_written_anew(connector: tuple[Drop, Path]) -> None:
    tell, folder = connector
    order = orders.order()
    told(tell, order)
    (manifest,) = folder.glob(f"*{MANIFEST}")
    manifest.unlink()
    next(folder.glob("*.csv")).write_bytes(b"half of")
    assert asyncio.run(tell.send(order)).state == "sent"
    assert {row["key"] for row in rows(folder)} == {order.key}


@pytest.mark.parametrize(
    ("said", "state", "by"),
    [
        ({"state": "taken"}, "accepted", None),
        ({"state": "done", "on": "2027-01-02"}, "promised", "2027-01-02"),
        ({"state": "promised", "by": "2027-01-05"}, "promised", "2027-01-05"),
        ({"state": "partial"}, "partial", None),
        ({"state": "not_held"}, "not_held", None),
        ({"state": "declined", "ground": "law"}, "declined", None),
        ({"state": "refused"}, "manual", None),
    ],
)
def test_an_answer_is_the_partys_word_and_never_a_proof(
    connector: tuple[Drop, Path], said: dict[str, str], state: str, by: str | None
) -> None:
    tell, folder = connector
    order = orders.order()
    sent, later = told(tell, order)
    answer(folder, sent, {"key": order.key, **said})
    asked, resent = asyncio.run(tell.ask(later)), asyncio.run(tell.send(later))
    assert (asked.state, asked.by) == (state, by)
    assert resent == asked, "a file that is out is looked after, and not put there again"
    assert order.key.encode() in asked.evidence


@pytest.mark.parametrize(
    "changed",
    [
        {"sha256": "0" * 64},
        {"file": f"jalki-{'0' * 32}"},
        {"schema": "another/1"},
        {"more": 1},
        {"orders": [{"key": "x", "state": "done"}]},
        {"orders": [{"key": "0b3c1b9e-1111-4a4a-8b8b-000000000000", "state": "promised"}]},
        {"orders": [{"key": "0b3c1b9e-1111-4a4a-8b8b-000000000000", "state": "done", "on": "2027-02-30"}]},
    ],
)
def test_an_answer_that_is_none_or_to_other_bytes_is_kept_for_a_person(
    connector: tuple[Drop, Path], changed: dict[str, Any]
) -> None:
    tell, folder = connector
    order = orders.order()
    sent, later = told(tell, order)
    answer(folder, sent, {"key": order.key, "state": "done"}, **changed)
    asked = asyncio.run(tell.ask(later))
    assert (asked.state, asked.how.partition("-")[0]) == ("failed", "answer")
    assert asked.evidence


def test_an_answer_that_says_nothing_of_an_order_leaves_it_out(connector: tuple[Drop, Path]) -> None:
    tell, folder = connector
    sent, later = told(tell, orders.order())
    answer(folder, sent)
    asked = asyncio.run(tell.ask(later))
    assert (asked.state, asked.how, asked.handle) == ("sent", "no-answer-yet", sent.handle)


def test_an_answer_larger_than_any_is_not_read(connector: tuple[Drop, Path]) -> None:
    tell, folder = connector
    sent, later = told(tell, orders.order())
    (folder / "answers" / f"{(sent.handle or '').partition('.')[0]}{ANSWER}").write_bytes(b" " * (1 << 20) + b"{}")
    with pytest.raises(Refused, match="larger than an answer"):
        asyncio.run(tell.ask(later))


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_lies_there_is_read_without_a_fault(content: bytes) -> None:
    assert read_answer(content) is None
    assert read_manifest(content) is None


@given(st.permutations(range(4)))
def test_the_same_orders_make_the_same_file_in_whatever_order(numbers: list[int]) -> None:
    known = [orders.order(key=f"0b3c1b9e-1111-4a4a-8b8b-00000000000{number}") for number in range(4)]
    assert written([known[each] for each in numbers]) == written(known)


def test_a_server_with_another_host_key_is_not_told_anything(party: SftpParty, tmp_path: Path) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519")
    wrong = tmp_path / "known_hosts"
    wrong.write_text(f"[127.0.0.1]:{party.port} {other.export_public_key().decode()}")
    with pytest.raises(Misconfigured, match="host key that is not in our file"):
        asyncio.run(drop(server(party, tmp_path, known_hosts=wrong)).send(orders.order()))
    wrong.write_text("")
    with pytest.raises(Misconfigured, match="host key that is not in our file"):
        asyncio.run(drop(server(party, tmp_path, known_hosts=wrong)).send(orders.order()))
    with pytest.raises(Misconfigured, match="host keys of smartdeals is not there"):
        asyncio.run(drop(server(party, tmp_path, known_hosts=tmp_path / "none")).send(orders.order()))
    assert not rows(party.root / "in")


def test_it_logs_in_by_password_where_there_is_no_key(party: SftpParty, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    secret = Secret("the password", tmp_path / "password")
    by_password = drop(server(party, tmp_path, key_file=None, passphrase=None, password=secret))
    assert asyncio.run(by_password.send(orders.order())).state == "sent"
    (tmp_path / "password").write_text("another")
    with pytest.raises(Misconfigured, match="does not let us in") as raised:
        asyncio.run(by_password.send(orders.order()))
    assert "another" not in str(raised.value)


def test_a_key_that_cannot_be_read_is_told_without_its_text(party: SftpParty, tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("not a key")
    for changed in ({"key_file": tmp_path / "bad"}, {"passphrase": None}):
        with pytest.raises(Misconfigured, match="our key for smartdeals cannot be read") as raised:
            asyncio.run(drop(server(party, tmp_path, **changed)).send(orders.order()))
        assert "not a key" not in str(raised.value)


def test_a_server_that_cannot_rename_onto_a_name_gets_the_file_all_the_same(party: SftpParty, tmp_path: Path) -> None:
    party.renames = False
    tell, order = drop(server(party, tmp_path)), orders.order()
    told(tell, order)
    next((party.root / "in").glob(f"*{MANIFEST}")).unlink()
    assert asyncio.run(tell.send(order)).state == "sent"
    assert {row["key"] for row in rows(party.root / "in")} == {order.key}


def test_a_folder_that_is_not_there_is_told(party: SftpParty, tmp_path: Path) -> None:
    for places in (Folder("smartdeals", tmp_path / "none"), replace(server(party, tmp_path), folder="none")):
        with pytest.raises(Misconfigured, match="is not there"):
            asyncio.run(drop(places).send(orders.order()))


def test_a_full_disk_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    tell, order = drop(Folder("smartdeals", tmp_path)), orders.order()
    name, _, _ = written([order])
    (tmp_path / f"{name}.csv.part").symlink_to(full)
    with pytest.raises(Retryable, match="ENOSPC"):
        asyncio.run(tell.send(order))
    assert not list(tmp_path.glob("*.csv"))
