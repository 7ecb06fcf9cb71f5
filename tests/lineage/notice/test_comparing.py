"""What is published against what the register declares: row by row, and by the names in a text."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.notice import Mentioned, difference, mentioned, notice
from lineage.notice.shape import notice_shape
from lineage.register import Register, load_register
from tests.lineage.register.small import CATEGORIES, SMALL, at

SPRING, AUTUMN = at("2026-04-01T12:00"), at("2026-10-01T12:00")
WORDS = {"US": ["United States", "Yhdysvallat", "USA"]}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Register:
    file: Path = tmp_path_factory.mktemp("register") / "register.yaml"
    file.write_text(SMALL, "utf-8")
    return load_register(file, CATEGORIES)


def shape(register: Register, moment: int) -> Any:
    return json.loads(json.dumps(notice_shape(notice(register, moment))))


def names(text: str, register: Register, moment: int = SPRING) -> Mentioned:
    return mentioned(text, notice(register, moment), register, WORDS)


def test_the_same_notice_at_another_time_does_not_differ(small: Register) -> None:
    assert difference(shape(small, SPRING), shape(small, SPRING + 1)).nothing


def test_who_is_in_one_alone_and_what_is_not_the_same_is_told_from_both_sides(small: Register) -> None:
    found = difference(shape(small, SPRING), shape(small, AUTUMN))
    assert found.published_only == (("delivery", "post"),)
    assert found.register_only == ()
    (changed,) = found.changed
    assert (changed.purpose, changed.party, changed.what) == ("newsletter", "mailer", "transfer")
    assert (changed.published["mechanisms"], changed.register["mechanisms"]) == (["dpf"], [])
    back = difference(shape(small, AUTUMN), shape(small, SPRING))
    assert (back.published_only, back.register_only) == ((), (("delivery", "post"),))
    assert not back.nothing


def test_a_purpose_that_is_gone_is_told_with_its_recipients(small: Register) -> None:
    now = shape(small, SPRING)
    now["purposes"] = [each for each in now["purposes"] if each["purpose"] != "newsletter"]
    assert difference(shape(small, SPRING), now).published_only == (("newsletter", ""), ("newsletter", "mailer"))


def test_a_period_and_a_basis_that_changed_are_told(small: Register) -> None:
    now = shape(small, SPRING)
    now["purposes"][0] |= {"basis": "legal-obligation", "kept": []}
    found = difference(shape(small, SPRING), now)
    assert [(each.purpose, each.party, each.what) for each in found.changed] == [
        ("delivery", "", "basis"),
        ("delivery", "", "kept"),
    ]


def test_names_of_a_text_are_found_whatever_their_capitals_and_folds(small: Register) -> None:
    text = "Parcels go with POST\n  Oy. Mail goes by Mailer Inc., in the United\nStates."
    assert names(text, small).nothing


def test_recipients_and_countries_that_a_text_leaves_out_are_told(small: Register) -> None:
    found = names("We tell nobody anything.", small)
    assert (found.missing, found.countries) == (("mailer", "post"), ("US",))
    assert found.no_recipient == found.unknown == found.brand_only == ()


def test_a_brand_is_no_legal_name_and_a_part_of_a_word_no_name(small: Register) -> None:
    found = names("The mailer posts to the USA; postage is free.", small)
    assert (found.brand_only, found.missing, found.countries) == (("mailer",), ("post",), ())


def test_a_text_that_names_who_gets_nothing_any_more_or_who_is_unknown_is_told_of(small: Register) -> None:
    text = "Post Oy, Mailer Inc. (USA), and since long Fast Parcels Oy and Google Inc. help us; so does Us Oy."
    found = names(text, small, AUTUMN)
    assert found.no_recipient == ("post",)
    assert found.unknown == ("Fast Parcels Oy", "Google Inc.")


SHIPPED = load_register(None, CATEGORIES)


@given(st.text(max_size=200))
def test_any_text_can_be_compared(text: str) -> None:
    register = SHIPPED
    found = mentioned(text, notice(register, AUTUMN), register, WORDS)
    assert set(found.missing).isdisjoint(found.brand_only)


def test_a_text_that_is_one_endless_word_is_read_to_its_end(small: Register) -> None:
    assert names("A" * 100_000 + "\nNobody Knows Oy", small).unknown == ("Nobody Knows Oy",)
