"""The console's words: all languages have the same, and whatever a page may have to say has words."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from string import Template
from typing import Any, get_args

import pytest

import console.web
from connectors.wording import LANGUAGES, Language
from console.api.problems import KINDS
from console.case_given import CONFIRMED
from console.web.case_acts import ACTS
from console.web.rendering import count_text, day_text, moment_text, short
from console.web.roles import web_roles
from console.web.visits import HER_MENU, MENU
from console.web.wording import filled, tree
from lineage.cases import words as case_words
from lineage.cases.intake import CHANNELS
from lineage.register.shapes import BasisWord, Kind, Role
from lineage.timeline.model import Kind as Moments
from lineage.timeline.of_cases import STEPS

WEB = Path(console.web.__file__).parent
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
OF_TOKENS = {"json", "token", "not-yours", "method"}
"""Codes of the HTTP API that no page can have: pages take no JSON and no tokens, and have one answer for a wrong verb."""


def flat(branch: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, each in branch.items():
        if isinstance(each, str):
            yield f"{before}{name}", each
        else:
            yield from flat(each, f"{before}{name}.")


def names_in(text: str) -> set[str]:
    return set(Template(text).get_identifiers())


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_languages_have_the_same_names_and_fill_in_the_same(language: Language) -> None:
    english, other = dict(flat(tree("en"))), dict(flat(tree(language)))
    assert set(other) == set(english)
    assert not [name for name in english if names_in(english[name]) != names_in(other[name])]
    assert all(text.strip() == text and text for text in other.values())
    assert all(Template(text).is_valid() for text in other.values())


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_no_language_is_a_copy_of_english(language: Language) -> None:
    english, other = dict(flat(tree("en"))), dict(flat(tree(language)))
    same = [name for name in english if english[name] == other[name]]
    assert len(same) < len(english) / 5, same


def used() -> Iterator[tuple[str, str]]:
    """Names of words that templates and modules use as they stand there."""
    for path in TEMPLATES:
        for name in re.findall(r"\bw((?:\.[a-z_]+)+)(?![\w\[(.])", path.read_text("utf-8")):
            yield path.name, name[1:]
    for path in sorted(WEB.rglob("*.py")):
        for section, name in re.findall(r'words\["(\w+)"\]\["(\w+)"\]', path.read_text("utf-8")):
            yield path.name, f"{section}.{name}"


@pytest.mark.parametrize(("where", "name"), sorted(set(used())))
def test_the_words_that_a_page_uses_are_there(where: str, name: str) -> None:
    found: Any = tree("en")
    for each in name.split("."):
        found = found[each]
    assert found, where


def denied() -> Iterator[str]:
    """Codes that the console itself denies with."""
    for path in WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Denied", "Problem"}:
                assert isinstance(node.args[0], ast.Constant), path.name
                yield str(node.args[0].value)


@pytest.mark.parametrize("code", sorted({*denied(), *(KINDS.keys() - OF_TOKENS), "store", "fault", "question"}))
def test_every_problem_has_words(code: str) -> None:
    assert tree("en")["problem"][code]


def literals(name: str) -> tuple[str, ...]:
    found = getattr(case_words, name)
    return get_args(found) or tuple(found)


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ("right", case_words.RIGHTS),
        ("case_state", case_words.CASE_STATES),
        ("task_state", literals("TaskState")),
        ("action", literals("Action")),
        ("form", literals("Form")),
        ("channel", CHANNELS),
        ("roles", tuple(web_roles())),
        ("pages", tuple(name for name, _ in (*MENU, *HER_MENU))),
        ("language", LANGUAGES),
        ("act", tuple(act.name for act in ACTS)),
        ("party_role", get_args(Role)),
        ("party_kind", get_args(Kind)),
        ("legal_basis", get_args(BasisWord)),
        ("moment", get_args(Moments)),
        ("step", (*STEPS, "task")),
        ("months", tuple(str(each) for each in range(1, 13))),
    ],
)
def test_every_value_of_a_table_has_words_and_none_is_left_over(section: str, names: tuple[str, ...]) -> None:
    assert set(tree("en")[section]) == set(names)


def test_every_field_and_every_choice_of_an_act_has_words() -> None:
    fields = {field.name: field for field in chain.from_iterable(act.fields for act in ACTS)}
    assert fields.keys() <= tree("en")["field"].keys()
    assert set(CONFIRMED) <= tree("en")["task_state"].keys()
    assert all(each.keys() == {"title", "text"} for each in tree("en")["act"].values())


def test_words_are_filled_in_as_they_are() -> None:
    assert filled("$name, $role", name="$role $$", role="dpo") == "$role $$, dpo"
    with pytest.raises(KeyError):
        filled("$name", role="dpo")


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [("en", "1 July 2026", "1 July 2026 00:30"), ("fi", "1.7.2026", "1.7.2026 0"), ("sv", "1.7.2026", "1.7.2026 0")],
)
def test_days_and_times_are_written_as_in_that_language_and_in_helsinki(
    language: Language, day: str, moment: str
) -> None:
    assert day_text(language, "2026-07-01") == day
    assert moment_text(language, "2026-06-30T21:30:00Z").startswith(moment)
    assert day_text(language, None) == moment_text(language, None) == "–"


def test_numbers_are_grouped_and_long_texts_cut() -> None:
    assert count_text(1234567) == "1\u202f234\u202f567"
    assert short("x" * 300) == "x" * 300
    assert short("x" * 301) == "x" * 300 + "…"


def test_the_files_of_words_have_each_name_once() -> None:
    for each in (WEB / "words").glob("*.toml"):
        assert tomllib.loads(each.read_text("utf-8"))
    assert {each.stem for each in (WEB / "words").glob("*.toml")} == set(LANGUAGES)
