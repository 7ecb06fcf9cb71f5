"""Links of the shop: each good once, for minutes, for this console; whatever else a text says."""

import base64
import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.web.customers.links import LASTS, SKEW, Links, Offers, signed
from console.web.sessions import Customer
from lineage.errors import Misconfigured
from tests.docs.pages import ROOT, blocks

URL, KEY = "https://console.example", "k" * 32
BEGUN = 1_000_000_000
NONCE = "n" * 16


class Shop:
    """The links of a console that began at `BEGUN`, and the time, in seconds."""

    def __init__(self, folder: Path) -> None:
        self.moment = BEGUN
        self.file = folder / "key"
        self.file.write_text(KEY)
        self.file.chmod(0o600)
        self.links = Links(self.file, URL, lambda: self.moment * 1_000_000)
        self.moment = BEGUN + 1_000

    def token(self, key: str = KEY, **given: object) -> str:
        told = {"identifier": "customer_id:C-1", "made": self.moment, "nonce": NONCE, "to": URL, **given}
        return signed_text(json.dumps(told).encode(), key)


def signed_text(payload: bytes, key: str = KEY) -> str:
    text = base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
    return f"{text}.{signed(key.encode(), text)}"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture(scope="module")
def one_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("links"))


def test_a_link_is_good_once(shop: Shop) -> None:
    token = shop.token()
    assert shop.links.taken(token) == ("customer_id", "C-1")
    assert shop.links.taken(token) is None
    assert shop.links.taken(shop.token(identifier="customer_id:C-2")) is None  # the same nonce
    assert shop.links.taken(shop.token(nonce="m" * 16)) == ("customer_id", "C-1")


def test_a_link_does_not_come_back_while_it_could_still_be_good(shop: Shop) -> None:
    token = shop.token(made=shop.moment + SKEW)  # the shop's clock is ahead
    assert shop.links.taken(token) is not None
    for _ in range(LASTS + 3 * SKEW):
        shop.moment += 1
        assert shop.links.taken(token) is None


@given(before=st.integers(-3 * LASTS, 3 * LASTS), nonce=st.uuids())
def test_a_link_is_good_for_five_minutes_and_no_longer(one_shop: Shop, before: int, nonce: UUID) -> None:
    found = one_shop.links.taken(one_shop.token(made=one_shop.moment - before, nonce=f"{before}-{nonce}"))
    assert found is None or -SKEW <= before <= LASTS


@pytest.mark.parametrize(("before", "good"), [(-SKEW - 1, False), (-SKEW, True), (LASTS, True), (LASTS + 1, False)])
def test_the_window_of_a_link_ends_where_it_is_said_to(shop: Shop, before: int, good: bool) -> None:
    assert (shop.links.taken(shop.token(made=shop.moment - before)) is not None) == good


def test_nothing_that_may_have_been_used_before_the_program_began_is_taken(shop: Shop) -> None:
    shop.moment = BEGUN + SKEW
    assert shop.links.taken(shop.token(made=BEGUN + SKEW - 1)) is None
    assert shop.links.taken(shop.token(made=BEGUN + SKEW)) is not None


@given(st.data())
def test_a_link_with_any_letter_changed_is_none(one_shop: Shop, data: st.DataObject) -> None:
    token = one_shop.token(nonce="changed-somewhere")
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(exclude_characters=token[place]))
    assert one_shop.links.taken(token[:place] + other + token[place + 1 :]) is None


@given(st.one_of(st.text(max_size=300), st.binary(max_size=300).map(lambda each: each.decode("latin-1"))))
def test_no_text_that_is_not_signed_is_a_link(one_shop: Shop, text: str) -> None:
    assert one_shop.links.taken(text) is None


@given(st.binary(max_size=300))
def test_what_is_signed_and_says_nothing_of_ours_is_none(one_shop: Shop, payload: bytes) -> None:
    assert one_shop.links.taken(signed_text(payload)) is None


@pytest.mark.parametrize(
    "given",
    [
        {"key": "q" * 32}, {"to": "https://elsewhere.example"}, {"identifier": "phone:0401234567"},
        {"identifier": "order_id:O-1"}, {"identifier": "national_id:010101-123N"}, {"identifier": "C-1"},
        {"identifier": "customer_id:"}, {"made": "1000001000"}, {"made": -1}, {"made": 1.5}, {"nonce": "short"},
        {"nonce": "n" * 65}, {"nonce": "with space in it"}, {"role": "dpo"}, {"identifier": ["customer_id:C-1"]},
    ],
)  # fmt: skip
def test_a_link_that_says_something_else_is_none(shop: Shop, given: dict[str, object]) -> None:
    assert shop.links.taken(shop.token(**given)) is None  # type: ignore[arg-type]  # a wrong key is a text too


def test_a_secret_that_others_may_read_or_that_is_short_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("k" * 31)
    file.chmod(0o600)
    with pytest.raises(Misconfigured, match="at least 32 letters"):
        Links(file, URL, lambda: 0)
    file.write_text(KEY)
    file.chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        Links(file, URL, lambda: 0)


def test_a_new_secret_counts_at_once(shop: Shop) -> None:
    shop.file.write_text("z" * 40)
    assert shop.links.taken(shop.token()) is None
    assert shop.links.taken(shop.token(key="z" * 40)) is not None


def test_an_offer_is_taken_once_and_not_late() -> None:
    moment = 0
    offers, customer = Offers(lambda: moment), Customer("customer_id", "C-1", "00")
    first, second = offers.make(customer), offers.make(customer)
    assert offers.take(first) == customer
    assert offers.take(first) is None
    moment = LASTS * 1_000_000
    assert offers.take(second) is None
    assert offers.take("") is None


def test_the_shop_makes_links_as_the_page_shows_it(shop: Shop) -> None:
    (example,) = [each for each in blocks(ROOT / "docs/how-to/customers-page.md") if each.language == "python"]
    made: dict[str, Any] = {}
    exec(example.text, made)  # noqa: S102 - our own page
    token = made["token"]("C-1", KEY, URL)
    shop.moment = int(time.time())
    assert shop.links.taken(token) == ("customer_id", "C-1")
