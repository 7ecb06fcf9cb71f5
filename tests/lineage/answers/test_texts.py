"""The texts for people: three languages with the same keys, none missing, none unused, and every id has its word."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from connectors.wording import words
from lineage.answers.letter import SHOWN
from lineage.answers.letter_model import STANDINGS
from lineage.answers.letter_outline import STAYS, TOLD
from lineage.answers.outline import _COLUMNS
from lineage.answers.statement import RIGHTS
from lineage.answers.texts import LANGUAGES, Texts, texts_of
from lineage.cases.rights import rules
from lineage.errors import Misconfigured
from lineage.register import ANCHORS, Period, Retention
from lineage.register.model import Place
from schemas.vocabulary import vocabulary
from tests.lineage.answers.matters import register

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "lineage" / "answers" / "texts"
READERS = (*(ROOT / "lineage" / "answers").glob("*.py"), ROOT / "console" / "answering.py")
every_language = pytest.mark.parametrize("language", LANGUAGES)


def read(language: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))


def asked_for() -> set[str]:
    """The keys that stand in a call of `say`, and the heads of tables that are made of a list."""
    return {*_COLUMNS, *TOLD, *STAYS} | {
        node.value
        for path in READERS
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "say"
        for argument in call.args
        for node in ast.walk(argument)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_there_is_a_file_for_each_language_and_no_other() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(LANGUAGES)


@every_language
def test_no_key_is_missing_in_a_language_or_in_one_alone(language: str) -> None:
    other = read("en")
    assert {key: set(section) for key, section in read(language).items()} == {
        key: set(each) for key, each in other.items()
    }


def test_no_sentence_is_unused_and_none_that_is_asked_for_is_missing() -> None:
    assert asked_for() == set(read("en")["say"])


@every_language
def test_every_id_of_every_vocabulary_has_its_word_and_no_other(language: str) -> None:
    texts = read(language)
    declared = register().declared
    assert set(texts["categories"]) == set(vocabulary().categories)
    assert set(texts["purposes"]) == {each.id for each in declared.purposes}
    assert set(texts["anchors"]) == set(ANCHORS)
    assert set(texts["rights"]) == set(RIGHTS)
    assert set(texts["roles"]) == {each.role for each in declared.recipients} | {"unknown"}
    bases = {basis.basis for purpose in declared.purposes for basis in purpose.bases}
    assert set(texts["bases"]) == bases | {"unknown"}
    assert set(texts["mechanisms"]) == {each.mechanism for each in declared.safeguards} | {"adequacy"}
    assert {each.country for each in declared.parties} <= set(texts["countries"])


@every_language
def test_every_word_of_a_letter_is_there_and_no_other(language: str) -> None:
    texts = read(language)
    assert set(texts["asked"]) == set(rules())
    assert set(texts["acted"]) == {right for right, rule in rules().items() if not rule.answer}
    assert set(texts["standings"]) == {*STANDINGS, "promised_by", "turns_over", "held_open"}
    assert set(texts["shown_by"]) == SHOWN
    for party_language in ("fi", "sv", "en"):
        assert set(texts["grounds"]) == set(words(party_language)["ground"])


@every_language
def test_placeholders_are_those_of_the_code(language: str) -> None:
    english, here = ({**texts["say"], **texts["standings"]} for texts in (read("en"), read(language)))
    for key, text in here.items():
        assert sorted(re.findall(r"{\w*}", text)) == sorted(re.findall(r"{\w*}", english[key])), key
    assert here["page"].format(1, 2)


@every_language
def test_no_text_is_empty_or_in_another_language(language: str) -> None:
    every = [text for section, words in read(language).items() if section != "units" for text in words.values()]
    assert all(text.strip() == text != "" for text in every)
    signs = {"fi": "ä", "sv": "å", "en": "the "}
    assert sum(signs[language] in text for text in every) > 40


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "1 year 2 months, counted from: the day of the order"),
        ("fi", "1 vuosi 2 kuukautta, laskettuna tästä: tilauspäivä"),
        ("sv", "1 år 2 månader, räknat från: beställningsdagen"),
    ],
)
def test_a_period_is_told_in_numbers_with_the_right_plural(language: str, text: str) -> None:
    rule = Retention(
        "H",
        frozenset(),
        frozenset(),
        Period("order-placed", years=1, months=2),
        None,
        confirmed=True,
        law="",
        place=Place(""),
    )
    assert texts_of(language).period(rule) == text


def test_a_rule_with_a_latest_end_tells_both() -> None:
    (rule,) = [each for each in register().declared.retention if each.rule == "H23"]
    assert texts_of("en").period(rule) == (
        "until: the day your consent ended. At the latest: 24 months, counted from: the last day you opened a message, "
        "or the day you subscribed"
    )


def test_times_are_those_of_helsinki() -> None:
    texts: Texts = texts_of("en")
    assert texts.day(1_774_996_200_000_000) == "2026-04-01"  # 22:30 UTC of 31 March
    assert texts.moment(1_774_996_200_000_000) == "2026-04-01 01:30:00+03:00"


def test_another_language_is_refused() -> None:
    with pytest.raises(Misconfigured, match="fi, sv or en"):
        texts_of("de")
