"""The tasks of the auditor: from the drawing of what is shared to the evidence of a single case."""

from typing import Final

from tests.console.web.hands import Hand
from tests.console.web.tasks import Stage, tasks

AUDITOR, task = tasks()
SEED: Final = "audit-2026"
ROWS: Final = "tbody tr"


def lists(hand: Hand, page: str) -> None:
    """Come to a page from the list of what an auditor looks at."""
    hand.follows("Audit")
    hand.follows(page)


@task("auditor", "audit", "graph", "sharing")
def follows_what_is_shared_as_a_drawing_and_as_a_table(hand: Hand, stage: Stage) -> None:
    lists(hand, "Sharing, drawn")
    everything = hand.tab.page.locator(ROWS).count()
    if stage.scripts:
        hand.tab.waits_for("document.querySelector('.graph').dataset.drawn > 0")
        hand.turns("Zoom in")
        hand.turns("All of it")
    else:
        assert hand.tab.says("The drawing needs JavaScript. The table below says the same.")
        assert not hand.tab.page.locator(".graph").is_visible()
    hand.chooses("Only this party", "Posti Oy")
    hand.presses("Show")
    assert 0 < hand.tab.page.locator(ROWS).count() < everything
    assert all("Posti Oy" in each for each in hand.tab.page.locator(ROWS).all_inner_texts())
    hand.dates("As of the end of this day", "2020-01-01")
    hand.presses("Show")
    assert hand.tab.says("None.")
    hand.follows("Sharing")
    assert hand.tab.page.locator(ROWS).count() == everything


@task("auditor", "samples", "case", "certificate", "certificates")
def draws_samples_by_a_seed_and_comes_to_the_evidence(hand: Hand, stage: Stage) -> None:
    drawn: list[list[str]] = []
    for _ in range(2):
        lists(hand, "Samples")
        hand.fills("Seed", SEED)
        hand.presses("Draw")
        drawn.append(hand.tab.page.locator(ROWS).all_inner_texts())
    assert drawn[0] == drawn[1]
    assert [each for each in hand.tab.page.locator("caption").all_inner_texts() if each.startswith("Closed cases")]
    case = hand.tab.page.locator("main tbody th a[href^='/cases/']").first.inner_text()
    certificate = hand.downloads(f"Certificate of case {case}").read_text("utf-8")
    hand.follows(case)
    assert hand.tab.path == f"/cases/{case}"
    assert hand.tab.says("Nothing can be done here now.")
    lists(hand, "Certificates")
    hand.fills("The certificate, JSON", certificate)
    hand.presses("Check")
    assert hand.tab.page.locator("#result").inner_text() == "Verified"
    assert hand.tab.says(case)
    hand.fills("The certificate, JSON", certificate.replace('"closed"', '"refused"', 1))
    hand.presses("Check")
    assert hand.tab.page.locator("#result").inner_text() == "Not verified"
    file = stage.place.data.parent / f"{case}.json"
    file.write_text(certificate, "utf-8")
    hand.hands_over("The certificate's JSON file", file)
    hand.presses("Check")
    assert hand.tab.page.locator("#result").inner_text() == "Verified"


@task("auditor", "record")
def compares_the_record_with_what_was_observed(hand: Hand, _: Stage) -> None:
    lists(hand, "Register against what was observed")
    for status in ("declared, never seen", "seen, not declared"):
        hand.chooses("Status", status)
        hand.presses("Show")
        assert set(hand.tab.page.locator(".state").all_inner_texts()) == {status}
    assert hand.tab.says("Facts that the register does not have")


@task("auditor", "weaknesses", "overdue")
def reads_the_seven_weaknesses_and_what_is_kept_too_long(hand: Hand, _: Stage) -> None:
    lists(hand, "Seven weaknesses")
    heads = hand.tab.page.locator("h2").all_inner_texts()
    assert [each.partition(".")[0] for each in heads] == list("1234567")
    assert hand.tab.page.locator(".notice").count() >= 3, "what is not known is said"
    hand.follows("Kept too long")
    assert hand.tab.page.locator(ROWS).count() > 0


@task("auditor", "looks")
def sees_who_looked(hand: Hand, _: Stage) -> None:
    lists(hand, "Who looked")
    hand.dates("From this day on", "2026-01-01")
    hand.presses("Show")
    shop = hand.tab.page.locator(".wide").first.locator(ROWS)
    everybody = shop.count()
    hand.ticks("Only those without a purpose")
    hand.presses("Show")
    assert 0 < shop.count() < everybody
    assert not hand.tab.says("desk-2")


@task("auditor", "incidents", "case")
def comes_from_an_incident_to_its_case(hand: Hand, _: Stage) -> None:
    lists(hand, "Incidents")
    case = hand.tab.page.locator(f"{ROWS} th a").first.inner_text()
    hand.follows(case)
    assert hand.tab.says("Came back after the erasure")


@task("auditor", "drift", "parties")
def looks_at_drift_and_parties(hand: Hand, _: Stage) -> None:
    lists(hand, "Drift")
    assert hand.tab.page.locator(ROWS).count() > 0
    hand.follows("Parties")
    assert hand.tab.page.locator(ROWS).count() > 0
