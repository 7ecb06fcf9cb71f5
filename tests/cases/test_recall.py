"""A recall: every buyer is found and warned, whoever she is now; and of who is erased the count is left."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lineage.errors import Misconfigured
from lineage.products import read_serials
from lineage.recalling import Buyer, Recalled, Wanted, recalled
from lineage.stores.spool import SqlitePurchases
from tests.cases.events import account, claim, linked, order, subscribed, unsubscribed
from tests.cases.stage import Stage, staged

HER = ("customer_id", "C-1")


def item(model: str | None = "Kettle X1", serial: str | None = None) -> Mapping[str, Any]:
    return {"sku": "S-1", "product_group": "home", "quantity": 1, "price": "10.00", "model": model, "serial": serial}


def who(number: int) -> dict[str, str]:
    return {"customer_id": f"C-{number}", "email": f"buyer{number}@example.fi"}


def bought(stage: Stage, number: int, *items: Mapping[str, Any], **told: Any) -> None:
    stage.record(account(**who(number)), order(f"O-{number}", **{**who(number), "items": list(items), **told}))


def asked(stage: Stage, model: str = "kettle x1", serials: str | None = None) -> tuple[Recalled, list[Buyer]]:
    work, told = stage.work, list[Buyer]()
    wanted = Wanted(model, read_serials(serials) if serials else None)
    with closing(SqlitePurchases()) as purchases:
        found = recalled(work.graph, work.keyring, work.memory, work.pseudonyms, wanted, purchases, told.append)
    return found, told


def erase(stage: Stage, number: int) -> None:
    stage.at("2027-06-01T09:00:00+03:00")
    case = stage.approve(stage.preview(stage.open("erasure", ("customer_id", f"C-{number}"))))
    assert case.forgotten is not None


def test_of_five_buyers_one_who_opted_out_is_warned_and_one_erased_is_counted(stage: Stage) -> None:
    for number in range(1, 6):
        bought(stage, number, item())
    bought(stage, 6, item("Kettle X2"))
    stage.record(subscribed("buyer2@example.fi"), unsubscribed("buyer2@example.fi", customer_id="C-2"))
    stage.approve(stage.preview(stage.open("objection", ("customer_id", "C-2"))))
    erase(stage, 5)
    found, told = asked(stage)
    assert (found.buyers, found.contactable, found.opted_out, found.erased) == (4, 4, 1, 1)
    assert dict(found.ways) == {"email": 4, "address": 4}
    assert len(told) == 4
    assert [each.opted_out for each in told].count(True) == 1


def test_who_is_restricted_is_warned_and_may_be(stage: Stage) -> None:
    bought(stage, 1, item())
    stage.approve(stage.preview(stage.open("restriction", HER)))
    found, _ = asked(stage)
    assert (found.buyers, found.restricted, found.contactable) == (1, 1, 1)
    assert stage.may("order-system", "recall", HER) == ()


def test_a_model_is_the_same_however_it_is_spelt_and_one_that_nobody_bought_is_no_error(stage: Stage) -> None:
    bought(stage, 1, item("  KETTLE   x1 "))
    assert asked(stage, "Kettle X1")[0].buyers == 1
    for model in ("Kettle X11", "Kettle", "", "C-1"):
        found, told = asked(stage, model)
        assert (found.buyers, found.erased, told) == (0, 0, [])


def test_one_who_bought_twice_or_under_two_names_is_one_buyer(stage: Stage) -> None:
    bought(stage, 1, item(), item("Other"), item())
    stage.record(
        order("O-7", **who(1), items=[item()]),
        order("O-8", customer_id=None, email="buyer8@example.fi", items=[item()]),
    )
    assert asked(stage)[0].buyers == 2
    stage.record(linked(HER, ("email", "buyer8@example.fi")))
    found, (her,) = asked(stage)
    assert (found.buyers, her.products) == (1, 4)


def test_an_order_that_several_accounts_may_have_placed_is_warned_of_and_told_apart(stage: Stage) -> None:
    stage.record(account(**{**who(1), "email": "home@example.fi"}), account(**{**who(2), "email": "home@example.fi"}))
    stage.record(order("O-9", customer_id=None, email="home@example.fi", items=[item()]))
    found, (buyer,) = asked(stage)
    assert (found.buyers, found.shared, buyer.candidates) == (1, 1, 2)
    assert "email" in buyer.ways


def test_only_serial_numbers_known_to_be_outside_the_range_are_left_out(stage: Stage) -> None:
    for number, serial in enumerate(["SN-0099", "sn 0100", "SN0150", "SN0199", "SN0200", "SN100", None], 1):
        bought(stage, number, item(serial=serial))
    found, told = asked(stage, serials="SN0100..SN0199")
    assert (found.buyers, found.certain) == (5, 3)
    uncertain = {each.key for each in told if not each.certain}
    assert uncertain == {stage.key("customer_id", "C-6"), stage.key("customer_id", "C-7")}


def test_a_number_that_was_registered_or_claimed_later_counts_for_its_order(stage: Stage) -> None:
    bought(stage, 1, item())
    bought(stage, 2, item())
    stage.record(claim(order_id="O-1", serial="SN0150", customer_id="C-1"))
    stage.record({"type": "WarrantyRegistered", "registration_id": "R-1", "order_id": "O-2", **who(2), "vendor": "microsoft",
                  "serial": "SN0900", "name": "B"})  # fmt: skip
    found, told = asked(stage, serials="SN0100..SN0199")
    assert (found.buyers, found.certain) == (2, 1)
    assert next(each.key for each in told if each.certain) == stage.key(*HER)


def test_a_product_of_another_model_in_the_same_order_decides_nothing(stage: Stage) -> None:
    bought(stage, 1, item(serial="SN0001"), item("Other", "SN0150"))
    assert asked(stage, serials="SN0100..SN0199")[0].buyers == 0
    assert asked(stage)[0].buyers == 1


def test_whoever_receives_the_goods_of_another_is_no_buyer(stage: Stage) -> None:
    bought(stage, 1, item(), consignee={"name": "Dora", "phone": "0409999999"})
    found, told = asked(stage)
    assert (found.buyers, told[0].key) == (1, stage.key(*HER))


def test_a_destroyed_key_leaves_a_buyer_who_cannot_be_reached_and_no_serial_number(stage: Stage) -> None:
    bought(stage, 1, item(serial="SN0001"))
    stage.work.keyring.destroy([stage.key(*HER)])
    found, _ = asked(stage, serials="SN0100..SN0199")
    assert (found.buyers, found.certain, found.contactable) == (1, 0, 0)


def test_an_erased_buyer_is_counted_once_and_a_replay_brings_nobody_back(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        event = {
            **order("O-1", **who(1), items=[item(), item()]),
            "event_id": "the-order",
            "occurred_at": "2026-03-01T09:00:00Z",
        }
        stage.record(account(**who(1)), event, order("O-2", **who(1), items=[item()]))
        erase(stage, 1)
        assert (asked(stage)[0].erased, asked(stage)[0].buyers) == (1, 0)
        stage.record(event)
        assert (asked(stage)[0].erased, asked(stage)[0].buyers) == (1, 0)


def test_the_record_never_holds_a_model_or_serial_number_in_clear(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        bought(stage, 1, item("Kettle X1 Unmistakable", "SN-UNMISTAKABLE"))
    for path in (tmp_path / "data").iterdir():
        content = path.read_bytes().lower()
        assert b"unmistakable" not in content, path.name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SN1..SN10", "different lengths"), ("SN9..SN1", "lies after"), ("..SN1", "takes a range"), ("SN1..", "takes a range"),
        ("", "takes a range"), ("..", "takes a range"), ("SN1..SN2..SN3", "takes a range"), (" - ", "takes a range"),
    ],
)  # fmt: skip
def test_a_range_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        read_serials(text)
