import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from console.cli import app
from tests.docs.pages import PAGES, ROOT, blocks, code_words, commands, named

PAGE = ROOT / "docs" / "reference" / "commands.md"
_STOP = {"|", ">", "<", "&&"}
_SHELL_COMPLETION = {"--install-completion", "--show-completion"}


def _tree(command: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, below in getattr(command, "commands", {}).items():
        full = f"{path} {name}".strip()
        if getattr(below, "commands", None):
            yield from _tree(below, full)
        if not getattr(below, "commands", None) or below.invoke_without_command:
            yield full, below


ROOT_COMMAND: Any = typer.main.get_command(app)
COMMANDS = dict(_tree(ROOT_COMMAND))


def _options(command: Any) -> set[str]:
    long = {name for parameter in command.params for name in parameter.opts if name.startswith("-")}
    return long | {"--help", "-h"}


def _section(name: str) -> str:
    found = re.search(rf"^## {re.escape(name)}\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found, f"commands.md has no section {name}"
    return found[1]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_each_of_its_options_is_documented(name: str) -> None:
    section = _section(name)
    for option in _options(COMMANDS[name]) - {"--help", "-h"}:
        assert f"`{option}`" in section, option


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_option_is_documented_that_a_command_does_not_have(name: str) -> None:
    documented = set(re.findall(r"`(--[a-z-]+)`", _section(name)))
    assert documented <= _options(COMMANDS[name]) | _options(ROOT_COMMAND)


def test_the_options_of_the_program_itself_are_documented() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"`{option}`" in text for option in _options(ROOT_COMMAND) | _SHELL_COMPLETION)


def test_no_section_is_about_a_command_that_does_not_exist() -> None:
    assert set(re.findall(r"^## (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)) == set(COMMANDS)


def _lines(page: Path) -> Iterator[str]:
    for block in blocks(page):
        if block.language == "console":
            yield from (command.line for command in commands(block))
    yield from (word for word in code_words(page) if word.startswith("jalki ") and "[--" not in word)


def _words(line: str) -> list[str]:
    words = shlex.split(line)
    program = next((place for place, word in enumerate(words) if word == "jalki" or word.endswith("/jalki")), None)
    if program is None:
        return []
    words = words[program + 1 :]
    return words[: next((place for place, word in enumerate(words) if word in _STOP), len(words))]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_line_names_a_command_and_options_that_exist(page: Path) -> None:
    for line in _lines(page):
        words = _words(line)
        options = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
        names = [name for name in COMMANDS if f" {name} " in f" {' '.join(words)} "]
        if not words or any(word.isupper() for word in words[:1]):
            continue
        assert names, line
        allowed = _options(ROOT_COMMAND).union(*(_options(COMMANDS[name]) for name in names))
        assert options <= allowed, line
