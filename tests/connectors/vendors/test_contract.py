"""The contract of vendors' connectors, of each vendor."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.normalisers import sha256_hex
from lineage.cases.orders import Order
from tests.connectors.orders import MAIL
from tests.connectors.vendors.meta import seat as meta
from tests.connectors.vendors.seats import Seat, seated
from tests.connectors.vendors.stripe import seat as stripe
from tests.contracts.removal_connector import VENDOR_CHECKS, VendorCheck, VendorStage


class MetaStage:
    """What it takes for one removal is one session."""

    made = (meta.vendor, meta.DESCRIPTOR, ("meta.token", "meta.app-secret"))
    hidden = (meta.TOKEN, meta.APP_SECRET, sha256_hex(MAIL), meta.LAPTOPS)
    call = ("POST", "/{version}/")

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        seat.hosted.seed({"audiences": [{"id": meta.LAPTOPS, "members": [meta.member(), meta.member(meta.OTHER)]}]})

    def order(self) -> Order:
        return meta.erasure()

    def told(self) -> Sequence[str]:
        return list(self.seat.hosted.held()["audiences"][meta.LAPTOPS]["sessions"])

    def gone(self) -> bool:
        return meta.mails(self.seat) == [sha256_hex(meta.OTHER)]


class StripeStage:
    """What it takes for one order is one job. Its objects' ids are in addresses where they are read back, and only there."""

    made = (stripe.vendor, stripe.DESCRIPTOR, ("stripe.key",))
    hidden = (stripe.KEY, stripe.PHONE)
    call = ("POST", "/v1/privacy/redaction_jobs")

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        seat.hosted.seed({"objects": stripe.objects()})

    def order(self) -> Order:
        return stripe.erasure()

    def told(self) -> Sequence[str]:
        return list(self.seat.hosted.held()["jobs"])

    def gone(self) -> bool:
        return stripe.held(self.seat, stripe.CUS)["email"] == "[redacted]"


STAGES = (MetaStage, StripeStage)


@pytest.fixture(params=STAGES, ids=lambda stage: stage.__name__)
def stage(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VendorStage]:
    kind: Any = request.param
    vendor, text, secrets = kind.made
    with seated(vendor, text, secrets, tmp_path, monkeypatch) as seat:
        yield kind(seat)


@pytest.mark.parametrize("check", VENDOR_CHECKS, ids=lambda check: check.__name__)
def test_a_vendors_connector_does_as_the_contract_says(check: VendorCheck, stage: VendorStage) -> None:
    check(stage)
