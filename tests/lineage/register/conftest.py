"""Fixtures of the register's tests: the shipped register, and loading one from text."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lineage.errors import Misconfigured
from lineage.register import Register, load_register
from tests.lineage.register.small import CATEGORIES, SMALL

Load = Callable[[str], Register]
Refuse = Callable[[str], list[str]]


@pytest.fixture(scope="session")
def shipped() -> Register:
    return load_register(None, CATEGORIES)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def from_text(text: str) -> Register:
        file = tmp_path / "register.yaml"
        file.write_text(text, encoding="utf-8")
        return load_register(file, CATEGORIES)

    return from_text


@pytest.fixture
def refuse(load: Load, tmp_path: Path) -> Refuse:
    """The faults of a text, one a line, without the folder they lie in."""

    def faults(text: str) -> list[str]:
        with pytest.raises(Misconfigured) as caught:
            load(text)
        return str(caught.value).replace(f"{tmp_path}/", "").split("\n")

    return faults


@pytest.fixture(scope="session")
def small_once(tmp_path_factory: pytest.TempPathFactory) -> Register:
    """The small register, loaded once, for tests that ask it many questions."""
    file = tmp_path_factory.mktemp("small") / "register.yaml"
    file.write_text(SMALL, encoding="utf-8")
    return load_register(file, CATEGORIES)
