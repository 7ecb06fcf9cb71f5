"""The house rules that a machine can check: sizes, words, docstrings, imports, and what the product must not hold."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the product, read once for all rules."""

    path: Path
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()


@cache
def sources() -> tuple[Source, ...]:
    """Every file is looked at in each test, which names all that break its rule: a test a file and rule would be thousands."""
    read = [(path, path.read_text("utf-8")) for path in PRODUCT]
    trees = [(path, text, ast.parse(text)) for path, text in read]
    return tuple(Source(path, text, tree, tuple(ast.walk(tree))) for path, text, tree in trees)


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
    assert len(sources()) == len(PRODUCT)


def test_no_file_is_too_long() -> None:
    found = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in (*PRODUCT, *TESTS)}
    assert not {name: lines for name, lines in found.items() if lines > LARGEST_FILE}


def test_no_function_is_too_long() -> None:
    found = {
        f"{source.name}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for source in sources()
        for node in source.nodes
        if isinstance(node, Function)
    }
    assert len(found) > len(PRODUCT)
    assert not {name: lines for name, lines in found.items() if lines > LONGEST_FUNCTION}


def test_modules_and_public_names_say_what_they_are() -> None:
    assert not [source.name for source in sources() if not ast.get_docstring(source.tree)]
    assert not [
        f"{source.name}: {node.name}"
        for source in sources()
        for node in public(source.tree)
        if not ast.get_docstring(node) and not is_a_bare_declaration(node)
    ]


def test_names_of_files_and_classes_say_more_than_that_something_is_there() -> None:
    for source in sources():
        names = [source.path.stem, *source.path.relative_to(ROOT).parts[:-1]]
        names += [node.name for node in source.nodes if isinstance(node, ast.ClassDef)]
        assert not [name for name in names if words_of(name) & BANNED], source.name


def test_the_product_neither_prints_nor_sleeps_nor_leaves_work_for_later() -> None:
    forbidden = {"print", "time.sleep", "sleep", "breakpoint"}
    assert not [
        f"{source.name}, line {node.lineno}: {ast.unparse(node.func)}"
        for source in sources()
        for node in source.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name | ast.Attribute)
        and ast.unparse(node.func) in forbidden
    ]
    assert not [each.name for each in sources() if re.search(r"\b(?:TODO|FIXME|XXX|HACK)\b", each.text)]


def test_exceptions_to_the_checkers_give_their_reason() -> None:
    assert not [
        f"{source.name}, line {number}"
        for source in sources()
        for number, line in enumerate(source.text.splitlines(), 1)
        if re.search(r"# (?:type: ignore|noqa)", line)
        and "D102" not in line
        and not re.search(r"(?:\]  ?# .{5,}|noqa: [A-Z0-9, ]+ ?- .{5,})", line)
    ]


def test_classes_of_our_own_inherit_from_errors_alone() -> None:
    classes = [(source.name, node) for source in sources() for node in source.nodes if isinstance(node, ast.ClassDef)]
    ours = {node.name for _, node in classes}
    assert len(ours) > 100
    for name, node in classes:
        bases = {ast.unparse(parent) for parent in node.bases}
        allowed = node.name in FRAMEWORK or "Protocol" in bases  # a seam may hold a smaller one
        assert allowed or not bases & (ours - ERRORS), f"{name}: {node.name}"


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
