import asyncio
from pathlib import Path

import pytest

from connectors.descriptors import SHIPPED, load_descriptors
from connectors.opening import ByHand, Ways, open_connector
from lineage.errors import Misconfigured
from lineage.register import load_register
from lineage.times import now
from schemas.vocabulary import vocabulary
from tests.connectors.orders import order

WAYS = Ways(now, {})


def write(folder: Path, text: str, party: str = "posti") -> Path:
    (folder / f"{party}.toml").write_text(text, "utf-8")
    return folder


def test_every_party_of_the_shipped_register_has_a_descriptor_and_no_other_has() -> None:
    register = load_register(None, frozenset(vocabulary().categories))
    assert {party.id for party in register.parties()} == set(load_descriptors())


def test_no_shipped_descriptor_has_an_address_that_nobody_has_confirmed() -> None:
    assert not [party for party, each in load_descriptors().items() if each.address]
    assert not [path for path in SHIPPED.glob("*.toml") if '= "http' in path.read_text("utf-8")]


def test_an_authority_is_never_a_task_and_our_own_systems_are_not_told_from_here() -> None:
    shipped = load_descriptors()
    register = load_register(None, frozenset(vocabulary().categories))
    by_kind = {
        kind: {shipped[p.id].protocol for p in register.parties() if p.kind == kind}
        for kind in ("authority", "own-system")
    }
    assert by_kind == {"authority": {"none"}, "own-system": {"internal"}}


def test_a_party_without_an_address_is_a_task_for_a_person() -> None:
    for descriptor in load_descriptors().values():
        connector = open_connector(descriptor, "Somebody", WAYS)
        if descriptor.protocol == "internal":
            assert connector is None
            continue
        assert connector
        for outcome in (asyncio.run(connector.send(order())), asyncio.run(connector.ask(order()))):
            assert outcome.state == "manual"


def test_a_mailbox_without_a_mail_server_is_a_task_for_a_person(tmp_path: Path) -> None:
    found = load_descriptors(write(tmp_path, 'protocol = "manual"\naddress = "a@posti.example"\n'))["posti"]
    connector = open_connector(found, "Posti Oy", WAYS)
    assert isinstance(connector, ByHand)
    assert asyncio.run(connector.send(order())).how == "no-mail-server"


def test_a_descriptor_of_ones_own_replaces_the_shipped_one_whole(tmp_path: Path) -> None:
    text = 'protocol = "manual"\naddress = "a@posti.example"\nlanguage = "sv"\n[limits]\ncalls = 5\nseconds = 3600\n'
    found = load_descriptors(write(tmp_path, text))
    assert len(found) == len(load_descriptors())
    assert (found["posti"].address, found["posti"].language, found["posti"].limits.calls) == (
        "a@posti.example",
        "sv",
        5,
    )


OPENDSR = 'protocol = "opendsr"\naddress = "https://o.example/v2"\n'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("protocol = 'pigeon'", "protocol"),
        ("protocol = 'manual'\nadress = 'a@b.fi'", "adress"),
        ("protocol = 'manual'\naddress = 'a@b.fi, c@d.fi'", "address"),
        ("protocol = 'manual'\naddress = 'Posti <a@b.fi>'", "address"),
        ("protocol = 'manual'\nlanguage = 'de'", "language"),
        ("protocol = 'manual'\n[limits]\ncalls = 0", "limits.calls"),
        ("protocol = 'manual'\n[limits]\ntimeout = -1", "limits.timeout"),
        (f"{OPENDSR}[opendsr]\ndomain = 'o.example'", "opendsr.authorities_file"),
        (f"{OPENDSR}[opendsr]\ndomain = 'O X'\nauthorities_file = 'a'", "opendsr.domain"),
        (f"{OPENDSR}[opendsr]\ndomain = 'o.example'\nauthorities_file = 'a'\npins = ['x']", "opendsr.pins.0"),
        (OPENDSR, "'opendsr'"),
        ("protocol = ", "TOML"),
    ],
)
def test_a_wrong_descriptor_is_named_with_its_file_and_key_and_without_its_values(
    text: str, named: str, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured) as raised:
        load_descriptors(write(tmp_path, text))
    assert "posti.toml" in str(raised.value)
    assert named in str(raised.value)
    assert "a@b.fi" not in str(raised.value)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no such folder"):
        load_descriptors(tmp_path / "nowhere")


def test_a_descriptor_that_names_files_finds_them_beside_itself(tmp_path: Path) -> None:
    text = f"{OPENDSR}[opendsr]\ndomain = 'o.example'\nauthorities_file = 'ca.pem'\ntoken_file = 'token'\n"
    access = load_descriptors(write(tmp_path, text))["posti"].opendsr
    assert access
    assert (access.authorities_file, access.token_file) == (tmp_path / "ca.pem", tmp_path / "token")
    with pytest.raises(Misconfigured, match="authorities"):
        open_connector(load_descriptors(tmp_path)["posti"], "Posti Oy", WAYS)
