"""The tasks of the data protection officer, and what clerks do too. To add one: a function with the doors it goes through.

`test_every_door_has_a_task` fails as long as a page or an act of the console is in no task.
"""

from itertools import count

from tests.console.web.consoles import HER, WHY
from tests.console.web.hands import Hand
from tests.console.web.tasks import Stage, tasks

OFFICER, task = tasks()
BUYERS = range(1040, 1140)
"""Numbers of customers of whom each is in one task alone."""
_buyers = count(BUYERS.start)


def buyer() -> str:
    """Somebody who bought something, and is in no other test."""
    return f"customer_id:C-{next(_buyers)}"


def stands(hand: Hand) -> str:
    """The state of the case that is shown."""
    return hand.tab.page.locator(".facts dd").first.inner_text()


def acts(hand: Hand, case: str, act: str, *, says: str) -> None:
    """Send the form that is filled in, and see that it was done."""
    hand.presses(act)
    assert hand.tab.path == case
    assert hand.tab.page.get_by_role("alert").count() == 0
    assert hand.tab.says(says)


@task("dpo", "inbox", "case")
def finds_a_case_in_the_inbox(hand: Hand, _: Stage) -> None:
    hand.follows("Cases")
    hand.chooses("State", "refused")
    hand.ticks("All, also those that are over")
    hand.presses("Show")
    assert "state=refused" in hand.tab.path
    assert hand.tab.page.get_by_label("State").input_value() == "refused"
    assert set(hand.tab.page.locator("tbody tr td:nth-of-type(2)").all_inner_texts()) == {"refused"}
    first = hand.tab.page.locator("tbody tr").first.get_by_role("link")
    hand.follows(first.inner_text())
    assert stands(hand) == "refused"
    assert hand.tab.says("Refused on 12(5)")
    assert hand.tab.says("Nothing can be done here now.")


@task("dpo", "open", "case")
def opens_a_case(hand: Hand, _: Stage) -> None:
    hand.follows("New case")
    hand.ticks("access")
    hand.fills("Who asks", buyer())
    hand.chooses("How it came", "account page")
    hand.presses("Open")
    assert stands(hand) == "received"


@task("dpo", "preview", "approve")
def works_out_what_a_case_means_and_approves_it(hand: Hand, stage: Stage) -> None:
    case = stage.opened("erasure", buyer())
    hand.tab.goes(case)
    hand.opens("Work out what it means")
    acts(hand, case, "Work out what it means", says="This is how things stood when it was worked out.")
    hand.opens("Approve")
    hand.ticks("I have read what it means")
    acts(hand, case, "Approve", says="State being carried out")


@task("dpo", "refuse", "letter")
def refuses_and_takes_the_letter(hand: Hand, stage: Stage) -> None:
    case = stage.opened("erasure", buyer())
    hand.tab.goes(case)
    hand.opens("Refuse")
    hand.fills("Ground", "12(5)")
    hand.fills("Reason", "asked before")
    acts(hand, case, "Refuse", says="State refused")
    assert hand.downloads("Letter to the person").read_bytes()[:2] == b"PK"


@task("dpo", "extend")
def extends_a_case(hand: Hand, stage: Stage) -> None:
    case = stage.opened("access", buyer())
    hand.tab.goes(case)
    before = hand.tab.page.inner_text(".facts")
    hand.opens("Extend by two months")
    hand.fills("Reason", "many parties must be asked")
    acts(hand, case, "Extend by two months", says="Notice of the extension")
    assert hand.tab.page.inner_text(".facts") != before


@task("clerk", "prove")
def says_that_it_was_shown_who_asks(hand: Hand, stage: Stage) -> None:
    case = stage.opened("access", buyer(), "phone")
    hand.tab.goes(case)
    hand.opens("Who asks is shown")
    hand.fills("How it was seen", "id card at the counter")
    acts(hand, case, "Who asks is shown", says="Who asks is shown yes")


