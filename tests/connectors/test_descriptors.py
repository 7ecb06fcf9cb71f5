import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.channel import ByHand, Ways
from connectors.channels import GROUP, channels, open_connector
from connectors.descriptor import MEANT
from connectors.descriptors import SHIPPED, load_descriptors
from connectors.links import Links
from connectors.mail import Mail, MailServer
from connectors.protocol import Together
from console.parties import Parties
from lineage.errors import Misconfigured
from lineage.register import load_register
from lineage.times import now
from schemas.vocabulary import vocabulary
from tests.connectors.orders import order


class NoCounts:
    """Counts nothing; no call is made here."""

    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:
        raise AssertionError(lane, window, limit, calls)


WAYS = Ways(now, {}, NoCounts())


def write(folder: Path, text: str, party: str = "posti") -> Path:
    (folder / f"{party}.yaml").write_text(text, "utf-8")
    return folder


def test_every_party_of_the_shipped_register_has_a_descriptor_and_no_other_has() -> None:
    register = load_register(None, frozenset(vocabulary().categories))
    assert {party.id for party in register.parties()} == set(load_descriptors())


def test_no_shipped_descriptor_has_an_address_that_nobody_has_confirmed() -> None:
    assert not [party for party, each in load_descriptors().items() if each.address]
    assert not [path for path in SHIPPED.glob("*.yaml") if "address: http" in path.read_text("utf-8")]


def test_an_authority_is_never_a_task_and_our_own_systems_are_not_told_from_here() -> None:
    shipped = load_descriptors()
    register = load_register(None, frozenset(vocabulary().categories))
    by_kind = {
        kind: {shipped[p.id].channel for p in register.parties() if p.kind == kind}
        for kind in ("authority", "own-system")
    }
    assert by_kind == {"authority": {"none"}, "own-system": {"internal"}}


def test_a_party_without_an_address_is_a_task_for_a_person() -> None:
    for descriptor in load_descriptors().values():
        connector = open_connector(descriptor, "Somebody", WAYS)
        if descriptor.channel == "internal":
            assert connector is None
            continue
        assert connector
        for outcome in (asyncio.run(connector.send(order())), asyncio.run(connector.ask(order()))):
            assert outcome.state == "manual"


def test_every_party_that_is_told_says_what_each_right_comes_to_there() -> None:
    silent = {
        party: set(MEANT) - set(each.means) for party, each in load_descriptors().items() if each.channel != "none"
    }
    assert not {party: missing for party, missing in silent.items() if missing}


def test_a_mailbox_without_a_mail_server_is_a_task_for_a_person(tmp_path: Path) -> None:
    found = load_descriptors(write(tmp_path, "channel: manual\naddress: a@posti.example\n"))["posti"]
    connector = open_connector(found, "Posti Oy", WAYS)
    assert isinstance(connector, ByHand)
    assert asyncio.run(connector.send(order())).how == "no-mail-server"


def test_a_descriptor_of_ones_own_replaces_the_shipped_one_whole(tmp_path: Path) -> None:
    text = "channel: manual\naddress: a@posti.example\nlanguage: sv\nlimits:\n  calls: 5\n  seconds: 3600\n"
    found = load_descriptors(write(tmp_path, text))
    assert len(found) == len(load_descriptors())
    assert (found["posti"].address, found["posti"].language, found["posti"].limits.calls) == (
        "a@posti.example",
        "sv",
        5,
    )
    assert found["posti"].source == ""


OPENDSR = "channel: opendsr\naddress: https://o.example/v2\n"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("channel: pigeon", ":1: there is no such channel: there are"),
        ("channel: manuel", ":1: there is no such channel; do you mean manual?"),
        ("channel: manual\nadress: a@b.fi", ":2: unknown key adress; do you mean address?"),
        ("channel: manual\naddress: a@b.fi, c@d.fi", ":2: address is not one mailbox"),
        ("channel: manual\naddress: Posti <a@b.fi>", ":2: address is not one mailbox"),
        ("channel: manual\nmailbox: Posti <a@b.fi>", ":2: mailbox is not written as it must be"),
        ("channel: none\naddress: a@b.fi", ":2: a party of the channel none has no address"),
        ("channel: manual\nlanguage: de", ":2: language must be one of 'en', 'fi', 'sv'"),
        (
            "channel: manual\nidentifiers:\n  emial: [email@1]",
            ":3: there is no such kind of identifier; do you mean email?",
        ),
        (
            "channel: manual\nidentifiers:\n  e_mail: [email@1]",
            ":3: there is no such kind of identifier; do you mean email?",
        ),
        ("channel: manual\nmeans:\n  erase: {does: it, proof: verifed}", "'none'; do you mean verified?"),
        ("channel: manual\nmeans:\n  acess: {does: it, proof: none}", "'stop'; do you mean access?"),
        ("channel: manual\nlimits:\n  calls: 0", ":3: limits.calls"),
        ("channel: manual\nlimits:\n  cals: 1", ":3: unknown key limits.cals; do you mean calls?"),
        ("channel: manual\nlimits:\n  timeout: -1", ":3: limits.timeout"),
        ("channel: manual\nlimits:\n  rates:\n    x: {calls: 1, seconds: 1}", ":4: this channel has no such rate"),
        (
            "channel: manual\nmeans:\n  erase: {does: it, proof: proved}",
            ":3: means.erase.proof must be one of 'verified'",
        ),
        (
            "channel: manual\nmeans:\n  erase: {does: it, prof: none}",
            "unknown key means.erase.prof; do you mean proof?",
        ),
        ("channel: manual\nmeans:\n  eras: {does: it, proof: none}", ":3: means.eras"),
        ("channel: manual\nmeans:\n  erase: {does: it, proof: none, by: letter}", ":2: 'by' is for parties"),
        (
            "channel: manual\nidentifiers:\n  email: [google-emai@2]",
            ":3: there is no such normaliser; do you mean google-email@2?",
        ),
        (f"{OPENDSR}settings:\n  domain: o.example", ":3: the key settings.authorities_file is missing"),
        (f"{OPENDSR}settings:\n  domain: O X\n  authorities_file: a", ":4: settings.domain"),
        (f"{OPENDSR}settings:\n  domain: o.example\n  authorities_file: a\n  pins: [x]", ":6: settings.pins.0"),
        (OPENDSR, "settings.domain is missing"),
        ("channel: ", "channel"),
        ("channel: [", "not YAML"),
        ("channel: &a manual", "anchors"),
    ],
)
def test_a_wrong_descriptor_is_named_with_its_file_and_line_and_what_was_meant_and_without_its_values(
    text: str, named: str, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured) as raised:
        load_descriptors(write(tmp_path, text))
    assert "posti.yaml:" in str(raised.value)
    assert named in str(raised.value)
    assert "a@b.fi" not in str(raised.value)


