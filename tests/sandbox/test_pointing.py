"""A folder that the sandbox writes leads a shop's Jalki to every vendor of it."""

import asyncio
from pathlib import Path

import pytest

from connectors.channel import ByHand, Ways
from connectors.channels import open_connector
from connectors.descriptors import load_descriptors
from connectors.sandbox.clock import Clock
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.pointing import POINTINGS, Pointing
from connectors.sandbox.vendors import VENDORS
from console.sandboxing import shop_files
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


def test_a_descriptor_that_has_changed_is_not_filled_in_by_half() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Pointing().put_into("channel: rest\naddress: https://elsewhere.example\n", "http://127.0.0.1:9")
    assert POINTINGS.keys() == VENDORS.keys()
