"""How customers come to their pages, and how nobody else does; and that nothing tells who is known here."""

import logging
from pathlib import Path

import httpx2
import pytest

from console.web.customers.codes import ASKED, LASTS, TRIES
from console.web.customers.desk import IDLE, LONGEST
from tests.console.web.customers import (
    AINO,
    BEA,
    HERS,
    MAILED,
    SHARED,
    House,
    code_in,
    folder,
    house,
    offer_in,
    recorded,
    served_house,
)  # fmt: skip
from tests.e2e.program import asked

__all__ = ["folder", "house", "recorded"]

ADDRESSES = [HERS, SHARED, "nobody@posti.example", "", "no address", "a@b@c", "x" * 4_000, "two@a.example, three@b.example",
             "new\nline@posti.example", "nul\0@posti.example", "ÄÖ@posti.example", "'; drop table x; --@a.example"]  # fmt: skip


def told(answer: httpx2.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """All that an answer tells, without the moment and the ticket."""
    kept = [(name, value) for name, value in answer.headers.multi_items() if name not in {"date", "set-cookie"}]
    cookies = [value.partition("=")[2].partition(";")[2] for value in answer.headers.get_list("set-cookie")]
    tickets = [value.partition("=")[2].partition(";")[0] for value in answer.headers.get_list("set-cookie")]
    return answer.status_code, answer.content, [*kept, *[("set-cookie", each) for each in cookies], *[
        ("ticket", str(len(each))) for each in tickets
    ]]  # fmt: skip


def test_every_address_there_can_be_is_answered_alike(house: House) -> None:
    answers = []
    for address in ADDRESSES:
        browser = house.browser()
        first = told(browser.sends("/me/sign-in", email=address))
        page = told(browser.sees("/me/code"))
        wrong = told(browser.sends("/me/code", code="BBBB-BBBB"))
        answers.append((first, page, wrong))
    assert [each for each in answers if each != answers[0]] == []
    assert answers[0][0][0] == 303
    assert answers[0][2][0] == 401
    house.rest()
    assert len(house.letters.kept) == 1  # of all these, one address is one person's alone


def test_an_answer_does_not_wait_for_what_is_looked_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from console.web.customers import desk

    free, real = threading.Event(), desk.holder_of

    def waits(*given: object) -> object:
        assert free.wait(30)
        return real(*given)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(desk, "holder_of", waits)
    browser = house.browser()
    assert browser.sends("/me/sign-in", email=HERS).status_code == 303
    assert house.desk.under_way == 1
    assert not house.letters.kept
    free.set()
    house.rest()
    assert len(house.letters.kept) == 1


def test_a_code_goes_to_the_mailbox_as_it_is_recorded_and_names_nobody(house: House) -> None:
    house.code_for(house.browser(), " AINO.Esimerkki@POSTI.example ")
    assert house.letters.recipients == [HERS]
    letter = house.letters.kept[0]
    assert "Aino" not in letter.get_content()
    assert "http" not in letter.get_content()
    assert letter["From"] == "privacy@shop.example"


def test_a_code_lets_the_browser_in_that_asked_for_it_once(house: House) -> None:
    browser, other = house.browser(), house.browser()
    code = house.code_for(browser, HERS)
    assert other.sends("/me/code", code=code).status_code == 401
    answer = browser.sends("/me/code", code=code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("jalki-me="))
    assert {"HttpOnly", "Path=/me", "SameSite=strict"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie
    assert browser.sees("/me").status_code == 200
    browser.client.cookies.delete("jalki-me")
    assert browser.sends("/me/code", code=code).status_code == 401


def test_a_subscriber_who_has_no_account_may_come_in_too(house: House) -> None:
    assert "newsletter" in house.by_code(MAILED).sees("/me").text


def test_five_wrong_codes_make_the_right_one_good_no_more(house: House) -> None:
    browser = house.browser()
    code = house.code_for(browser, HERS)
    for _ in range(TRIES):
        assert browser.sends("/me/code", code="BCDF-GHJK").status_code == 401
    assert browser.sends("/me/code", code=code).status_code == 401
    assert browser.sees("/me").headers["location"] == "/me/sign-in"


def test_a_code_is_over_after_a_quarter_of_an_hour(house: House) -> None:
    browser = house.browser()
    code = house.code_for(browser, HERS)
    house.clock.on(seconds=LASTS / 1_000_000)
    assert browser.sends("/me/code", code=code).status_code == 401


def test_a_mailbox_gets_three_codes_in_a_quarter_of_an_hour_and_nobody_sees_that_it_got_no_more(house: House) -> None:
    answers = [told(house.browser().sends("/me/sign-in", email=HERS)) for _ in range(6)]
    house.rest()
    assert len(house.letters.kept) == 3
    assert len({each[:2] for each in answers}) == 1
    house.code_for(house.browser(), BEA)  # another's is none of that
    house.clock.on(seconds=15 * 60)
    house.code_for(house.browser(), HERS)


def test_a_browser_asks_for_five_codes_and_then_must_wait(house: House) -> None:
    browser = house.browser()
    answers = [browser.sends("/me/sign-in", email=f"{number}@a.example").status_code for number in range(ASKED + 1)]
    assert answers == [*[303] * ASKED, 429]
    house.clock.on(seconds=LASTS / 1_000_000)
    assert browser.sends("/me/sign-in", email="again@a.example").status_code == 303


def test_when_too_many_ask_everybody_is_told_to_wait_whatever_the_address(house: House) -> None:
    while house.desk.asking.takes():
        pass
    known, unknown = (house.browser().sends("/me/sign-in", email=each) for each in (HERS, "nobody@posti.example"))
    assert known.status_code == 429
    assert told(known) == told(unknown)
    house.rest()
    assert not house.letters.kept


def test_a_mail_server_that_is_away_changes_no_answer_and_the_log_names_no_address(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with served_house(folder) as house, caplog.at_level(logging.DEBUG):
        house.letters.fault = "refused"
        answers = [told(house.browser().sends("/me/sign-in", email=each)) for each in (HERS, "nobody@posti.example")]
        assert answers[0] == answers[1]
        house.rest()
        ours = [each.getMessage() for each in caplog.records if each.name.split(".")[0] in {"console", "connectors"}]
        assert any("a code was not handed over" in each for each in ours)
        assert not [each for each in ours if "aino" in each.lower() or "posti.example" in each.lower()]


def test_without_a_mail_server_codes_are_not_offered(folder: Path) -> None:
    with served_house(folder, mail=False) as house:
        page = house.browser().sees("/me/sign-in")
        assert "not offered here" in page.text
        assert 'name="email"' not in page.text
        assert house.browser().sends("/me/sign-in", email=HERS).status_code == 404


def test_a_session_ends_after_a_quarter_of_an_hour_of_rest_and_after_two_hours_in_any_case(house: House) -> None:
    browser = house.by_code(HERS)
    for _ in range(8):
        house.clock.on(seconds=14.5 * 60)
        assert browser.sees("/me").status_code == 200
    assert LONGEST / 1_000_000 > 8 * 14.5 * 60
    house.clock.on(seconds=5 * 60)
    assert browser.sees("/me").headers["location"] == "/me/sign-in"
    house.clock.on(seconds=60)
    other = house.by_code(HERS)
    house.clock.on(seconds=IDLE / 1_000_000 + 1)
    assert other.sees("/me").headers["location"] == "/me/sign-in"


def test_signing_out_ends_the_session_and_no_other(house: House) -> None:
    one, other = house.by_code(HERS), house.by_code(HERS)
    token = one.client.cookies["jalki-me"]
    assert one.sends("/me/sign-out").headers["location"] == "/me/sign-in"
    one.client.cookies.set("jalki-me", token, domain="127.0.0.1", path="/me")
    assert one.sees("/me").status_code == 303
    assert other.sees("/me").status_code == 200


def test_no_form_of_another_site_asks_for_a_code_or_brings_anybody_in(house: House) -> None:
    browser = house.browser()
    code = house.code_for(browser, HERS)
    for path, fields in (("/me/sign-in", {"email": HERS}), ("/me/code", {"code": code})):
        assert browser.sends(path, site="cross-site", **fields).status_code == 403
    browser.origin = "https://evil.example"
    assert browser.sends("/me/code", code=code).status_code == 403
    browser.origin = ""
    assert browser.sends("/me/code", code=code).status_code == 303
    assert browser.sends("/me/open/erasure", site="cross-site").status_code == 403
    assert browser.sends("/me/sign-out", site="cross-site").status_code == 403
    assert browser.sees("/me").status_code == 200


def test_a_link_of_the_shop_brings_a_customer_in_once_she_says_that_it_is_she(house: House) -> None:
    browser, token = house.browser(), house.token()
    page = house.arrives(browser, token)
    assert "C-17" in page.text
    assert "set-cookie" not in page.headers
    assert browser.sees("/me").status_code == 303  # to arrive is not to come in
    assert browser.sends("/me/begin", offer=offer_in(page)).headers["location"] == "/me"
    assert browser.sees("/me").status_code == 200
    assert token not in page.text
    again = house.arrives(house.browser(), token)
    assert again.status_code == 403
    assert house.browser().sends("/me/begin", offer=offer_in(page)).status_code == 403


def test_a_link_of_somebody_else_does_not_take_the_place_of_her_session(house: House) -> None:
    browser = house.by_code(HERS)
    page = house.arrives(browser, house.token("customer_id:C-40"))
    assert "Is this you?" in page.text
    assert "C-40" in page.text
    assert browser.sends("/me/begin", site="cross-site", offer=offer_in(page)).status_code == 403
    assert "a…@posti.example" in browser.sees("/me").text.lower()


@pytest.mark.parametrize("forged", ["key", "to", "made", "cut", "empty", "shared"])
def test_a_link_that_is_not_good_tells_nobody_why(house: House, forged: str) -> None:
    token = {
        "key": house.token(key="another-secret-that-is-long-enough-too"),
        "to": house.token(to="https://elsewhere.example"),
        "made": house.token(made=house.clock() // 1_000_000 - 301),
        "cut": house.token()[:-1],
        "empty": "",
        "shared": house.token(f"email:{SHARED}"),
    }[forged]
    refused = house.arrives(house.browser(), token)
    assert (refused.status_code, refused.text) == (403, house.arrives(house.browser(), "x.y").text)
    assert 'name="offer"' not in refused.text


def test_without_a_secret_links_are_not_offered(folder: Path) -> None:
    with served_house(folder, links=False) as house:
        assert "not offered here" in house.browser().sees("/me/enter").text
        assert house.arrives(house.browser(), house.token()).status_code == 403


def test_a_customer_of_the_shop_of_whom_nothing_is_recorded_may_ask_all_the_same(house: House) -> None:
    browser = house.by_link("customer_id:C-999")
    assert "We have recorded nothing" in browser.sees("/me").text
    case = browser.opens("access")
    assert browser.sees(f"/me/cases/{case}").status_code == 200


def test_whoever_is_erased_is_unknown_and_gets_no_code(folder: Path) -> None:
    data = folder / "data"
    case = asked("case", "open", "erasure", AINO, "--channel", "account", "--data", data).out.strip()
    assert asked("case", "approve", case, "--data", data).code in {0, 3}
    shown = asked("case", "show", case, "--json", "--data", data).json
    for task in shown["tasks"]:
        if task["state"] not in {"held", "verified", "promised"}:
            number = task["task"].rpartition("/")[2]
            ended = asked("case", "confirm", case, number, "verified", "--evidence", "seen", "--data", data)
            assert ended.code == 0, ended.err
    assert asked("case", "show", case, "--json", "--data", data).json["keys_destroyed"]
    with served_house(folder) as house:
        first = told(house.browser().sends("/me/sign-in", email=HERS))
        assert first == told(house.browser().sends("/me/sign-in", email="nobody@posti.example"))
        house.rest()
        assert not house.letters.kept
        page = house.by_link(AINO).sees(f"/me/cases/{case}")
        assert page.status_code == 200  # the shop knows her still, and she sees what became of it
        assert "posti.example" not in page.text


def test_a_protected_person_gets_no_code_at_a_mailbox_that_others_read(folder: Path) -> None:
    for named in ("customer_id:C-51", "customer_id:C-17"):
        opened = asked(
            "case", "open", "access", named, "--channel", "account", "--protected", "--data", folder / "data"
        )
        assert opened.code == 0, opened.err
    with served_house(folder) as house:
        house.browser().sends("/me/sign-in", email=SHARED)
        house.rest()
        assert not house.letters.kept
        assert house.code_for(house.browser(), HERS)  # this one is hers alone
        assert code_in(house.letters)


def test_customers_and_staff_can_have_a_host_each_and_neither_is_served_at_the_others(house: House) -> None:
    office = house.office
    house.desk.url = house.url.replace("127.0.0.1", "my.shop.example")
    host = house.desk.url.removeprefix("http://")
    browser = house.browser()
    assert browser.sees("/me/sign-in").status_code == 403
    assert browser.sees("/me/sign-in", Host=host).status_code == 200
    assert browser.sees("/", Host=host).headers["location"] == "/me"
    assert browser.sees("/sign-in", Host=host).status_code == 403
    assert browser.sees("/sign-in").status_code == 200
    assert office.url == house.url
