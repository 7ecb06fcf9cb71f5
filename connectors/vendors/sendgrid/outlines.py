"""The outline of an answer about many people: its names, without any value. What a person needs to see that it is unfit. Pure."""

import json
import re

LARGEST = 4_096
"""Signs of an outline."""
_NAME = re.compile(r"[A-Za-z][A-Za-z_]{0,39}")
_HIDDEN = "…"
_DEEPEST = 6
_WIDEST = 30


def outline(answer: bytes) -> object:
    """Return what an answer looks like: an address that is a name in it is hidden too, and of a list the first is shown."""
    size = f"{len(answer)} bytes"
    try:
        shown = _shown(json.loads(answer), _DEEPEST)
    except (ValueError, RecursionError):
        return f"no JSON: {size}"
    return shown if len(json.dumps(shown)) <= LARGEST else f"JSON: {size}"


def _shown(tree: object, deep: int) -> object:
    if isinstance(tree, dict) and deep:
        shown: dict[str, object] = {}
        for name, each in list(tree.items())[:_WIDEST]:
            shown.setdefault(name if _NAME.fullmatch(name) else _HIDDEN, _shown(each, deep - 1))
        return shown
    if isinstance(tree, list) and deep:
        return [_shown(each, deep - 1) for each in tree[:1]]
    return tree if tree is None or isinstance(tree, bool) else _HIDDEN
