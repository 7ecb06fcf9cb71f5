"""What is decided at the console: once, by whoever was first, under her name; and how one signs in and is signed out."""

import re
import shutil
import threading
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import httpx2
import pytest

from console.case_opening import Casebook
from console.opening import LOOKS, locked, opened
from console.web.sessions import IDLE
from console.web.throttle import FREE, SHORTEST
from console.web.visits import COOKIE, LARGEST_FORM
from lineage.revealing import read_look
from lineage.times import now
from tests.console.web.consoles import HER, WHY, Console, Visitor, code_of, opened_console, said
from tests.e2e.program import asked

FORM = "application/x-www-form-urlencoded"


def looks(console: Console) -> list[dict[str, str]]:
    with opened(console.settings) as folder:
        key = folder.keyring.find((LOOKS,))[LOOKS]
        return [dict(read_look(each, key)) for each in folder.graph.looks()]


def entries(console: Console, case: str) -> Sequence[object]:
    with opened(console.settings) as folder:
        return Casebook(folder, folder.casework).work.journal.entries(case)


def state(console: Console, case: str) -> str:
    return str(asked("case", "show", case, "--json", "--data", console.settings.data).json["state"])


def at_once(*sends: "tuple[Visitor, str, dict[str, str]]") -> list[httpx2.Response]:
    found: dict[int, httpx2.Response] = {}
    gate = threading.Barrier(len(sends))

    def send(number: int) -> None:
        who, path, fields = sends[number]
        gate.wait(30)
        found[number] = who.does(path, fields)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(sends))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return [found[number] for number in range(len(sends))]


def digest_of(who: Visitor, case: str) -> str:
    return who.sees(f"/cases/{case}").text.partition('name="digest" value="')[2].partition('"')[0]


def test_of_two_who_approve_at_once_one_does_and_the_other_is_told(own_console: Console) -> None:
    anna, eva = own_console.somebody("dpo", "anna"), own_console.somebody("dpo", "eva")
    case = anna.opens("erasure")
    assert anna.does(f"/cases/{case}/preview").status_code == 303
    form = {"digest": digest_of(anna, case), "sure": "yes"}
    answers = at_once((anna, f"/cases/{case}/approve", form), (eva, f"/cases/{case}/approve", form))
    assert sorted(each.status_code for each in answers) == [303, 409]
    late = next(each for each in answers if each.status_code == 409)
    assert "Not done:" in said(late)
    assert state(own_console, case) == "carrying-out"


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("preview", {}),
        ("refuse", {"ground": "12(5)", "reason": "asked before"}),
        ("extend", {"reason": "many parties"}),
        ("prove", {"how": "id card"}),
        ("hold", {"order": "R 1", "authority": "a court", "law": "a law"}),
        ("protect", {"sure": "yes"}),
        ("withdraw", {"sure": "yes"}),
    ],
)
def test_of_two_who_do_the_same_at_once_neither_breaks_what_the_other_did(
    own_console: Console, act: str, fields: dict[str, str]
) -> None:
    anna, eva = own_console.somebody("dpo", "anna"), own_console.somebody("dpo", "eva")
    case = anna.opens("erasure", channel="phone")
    answers = at_once(*((who, f"/cases/{case}/{act}", fields) for who in (anna, eva)))
    assert 303 in {each.status_code for each in answers}, [said(each)[:400] for each in answers]
    assert {each.status_code for each in answers} <= {303, 409}
    assert all("Not done:" in said(each) for each in answers if each.status_code == 409)
    kept = entries(own_console, case)
    first = own_console.somebody("dpo", "mia").sees(f"/cases/{case}")
    assert first.status_code == 200
    assert anna.does(f"/cases/{case}/{act}", fields).status_code in {303, 409}
    assert first.text.partition("<h1>")[2] == eva.sees(f"/cases/{case}").text.partition("<h1>")[2] or act == "preview"
    assert len(entries(own_console, case)) - len(kept) <= (act == "preview"), "a form that is sent again adds nothing"


