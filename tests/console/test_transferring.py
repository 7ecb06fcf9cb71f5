"""`jalki case answer --to`: the package goes to the controller she chose, over TLS, and that one is a recipient from then on."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

import connectors.uploading
from lineage.evidence.signing import public_key, sign_message
from tests.cases.events import mailed
from tests.connectors.receiver import Receiver, running_receiver
from tests.console.shops import BEFORE, Desk
from tests.console.test_case_answer import MAPPING, TABLES
from tests.servers.certificates import Authority, new_authority

PIECE = 500


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def case(desk: Desk) -> str:
    return desk.approved("transfer")


@pytest.fixture
def receiver(
    desk: Desk, case: str, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Receiver]:
    """The vendor, who was given the company's public key as anybody is, and takes small pieces."""
    monkeypatch.setattr(
        connectors.uploading.UploadConnector.__init__, "__kwdefaults__", {"seconds": 10.0, "piece": PIECE}
    )
    pem = tmp_path / "public.pem"
    assert desk.asks("case", "certificate", case, "--out", tmp_path / "c.json", "--public-key", pem).code == 0
    public = load_pem_public_key(pem.read_bytes())
    assert isinstance(public, Ed25519PublicKey)
    with running_receiver(public, authority) as server:
        targets = tmp_path / "targets.toml"
        targets.write_text(
            f'[Vendor]\nparty = "other-vendor"\nurl = "{server.url}"\nverified = "dpo, by telephone, 2026-11-20"\n'
            f'ca_file = "{authority.ca}"\n'
            f'[Nobody]\nparty = "nobody"\nurl = "{server.url}"\nverified = "dpo"\nca_file = "{authority.ca}"\n',
            "utf-8",
        )
        desk.settings["JALKI_TARGETS"] = str(targets)
        yield server


def rights_at(desk: Desk, party: str) -> list[Any]:
    """What of her that party got because she asked for it."""
    holdings = desk.asks("where", "customer_id:C-1", "--json").json["holdings"]
    return [each for each in holdings if each["party"] == party and "rights" in each["purposes"]]


def test_the_package_arrives_and_the_new_controller_is_a_recipient(desk: Desk, case: str, receiver: Receiver) -> None:
    ended = desk.answer(case, "--to", "Vendor")
    assert ended.code == 0, ended.err
    assert "its checksum is confirmed" in ended.said
    (package,) = receiver.whole.values()
    data = json.loads(zipfile.ZipFile(io.BytesIO(package)).read("data.json"))
    assert ("customer_id", "C-1") in {(each["kind"], each["value"]) for each in data["identifiers"]}
    (held,) = rights_at(desk, "other-vendor")
    assert held["disclosures"] == 1
    assert desk.shown(case)["answered"] is not None


def test_run_again_nothing_is_sent_or_recorded_twice(desk: Desk, case: str, receiver: Receiver) -> None:
    assert desk.answer(case, "--to", "Vendor").code == 0
    receiver.calls.clear()
    assert desk.answer(case, "--to", "Vendor").code == 0
    assert {method for method, _ in receiver.calls} == {"HEAD"}
    assert len(receiver.whole) == 1
    (held,) = rights_at(desk, "other-vendor")
    assert held["disclosures"] == 1


