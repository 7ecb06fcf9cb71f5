"""The seven rights by the command line alone, from the message to the end: whom each reaches, and what the shop may do then."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import Refused
from tests.e2e.events import event, write_lines
from tests.e2e.program import asked

HER, MAIL = "customer_id:C-17", "aino.esimerkki@posti.example"
EVENTS = [
    event("AccountOpened", "r-1", "2026-02-01T08:00:00Z", customer_id="C-17", email=MAIL, phone="0401234567", name="Aino"),
    event("ShipmentBooked", "r-2", "2026-02-02T08:00:00Z", shipment_id="S-1", order_id="O-1", customer_id="C-17",
          carrier="posti", name="Aino", address={"street": "Rantakatu 1", "postcode": "65100", "city": "Vaasa", "country": "FI"}),
    event("NewsletterSubscribed", "r-3", "2026-02-03T08:00:00Z", customer_id="C-17", email=MAIL, consent_text="Yes",
          source="shop"),
    event("NewsletterSent", "r-4", "2026-02-04T08:00:00Z", customer_id="C-17", email=MAIL, provider="sendgrid", campaign_id="k"),
    event("AccountOpened", "r-5", "2026-02-01T08:00:00Z", customer_id="C-18", email="eero@posti.example", phone="0407654321"),
    event("AccountOpened", "r-6", "2026-02-01T08:00:00Z", customer_id="C-19", email="eero@posti.example"),
]  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    assert asked("ingest", write_lines(tmp_path / "e.jsonl", EVENTS), "--data", tmp_path / "data").code == 0
    return tmp_path / "data"


def opened(shop: Path, right: str, *words: str, who: str = HER) -> list[str]:
    ended = asked("case", "open", right, who, "--channel", "account", *words, "--data", shop)
    assert ended.code == 0
    return ended.out.split()


def shown(shop: Path, case: str) -> dict[str, Any]:
    return dict(asked("case", "show", case, "--json", "--data", shop).json)


def approve(shop: Path, case: str) -> int:
    return asked("case", "approve", case, "--data", shop).code


def finish(shop: Path, case: str) -> dict[str, Any]:
    """Staff see to every task that waits for a person."""
    for each in shown(shop, case)["tasks"]:
        if each["state"] == "manual":
            number = each["task"].rpartition("/")[2]
            ended = asked("case", "confirm", case, number, "verified", "--evidence", "ticket 17", "--data", shop)
            assert ended.code == 0
    return shown(shop, case)


def told(case: dict[str, Any]) -> set[str]:
    return {each["party"] for each in case["tasks"]}


def may(shop: Path, party: str, purpose: str) -> list[str]:
    ended = asked("may-share", HER, party, purpose, "--json", "--data", shop)
    assert ended.code == (0 if ended.json["allowed"] else 1)
    return list(ended.json["why"])


def subscribe_again(shop: Path) -> None:
    at = datetime.now(UTC).isoformat()
    again = event("NewsletterSubscribed", "r-9", at, customer_id="C-17", email=MAIL, consent_text="Yes", source="shop")
    assert asked("ingest", write_lines(shop.parent / "again.jsonl", [again]), "--data", shop).code == 0


def test_access_is_answered_with_a_statement_and_tells_nobody(shop: Path, tmp_path: Path) -> None:
    (case,) = opened(shop, "access")
    assert approve(shop, case) == 3
    assert asked("case", "answer", case, "--out", tmp_path / "answer", "--data", shop).code == 0
    assert "Posti" in (tmp_path / "answer" / "statement.html").read_text("utf-8")
    assert (shown(shop, case)["state"], told(shown(shop, case))) == ("closed", set())


def test_a_transfer_is_answered_with_a_package(shop: Path, tmp_path: Path) -> None:
    (case,) = opened(shop, "transfer")
    assert approve(shop, case) == 3
    assert asked("case", "answer", case, "--out", tmp_path / "answer", "--data", shop).code == 0
    assert (tmp_path / "answer" / "transfer.zip").stat().st_mode & 0o077 == 0
    assert shown(shop, case)["state"] == "closed"


def test_a_rectification_reaches_those_that_got_the_category_and_no_others(shop: Path) -> None:
    (case,) = opened(shop, "rectification", "--change", "address=Uusikatu 2, 65100 Vaasa")
    assert approve(shop, case) == 3
    assert told(shown(shop, case)) == {"posti"}
    assert finish(shop, case)["state"] == "closed"


def test_a_rectification_of_what_nobody_holds_is_over_at_once(shop: Path) -> None:
    (case,) = opened(shop, "rectification", "--change", "passport_number=X1")
    assert approve(shop, case) == 0
    assert (shown(shop, case)["state"], told(shown(shop, case))) == ("closed", set())


def test_a_restriction_stops_the_shop_until_it_is_lifted(shop: Path) -> None:
    assert may(shop, "posti", "delivery") == []
    (case,) = opened(shop, "restriction")
    assert approve(shop, case) == 3
    assert may(shop, "posti", "delivery") == ["restriction"]
    assert {"posti", "sendgrid"} <= told(finish(shop, case))
    assert asked("case", "lift", case, "--told", "2026-01-01", "--data", shop).code == 0
    assert may(shop, "posti", "delivery") == []
    finish(shop, case)
    lifted = [each for each in shown(shop, case)["tasks"] if each["action"] == "lift"]
    assert {"posti", "sendgrid"} <= {each["party"] for each in lifted}
    assert {each["state"] for each in lifted} == {"verified"}


def test_an_objection_stops_marketing_and_not_the_parcel(shop: Path) -> None:
    assert may(shop, "sendgrid", "newsletter") == []
    (case,) = opened(shop, "objection", "--purpose", "newsletter")
    assert approve(shop, case) == 3
    assert may(shop, "sendgrid", "newsletter") == ["objection"]
    assert may(shop, "posti", "delivery") == []
    assert "sendgrid" in told(finish(shop, case))


def test_unsubscribing_ends_with_the_next_consent(shop: Path) -> None:
    (case,) = opened(shop, "unsubscribe")
    assert approve(shop, case) == 3
    assert may(shop, "sendgrid", "newsletter") == ["unsubscribe"]
    assert "posti" not in told(finish(shop, case))
    subscribe_again(shop)
    assert may(shop, "sendgrid", "newsletter") == []


def test_an_erasure_forgets_her_and_keeps_what_the_law_keeps(shop: Path) -> None:
    (case,) = opened(shop, "erasure")
    assert approve(shop, case) == 3
    done = finish(shop, case)
    assert done["state"] == "partly-done"
    assert {each["law"] for each in done["tasks"] if each["state"] == "held"}
    assert done["entombed"] is not None
    assert "erased" in may(shop, "sendgrid", "newsletter")


@pytest.mark.parametrize("rights", ["access,erasure", "erasure,access"])
def test_a_copy_is_made_before_the_erasure_in_whatever_order_she_asks(rights: str, shop: Path, tmp_path: Path) -> None:
    access, erasure = opened(shop, rights)
    with pytest.raises(Refused, match=f"waits for case {access}"):
        approve(shop, erasure)
    assert approve(shop, access) == 3
    with pytest.raises(Refused, match="waits"):
        approve(shop, erasure)
    assert asked("case", "answer", access, "--out", tmp_path / "answer", "--data", shop).code == 0
    assert approve(shop, erasure) == 3


def test_an_erasure_of_nobody_ends_at_once_and_tells_nobody(shop: Path) -> None:
    (case,) = opened(shop, "erasure", who="customer_id:C-none")
    assert approve(shop, case) == 0
    assert (shown(shop, case)["state"], told(shown(shop, case))) == ("closed", set())


def test_an_erasure_by_nothing_but_a_shared_address_is_never_closed_as_done(shop: Path) -> None:
    (case,) = opened(shop, "erasure", who="eero@posti.example")
    with pytest.raises(Refused, match="several persons"):
        approve(shop, case)
    assert shown(shop, case)["state"] == "received"


def test_an_objection_by_a_shared_address_stops_what_goes_there(shop: Path) -> None:
    (case,) = opened(shop, "objection", who="eero@posti.example")
    assert approve(shop, case) in {0, 3}
    ended = asked("may-share", "eero@posti.example", "sendgrid", "newsletter", "--json", "--data", shop)
    assert "objection" in ended.json["why"]
