"""The words of the record: three languages with the same keys, none missing, none unused, and every id has its word."""

import ast
import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from lineage.answers.texts import LANGUAGES
from lineage.judging import FORBIDDEN_DATA
from lineage.register import ANCHORS, RULES, Register
from lineage.register.shapes import BasisWord, Kind, Mechanism, Role, Subject
from lineage.ropa import STATUSES
from lineage.ropa.gaps import WHAT
from lineage.ropa.wording import declared_text, record_texts_of
from schemas.vocabulary import vocabulary

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "lineage" / "ropa" / "texts"
TEXTS_OF_PERIODS = {"no_period", "at_latest", "span", "at_once", "year_end"}
every_language = pytest.mark.parametrize("language", LANGUAGES)


def read(language: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))


def asked_for() -> set[str]:
    """Every short text in the modules that draw the record: a key is among them, if it is asked for at all."""
    texts = {
        node.value
        for path in (ROOT / "console").glob("ropa*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return texts | {f"{name}_{ending}" for name in ("deviations", "missing") for ending in ("intro", "none")}


def test_no_sentence_is_unused() -> None:
    assert set(read("en")["say"]) - asked_for() <= TEXTS_OF_PERIODS


@every_language
def test_no_key_is_missing_in_a_language_or_in_one_alone(language: str) -> None:
    keys = {section: set(words) for section, words in read(language).items() if section != "register"}
    assert keys == {section: set(words) for section, words in read("en").items()}


@every_language
def test_every_id_has_its_word_and_no_other(language: str) -> None:
    texts = read(language)
    assert set(texts["statuses"]) == set(STATUSES)
    assert set(texts["subjects"]) == set(get_args(Subject)) == set(vocabulary().register["subjects"])
    assert set(texts["bases"]) == set(get_args(BasisWord)) == set(vocabulary().register["bases"]) | {"unknown"}
    assert set(texts["roles"]) == set(get_args(Role))
    assert set(texts["kinds"]) == set(get_args(Kind)) | {"unknown"}
    assert set(texts["mechanisms"]) == set(get_args(Mechanism)) == set(vocabulary().register["mechanisms"])
    assert set(texts["rules"]) == {*RULES, FORBIDDEN_DATA}
    assert set(texts["missing"]) == set(WHAT)
    assert set(texts["anchors"]) == set(ANCHORS)
    assert set(texts["declared_as"]) == {"disclosure", "copy", "sub-processor"}


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_every_sentence_of_the_shipped_register_is_there_in_the_language_and_no_other(
    language: str, shipped: Register
) -> None:
    declared = shipped.declared
    sentences = {each.text for each in declared.purposes} | {each.text for each in declared.security}
    assert set(read(language)["register"]) == sentences | {each.source for each in declared.security}


def test_a_sentence_that_somebody_wrote_anew_stays_as_it_was_written() -> None:
    assert declared_text(record_texts_of("fi"), "Kahvin keitto") == "Kahvin keitto"
    assert declared_text(record_texts_of("en"), "Send the newsletter") == "Send the newsletter"


@every_language
def test_placeholders_are_those_of_english_and_no_text_is_empty(language: str) -> None:
    texts, english = read(language), read("en")
    assert all(text.strip() == text != "" for words in texts.values() for text in words.values())
    for key, text in texts["say"].items():
        assert sorted(re.findall(r"{\w*}", text)) == sorted(re.findall(r"{\w*}", english["say"][key])), key


def test_a_record_speaks_of_persons_in_general_and_an_answer_to_the_person() -> None:
    for language, own in (("en", "your"), ("fi", "tilauksesi"), ("sv", "din")):
        every = [text for words in read(language).values() for text in words.values()]
        assert not [text for text in every if re.search(rf"\b{own}\b", text)]
