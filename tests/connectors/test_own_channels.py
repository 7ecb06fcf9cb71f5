"""Descriptors of the channels `sql` and `drop`: what they make, and what is told of a wrong one."""

from pathlib import Path
from typing import Any

import pytest

from connectors.channel import Ways
from connectors.channels import BUILT_IN, open_connector
from connectors.descriptor import MEANT
from connectors.descriptors import load_descriptors
from connectors.drop.places import Folder
from connectors.sql import SqlConnector
from lineage.errors import Misconfigured
from lineage.register import load_register
from lineage.times import now
from schemas.vocabulary import vocabulary
from tests.docs.pages import ROOT, blocks


class NoCounts:
    """Counts nothing; no call is made here."""

    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:
        raise AssertionError(lane, window, limit, calls)


REGISTER = load_register(None, frozenset(vocabulary().categories))
WAYS = Ways(now, {}, NoCounts(), purposes=[each.id for each in REGISTER.declared.purposes])


def described(folder: Path, text: str) -> Any:
    (folder / "smartdeals.yaml").write_text(f"channel: drop\n{text}")
    return open_connector(load_descriptors(folder)["smartdeals"], "Smartdeals Oy", WAYS)


def test_a_descriptor_names_a_folder_or_a_server_and_never_a_password(tmp_path: Path) -> None:
    made = described(tmp_path, "address: /srv/drop in\n")
    assert (made.places, made.limits.together) == (Folder("smartdeals", Path("/srv/drop in")), 500)
    made = described(
        tmp_path, "address: sftp://jalki@h.example/in\nsettings:\n  known_hosts_file: hosts\n  password: {file: p}\n"
    )
    assert (made.places.port, made.places.folder, made.places.known_hosts) == (22, "/in", tmp_path / "hosts")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("address: ftp://jalki@h.example/in\n", "is sftp://user@host/folder"),
        ("address: sftp://jalki:secret@h.example/in\n", "is sftp://user@host/folder"),
        ("address: sftp://h.example/in\n", "is sftp://user@host/folder"),
        ("address: sftp://jalki@h.example:x/in\n", "is sftp://user@host/folder"),
        ("address: in\n", "is sftp://user@host/folder"),
        ("address: sftp://jalki@h.example/in\n", "needs known_hosts_file"),
        ("address: sftp://jalki@h.example/in\nsettings:\n  known_hosts_file: h\n", "needs known_hosts_file"),
        ("address: /in\nsettings:\n  answers: ../x\n", "settings.answers is not written as it must be"),
    ],
)
def test_a_descriptor_that_cannot_be_used_is_told_without_its_values(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        described(tmp_path, text)
    assert fault in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_drop_and_a_letter_claim_no_more_than_a_word_and_tables_what_was_read_back() -> None:
    proofs = {name: {right: BUILT_IN[name].means[right].proof for right in MEANT} for name in ("sql", "drop")}
    assert set(proofs["drop"].values()) == {"promised"}
    assert proofs["sql"] == {**dict.fromkeys(MEANT, "verified"), "stop": "promised"}


def own(folder: Path) -> Path:
    """The descriptor and the mapping of the how-to, as files of one's own."""
    for block in blocks(ROOT / "docs" / "how-to" / "sql-connector.md"):
        if block.title in {"order-system.yaml", "tables/shop.toml"}:
            path = folder / block.title
            path.parent.mkdir(exist_ok=True)
            path.write_text(block.text, "utf-8")
    (folder / "shop-password").write_text("secret")
    return folder


def test_the_tables_of_the_how_to_make_a_connector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_DATABASE", "postgresql://jalki_shop@db.example:5432/shop")
    found = load_descriptors(own(tmp_path))["order-system"]
    assert isinstance(open_connector(found, "Order system", WAYS), SqlConnector)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('system = "order-system"', 'system = "back-office"', "tables/shop.toml maps back-office"),
        ('purpose = "account"', 'purpose = "fun"', "purpose is missing"),
    ],
)
def test_a_mapping_that_is_not_this_systems_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, fault: str
) -> None:
    monkeypatch.setenv("SHOP_DATABASE", "sqlite:////x")
    path = own(tmp_path) / "tables" / "shop.toml"
    path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")
    with pytest.raises(Misconfigured, match=fault):
        open_connector(load_descriptors(tmp_path)["order-system"], "Order system", WAYS)


def test_an_address_of_tables_that_is_not_set_is_told_by_the_name_of_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_DATABASE", raising=False)
    with pytest.raises(Misconfigured, match="SHOP_DATABASE"):
        open_connector(load_descriptors(own(tmp_path))["order-system"], "Order system", WAYS)
