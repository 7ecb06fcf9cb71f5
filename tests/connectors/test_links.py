import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import Asked
from connectors.links import Links
from lineage.errors import Misconfigured, Refused
from tests.connectors.orders import DAY, order
from tests.contracts.connector import SECRETS

ADDRESS = "https://answers.multitronic.example"
LINKS = Links(ADDRESS, [b"s" * 32])
ORDER = order()
TOKEN = LINKS.token(ORDER, 1, 7 * DAY)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def asked(**changed: str) -> Asked:
    given_ = {"key": ORDER.key, "party": ORDER.party, "action": ORDER.action, "form": "notice"} | changed
    return Asked(reference=ORDER.case, state="sent", **given_)  # type: ignore[arg-type]  # words as tests need them


def test_a_link_stands_for_its_task_its_letter_and_its_end() -> None:
    link = LINKS.read(TOKEN)
    assert link
    assert (link.key, link.letter, link.ends) == (ORDER.key, 1, 7 * DAY)
    assert link.is_for(asked())


def test_a_link_is_for_no_other_party_and_no_other_action() -> None:
    link = LINKS.read(TOKEN)
    assert link
    assert not link.is_for(asked(party="klarna"))
    assert not link.is_for(asked(action="rectify"))


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(ALPHABET))
def test_a_link_of_which_any_sign_was_changed_is_none(place: int, sign: str) -> None:
    changed = TOKEN[:place] + sign + TOKEN[place + 1 :]
    assert (LINKS.read(changed) is None) == (changed != TOKEN)


@given(st.text(max_size=200))
def test_nothing_that_somebody_makes_up_is_a_link(text: str) -> None:
    assert LINKS.read(text) is None


def test_the_same_letter_has_the_same_link_and_a_reminder_another() -> None:
    assert LINKS.token(ORDER, 1, 7 * DAY) == TOKEN
    assert LINKS.token(ORDER, 2, 7 * DAY) != TOKEN


def test_links_of_an_old_secret_work_while_it_is_kept_and_no_longer() -> None:
    assert Links(ADDRESS, [b"n" * 32, b"s" * 32]).read(TOKEN)
    assert Links(ADDRESS, [b"n" * 32]).read(TOKEN) is None


def test_an_address_with_a_link_holds_no_personal_data_and_no_case() -> None:
    url = LINKS.url(ORDER, 1, DAY)
    assert url.startswith(f"{ADDRESS}/confirm/")
    assert not [each for each in (*SECRETS, ORDER.case, ORDER.task) if each in url]


@pytest.mark.parametrize(("address", "secret"), [(ADDRESS, b"short"), ("answers.example", b"s" * 32)])
def test_links_that_could_be_guessed_or_lead_nowhere_are_a_fault_of_the_settings(address: str, secret: bytes) -> None:
    with pytest.raises(Misconfigured):
        Links(address, [secret])
    with pytest.raises(Misconfigured):
        Links(address, [])


def test_a_task_whose_key_cannot_be_put_into_a_link_is_for_a_person() -> None:
    with pytest.raises(Refused):
        LINKS.token(order(key="task-1"), 1, DAY)
