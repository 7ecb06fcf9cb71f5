"""How values get into a call: `${…}` in paths, queries, headers and bodies of a descriptor. Pure; makes no call.

A value is put in as a value: percent-encoded in a path or query, as a text of its own in a body. None becomes syntax.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal
from urllib.parse import quote, urlencode

Encoding = Literal["json", "form"]
LONGEST_VALUE = 1_000
LARGEST_BODY = 64 * 1024
_NAME = r"[a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*){0,2}"
PLACEHOLDER = re.compile(rf"\$\{{({_NAME})\}}")
_SEGMENT = re.compile(rf"(?:[A-Za-z0-9._~:@!*,;=+-]|\$\{{{_NAME}\}})+")
_CALL = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/.*)")
_OF_OURS = frozenset({"order.key", "call.key", "call.short"})
_SOMEBODY = "00000000-0000-4000-8000-000000000000"
_STRANGE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def names_in(text: str) -> list[str]:
    """Return the placeholders of a text. Raises: ValueError: `${` begins none."""
    if "${" in PLACEHOLDER.sub("", text):
        raise ValueError("a placeholder is ${identifier}, ${constants.NAME}, ${change.CATEGORY} and the like")
    return PLACEHOLDER.findall(text)


def check_names(names: Iterable[str], *families: str) -> None:
    """Make sure that only these families are used beside what is ours. Raises: ValueError: another one is."""
    for name in names:
        if name not in _OF_OURS and name.partition(".")[0] not in families:
            raise ValueError(f"there is no ${{{name}}} here: of {', '.join(sorted({*families, *_OF_OURS}))}")


def split_call(text: str) -> tuple[str, str]:
    """Return method and path of `DELETE /v1/members/${identifier}`. Raises: ValueError: it is no such line."""
    found = _CALL.fullmatch(text)
    if found is None:
        raise ValueError("a call is a method and a path, like DELETE /v1/members/${identifier}")
    for segment in found[2][1:].split("/"):
        if not _SEGMENT.fullmatch(segment) or set(segment) == {"."}:
            raise ValueError("a path is /segments of letters, digits and ._~:@!*,;=+- with no .. and nothing empty")
    return found[1], found[2]


def leaves(tree: object) -> Iterator[object]:
    """Yield the values of a body that are no mapping and no list."""
    if isinstance(tree, Mapping):
        for each in tree.values():
            yield from leaves(each)
    elif isinstance(tree, list):
        for each in tree:
            yield from leaves(each)
    else:
        yield tree


def is_sound(value: str) -> bool:
    """Tell whether a value may be put into any call: neither empty nor endless, and without signs that steer."""
    return 0 < len(value) <= LONGEST_VALUE and not any(unicodedata.category(sign) in _STRANGE for sign in value)


def path_of(template: str, values: Mapping[str, str]) -> str | None:
    """Return a path with its values, percent-encoded; None: one is not for a path.

    A slash or backslash in a value is not sent even as `%2F`: servers there are that decode it before they route.
    """
    put = [values[name] for name in names_in(template)]
    if any(not is_sound(value) or "/" in value or "\\" in value or set(value) == {"."} for value in put):
        return None
    filled = PLACEHOLDER.sub(lambda found: quote(values[found[1]], safe=""), template)
    return None if any(set(segment) <= {"."} for segment in filled[1:].split("/")) else filled


def query_of(template: Mapping[str, str], values: Mapping[str, str]) -> str:
    """Return a query with its values, `?` before it; nothing where there is none."""
    pairs = [(name, _put(text, values)) for name, text in template.items()]
    return f"?{urlencode(pairs, quote_via=quote, safe='')}" if pairs else ""


def headers_of(template: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return headers with their values; those are settings and keys of ours, and never anybody's."""
    return {name: _put(text, values) for name, text in template.items()}


def body_of(tree: Mapping[str, object], values: Mapping[str, str], encoding: Encoding) -> bytes | None:
    """Return a body with its values; None: it is larger than a request ever is."""
    filled = {name: _filled(each, values) for name, each in tree.items()}
    if encoding == "form":
        body = urlencode([(name, str(each)) for name, each in filled.items()], quote_via=quote, safe="").encode()
    else:
        body = json.dumps(filled, ensure_ascii=False, separators=(",", ":")).encode()
    return body if len(body) <= LARGEST_BODY else None


def as_if_filled(
    path: str, query: Mapping[str, str], body: Mapping[str, object] | None, encoding: Encoding
) -> tuple[str, bytes]:
    """Return target and body of a request with somebody put in, to be looked at; it is never made."""
    put = {name: _SOMEBODY for text in (path, *query.values()) for name in names_in(text)}
    inside = {name: f"{_SOMEBODY}@x" for each in leaves(body or {}) if isinstance(each, str) for name in names_in(each)}
    return f"{path_of(path, put)}{query_of(query, put)}", body_of(body or {}, inside, encoding) or b""


def _put(text: str, values: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _filled(tree: object, values: Mapping[str, str]) -> object:
    if isinstance(tree, Mapping):
        return {name: _filled(each, values) for name, each in tree.items()}
    if isinstance(tree, list):
        return [_filled(each, values) for each in tree]
    return values[found[1]] if isinstance(tree, str) and (found := PLACEHOLDER.fullmatch(tree)) else tree