def test_what_was_cut_off_goes_on_where_it_stood_though_time_and_the_record_went_on(
    desk: Desk, case: str, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.resets_after = 2 * PIECE
    ended = desk.answer(case, "--to", "Vendor")
    assert ended.code == 1
    assert rights_at(desk, "other-vendor") == []
    assert desk.shown(case)["answered"] is None
    told = mailed(provider="epostservice", event_id="x-late", occurred_at=BEFORE, controller="multitronic")
    (lines := tmp_path / "later.jsonl").write_text(json.dumps(told) + "\n", "utf-8")
    assert desk.asks("ingest", lines).code == 0
    before = len(receiver.calls)
    assert desk.answer(case, "--to", "Vendor").code == 0
    assert receiver.calls[before][0] == "HEAD"
    assert receiver.calls[before + 1][1].startswith(f"bytes {2 * PIECE}-")
    assert len(receiver.whole) == 1
    assert len(rights_at(desk, "other-vendor")) == 1


def test_one_that_confirms_nothing_has_only_taken_it_and_is_a_recipient_too(
    desk: Desk, case: str, receiver: Receiver
) -> None:
    receiver.confirms = False
    ended = desk.answer(case, "--to", "Vendor")
    assert (ended.code, "not confirmed" in ended.said) == (0, True)
    assert len(rights_at(desk, "other-vendor")) == 1


def test_where_the_shops_tables_have_changed_it_is_another_package_and_another_disclosure(
    desk: Desk, case: str, receiver: Receiver, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        for each in TABLES:
            database.execute(each)
        database.commit()
        (tmp_path / "shop.toml").write_text(MAPPING, "utf-8")
        desk.settings |= {
            "JALKI_SHOP": f"sqlite:///{tmp_path}/shop.db",
            "JALKI_SHOP_TABLES": str(tmp_path / "shop.toml"),
        }
        assert desk.answer(case, "--to", "Vendor").code == 0
        database.execute("UPDATE customers SET full_name = 'Anna Uusi'")
        database.commit()
        assert desk.answer(case, "--to", "Vendor").code == 0
    assert len(receiver.whole) == 2
    (held,) = rights_at(desk, "other-vendor")
    assert held["disclosures"] == 2


@pytest.mark.parametrize(("status", "code"), [(503, 1), (403, 2), (413, 1)])
def test_one_that_does_not_take_it_is_no_recipient(
    desk: Desk, case: str, receiver: Receiver, status: int, code: int
) -> None:
    receiver.answers = [404, status]
    assert desk.answer(case, "--to", "Vendor").code == code
    assert rights_at(desk, "other-vendor") == []
    assert desk.shown(case)["answered"] is None
    assert desk.answer(case, "--to", "Vendor").code == 0


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [("https://evil.example", 1, "not in the list"), ("Nobody", 2, "no party of the register")],
)
def test_nobody_else_gets_anything(name: str, code: int, said: str, desk: Desk, case: str, receiver: Receiver) -> None:
    ended = desk.answer(case, "--to", name)
    assert (ended.code, said in ended.said) == (code, True)
    assert receiver.calls == []


def test_without_a_list_nothing_is_sent(desk: Desk, case: str) -> None:
    ended = desk.answer(case, "--to", "Vendor")
    assert (ended.code, "JALKI_TARGETS" in ended.said) == (2, True)


@pytest.mark.parametrize("right", ["access", "erasure"])
def test_only_the_package_of_a_transfer_goes_straight_to_another(right: str, desk: Desk, receiver: Receiver) -> None:
    ended = desk.answer(desk.approved(right), "--to", "Vendor")
    assert (ended.code, "only the package of a transfer" in ended.said) == (1, True)
    assert receiver.calls == []


def test_of_somebody_unknown_there_is_nothing_to_send(desk: Desk, receiver: Receiver) -> None:
    unknown = desk.asks("case", "open", "transfer", "customer_id:C-99", "--channel", "account").out.strip()
    assert desk.asks("case", "approve", unknown).code == 3
    ended = desk.answer(unknown, "--to", "Vendor")
    assert (ended.code, "nothing that she could take along" in ended.said) == (1, True)
    assert receiver.calls == []


def test_a_name_she_gave_that_is_not_known_as_hers_is_not_made_hers(desk: Desk, case: str, receiver: Receiver) -> None:
    assert desk.answer(case, "--to", "Vendor").code == 0
    named = ("email:eve@example.fi", "customer_id:C-1")
    mixed = desk.asks("case", "open", "transfer", *named, "--channel", "account").out.strip()
    assert desk.asks("case", "approve", mixed).code == 3
    assert desk.answer(mixed, "--to", "Vendor").code == 0
    assert len(receiver.whole) == 2
    assert desk.asks("where", "email:eve@example.fi", "--json").json["candidates"] == 0


def test_a_message_is_signed_as_it_is() -> None:
    seed = b"s" * 32
    Ed25519PublicKey.from_public_bytes(public_key(seed)).verify(sign_message(seed, b"message"), b"message")
