"""Files that somebody else wrote and the shop uses: registers, descriptors, mappings, manifests, companies."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import strategies as st

from connectors.descriptors import SHIPPED, _folder
from connectors.mapping import load_mapping
from connectors.opendsr.companies import load_companies
from console.importing.mapping import load_mapping as load_sheet_mapping
from console.importing.reading import drafted
from lineage.errors import JalkiError
from lineage.register import load_register
from lineage.register.loading import SHIPPED as REGISTER
from tests.fuzz.targets import MARK, Target, told_plainly, watched
from tests.lineage.register.small import CATEGORIES, SMALL

HARM = st.sampled_from(
    [
        '"\\e[2J\\a"', '"a\\nFILE:1: all is well"', '"\\u202e\\0"', "&a", "*a", "!!python/object/apply:os.system [ls]", "<<: *a",
        "{", "[", "]", "}", ": ", "- ", "? ", "|\n  ", ">\n", "'", '"', "%YAML 1.1\n---\n", "\n---\n", "#", "\t", "~", "yes",
        "1e999", "0x7fffffff", "9" * 60, "2026-02-30", "9999-12-31", "0001-01-01", "-1", "[" * 40, "{a: " * 40, "x" * 3_000,
        "../../etc/passwd", "https://posti.example:99999/", "https://[::1", "http://posti.example", "{{7*7}}", "$own", "'$'",
        '"\\ud800"', "(?:a+)+$", "\x07", "\ufeff",
    ]
)  # fmt: skip
PURPOSES = ("account", "delivery", "order")
PIECES = st.one_of(HARM, st.text(max_size=8), st.sampled_from(["\n  ", "\n", " "]))


@st.composite
def damaged(draw: st.DrawFn, texts: tuple[str, ...]) -> bytes:
    """A file as it should be, with pieces put in or over it; lines twice, gone, or moved in."""
    rows = draw(st.sampled_from(texts)).split("\n")
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(rows) - 1))
        act = draw(st.sampled_from(["twice", "gone", "in", "key", "value", "value"]))
        if act == "twice":
            rows.insert(at, rows[at])
        elif act == "gone" and len(rows) > 1:
            rows.pop(at)
        elif act == "in":
            rows[at] = "  " + rows[at]
        elif act == "key":
            indent = rows[at][: len(rows[at]) - len(rows[at].lstrip(" -"))]
            rows[at] = indent + draw(PIECES) + ":" + rows[at].partition(":")[2]
        else:
            rows[at] = rows[at].partition(": ")[0] + ": " + draw(PIECES)
    text = "\n".join(rows)
    for place in draw(st.lists(st.integers(0, 5_000), max_size=3)):
        at = place % (len(text) + 1)
        text = text[:at] + draw(PIECES) + text[at + draw(st.integers(0, 6)) :]
    return text.encode("utf-8", "surrogatepass") + draw(st.sampled_from([b"", b"", b"\xff", b"\0"]))


def told(load: Callable[[], object]) -> None:
    """Whatever a file is, it is read or refused in plain lines."""
    with watched():
        try:
            load()
        except JalkiError as fault:
            message = str(fault)
        else:
            return
    told_plainly(message)
    assert message


@contextmanager
def register(folder: Path) -> Iterator[Callable[[bytes], None]]:
    file = folder / "register.yaml"

    def check(content: bytes) -> None:
        file.write_bytes(content)
        told(lambda: load_register(file, CATEGORIES))

    yield check


@contextmanager
def descriptors(folder: Path) -> Iterator[Callable[[bytes], None]]:
    def check(content: bytes) -> None:
        (folder / "posti.yaml").write_bytes(content)
        told(lambda: _folder(folder, ("posti", "postnord")))

    yield check


@contextmanager
def others(folder: Path) -> Iterator[Callable[[bytes], None]]:
    """The same bytes to every other reader of files that a person hands over."""
    shipped = load_register(None, CATEGORIES)

    def check(content: bytes) -> None:
        for name, load in (
            ("mapping.toml", lambda file: load_mapping(file, CATEGORIES, PURPOSES)),
            ("companies.toml", load_companies),
            ("sheet.yaml", load_sheet_mapping),
            ("manifest.yml", lambda file: drafted(file, None, shipped)),
            ("sheet.csv", lambda file: drafted(file, None, shipped)),
        ):
            file = folder / name
            file.write_bytes(content)
            told(lambda load=load, file=file: load(file))  # type: ignore[misc]  # bound at once

    yield check


SECRET_ONE = f"""\
channel: rest
address: https://posti.example/{MARK}
settings:
  token_file: {MARK}
  calls:
    erase: {{method: POST, path: '/x/{{value}}', headers: {{X-Key: {MARK}}}}}
"""
"""What is in it, a person may have put into the wrong place; a message must not say it."""
TOML = f"""\
system = "order-system"
time_zone = "Europe/Helsinki"
[[tables]]
name = "customers"
title = "Customers"
purpose = "account"
identify = {{customer_id = "id", email = "email"}}
[tables.columns.email]
category = "email"
[multitronic]
token_file = "{MARK}"
callback_urls = ["https://posti.example/x"]
"""
DECLARED = {"data_use": "essential", "data_categories": ["user"]}
MANIFEST = json.dumps({"system": [{"fides_key": "a", "name": "A", "privacy_declarations": [DECLARED]}]}, indent=1)
SHEET = "Recipient;Purpose;Categories;Country\nPosti Oy;delivery;name, address;FI\n"
_DESCRIPTORS = tuple(file.read_text("utf-8") for file in sorted(SHIPPED.glob("*.yaml")))
_REGISTERS = (SMALL, SMALL, "\n".join(file.read_text("utf-8") for file in sorted(REGISTER.glob("*.yaml"))))

TARGETS = (
    Target("registers", "yaml", damaged(_REGISTERS), register),
    Target("descriptors", "yaml", damaged((SECRET_ONE, *_DESCRIPTORS)), descriptors),
    Target("other-files", "yaml", damaged((TOML, MANIFEST, SHEET, SMALL)), others),
)
