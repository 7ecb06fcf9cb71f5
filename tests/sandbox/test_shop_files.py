"""The files by which a shop uses the sandbox's vendors instead of the real ones."""

import asyncio
from pathlib import Path

from connectors.channel import ByHand, Ways
from connectors.channels import open_connector
from connectors.descriptors import load_descriptors
from connectors.sandbox.clock import Clock
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.vendors import SETTINGS, VENDORS, all_vendors
from console.sandboxing import shop_files
from lineage.times import now


class NoCounts:
    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:
        raise AssertionError(lane, window, limit, calls)


def test_each_vendor_that_is_called_has_a_descriptor_that_works_with_its_files(tmp_path: Path) -> None:
    clock = Clock()
    for number, vendor in enumerate(all_vendors(clock)):
        hosted = Hosted(vendor, clock)
        hosted.url = f"http://127.0.0.1:{9_000 + number}"
        for name, text in shop_files(hosted).items():
            (tmp_path / name).write_text(f"{text}\n", "utf-8")
    assert SETTINGS.keys() <= VENDORS.keys()
    found = load_descriptors(tmp_path)
    for party in SETTINGS:
        assert found[party].address.startswith("http://127.0.0.1:")
        connector = open_connector(found[party], party, Ways(now, {}, NoCounts()))
        assert connector is not None
        assert not isinstance(connector, ByHand)
        asyncio.run(connector.close())