@task("dpo", "confirm")
def records_what_a_party_did(hand: Hand, stage: Stage) -> None:
    case = stage.approved(stage.opened("erasure", buyer()))
    assert stage.elsewhere("case", "watch", case.rpartition("/")[2]).code in {0, 3}
    hand.tab.goes(case)
    row = hand.tab.page.locator("#progress tr", has=hand.tab.page.locator(".manual")).first
    number = row.locator("th").inner_text()
    hand.opens("Record what a party did")
    hand.fills("Task number", number)
    hand.chooses("What is known", "done, shown")
    hand.fills("What shows it", "their letter of today")
    acts(hand, case, "Record what a party did", says="done, shown")
    done = hand.tab.page.locator("#progress tr", has=hand.tab.page.locator(f"th:text-is('{number}')"))
    assert done.locator(".state").inner_text() == "done, shown"


@task("dpo", "hold", "release")
def keeps_by_an_order_and_releases_it(hand: Hand, stage: Stage) -> None:
    case = stage.opened("erasure", buyer())
    hand.tab.goes(case)
    hand.opens("Keep by an order")
    hand.fills("Name of the order", "R 26/17")
    hand.fills("Who ordered it", "District Court of Helsinki")
    hand.fills("The law it rests on", "Coercive Measures Act 8:24")
    acts(hand, case, "Keep by an order", says="R 26/17: District Court of Helsinki, Coercive Measures Act 8:24")
    assert not hand.tab.page.locator("section[aria-labelledby=holds]").get_by_text("–").count()
    hand.opens("Release an order")
    hand.fills("Name of the order", "R 26/17")
    acts(hand, case, "Release an order", says="Orders to keep")
    assert hand.tab.page.locator("section[aria-labelledby=holds]").get_by_text("–").count()


@task("dpo", "lift")
def lifts_a_restriction(hand: Hand, stage: Stage) -> None:
    case = stage.approved(stage.opened("restriction", buyer()))
    hand.tab.goes(case)
    tasks_before = hand.tab.page.locator("#progress tbody tr").count()
    hand.opens("Lift the restriction")
    hand.dates("The day she was told", "2026-03-01")
    hand.presses("Lift the restriction")
    assert hand.tab.path == case
    assert hand.tab.page.get_by_role("alert").count() == 0
    assert hand.tab.page.locator("#progress tbody tr").count() > tasks_before


@task("dpo", "protect")
def protects_an_address(hand: Hand, stage: Stage) -> None:
    case = stage.opened("access", buyer())
    hand.tab.goes(case)
    hand.opens("Protect her address")
    hand.ticks("I have read what it means")
    acts(hand, case, "Protect her address", says="Her address is protected")


@task("dpo", "withdraw")
def withdraws_a_case(hand: Hand, stage: Stage) -> None:
    case = stage.opened("access", buyer())
    hand.tab.goes(case)
    hand.opens("Withdraw for her")
    hand.ticks("I have read what it means")
    acts(hand, case, "Withdraw for her", says="State withdrawn")


@task("dpo", "certificate")
def takes_the_certificate_of_a_case(hand: Hand, stage: Stage) -> None:
    hand.tab.goes(stage.approved(stage.opened("unsubscribe", buyer())))
    assert hand.downloads("Certificate (PDF)").read_bytes()[:5] == b"%PDF-"
    assert b'"statement"' in hand.downloads("Certificate (JSON)").read_bytes()


@task("dpo", "find", "person", "reveal")
def finds_a_person_and_sees_her_identifiers(hand: Hand, _: Stage) -> None:
    hand.follows("Persons")
    hand.fills("Identifier", HER)
    hand.fills("Why you look", WHY)
    hand.presses("Look")
    assert hand.tab.path.startswith("/persons/")
    assert not hand.tab.says("aino.esimerkki@posti.example")
    hand.opens("Show identifiers")
    hand.fills("Why you must see them", "she is on the telephone")
    hand.presses("Show identifiers")
    assert hand.tab.says("aino.esimerkki@posti.example")


@task("dpo", "sharing", "drift", "parties", "record", "audit")
def looks_at_what_is_shared(hand: Hand, _: Stage) -> None:
    for name in ("Sharing", "Drift", "Parties", "Record"):
        hand.follows(name)
        assert hand.tab.page.locator("tbody tr").count() > 0
        assert hand.tab.page.locator("nav a[aria-current=page]").inner_text() == name
    hand.follows("Audit")
    assert hand.tab.page.locator("dl.list dt").count() >= 8
