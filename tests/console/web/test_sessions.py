"""Who is signed in: sessions that end by time, number, and with the account; codes and waits."""

import json
import threading
from pathlib import Path

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.web.accounts import NOBODY, STEP, Account, Accounts
from console.web.sessions import IDLE, LONGEST, MOST, MOST_FOUND, Found, Sessions
from console.web.throttle import FREE, REMEMBERED, SHORTEST, Throttle
from console.web.throttle import LONGEST as LONGEST_WAIT
from lineage.errors import Misconfigured, Refused
from tests.e2e.program import asked, asked_wrongly

MARKS = {"anna": "m"}
SECOND = 1_000_000


class Hand:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.at = 1_800_000_000 * SECOND

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "accounts.json")


def test_a_session_is_kept_up_by_requests_and_ends_without_them(hand: Hand) -> None:
    sessions = Sessions(hand)
    token = sessions.begin("anna", "dpo", "m")
    for _ in range(3):
        hand.at += IDLE
        assert sessions.of(token, MARKS)
    hand.at += IDLE + 1
    assert sessions.of(token, MARKS) is None
    hand.at -= IDLE
    assert sessions.of(token, MARKS) is None, "what is over stays so"


def test_a_session_ends_after_its_longest_time_however_busy(hand: Hand) -> None:
    sessions = Sessions(hand)
    token, begun = sessions.begin("anna", "dpo", "m"), hand.at
    while hand.at + IDLE <= begun + LONGEST:
        hand.at += IDLE
        assert sessions.of(token, MARKS)
    hand.at = begun + LONGEST + 1
    assert not sessions.holds(token, MARKS)
    assert sessions.of(token, MARKS) is None


def test_to_ask_whether_a_session_holds_does_not_keep_it_up(hand: Hand) -> None:
    sessions = Sessions(hand)
    token = sessions.begin("anna", "dpo", "m")
    hand.at += IDLE
    assert sessions.holds(token, MARKS)
    hand.at += 1
    assert not sessions.holds(token, MARKS)


def test_only_so_many_sessions_are_kept_and_the_one_unused_longest_makes_room(hand: Hand) -> None:
    sessions = Sessions(hand)
    tokens = [sessions.begin("anna", "dpo", "m") for _ in range(MOST)]
    assert sessions.of(tokens[0], MARKS)
    sessions.begin("anna", "dpo", "m")
    assert sessions.holds(tokens[0], MARKS)
    assert not sessions.holds(tokens[1], MARKS)


def test_no_token_is_kept_and_each_is_another(hand: Hand) -> None:
    sessions = Sessions(hand)
    tokens = {sessions.begin("anna", "dpo", "m") for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(each) >= 43 for each in tokens)
    kept = repr(vars(sessions))
    assert not [each for each in tokens if each in kept]


@pytest.mark.parametrize("token", [None, "", "x", "ä" * 5000, "\udc80", "null"])
def test_what_is_no_token_is_nobodys(hand: Hand, token: str | None) -> None:
    sessions = Sessions(hand)
    sessions.begin("anna", "dpo", "m")
    assert sessions.of(token, MARKS) is None
    sessions.end(token)


def test_ended_sessions_are_over(hand: Hand) -> None:
    sessions = Sessions(hand)
    first, second = sessions.begin("anna", "dpo", "m"), sessions.begin("anna", "dpo", "m")
    sessions.end(first)
    assert sessions.of(first, MARKS) is None
    assert sessions.of(second, MARKS)
    sessions.end_all()
    assert sessions.of(second, MARKS) is None


@pytest.mark.parametrize("marks", [{}, {"anna": "another"}, {"eva": "m"}])
def test_a_session_of_an_account_that_is_not_as_it_was_is_over(hand: Hand, marks: dict[str, str]) -> None:
    sessions = Sessions(hand)
    token = sessions.begin("anna", "dpo", "m")
    assert not sessions.holds(token, marks)
    assert sessions.of(token, marks) is None
    assert sessions.of(token, MARKS) is None


