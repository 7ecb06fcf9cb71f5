"""A backup of the shop's tables came back: rows whose identifiers have a tombstone go again, page by page, and no other."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

from connectors.replaying import Replaying, tombstones_of
from connectors.tables import open_tables
from lineage.pseudonyms import Pseudonyms
from lineage.tombstones import Tombstone
from tests.connectors.shop_tables import HERS, MAPPING, Shop, databases, mapped, shop_on

PSEUDONYMS = Pseudonyms(b"k" * 32)
BEFORE = int(dt.datetime(2026, 5, 1, tzinfo=dt.UTC).timestamp() * 1_000_000)
IDENTIFIERS = (*HERS, ("order_id", "O-1"), ("order_id", "O-2"))
LOOK = (
    "SELECT no, email, name FROM customer ORDER BY 1",
    "SELECT number, customer_no FROM orders ORDER BY 1",
    "SELECT order_number, line FROM order_line ORDER BY 1, 2",
)


@pytest.fixture(params=databases())
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with shop_on(request, tmp_path) as made:
        yield made


def entombed(*identifiers: tuple[str, str], case: str = "closed") -> Mapping[bytes, Tombstone]:
    keys = [PSEUDONYMS.identifier(*each) for each in identifiers]
    return {key: Tombstone(key, BEFORE, case) for key in keys}


def replayed(
    shop: Shop,
    folder: Path,
    stones: Mapping[bytes, Tombstone],
    *,
    text: str = MAPPING,
    page: int = 1_000,
    dry: bool = False,
) -> dict[str, tuple[int, int, int, int]]:
    def look_up(keys: Collection[bytes]) -> Mapping[bytes, Tombstone]:
        return {key: stones[key] for key in keys if key in stones}

    engine = open_tables(shop.url, shop.password, "order-system", writable=not dry)
    mapping, stood = mapped(folder, text), tombstones_of({"closed"}, look_up)
    done = Replaying(engine, mapping, PSEUDONYMS, stood, dry=dry, page=page).run()
    engine.dispose()
    return {name: (each.changed, each.deleted, each.left, each.undated) for name, each in done.items()}


@pytest.mark.parametrize("page", [1, 2, 1_000])
def test_whoever_was_erased_is_gone_whatever_the_pages_and_the_other_account_of_her_address_stays(
    shop: Shop, tmp_path: Path, page: int
) -> None:
    before = shop.run(*LOOK)
    dry = replayed(shop, tmp_path, entombed(*IDENTIFIERS), page=page, dry=True)
    assert shop.run(*LOOK) == before
    done = replayed(shop, tmp_path, entombed(*IDENTIFIERS), page=page)
    assert done == dry == {"customer": (0, 1, 0, 0), "order_line": (0, 3, 0, 0), "orders": (0, 2, 0, 0)}
    assert shop.run(*LOOK) == [[(18, "home@example.fi", "Eero")], [("O-3", 18)], [("O-3", 1)]]
    again = replayed(shop, tmp_path, entombed(*IDENTIFIERS), page=page)
    assert set(again.values()) == {(0, 0, 0, 0)}


def test_whoever_came_back_has_newer_rows_which_stay(shop: Shop, tmp_path: Path) -> None:
    shop.run("INSERT INTO customer VALUES (170, 'home@example.fi', 'Aino', '2026-05-02 12:00:00', 0)")
    replayed(shop, tmp_path, entombed(*IDENTIFIERS, ("customer_id", "170")))
    assert [no for no, *_ in shop.run(*LOOK)[0]] == [18, 170]


def test_what_nothing_dates_is_left_and_told(shop: Shop, tmp_path: Path) -> None:
    shop.run("UPDATE customer SET joined = NULL WHERE no = 17")
    done = replayed(shop, tmp_path, entombed(*IDENTIFIERS))
    assert done["customer"] == (0, 0, 0, 1)
    assert shop.run(*LOOK)[0][0][0] == 17
    undated = replayed(shop, tmp_path, entombed(*HERS), text=MAPPING.replace('since = "joined"\n', ""))
    assert undated["customer"][3] == 1


def test_a_tombstone_of_a_case_that_goes_on_erases_nothing_by_itself(shop: Shop, tmp_path: Path) -> None:
    before = shop.run(*LOOK)
    replayed(shop, tmp_path, entombed(*IDENTIFIERS, case="another"))
    assert shop.run(*LOOK) == before


def test_a_customer_on_whom_an_unknown_order_hangs_is_emptied_and_told(shop: Shop, tmp_path: Path) -> None:
    done = replayed(shop, tmp_path, entombed(*HERS, ("order_id", "O-1")))
    assert done["customer"] == (1, 0, 1, 0)
    assert shop.run(*LOOK)[0] == [(17, None, "erased"), (18, "home@example.fi", "Eero")]
    assert ("O-2", 17) in shop.run(*LOOK)[1]