def test_one_who_approves_while_another_refuses_loses_nothing_of_either(own_console: Console) -> None:
    anna, eva = own_console.somebody("dpo", "anna"), own_console.somebody("dpo", "eva")
    case = anna.opens("erasure")
    assert anna.does(f"/cases/{case}/preview").status_code == 303
    form = {"digest": digest_of(anna, case), "sure": "yes"}
    why = {"ground": "12(5)", "reason": "asked last week"}
    answers = at_once((anna, f"/cases/{case}/approve", form), (eva, f"/cases/{case}/refuse", why))
    assert sorted(each.status_code for each in answers) == [303, 409]
    assert state(own_console, case) == ("carrying-out" if answers[0].status_code == 303 else "refused")
    if answers[1].status_code == 409:
        assert "asked last week" in answers[1].text or "Nothing can be done here now." in said(answers[1])


def test_a_form_that_is_sent_again_does_nothing_again(own_console: Console) -> None:
    anna = own_console.somebody("dpo", "anna")
    case = anna.opens("erasure")
    assert anna.does(f"/cases/{case}/preview").status_code == 303
    form = {"digest": digest_of(anna, case), "sure": "yes"}
    assert anna.does(f"/cases/{case}/approve", form).status_code == 303
    kept = entries(own_console, case)
    again = anna.does(f"/cases/{case}/approve", form)
    assert again.status_code == 409
    assert "Not done:" in said(again)
    assert entries(own_console, case) == kept


def test_the_form_that_opens_a_case_sent_again_opens_a_duplicate_that_says_so(own_console: Console) -> None:
    anna = own_console.somebody("dpo", "anna")
    first, second = anna.opens("erasure"), anna.opens("erasure")
    assert state(own_console, second) == "duplicate"
    assert f'href="/cases/{first}"' in anna.sees(f"/cases/{second}").text


def test_a_plan_that_is_not_the_one_that_was_read_is_not_approved(own_console: Console) -> None:
    anna = own_console.somebody("dpo", "anna")
    case = anna.opens("erasure")
    assert anna.does(f"/cases/{case}/preview").status_code == 303
    for digest in ("", "0" * 64, "x" * 5000):
        answer = anna.does(f"/cases/{case}/approve", {"digest": digest, "sure": "yes"})
        assert answer.status_code in {409, 422}
    assert anna.does(f"/cases/{case}/approve", {"digest": digest_of(anna, case)}).status_code == 422
    assert state(own_console, case) == "received"


def test_what_is_missing_or_refused_is_said_and_what_was_typed_stays(own_console: Console) -> None:
    anna = own_console.somebody("dpo", "anna")
    case = anna.opens("erasure")
    missing = anna.does(f"/cases/{case}/refuse", {"ground": "", "reason": "asked last week"})
    assert missing.status_code == 422
    assert "Fill in all fields that are needed." in said(missing)
    assert "asked last week" in missing.text
    wrong = anna.does(f"/cases/{case}/refuse", {"ground": "she is rude", "reason": "asked last week"})
    assert wrong.status_code == 409
    assert "The ground is an article of the GDPR, such as 12(5)" in said(wrong)
    assert "asked last week" in wrong.text
    opening = anna.does("/cases/open", {"right-access": "yes", "identifiers": "", "value": "kept"})
    assert opening.status_code == 409
    assert "Say who asks" in said(opening)
    assert "--" not in said(anna.does("/cases/open", {"identifiers": HER, "channel": "email"}))


