"""A folder that the sandbox writes leads a shop's Jalki to every vendor of it."""

import asyncio
from pathlib import Path

import pytest

from connectors.channel import ByHand, Ways
from connectors.channels import open_connector
from connectors.descriptors import load_descriptors
from connectors.protocol import Connector
from connectors.sandbox.certificates import others
from connectors.sandbox.clock import Clock
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.pointing import POINTINGS, Pointing
from connectors.sandbox.vendors import VENDORS
from console.sandboxing import shop_files
from lineage.errors import Misconfigured
from lineage.times import now
from tests.connectors.test_descriptors import NoCounts


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_vendors_files_make_a_connector_that_calls_it_here(vendor: str, tmp_path: Path) -> None:
    hosted = Hosted(VENDORS[vendor](Clock()), Clock())
    hosted.url = "http://127.0.0.1:9"
    for name, text in shop_files(hosted).items():
        (tmp_path / name).write_text(text + "\n", "utf-8")
    found = load_descriptors(tmp_path)[vendor]
    assert found.address.startswith("http://127.0.0.1:9")
    connector = open_connector(found, vendor, Ways(now, {}, NoCounts()))
    assert connector is not None
    assert not isinstance(connector, ByHand)
    asyncio.run(connector.close())


def opened(vendor: str, url: str, folder: Path, ca_file: str | None = None) -> Connector | None:
    """The connector that the files of a vendor at an address make."""
    hosted = Hosted(VENDORS[vendor](Clock()), Clock())
    hosted.url = url
    for name, text in shop_files(hosted, ca_file).items():
        (folder / name).write_text(text + "\n", "utf-8")
    return open_connector(load_descriptors(folder)[vendor], vendor, Ways(now, {}, NoCounts()))


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("host", ["sandbox", "127.0.0.2", "192.0.2.1", "api.vendor.example"])
def test_no_descriptor_leads_over_plain_http_to_another_machine(vendor: str, host: str, tmp_path: Path) -> None:
    """Nor does one that names an authority: what it is for is TLS, and there is none."""
    (tmp_path / "ca.pem").write_text(others("sandbox").authority, "ascii")
    for ca_file in (None, "ca.pem"):
        with pytest.raises(Misconfigured, match="not https"):
            opened(vendor, f"http://{host}:9500", tmp_path, ca_file)


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_vendors_files_make_a_connector_that_calls_it_elsewhere_over_tls(vendor: str, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(others("sandbox").authority, "ascii")
    connector = opened(vendor, "https://sandbox:9500", tmp_path, "ca.pem")
    assert connector is not None
    assert not isinstance(connector, ByHand)
    asyncio.run(connector.close())


def test_a_token_for_google_goes_elsewhere_only_where_an_authority_of_our_own_vouches_for_it(tmp_path: Path) -> None:
    for vendor in ("google-ads", "google-analytics"):
        with pytest.raises(Misconfigured, match=r"not at googleapis\.com"):
            opened(vendor, "https://sandbox:9500", tmp_path)


def test_a_descriptor_that_has_changed_is_not_filled_in_by_half() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Pointing().put_into("channel: rest\naddress: https://elsewhere.example\n", "http://127.0.0.1:9")
    assert POINTINGS.keys() == VENDORS.keys()
