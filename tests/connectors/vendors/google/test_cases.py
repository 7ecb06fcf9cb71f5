"""Whole cases: what a shop recorded of a person goes to Google by these connectors, and what Google says ends in her case."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from connectors.budget import window_of
from connectors.channel import Ways
from connectors.channels import open_connector
from connectors.descriptors import load_descriptors
from connectors.normalisers import sha256_hex
from connectors.protocol import Connector, Rate
from connectors.sandbox.clock import Clock
from connectors.sandbox.google.ads import REMOVE, STATUS, GoogleAds
from connectors.sandbox.google.analytics import GoogleAnalytics
from connectors.sandbox.hosted import Hosted
from connectors.sandbox.serving import served_in_a_thread
from lineage.cases.case import Case
from lineage.cases.deciding import approve
from streams.dispatch import Dispatch
from tests.cases.stage import Parties, Stage, staged, task_of
from tests.connectors.vendors.google.stages import ADS, ANALYTICS, LIST, PROPERTY

ANNA, DEVICE = "anna@example.fi", "1234567890.1700000000"
VISIT = {"type": "PageViewed", "customer_id": "C-1", "page": "/", "platform": "google-analytics"}
UPLOAD = {"type": "AudienceUploaded", "customer_id": "C-1", "email": ANNA, "platform": "google-ads"}
CONVERSION = {"type": "ConversionReported", "email": ANNA, "order_id": "O-1", "platform": "google-ads", "action": "buy"}


class Shop:
    """A shop whose Google is the sandbox; its other parties do what they are told."""

    def __init__(self, stage: Stage, hosted: dict[str, Hosted], folder: Path) -> None:
        self.stage, self.hosted, self._folder, self._others = stage, hosted, folder, Parties()
        for (party, each), settings in zip(hosted.items(), (ADS, ANALYTICS), strict=True):
            for name, content in each.vendor.credentials(each.url).items():
                (folder / name).write_text(content)
            secret = f"secret: {{file: {party}.json}}"
            text = f"channel: {party}\naddress: {each.url}\nsettings: {{{secret}, {settings}}}\n"
            (folder / f"{party}.yaml").write_text(text)

    def run(self, case: Case) -> Case:
        """Do all that is due now, as a program that was just started."""

        async def once() -> None:
            ways = Ways(lambda: self.stage.now, {}, self.stage.work.journal)
            described = load_descriptors(self._folder)
            made = {party: open_connector(described[party], "Google", ways) for party in self.hosted}
            try:
                await Dispatch(self.stage.work, Directory(made, self._others)).run_until_idle()
            finally:
                for each in made.values():
                    if each is not None:
                        await each.close()

        asyncio.run(once())
        return self.stage.work.case(case.id)

    def later(self, seconds: int) -> None:
        self.stage.believed[0] += seconds * 1_000_000
        self.hosted["google-ads"].clock.forward(seconds * 1_000_000)


class Directory:
    """Google by its connectors, all others stood in for."""

    def __init__(self, made: dict[str, Connector | None], others: Parties) -> None:
        self._made, self._others = made, others

    def connector(self, party: str) -> Any:
        return self._made.get(party) or self._others.connector(party)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with ExitStack() as stack:
        stage = stack.enter_context(staged(tmp_path))
        clock = Clock(stands=stage.now)
        vendors = [GoogleAds(clock), GoogleAnalytics(clock)]
        hosted = dict(stack.enter_context(served_in_a_thread(vendors, clock)))
        (tmp_path / "parties").mkdir()
        made = Shop(stage, hosted, tmp_path / "parties")
        made.hosted["google-ads"].seed({"lists": {LIST: [f"email:{sha256_hex(ANNA)}"], "7002": []}})
        made.hosted["google-analytics"].seed({"properties": {PROPERTY: {"clientId": [DEVICE]}}})
        yield made


def erased(shop: Shop, *events: dict[str, Any]) -> Case:
    shop.stage.record(
        *({**each, "ip_address": "203.0.113.7"} if each["type"] == "PageViewed" else each for each in events)
    )
    case = shop.stage.preview(shop.stage.open("erasure", ("customer_id", "C-1"), ("email", ANNA)))
    approve(shop.stage.work, case.id)
    return shop.run(case)


def test_an_erasure_reaches_both_googles_and_ends_with_what_they_promise(shop: Shop) -> None:
    visits = [{**VISIT, "device_id": DEVICE}, {**VISIT, "device_id": "2.2"}]
    case = erased(shop, *visits, {**UPLOAD, "audience_id": "aud-loyal", "sent_as": "sha256"})
    analytics, ads = task_of(case, "google-analytics"), task_of(case, "google-ads")
    assert (analytics.state, analytics.by) == ("promised", "2026-05-02")
    assert shop.hosted["google-analytics"].held()["deletions"] == 2
    assert ads.state == "accepted"
    shop.later(1_800)
    case = shop.run(case)
    ads = task_of(case, "google-ads")
    assert (ads.state, ads.how, ads.by) == ("promised", "request-status", "2026-03-01")
    assert shop.hosted["google-ads"].held()["lists"][LIST] == []
    counts = shop.hosted["google-ads"].counts
    assert (counts["POST", REMOVE], counts["GET", STATUS]) == (1, 1)


def test_more_devices_than_a_day_has_deletions_are_gone_on_with_the_next_day(shop: Shop) -> None:
    shop.stage.work.journal.spend("google-analytics/deletions", _midnight(shop.stage.now), 500, 499)
    case = erased(shop, *({**VISIT, "device_id": f"{number}.1"} for number in range(3)))
    task = task_of(case, "google-analytics")
    assert (task.state, task.handle) == ("sent", "1/3/0")
    shop.later(86_400)
    task = task_of(shop.run(case), "google-analytics")
    assert (task.state, task.by) == ("promised", "2026-05-03")
    assert shop.hosted["google-analytics"].held()["deletions"] == 3


def _midnight(now: int) -> int:
    return window_of(Rate(500, 86_400.0, "America/Los_Angeles"), now)[0]


def test_conversions_leave_a_part_to_a_person(shop: Shop) -> None:
    case = erased(shop, {**UPLOAD, "audience_id": "aud-loyal", "sent_as": "raw"}, CONVERSION)
    shop.later(1_800)
    task = task_of(shop.run(case), "google-ads")
    assert (task.state, task.ground) == ("partial", "conversions-by-hand")


def test_who_objects_is_removed_from_her_lists(shop: Shop) -> None:
    shop.stage.record({**UPLOAD, "audience_id": "aud-loyal", "sent_as": "sha256"})
    case = shop.stage.preview(shop.stage.open("objection", ("customer_id", "C-1")))
    approve(shop.stage.work, case.id)
    assert task_of(shop.run(case), "google-ads").state == "accepted"
    shop.later(1_800)
    assert task_of(shop.run(case), "google-ads").state == "promised"
    assert shop.hosted["google-ads"].held()["lists"][LIST] == []