def test_of_the_persons_looked_at_only_the_last_are_kept(hand: Hand) -> None:
    sessions = Sessions(hand)
    session = sessions.of(sessions.begin("anna", "dpo", "m"), MARKS)
    assert session is not None
    names = [session.find(Found(f"customer_id:C-{each}", "why")) for each in range(MOST_FOUND + 1)]
    assert len(set(names)) == MOST_FOUND + 1
    assert names[0] not in session.found
    assert session.found[names[-1]].identifier == f"customer_id:C-{MOST_FOUND}"


def test_each_code_is_good_once_and_none_before_it_after_it(hand: Hand) -> None:
    sessions = Sessions(hand)
    assert sessions.is_new("anna", 100)
    assert not sessions.is_new("anna", 100)
    assert not sessions.is_new("anna", 99)
    assert sessions.is_new("eva", 99)
    assert sessions.is_new("anna", 101)


@pytest.mark.parametrize(
    ("second", "code"),
    [(1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
     (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    account = Account("anna", "dpo", "", "", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 0)
    step = second // STEP
    for early in (-1, 0, 1):
        assert account.step_of(code, (step + early) * STEP * SECOND) == step
    assert account.step_of(f" {code} ", second * SECOND) == step
    assert account.step_of(code, (step + 2) * STEP * SECOND) is None
    assert account.step_of(code, (step - 2) * STEP * SECOND) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\udc80", "9" * 10_000, "-00001"])
def test_what_is_no_code_is_not_right(code: str) -> None:
    assert Account("anna", "dpo", "", "", pyotp.random_base32(), 0).step_of(code, 1_800_000_000 * SECOND) is None


def test_an_account_has_its_password_alone_and_its_file_tells_neither(accounts: Accounts, tmp_path: Path) -> None:
    account, password = accounts.add("anna", "dpo", 1)
    assert account.has(password)
    assert not account.has(password + " ")
    assert not account.has("")
    assert not NOBODY.has(password)
    assert not NOBODY.has("")
    file = tmp_path / "accounts.json"
    assert password not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    assert accounts.all() == {"anna": account}
    assert account.address().startswith("otpauth://totp/Jalki:anna?secret=")


def test_a_reset_account_has_another_password_and_other_codes(accounts: Accounts) -> None:
    before, old = accounts.add("anna", "dpo", 1)
    marks = accounts.marks()
    after, new = accounts.reset("anna")
    assert after.has(new)
    assert not after.has(old)
    assert after.secret != before.secret
    assert (after.role, after.made) == (before.role, before.made)
    assert accounts.marks()["anna"] != marks["anna"]


def test_an_account_is_taken_away_and_names_are_known_once(accounts: Accounts) -> None:
    accounts.add("anna", "dpo", 1)
    accounts.add("eva", "auditor", 1)
    marks = accounts.marks()
    with pytest.raises(Refused, match="there is an account of that name"):
        accounts.add("anna", "viewer", 2)
    accounts.remove("anna")
    assert list(accounts.all()) == ["eva"]
    assert accounts.marks() == {"eva": marks["eva"]}
    for change in (accounts.remove, accounts.reset):
        with pytest.raises(Refused, match="there is no account of that name"):
            change("anna")


def test_several_changes_at_once_lose_nothing(accounts: Accounts) -> None:
    names = [f"user-{each}" for each in range(8)]
    threads = [threading.Thread(target=accounts.add, args=(name, "viewer", 1)) for name in names]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(accounts.all()) == names


def test_a_file_that_others_may_read_or_that_is_damaged_is_not_used(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add("anna", "dpo", 1)
    file = tmp_path / "accounts.json"
    file.chmod(0o644)
    with pytest.raises(Misconfigured, match="can be read by others: chmod 600 it"):
        accounts.all()
    assert accounts.marks() == {}
    file.chmod(0o600)
    assert list(accounts.marks()) == ["anna"]
    whole = file.read_text()
    for damaged in (
        "",
        "{",
        "[]",
        whole[: len(whole) // 2],
        whole.replace('"dpo"', "7"),
        whole.replace('"made"', '"x"'),
    ):
        file.write_text(damaged)
        with pytest.raises(Misconfigured, match="is no file of accounts"):
            accounts.all()
        with pytest.raises(Misconfigured):
            accounts.add("eva", "dpo", 1)
        assert accounts.marks() == {}
        assert file.read_text() == damaged, "what cannot be read is not written over"


def test_an_account_of_a_role_that_there_is_not_is_none(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add("anna", "dpo", 1)
    file = tmp_path / "accounts.json"
    file.write_text(file.read_text().replace('"dpo"', '"emperor"'))
    assert accounts.all() == {}


def test_a_role_changed_by_hand_is_another_account(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add("anna", "viewer", 1)
    before = accounts.marks()
    file = tmp_path / "accounts.json"
    file.write_text(file.read_text().replace('"viewer"', '"auditor"'))
    assert accounts.marks() != before


def test_no_accounts_are_where_there_is_no_file(accounts: Accounts) -> None:
    assert accounts.all() == {}
    assert accounts.marks() == {}


@given(st.lists(st.one_of(st.just("wrong"), st.just("right"), st.integers(0, 2 * LONGEST_WAIT)), max_size=40))
def test_the_more_wrong_ones_the_longer_the_wait_and_never_longer_than_the_longest(steps: list[str | int]) -> None:
    hand = Hand()
    throttle, wrong, before = Throttle(hand), 0, 0
    for step in steps:
        if isinstance(step, int):
            left = throttle.waits("anna")
            hand.at += step
            assert throttle.waits("anna") == max(0, left - step)
        elif step == "right":
            throttle.right("anna")
            wrong = before = 0
            assert throttle.waits("anna") == 0
        else:
            throttle.wrong("anna")
            wrong += 1
            assert throttle.waits("anna") == 0 if wrong < FREE else throttle.waits("anna") >= max(SHORTEST, before)
            before = throttle.waits("anna")
            assert before <= LONGEST_WAIT
        assert throttle.waits("eva") == 0


@settings(max_examples=20)
@given(st.lists(st.text(max_size=3), max_size=60))
def test_names_are_counted_apart(names: list[str]) -> None:
    throttle = Throttle(Hand())
    for name in names:
        throttle.wrong(name)
    assert {name for name in names if throttle.waits(name)} == {name for name in names if names.count(name) >= FREE}


def test_the_throttle_remembers_only_so_many_names() -> None:
    throttle = Throttle(Hand())
    for _ in range(FREE):
        throttle.wrong("anna")
    for each in range(REMEMBERED):
        throttle.wrong(f"{each}")
    assert throttle.waits("anna") == 0
    assert len(throttle._wrong) == REMEMBERED


def test_the_commands_make_change_list_and_take_away_accounts(tmp_path: Path) -> None:
    made = json.loads(asked("users", "add", "anna", "--role", "dpo", "--json", "--data", tmp_path).out)
    assert made.keys() == {"password", "otpauth"}
    shown = asked("users", "add", "eva", "--role", "auditor", "--data", tmp_path).out
    assert shown.startswith("password: ")
    again = json.loads(asked("users", "reset", "anna", "--json", "--data", tmp_path).out)
    assert again["password"] != made["password"]
    listed = asked("users", "list", "--json", "--data", tmp_path)
    assert [(each["name"], each["role"]) for each in listed.json] == [("anna", "dpo"), ("eva", "auditor")]
    assert again["password"] not in listed.out
    assert "auditor" in asked("users", "list", "--data", tmp_path).out
    asked("users", "remove", "anna", "--data", tmp_path)
    assert [each["name"] for each in asked("users", "list", "--json", "--data", tmp_path).json] == ["eva"]


def test_the_commands_say_what_is_wrong(tmp_path: Path) -> None:
    assert "--role is one of dpo" in asked_wrongly("users", "add", "anna", "--role", "king", "--data", tmp_path).err
    assert "64 of the letters" in asked_wrongly("users", "add", "an na", "--role", "dpo", "--data", tmp_path).err
    assert "nobody may sign in" in asked("users", "list", "--data", tmp_path).err
