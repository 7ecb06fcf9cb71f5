"""Who was erased cannot be recovered: not from the folder, nor from copies made before, with every key but the destroyed ones."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from console.case_opening import opened_for_casework
from console.settings import read_settings
from console.stand_ins import StandIns
from lineage.cases.casework import Casework
from lineage.cases.deciding import approve
from lineage.cases.intake import Message, receive
from lineage.cases.subjects import opened
from streams.shop import Event
from tests.cases.stage import run_all
from tests.e2e.events import shop, write_lines
from tests.e2e.hidden import readable_in, readable_in_folder
from tests.e2e.program import jalki
from tests.e2e.sealed import everything_sealed

STORES = ("graph.db", "log.db")
ASKED, MUCH_LATER = 1_795_500_000_000_000, 2_400_000_000_000_000
"""November 2026, and 2046: no hold lasts so long. Microseconds, UTC."""


@dataclass(frozen=True, slots=True)
class Erased:
    """A shop of which one customer was erased; `before` is a copy of the folder from the day before."""

    data: Path
    before: Path
    hers: set[str]
    others: set[str]
    said: str


def erase(data: Path, customer: str) -> None:
    """Carry her case to its very end, past every hold."""
    times = [ASKED]
    with opened_for_casework(read_settings({}, data), lambda: times[-1]) as book:
        work = book.work
        (case,) = receive(
            work, Message(["erasure"], [("customer_id", customer)], work.clock(), "account", "multitronic")
        )
        approve(work, case.id)
        parties = StandIns(work.register, lambda: "2030-01-01")
        run_all(work, parties)
        times.append(MUCH_LATER)
        run_all(work, parties)
        found = work.case(case.id)
        assert found.state == "closed", {each.party: each.state for each in found.tasks.values()}


def identifiers_of(events: list[Event], customer: str) -> set[str]:
    """All that names her: by her own account number, and what her events say beside it."""
    hers = [each for each in events if each.get("customer_id") == customer]
    orders = {each["order_id"] for each in hers if each.get("order_id")}
    hers += [each for each in events if each.get("order_id") in orders and not each.get("customer_id")]
    kinds = ("customer_id", "email", "phone", "order_id", "payment_id", "shipment_id", "claim_id", "refund_id")
    return {str(each[kind]) for each in hers for kind in kinds if each.get(kind)}


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory) -> Erased:
    folder = tmp_path_factory.mktemp("erased")
    events = shop(40, seed=21)
    accounts = [each for each in events if each["type"] == "AccountOpened"]
    customer, other = str(accounts[0]["customer_id"]), str(accounts[1]["customer_id"])
    shared = identifiers_of(events, other)
    hers = {each for each in identifiers_of(events, customer) - shared if len(each) > 5}
    lines = [json.dumps(each).encode() for each in events]
    # Records that are no events, with her address in them, as UTF-8 and with every letter escaped.
    address = str(accounts[0]["email"])
    lines += [json.dumps({"type": "Unknown", "email": address}).encode(), ("{" + _escaped(address)).encode()]
    done = jalki("ingest", write_lines(folder / "shop.jsonl", lines), "--data", folder / "data")
    assert done.code == 1
    shutil.copytree(folder / "data", folder / "before")
    erase(folder / "data", customer)
    listed = jalki("case", "list", "--all", "--data", folder / "data", settings={"JALKI_LOG_LEVEL": "DEBUG"})
    return Erased(folder / "data", folder / "before", hers, shared, done.err + listed.out + listed.err)


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(each):04x}" for each in text)


def sealed_of_cases(work: Casework) -> str:
    """Whatever of cases can still be opened."""
    entries = [each for row in work.journal.cases() for each in work.journal.entries(row.case)]
    return "\n".join(json.dumps(opened(work.keyring, each), ensure_ascii=False) for each in entries if each.sealed)


def test_the_copy_from_before_would_have_told_everything(erased: Erased) -> None:
    assert len(erased.hers) > 3
    told = "\n".join(everything_sealed(erased.before)).lower()
    assert [each for each in erased.hers if each.lower() not in told] == []


def test_with_every_key_there_is_nothing_of_her_is_left(erased: Erased) -> None:
    told = "\n".join(everything_sealed(erased.data))
    with opened_for_casework(read_settings({}, erased.data)) as book:
        told += sealed_of_cases(book.work)
    assert readable_in(told.encode(), erased.hers) == []
    assert [each for each in erased.others if each in told], "nobody else has lost anything"


def test_no_file_and_nothing_said_has_her_in_any_form(erased: Erased) -> None:
    assert readable_in_folder(erased.data, erased.hers) == {}
    assert readable_in(erased.said.encode(), erased.hers) == []


@pytest.mark.parametrize("store", STORES)
def test_a_copy_made_before_opens_no_more_with_the_keys_of_today(store: str, erased: Erased, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(erased.data, folder)
    for each in erased.before.glob(f"{store}*"):
        shutil.copy(each, folder)
    told = "\n".join(everything_sealed(folder))
    assert readable_in(told.encode(), erased.hers) == []
