"""The house rules that a machine can check: sizes, words, docstrings, imports, and what the product must not hold."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("schemas", "lineage", "connectors", "streams", "console")
PRODUCT = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LARGEST_FILE = 350
LONGEST_FUNCTION = 50
BANNED = {
    "manager",
    "helper",
    "util",
    "utils",
    "helpers",
    "common",
    "base",
    "service",
    "processor",
    "handler",
    "data",
    "info",
    "misc",
}

ERRORS = {"JalkiError", "Invalid", "Retryable", "Refused", "Misconfigured"}
# Faust's Consumer, which a transport has to extend.
FRAMEWORK = {"BatchDelivery", "Consumer"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
every_file = pytest.mark.parametrize("path", PRODUCT, ids=lambda path: str(path.relative_to(ROOT)))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


OURS = {node.name for path in PRODUCT for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)}


def words_of(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)}


def public(tree: ast.Module) -> Iterator[Function | ast.ClassDef]:
    """Public functions and classes of a module, and the public methods of those classes."""
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (each for each in node.body if isinstance(each, Function) and not each.name.startswith("_"))


def is_a_bare_declaration(node: ast.AST) -> bool:
    """The one-line property of a protocol says all there is to say."""
    return ast.unparse(node).rstrip().endswith("...")


def test_there_is_a_product_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in PRODUCT} == set(FOLDERS)
    assert len(PRODUCT) > 40


@pytest.mark.parametrize("path", [*PRODUCT, *TESTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_too_long(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LARGEST_FILE


@every_file
def test_no_function_is_too_long(path: Path) -> None:
    found = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(tree_of(path))
        if isinstance(node, Function)
    }
    assert not {name: lines for name, lines in found.items() if lines > LONGEST_FUNCTION}


@every_file
def test_modules_and_public_names_say_what_they_are(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree), "the module has no docstring"
    assert not [node.name for node in public(tree) if not ast.get_docstring(node) and not is_a_bare_declaration(node)]


@every_file
def test_names_of_files_and_classes_say_more_than_that_something_is_there(path: Path) -> None:
    names = [path.stem, *path.relative_to(ROOT).parts[:-1]]
    names += [node.name for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef)]
    assert not [name for name in names if words_of(name) & BANNED]


@every_file
def test_the_product_neither_prints_nor_sleeps_nor_leaves_work_for_later(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in {"print", "time.sleep", "sleep", "breakpoint"}, f"line {node.lineno}: {called}"
    text = path.read_text("utf-8")
    assert not re.findall(r"\b(?:TODO|FIXME|XXX|HACK)\b", text)


@every_file
def test_exceptions_to_the_checkers_give_their_reason(path: Path) -> None:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if re.search(r"# (?:type: ignore|noqa)", line) and "D102" not in line:
            assert re.search(r"(?:\]  ?# .{5,}|noqa: [A-Z0-9, ]+ ?- .{5,})", line), (
                f"line {number}: an exception without its reason"
            )


@every_file
def test_classes_of_our_own_inherit_from_errors_alone(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef) and node.name not in FRAMEWORK:
            bases = {ast.unparse(parent) for parent in node.bases}
            assert "Protocol" in bases or not bases & (OURS - ERRORS), node.name  # a seam may hold a smaller one


def test_folders_import_only_what_the_contracts_of_the_house_allow() -> None:
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.returncode == 0, found.stdout
    assert "0 broken" in found.stdout


def test_every_folder_of_the_product_is_under_the_contracts() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f"root_packages = {list(FOLDERS)}".replace("'", '"') in text
