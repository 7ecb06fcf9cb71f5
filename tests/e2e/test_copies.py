"""One company asks another for a copy over OpenDSR, both running Jalki: the copy comes, and stands in the person's statement."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.web import CALLBACKS
from console.case_answers import answer_of
from console.case_opening import Casebook
from lineage.cases.deciding import approve, preview
from lineage.cases.handing import hand
from lineage.cases.requested import found_of
from lineage.times import now
from tests.cases.events import account, claim
from tests.connectors.keys import Authority
from tests.e2e.hidden import readable_in, readable_in_folder
from tests.e2e.test_companies import (
    HER,
    OTHERS,
    TOKEN,
    Installation,
    _at,
    _descriptor,
    call,
    eventually,
    installed,
    serving,
)
from tests.servers.waiting import free_port

HERS = "Anna Asiakas-Repair"
EVES = "eve.muu@example.fi"
MAPPING = """
system = "order-system"
[[tables]]
name = "repairs"
purpose = "claim"
identify = {customer_id = "customer"}
[tables.columns]
full_name = {category = "name", nature = "provided"}
note = {category = "claim", nature = "provided", about = "text"}
"""
TABLES = (
    "CREATE TABLE repairs (customer VARCHAR(20), full_name TEXT, note TEXT)",
    "INSERT INTO repairs VALUES ('C-1', 'Anna Asiakas-Repair', 'ask eve.muu@example.fi'), ('C-2', 'Eve Muu', 'hers')",
)


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Installation, Installation]]:
    """The one that asks, multitronic, and the one that answers from its own tables, multicare."""
    authority, asks, answers = Authority(tmp_path / "keys"), free_port(), free_port()
    pair = authority.issue("localhost", "opendsr")
    for name, text in (("token", TOKEN), ("other", OTHERS), ("shop.toml", MAPPING)):
        (tmp_path / name).write_text(text)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        for each in TABLES:
            database.execute(each)
        database.commit()
    (tmp_path / "companies.toml").write_text(
        f'[multitronic]\ntoken_file = "token"\ncallback_urls = ["http://localhost:{asks}{CALLBACKS}"]\n'
        '[smartdeals]\ntoken_file = "other"\n'
    )
    (tmp_path / "parties").mkdir()
    _descriptor(tmp_path, authority, answers)
    theirs = {
        "JALKI_COMPANIES": f"{tmp_path}/companies.toml", "JALKI_SHOP": f"sqlite:///{tmp_path}/shop.db",
        "JALKI_SHOP_TABLES": f"{tmp_path}/shop.toml", "JALKI_OPENDSR_CERTIFICATE_FILE": str(pair.certificate),
        "JALKI_OPENDSR_KEY_FILE": str(pair.key),
    }  # fmt: skip
    with (
        installed(tmp_path / "asks", {"JALKI_PARTIES": str(tmp_path / "parties")}, asks) as one,
        installed(tmp_path / "answers", theirs, answers) as other,
    ):
        yield one, other


def book(one: Installation) -> Casebook:
    return Casebook(one.folder, one.stage.work)


def answered(one: Installation, case: str) -> Mapping[str, Any]:
    """Make the answer to a case, and keep that it was; return the statement."""
    made_of = one.stage.work.case(case)
    made = answer_of(book(one), made_of)
    hand(one.stage.work, case, sorted(made.files), made_of=made_of, results=made.results)
    statement: Mapping[str, Any] = json.loads(made.files["statement.json"])
    return statement


def test_a_copy_is_asked_for_made_by_staff_there_fetched_and_told_to_her(
    both: tuple[Installation, Installation], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    one, other = both
    one.stage.record(_at(account()), _at(claim()))
    other.stage.record(_at(account()))

    async def act() -> None:
        case = await asyncio.to_thread(lambda: one.stage.preview(one.stage.open("access", HER, received=now())))
        (task,) = case.tasks.values()
        assert (task.party, task.action) == ("multicare", "collect")
        await asyncio.to_thread(approve, one.stage.work, case.id)
        key = await eventually("told", lambda: one.stage.work.case(case.id).tasks[task.id].handle)
        theirs = found_of(other.stage.work, "multitronic", key)
        assert theirs is not None
        assert (theirs.right, theirs.state) == ("access", "received")
        told = await asyncio.to_thread(answered, one, case.id)
        assert [each["standing"] for each in told["asked"]] == ["outstanding"]
        assert not told["copy"]
        await eventually("answered", lambda: one.stage.work.case(case.id).state == "answered")
        assert (await asyncio.to_thread(call, other, "GET", f"requests/{key}/results")).status_code == 404
        await asyncio.to_thread(preview, other.stage.work, theirs.id)
        await asyncio.to_thread(approve, other.stage.work, theirs.id)
        await asyncio.to_thread(answered, other, theirs.id)
        await eventually("fetched", lambda: one.stage.work.case(case.id).tasks[task.id].state == "verified")
        for token, status in ((OTHERS, 404), ("", 401), (TOKEN, 200)):
            reply = await asyncio.to_thread(call, other, "GET", f"requests/{key}/results", None, token)
            assert reply.status_code == status
        assert one.stage.work.case(case.id).state == "answered", "what came late is owed to her"
        again = await asyncio.to_thread(answered, one, case.id)
        assert [(each["company"]["party"], each["standing"]) for each in again["asked"]] == [("multicare", "given")]
        (row,) = again["copy"]
        assert (row["system"], row["table"]) == ("multicare", "order-system: repairs")
        assert {each["name"]: each["value"] for each in row["values"]} == {
            "full_name": HERS,
            "note": "ask [another person]",
        }
        await eventually("closed", lambda: one.stage.work.case(case.id).state == "closed")

    serving(both, act)
    assert readable_in(caplog.text.encode(), [HERS, EVES, TOKEN]) == []
    for installation in ("asks", "answers"):
        assert readable_in_folder(tmp_path / installation / "data", {HERS, EVES, TOKEN}) == {}
