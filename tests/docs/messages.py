"""Finds the messages that the code raises, by reading the code: the constant words of each, in order."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.docs.pages import ROOT

FOLDERS = ("schemas", "lineage", "connectors", "streams", "console")


@cache
def _calls(path: Path) -> tuple[ast.Call, ...]:
    """The calls in a file, which is read once."""
    return tuple(node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))


def messages(*errors: str) -> Iterator[tuple[str, str]]:
    """Yield (file and line, message) of every call of these error classes; `…` stands for what is put in."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from _of(path, errors)


def _of(path: Path, errors: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for node in _calls(path):
        if isinstance(node.func, ast.Name) and node.func.id in errors and node.args:
            yield f"{path.relative_to(ROOT)}:{node.lineno}", " ".join(_text(node.args[0]).split())


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_text(part) for part in parts)
        case ast.BinOp(left=left, right=right):
            return _text(left) + _text(right)
        case _:
            return "…"


def faults(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (file and line, message) of every fault that the modules of a folder collect."""
    for path in sorted(folder.glob("*.py")):
        for node in _calls(path):
            if isinstance(node.func, ast.Attribute) and len(node.args) > 1:
                message = " ".join(_text(node.args[-1]).split())
                if node.func.attr in {"add", "_no"} and message.strip("…' "):
                    yield f"{path.name}:{node.lineno}", message