def test_a_kind_of_identifier_of_ones_own_is_none_of_those_that_a_typo_makes(tmp_path: Path) -> None:
    text = "channel: manual\nidentifiers:\n  loyalty_number: [raw@1]\n  payment_token: [raw@1]\n"
    assert set(load_descriptors(write(tmp_path, text))["posti"].identifiers) == {"loyalty_number", "payment_token"}


def test_a_file_that_is_named_almost_like_a_party_is_not_passed_over(tmp_path: Path) -> None:
    registered = load_descriptors().keys()
    write(tmp_path, "channel: manual", "postii")
    with pytest.raises(
        Misconfigured, match=r"^postii\.yaml: no party of the register is called so; do you mean posti\?$"
    ):
        load_descriptors(tmp_path, registered)
    (tmp_path / "postii.yaml").rename(tmp_path / "bonus-club.yaml")
    assert "bonus-club" in load_descriptors(tmp_path, registered)


@pytest.mark.parametrize("name", ["posti.yml", "posti.YAML"])
def test_a_file_that_would_not_be_read_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("channel: manual", "utf-8")
    with pytest.raises(Misconfigured, match=rf"^{name}: .*posti\.yaml"):
        load_descriptors(tmp_path)


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "channel: pigeon", "posti")
    write(tmp_path, "channel: manual\nadress: x", "dhl")
    with pytest.raises(Misconfigured) as raised:
        load_descriptors(tmp_path)
    assert [line.split(":")[0] for line in str(raised.value).splitlines()] == ["dhl.yaml", "posti.yaml"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no such folder"):
        load_descriptors(tmp_path / "nowhere")


def test_a_descriptor_of_the_old_form_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "posti.toml").write_text("protocol = 'manual'", "utf-8")
    with pytest.raises(Misconfigured, match=r"posti\.yaml"):
        load_descriptors(tmp_path)


def test_a_descriptor_that_names_files_finds_them_beside_itself(tmp_path: Path) -> None:
    text = f"{OPENDSR}settings:\n  domain: o.example\n  authorities_file: ca.pem\n  token_file: token\n"
    found = load_descriptors(write(tmp_path, text))["posti"]
    assert found.folder == tmp_path
    with pytest.raises(Misconfigured, match="authorities"):
        open_connector(found, "Posti Oy", WAYS)


def test_a_channel_of_another_package_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "pigeons-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[jalki.channels]\npigeon = pigeons:PIGEON\n")
    (tmp_path / "pigeons.py").write_text(
        "from connectors.channel import ByHand, Channel\n"
        "PIGEON = Channel(lambda descriptor, name, ways: ByHand(descriptor.limits, 'by-pigeon'), reached_by='none')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert "pigeon" in channels()
    own = tmp_path / "own"
    own.mkdir()
    found = load_descriptors(write(own, "channel: pigeon"))["posti"]
    connector = open_connector(found, "Posti Oy", WAYS)
    assert connector
    assert asyncio.run(connector.send(order())).how == "by-pigeon"


def test_an_entry_point_that_is_no_channel_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "pigeons-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeons\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text("[jalki.channels]\npigeon = os:sep\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Misconfigured, match="pigeon"):
        channels()


def test_the_channels_are_looked_for_once_and_not_for_each_party(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    descriptors = load_descriptors()

    def entry_points(group: str) -> list[object]:
        looked.append(group)
        return []

    monkeypatch.setattr("connectors.channels.entry_points", entry_points)
    parties = Parties(descriptors, {}, WAYS)
    assert all(parties.connector(each) for each in descriptors)
    assert looked == [GROUP]


@pytest.mark.parametrize(
    ("channel", "settings", "together"),
    [
        ("sendgrid", "{key: {variable: KEY}}", True),
        ("meta", "{token: {variable: KEY}, app_secret: {variable: KEY}}", True),
        ("stripe", "{key: {variable: KEY}}", False),
    ],
)
def test_a_mailbox_beside_calls_that_tell_of_many_at_once_leaves_them_so(
    channel: str, settings: str, together: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "a key")
    text = f"channel: {channel}\naddress: https://api.posti.example\nmailbox: a@posti.example\nsettings: {settings}\n"
    mail, links = Mail(MailServer("127.0.0.1", 25, "none")), Links("https://answers.example", [b"s" * 32])
    descriptor = load_descriptors(write(tmp_path, text))["posti"]
    connector = open_connector(descriptor, "Posti Oy", replace(WAYS, mail=mail, links=links))
    assert isinstance(connector, Together) == together
