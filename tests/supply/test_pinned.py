"""What can be judged of the dependencies without asking anybody: pinned, licensed, used, and none that nobody declared."""

import ast
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from supply.locked import LOCK, ROOT, is_allowed, licence_of, licences, needed, pinned, project

LOCKS = ["requirements.lock", "requirements-fideslang.lock", "requirements-audit.lock"]
PRODUCT = ("schemas", "lineage", "connectors", "streams", "console")
UNSEEN = {
    "neo4j-rust-ext": "makes neo4j quicker, under its name",
    "psycopg": "SQLAlchemy loads it by the name in an address",
    "python-multipart": "Starlette reads forms with files by it",
    "tzdata": "zoneinfo finds it where the system has no time zones",
    "font-roboto": "read as files",
}
"""Dependencies of the program that no import names, and why they are needed."""
ALONG = {
    "aiokafka": "Faust's own client of Kafka",
    "click": "what Typer is made of, and raises",
    "mode": "what Faust is made of",
    "pydantic_core": "the types of pydantic's faults",
    "typing_extensions": "what pydantic wants a TypedDict from",
}
"""Modules that come along with a dependency which is declared, and are part of it to whoever uses that."""
TOOLS = {
    "build",
    "editables",
    "hatchling",
    "import-linter",
    "mypy",
    "pytest-xdist",
    "ruff",
    "types-pyyaml",
    "detect-secrets",
}
"""Of the dev group: what is run, and not imported."""


@lru_cache(maxsize=1)
def whole() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def names(requirements: list[str]) -> set[str]:
    return {str(canonicalize_name(Requirement(each).name)) for each in requirements}


def product() -> list[str]:
    told = project()["project"]
    return [*told["dependencies"], *(each for several in told["optional-dependencies"].values() for each in several)]


@pytest.mark.parametrize("name", LOCKS)
def test_everything_is_pinned_to_one_version_with_the_hash_of_every_file(name: str) -> None:
    found = pinned((ROOT / name).read_text("utf-8"))
    assert len(found) > 5
    assert all(each.hashes for each in found.values())


def test_a_line_that_is_not_pinned_is_found() -> None:
    text = LOCK.read_text("utf-8")
    for wrong in (
        "requests>=2\n",
        "requests==2.0\n",
        "--index-url x\n",
        "x @ https://x.example/x.whl\n",
        "requests==2 \\\n    --hash=md5:aa\n",
    ):
        with pytest.raises(ValueError, match="not pinned"):
            pinned(text + wrong)


def test_what_is_installed_here_is_what_is_pinned() -> None:
    for each in pinned(LOCK.read_text("utf-8")).values():
        assert not each.is_here or distribution(each.name).version == each.version, each.name


def test_what_the_program_needs_is_pinned_whole() -> None:
    assert needed(product()).keys() <= pinned(LOCK.read_text("utf-8")).keys()


def test_every_licence_is_one_that_somebody_has_looked_at() -> None:
    shipped = needed(product()).keys()
    for each in pinned(LOCK.read_text("utf-8")).values():
        if each.is_here:
            licence = licence_of(each.name)
            allowed = (
                licences()["product"] if each.name in shipped else [*licences()["product"], *licences()["besides"]]
            )
            assert licence, f"{each.name}: nobody can tell its licence: look, and add it to supply/licences.toml"
            assert is_allowed(licence, allowed), f"{each.name}: {licence}"


@pytest.mark.parametrize(
    ("expression", "may"),
    [
        ("MIT", True), ("GPL-3.0-only", False), ("MIT AND GPL-3.0-only", False), ("MIT OR GPL-3.0-only", True),
        ("AGPL-3.0-or-later", False), ("(MIT OR AGPL-3.0-only) AND Apache-2.0", True),
    ],
)  # fmt: skip
def test_a_licence_is_kept_to_by_one_side_of_an_or_and_both_of_an_and(expression: str, may: bool) -> None:
    assert is_allowed(expression, licences()["product"]) is may


def test_the_list_names_no_package_that_there_is_not() -> None:
    assert licences()["packages"].keys() <= pinned(LOCK.read_text("utf-8")).keys()


def imported(*folders: str) -> dict[str, set[Path]]:
    """Modules of others that files import, by their first name; with the files. What only types name counts too."""
    found: dict[str, set[Path]] = defaultdict(set)
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                modules = [each.name for each in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    modules = [node.module]
                for each in modules:
                    found[each.partition(".")[0]].add(file)
    ours = {*PRODUCT, "tests", "bench", "docs", "supply"}
    return {name: files for name, files in found.items() if name not in sys.stdlib_module_names and name not in ours}


@lru_cache(maxsize=1)
def _installed() -> Mapping[str, list[str]]:
    return packages_distributions()


def owners(module: str) -> set[str]:
    return {str(canonicalize_name(each)) for each in _installed().get(module, ())}


def test_no_dependency_of_the_program_is_there_that_nobody_imports() -> None:
    used = set().union(*(owners(each) for each in imported(*PRODUCT)))
    assert names(product()) - used - UNSEEN.keys() == set()


def test_the_program_imports_nothing_that_only_comes_along_with_something_else() -> None:
    declared = names(product())
    found = imported(*PRODUCT)
    loose = {name: files for name, files in found.items() if not owners(name) & declared and name not in ALONG}
    assert {name: sorted(str(each.relative_to(ROOT)) for each in files) for name, files in loose.items()} == {}


def test_no_dependency_of_the_tests_is_there_that_nobody_uses() -> None:
    groups = whole()["dependency-groups"]
    assert isinstance(groups, dict)
    used = set().union(*(owners(each) for each in imported("tests", "bench", "docs", "supply", *PRODUCT)))
    assert names(groups["dev"]) - used - TOOLS == set()
