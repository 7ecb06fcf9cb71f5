from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.cases.holds import load_holds
from lineage.cases.items import Item, Seen, items
from lineage.register import Register, load_register
from tests.lineage.cases.seeing import at, of, seen
from tests.lineage.register.small import CATEGORIES


@pytest.fixture(scope="module")
def register() -> Register:
    return load_register(None, CATEGORIES)


_DAYS = st.integers(at("2015-01-01"), at("2026-11-23"))
_ORDERS = st.sampled_from(["O-1", "O-2", "O-3"])
_KINDS = [
    ("person", "order-system", "order", "address email ip_address name national_id order serial_number", ""),
    ("order-system", "posti", "delivery", "address name phone", "shipment_id"),
    ("posti", "dhl", "delivery", "address passport_number", "shipment_id"),
    ("order-system", "paytrail", "payment", "email name payment", "payment_id"),
    ("order-system", "paytrail", "refund", "bank_account payment", "refund_id"),
    ("order-system", "walley", "credit", "name national_id payment", "application_id"),
    ("walley", "credit-bureau", "credit-check", "name payment", "application_id"),
    ("order-system", "debt-collector", "debt-collection", "name payment", ""),
    ("order-system", "microsoft", "claim", "claim name", "claim_id"),
    ("order-system", "microsoft", "warranty", "name serial_number", "registration_id"),
    ("order-system", "multicare", "after-sales", "email order", ""),
    ("order-system", "customs", "customs", "name order", ""),
]


@st.composite
def _one(draw: st.DrawFn) -> tuple[str, Seen]:
    source, target, purpose, categories, kind = draw(st.sampled_from(_KINDS))
    order, moment = draw(_ORDERS), draw(_DAYS)
    names = [f"order_id:{order}"] + ([f"{kind}:{kind}-{order}"] if kind else [])
    return order, seen(source, target, purpose, categories, moment, *names, event=str(draw(st.uuids())))


_MANY = st.lists(_one(), min_size=1, max_size=14)


def _verdicts(found: tuple[Item, ...], of_: Seen) -> set[tuple[object, ...]]:
    return {
        (each.party, each.purpose, each.category, each.decision, each.rule, each.until)
        for each in found
        if of_.fact in each.facts
    }


@given(_MANY, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_what_is_decided(
    register: Register, drawn: list[tuple[str, Seen]], random: st.DataObject
) -> None:
    known = [each for _, each in drawn]
    again = [*known, *known[:3]]
    random.shuffle(again)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert items(again, (), register, at("2026-11-23")) == items(known, (), register, at("2026-11-23"))


@given(_MANY)
def test_every_category_of_every_disclosure_is_in_one_item_of_its_party(
    register: Register, drawn: list[tuple[str, Seen]]
) -> None:
    found = items([each for _, each in drawn], (), register, at("2026-11-23"))
    for _, one in drawn:
        route = one.disclosure.route
        for category in route.categories:
            assert sum(one.fact in each.facts for each in of(found, route.target, route.purpose, category)) == 1


@given(_MANY)
def test_what_becomes_of_one_order_does_not_hang_on_another(register: Register, drawn: list[tuple[str, Seen]]) -> None:
    whole = items([each for _, each in drawn], (), register, at("2026-11-23"))
    for order in {order for order, _ in drawn}:
        alone = items([each for other, each in drawn if other == order], (), register, at("2026-11-23"))
        assert all(_verdicts(whole, each) == _verdicts(alone, each) for other, each in drawn if other == order)


@given(_MANY, st.integers(0, 20 * 366), st.integers(0, 20 * 366))
def test_what_has_gone_never_comes_back_and_nothing_is_held_past_its_day(
    register: Register, drawn: list[tuple[str, Seen]], sooner: int, later: int
) -> None:
    known, start, day = [each for _, each in drawn], at("2026-11-23"), 86_400_000_000
    first, second = (items(known, (), register, start + days * day, asked=start) for days in sorted((sooner, later)))
    for one in known:
        erased, still = (
            {
                (each.party, each.purpose, each.category)
                for each in found
                if one.fact in each.facts and each.decision == what
            }
            for found, what in ((first, "erase"), (second, "hold"))
        )
        assert not erased & still
    assert not {each.decision for each in items(known, (), register, start + 60 * 366 * day)} - {"erase", "none"}


@given(_MANY)
def test_a_decision_made_again_under_its_old_version_is_the_same(
    register: Register, two_versions: Path, drawn: list[tuple[str, Seen]]
) -> None:
    known, before, after = [each for _, each in drawn], load_holds(), load_holds(two_versions)
    decided = items(known, (), register, at("2026-11-23"), holds=before.at(at("2026-11-23")))
    old = after.version(before.at(at("2026-11-23")).version)
    assert after.at(at("2030-01-01")).version == "strict"
    assert items(known, (), register, at("2026-11-23"), holds=old) == decided
    strict = items(known, (), register, at("2026-11-23"), holds=after.version("strict"))
    assert "H01" not in {each.rule for each in strict if each.decision == "hold"}


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped table, and after it a version in which vouchers do not withstand."""
    shipped_text = (Path(__file__).parents[3] / "lineage" / "cases" / "holds.toml").read_text("utf-8")
    newer = shipped_text.replace('"2026-1"', '"strict"').replace("2018-05-25", "2029-01-01")
    newer = newer.replace(
        '[version.rules.H01]\nwithstands = true\nwhy = "legal-obligation"', "[version.rules.H01]\nwithstands = false"
    )
    file = tmp_path_factory.mktemp("holds") / "holds.toml"
    file.write_text(shipped_text + newer, encoding="utf-8")
    return file
