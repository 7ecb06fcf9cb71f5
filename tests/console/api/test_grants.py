"""Who has a token: given once, kept as a hash in a private file, taken back; by the commands and by what is behind them."""

import json
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api.grants import Grants
from console.api.roles import roles
from lineage.errors import Misconfigured, Refused
from tests.console.api.desks import DAY
from tests.e2e.program import asked as asked_here
from tests.e2e.program import jalki

NOW = 1_800_000_000_000_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "access.json"


def test_a_token_is_its_users_until_it_expires(file: Path) -> None:
    token = Grants(file).add("aino", "dpo", None, NOW, NOW + DAY)
    found = Grants(file).of(token, NOW + DAY - 1)
    assert found is not None
    assert (found.name, found.role, found.bound) == ("aino", "dpo", None)
    assert Grants(file).of(token, NOW + DAY) is None


def test_the_file_is_private_and_holds_no_token(file: Path) -> None:
    token = Grants(file).add("aino", "dpo", None, NOW, NOW + DAY)
    Grants(file).add("eino", "auditor", None, NOW, NOW + DAY)
    for each in file.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
        assert token.rpartition("_")[2] not in each.read_text()
    assert sorted(each.name for each in file.parent.iterdir()) == ["access.json", "access.json.lock"]
    salts = [each["salt"] for each in json.loads(file.read_text())["grants"]]
    assert len(set(salts)) == 2


def test_one_name_has_one_valid_token_and_another_after_it_was_taken_back(file: Path) -> None:
    grants = Grants(file)
    first = grants.add("aino", "dpo", None, NOW, NOW + DAY)
    with pytest.raises(Refused, match="revoke"):
        grants.add("aino", "auditor", None, NOW, NOW + DAY)
    assert grants.revoke("aino", NOW) == 1
    assert grants.revoke("aino", NOW) == 0
    second = grants.add("aino", "auditor", None, NOW, NOW + DAY)
    assert grants.of(first, NOW) is None
    found = grants.of(second, NOW)
    assert found is not None
    assert found.role == "auditor"
    grants.add("aino", "dpo", None, NOW + 2 * DAY, NOW + 3 * DAY)  # the second has expired
    with pytest.raises(Refused, match="nobody of that name"):
        grants.revoke("eino", NOW)


def test_what_several_add_at_once_is_all_kept(file: Path) -> None:
    threads = [
        threading.Thread(target=lambda name=f"u-{number}": Grants(file).add(name, "dpo", None, NOW, NOW + DAY))
        for number in range(8)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(each.name for each in Grants(file).all().values()) == [f"u-{number}" for number in range(8)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"grants": [{}]}',
        '{"grants": 1}',
        '{"grants": [], "more": 1}',
        json.dumps({
            "grants": [{
                "id": "ab", "name": "x", "role": "dpo", "salt": "zz", "digest": "00", "made": 0, "expires": 1,
                "revoked": None, "bound": None,
            }]
        }),
    ],
)  # fmt: skip
def test_a_file_that_is_none_of_ours_stops_everybody(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o600)
    for act in (lambda: Grants(file).all(), lambda: Grants(file).add("a", "dpo", None, NOW, NOW + DAY)):
        with pytest.raises(Misconfigured, match="no file of grants"):
            act()
    assert file.read_text() == text


@given(token=st.text() | st.text(alphabet="jalki_0123456789abcdef"), cut=st.integers(0, 70))
def test_no_text_but_the_token_is_one(token: str, cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / "one-token.json"
    if not file.exists():
        file.with_suffix(".txt").write_text(Grants(file).add("aino", "dpo", None, NOW, NOW + DAY))
    right, grants = file.with_suffix(".txt").read_text(), Grants(file)
    for each in (token, right[:cut] + token, token + right[cut:], right[:cut]):
        assert (grants.of(each, NOW) is not None) == (each == right)


# ── the commands ──


def test_the_commands_give_list_and_take_back(story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"JALKI_ACCESS_FILE": tmp_path / "access.json", "JALKI_DATA": story}
    for name, value in settings.items():
        monkeypatch.setenv(name, str(value))
    added = jalki("access", "add", "aino", "--role", "dpo", "--days", "7", settings=settings)
    assert (added.code, added.out.count("\n")) == (0, 1)
    assert "aino may ask as dpo until" in added.said
    assert asked_here("access", "add", "posti-1", "--role", "processor", "--party", "posti").code == 0
    assert asked_here("access", "add", "C-17", "--role", "customer", "--identifier", "customer_id:C-17").code == 0
    listed = asked_here("access", "list", "--json")
    assert [(each["name"], each["role"], each["party"], each["state"]) for each in listed.json] == [
        ("aino", "dpo", None, "valid"), ("posti-1", "processor", "posti", "valid"), ("C-17", "customer", None, "valid"),
    ]  # fmt: skip
    assert added.out.strip().rpartition("_")[2] not in listed.out
    again = jalki("access", "add", "aino", "--role", "dpo", settings=settings)
    assert (again.code, again.out) == (1, "")
    assert asked_here("access", "revoke", "aino").code == 0
    assert [each["state"] for each in asked_here("access", "list", "--json").json] == ["revoked", "valid", "valid"]
    assert "revoked" in asked_here("access", "list").out
    with pytest.raises(Refused, match="nobody of that name"):
        asked_here("access", "revoke", "nobody")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("aino", "--role", "boss"), "--role is one of dpo"),
        (("a b", "--role", "dpo"), "NAME has at most 64"),
        (("aino", "--role", "dpo", "--days", "0"), "--days is from 1 to 366"),
        (("aino", "--role", "dpo", "--days", "367"), "--days is from 1 to 366"),
        (("aino", "--role", "processor"), "--party goes with"),
        (("aino", "--role", "dpo", "--party", "posti"), "--party goes with"),
        (("aino", "--role", "customer"), "--identifier goes with"),
        (("aino", "--role", "dpo", "--identifier", "customer_id:C-17"), "--identifier goes with"),
        (("aino", "--role", "processor", "--party", "nobody"), "the party is not in the register"),
        (("aino", "--role", "customer", "--identifier", "name:x"), "identifies nobody"),
    ],
)
def test_a_token_asked_for_wrongly_is_not_given(
    story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.setenv("JALKI_ACCESS_FILE", str(tmp_path / "access.json"))
    with pytest.raises(Misconfigured, match=says):
        asked_here("access", "add", *words, "--data", story)
    assert list(tmp_path.iterdir()) == []


def test_nobody_has_a_token_where_there_is_no_file(tmp_path: Path) -> None:
    ended = jalki("access", "list", "--data", tmp_path)
    assert (ended.code, ended.out) == (0, "")
    assert "nobody may ask" in ended.said
    assert set(roles()) >= {"dpo", "auditor", "regulator", "support", "processor", "customer"}
