"""What a case would do is shown as the command shows it, and nothing is kept, sent or changed by it."""

import shutil
from pathlib import Path

import pytest

from tests.console.api.desks import Office, opened_office, problem
from tests.console.test_case_telling import with_tables
from tests.console.test_restored_shop import all_of
from tests.e2e.program import asked


def test_a_plan_is_shown_as_the_command_shows_it_and_is_not_kept(recorded: Path, tmp_path: Path) -> None:
    data = shutil.copytree(recorded, tmp_path / "data")
    opened = asked("case", "open", "erasure", "customer_id:C-0000017", "--channel", "account", "--data", data)
    case = opened.out.strip()
    with opened_office(data) as office:
        desk = office.desk("dpo")
        before = desk.told("case", case=case)
        told = {reveal: desk.told("case-preview", case=case, reveal=reveal) for reveal in (False, True)}
        assert desk.told("case", case=case) == before
        assert before["plan"]["digest"] is None
        assert told[False]["tasks"]
        shown = asked("case", "show", case, "--preview", "--json", "--data", data).json
        for each in (*told.values(), shown):
            for task in each["tasks"]:
                del task["changed"]  # when it was planned: the one was not kept
        assert told[False] == shown
        assert any(each["sent"] for each in told[True]["tasks"])
        kept = asked("case", "show", case, "--preview", "--json", "--data", data).json
        assert desk.told("case-preview", case=case) == kept


@pytest.mark.parametrize("reveal", [False, True])
def test_requests_are_shown_as_the_command_shows_them_and_none_is_made(tmp_path: Path, reveal: bool) -> None:
    shop = with_tables(tmp_path)
    case, tables = shop.opens("erasure"), all_of(tmp_path)
    settings = {name: str(value) for name, value in shop.settings.items()}
    with opened_office(tmp_path / "data", **settings) as office:
        desk = office.desk("dpo")
        assert desk.told("case-requests", case=case)["requests"] == [], "no plan is kept yet"
        told = desk.told("case-requests", case=case, preview=True, reveal=reveal)
        words = ("case", "show", case, "--preview", "--requests", "--json")
        shown = shop.asks(*words, *(("--reveal", "--reason", "a look") if reveal else ())).json
        assert told["requests"] == shown["requests"]
        assert {"UPDATE", "DELETE"} <= {each.get("statement") for each in told["requests"]}
        assert desk.told("case-requests", case=case, reveal=reveal)["requests"] == shown["requests"]
        assert all("keys" in each for each in told["requests"] if each["statement"]) == reveal
    assert all_of(tmp_path) == tables


def test_what_is_decided_has_no_preview_and_what_is_not_there_none_either(office: Office) -> None:
    desk = office.desk("dpo")
    (refused,) = (each["case"] for each in desk.told("cases", state="refused"))
    assert problem(desk.asks("case-preview", case=refused)) == (409, "decided")
    assert problem(desk.asks("case-requests", case=refused, preview=True)) == (409, "decided")
    for name in ("case-preview", "case-requests"):
        assert problem(desk.asks(name, case="2026-7SDWG2CK")) == (404, "no-such-case")
    assert problem(office.desk("auditor").asks("case-preview", case=refused, reveal=True)) == (403, "reveal")
