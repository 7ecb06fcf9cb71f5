"""That no page and no act of the console is without a task in a browser; and that a task which goes elsewhere is found out."""

from console.web.doors import DOORS
from tests.console.web.auditor_tasks import AUDITOR
from tests.console.web.customer_tasks import HER_TASKS
from tests.console.web.officer_tasks import OFFICER
from tests.console.web.tasks import not_gone_through

ELSEWHERE = {
    "sign-in": "test_tasks_in_a_browser", "sign-out": "test_tasks_in_a_browser", "oidc": "test_oidc", "oidc-back": "test_oidc",
    "progress": "test_tasks_in_a_browser", "graph-drawn": "test_auditors_tasks",
    "dead-letters": "test_dead_letters_in_a_browser", "decide": "test_person_in_a_browser",
    "evidence": "test_evidence_in_a_browser", "evidence-file": "test_evidence_in_a_browser",
    "unfile": "test_evidence_in_a_browser",
    "refuse-item": "test_refusing_in_a_browser", "grant": "test_refusing_in_a_browser",
}  # fmt: skip
"""What is no task of its own, needs a script, or has tests of its own in a browser, each way: with those tests."""


def test_every_door_has_a_task() -> None:
    gone_through = {door for each in (*OFFICER, *AUDITOR, *HER_TASKS) for door in each.doors}
    assert {each.name for each in DOORS} - gone_through == set(ELSEWHERE)


def test_a_task_that_did_not_go_through_a_door_is_found_out() -> None:
    seen = [
        ("GET", "/cases/2026-ABC"),
        ("GET", "/certificates"),
        ("POST", "/me/open/access"),
        ("GET", "/sharing/graph"),
    ]
    assert not_gone_through(("case", "certificates", "me-ask", "sharing", "graph"), seen) == ["certificates", "sharing"]