def test_another_process_that_writes_is_told_and_nothing_is_changed(
    own_console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.web.serving.PATIENCE", 0.5)
    anna = own_console.somebody("dpo", "anna")
    case = anna.opens("erasure")
    kept = entries(own_console, case)
    with locked(own_console.settings.data):
        answer = anna.does(f"/cases/{case}/preview")
        opening = anna.does("/cases/open", {"right-access": "yes", "identifiers": HER, "controller": "multitronic"})
        assert anna.sees("/cases").status_code == 200
    assert (answer.status_code, opening.status_code) == (409, 409)
    assert "Not done:" in said(answer)
    assert HER in opening.text
    assert entries(own_console, case) == kept
    assert anna.does(f"/cases/{case}/preview").status_code == 303


def test_every_look_and_every_decision_is_written_down_under_a_name(own_console: Console) -> None:
    anna, clerk = own_console.somebody("dpo", "anna"), own_console.somebody("clerk", "kim")
    case = anna.opens("erasure")
    before = len(looks(own_console))
    anna.sees(f"/cases/{case}")
    anna.does(f"/cases/{case}/preview")
    person = anna.finds()
    anna.sees(person)
    anna.does(f"{person}/reveal", {"purpose": "she is on the telephone"})
    clerk.does(f"/cases/{case}/approve", {})
    found = looks(own_console)[before:]
    assert [(each["actor"], each["role"], each["shown"]) for each in found] == [
        ("anna", "dpo", "pseudonyms"), ("anna", "dpo", "pseudonyms"), ("anna", "dpo", "pseudonyms"),
        ("anna", "dpo", "identifiers"),
    ]  # fmt: skip
    assert [each["reason"] for each in found] == [
        "case work at the console", "console: preview", WHY, "she is on the telephone",
    ]  # fmt: skip


def test_a_form_whose_session_is_over_does_nothing_and_what_was_typed_is_sent_again(own_console: Console) -> None:
    anna = own_console.somebody("dpo", "anna")
    case = anna.opens("erasure")
    kept, typed = entries(own_console, case), 'many "parties" <b>must</b> be asked'
    own_console.clock.ahead = IDLE + 1
    answer = anna.does(f"/cases/{case}/extend", {"reason": typed})
    assert answer.status_code == 401
    assert "Nothing of what you have just sent was done." in said(answer)
    assert "<b>must</b>" not in answer.text
    assert anna.sees(f"/cases/{case}").headers["location"] == "/sign-in"
    assert "You are not signed in any more" in said(anna.sees("/sign-in"))
    assert entries(own_console, case) == kept
    again = own_console.somebody("dpo", "anna")
    fields = {
        name: unescape(text) for name, text in re.findall(r'type="hidden" name="(\w+)" value="(.*)"', answer.text)
    }
    (path,) = re.findall(r'class="card" method="post" action="([^"]+)"', answer.text)
    fields.pop("back")
    assert fields == {"reason": typed}
    assert again.does(path, fields).status_code == 303
    assert len(entries(own_console, case)) > len(kept)


@pytest.mark.parametrize("path", ["/persons/x/reveal", "/sign-out"])
def test_what_went_with_the_session_is_not_offered_to_be_sent_again(console: Console, path: str) -> None:
    stranger = console.nobody({COOKIE: "nobodys"})
    answer = stranger.does(path, {"purpose": WHY})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [(b"--b\r\n\r\n--b--", "multipart/form-data; boundary=b", 401), (b"x=" + b"y" * LARGEST_FORM, FORM, 413),
     (b"x=%ff", FORM, 401)],
)  # fmt: skip
def test_what_cannot_be_kept_on_a_page_is_not(console: Console, body: bytes, kind: str, status: int) -> None:
    answer = console.nobody({COOKIE: "nobodys"}).does("/certificates", body, {"Content-Type": kind})
    assert answer.status_code == status
    assert "Send it again" not in said(answer)


@pytest.mark.parametrize("change", ["remove", "reset"])
def test_whoever_has_signed_in_with_a_removed_or_reset_account_is_not_signed_in(
    own_console: Console, change: str
) -> None:
    anna, again, eva = (own_console.somebody("dpo", name) for name in ("anna", "anna", "eva"))
    assert anna.sees("/cases").status_code == 200
    getattr(own_console.office.accounts.__class__(own_console.settings.accounts_file), change)("anna")
    for each in (anna, again):
        assert each.sees("/cases").headers["location"] == "/sign-in"
        assert each.does("/cases/open", {"right-access": "yes", "identifiers": HER}).status_code == 401
    assert eva.sees("/cases").status_code == 200


