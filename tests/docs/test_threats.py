"""Every seam has every letter of STRIDE; every threat has tests that there are, or says in words that it is not defended."""

import ast
from functools import lru_cache

from docs.threats_page import LETTERS, PAGE, page, seams
from tests.docs.pages import ROOT

SEAMS = {
    "events", "kafka", "neo4j", "folder", "keys", "api", "console", "customers", "callbacks", "outgoing", "files", "backups",
    "logs", "release",
}  # fmt: skip


@lru_cache(maxsize=200)
def named_in(path: str) -> set[str]:
    """The tests of a file, as pytest finds them: functions at its top."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {each.name for each in functions if each.name.startswith("test_")}


def test_every_seam_has_every_letter_or_says_that_it_does_not_apply() -> None:
    assert {each["id"] for each in seams()} == SEAMS
    for seam in seams():
        assert {each["letter"] for each in seam["threat"]} == set(LETTERS), seam["id"]


def test_every_threat_has_tests_that_there_are_or_says_why_it_is_not_defended() -> None:
    for seam in seams():
        for each in seam["threat"]:
            kinds = [key for key in ("done", "open", "not") if key in each]
            assert len(kinds) == 1, (seam["id"], each)
            assert ("tests" in each) == (kinds == ["done"]), (seam["id"], each)
            assert len(str(each[kinds[0]]).split()) > 3, (seam["id"], each)
            for test in each.get("tests", ()):
                path, _, name = test.partition("::")
                assert name in named_in(path), test


def test_a_test_that_there_is_not_is_found_out() -> None:
    assert "test_every_seam_has_every_letter_or_says_that_it_does_not_apply" in named_in("tests/docs/test_threats.py")
    assert "named_in" not in named_in("tests/docs/test_threats.py")
    assert "test_x" not in named_in("tests/docs/test_threats.py")


def test_the_page_of_threats_is_what_the_table_says() -> None:
    assert PAGE.read_text("utf-8") == page()