def test_an_accounts_file_that_cannot_be_used_signs_everybody_out_and_says_so(own_console: Console) -> None:
    anna = own_console.somebody("dpo", "anna")
    own_console.settings.accounts_file.chmod(0o644)
    assert anna.sees("/cases").headers["location"] == "/sign-in"
    answer = own_console.nobody().does("/sign-in", {"name": "anna", "password": "x", "code": "000000"})
    assert answer.status_code == 503
    assert str(own_console.settings.data) not in answer.text


def test_signing_in_and_out(own_console: Console) -> None:
    account, password = own_console.office.accounts.add("anna", "dpo", now())
    form = {"name": "anna", "password": password, "code": code_of(account.address())}
    somebody = own_console.nobody()
    for wrong in ({"password": "x"}, {"code": "000000"}, {"name": "eva"}, {"name": "Anna"}, {"name": "", "code": ""}):
        answer = somebody.does("/sign-in", {**form, **wrong})
        assert answer.status_code == 401
        assert "That is not right." in said(answer)
        assert password not in answer.text
    assert somebody.sees("/cases").headers["location"] == "/sign-in"
    form["code"] = code_of(account.address())  # on a busy machine the one of the beginning may be over
    assert somebody.does("/sign-in", form).headers["location"] == "/"
    assert somebody.sees("/").headers["location"] == "/cases"
    assert somebody.sees("/cases").status_code == 200
    replayed = own_console.nobody()
    assert replayed.does("/sign-in", form).status_code == 401, "a code is good once"
    kept = dict(somebody.client.cookies)
    assert somebody.does("/sign-out").headers["location"] == "/sign-in"
    assert not somebody.client.cookies
    assert own_console.nobody(kept).sees("/cases").headers["location"] == "/sign-in"


def test_too_many_wrong_ones_must_wait_even_with_the_right_password(own_console: Console) -> None:
    account, password = own_console.office.accounts.add("anna", "dpo", now())
    somebody = own_console.nobody()
    for _ in range(FREE):
        assert somebody.does("/sign-in", {"name": "anna", "password": "x", "code": "000000"}).status_code == 401
    form = {"name": "anna", "password": password, "code": code_of(account.address())}
    waiting = somebody.does("/sign-in", form)
    assert waiting.status_code == 429
    assert "Try again in 1 min." in said(waiting)
    own_console.clock.ahead = SHORTEST + 1
    at = own_console.clock() / 1_000_000
    assert somebody.does("/sign-in", {**form, "code": code_of(account.address(), at)}).status_code == 303


def test_nothing_of_a_person_outlives_the_session_she_was_looked_at_in(own_console: Console) -> None:
    anna = own_console.somebody("dpo", "anna")
    page = anna.finds()
    anna.does("/sign-out")
    assert "C-17" not in repr(vars(own_console.office.sessions))
    assert own_console.somebody("dpo", "anna").sees(page).status_code == 404


def test_what_went_wrong_in_the_program_is_a_page_that_tells_nothing(
    own_console: Console, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    anna = own_console.somebody("dpo", "anna")

    def broken(*_: object, **__: object) -> None:
        raise ValueError("aino.esimerkki@posti.example")

    monkeypatch.setattr("console.web.case_pages.day_of", broken)
    answer = anna.sees("/cases")
    assert answer.status_code == 500
    assert "A fault of the program." in said(answer)
    assert "esimerkki" not in answer.text + caplog.text
    assert "ValueError" in caplog.text


def test_data_that_is_gone_is_a_page_that_says_so(shop: Path, tmp_path: Path) -> None:
    data = shutil.copytree(shop, tmp_path / "data")
    with opened_console(data) as console:
        anna = console.somebody("dpo", "anna")
        for each in data.iterdir():
            each.unlink()
        for path in ("/cases", "/sharing", "/record"):
            answer = anna.sees(path)
            assert answer.status_code == 503
            assert "cannot be read or written now" in said(answer)
            assert str(tmp_path) not in answer.text
