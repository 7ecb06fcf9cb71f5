"""Prints the record of processing activities in the form that was asked for. Decides nothing of what is in it."""

import sys
from collections.abc import Callable, Mapping

from rich.markup import escape
from rich.table import Table

from console.ropa_jsonld import ropa_jsonld
from console.ropa_page import ropa_page
from console.ropa_rows import SHEETS, Sheet, companies, mandates
from console.ropa_shapes import ropa_csv, ropa_shape
from console.ropa_words import Cell, Mark, Words, words_of
from console.shapes import Shape, as_json
from console.terminal import counted, out, say, tell
from lineage.register import Register
from lineage.ropa import ProcessingRecord
from lineage.ropa.wording import declared_text, record_texts_of

_COLOURS: Mapping[str, str] = {"observed": "green", "unobserved": "dim", "ended": "yellow", "undeclared": "red"}


def print_record(record: ProcessingRecord, register: Register, language: str, form: str) -> None:
    """Print a record as `html`, `csv`, `jsonld`, `json` or `tables`; the first and the last of them in a language."""
    shape, texts = ropa_shape(record, register), record_texts_of(language)
    printed: Mapping[str, Callable[[], None]] = {
        "html": lambda: say(ropa_page(shape, texts)),
        "csv": lambda: _write(ropa_csv(shape)),
        "jsonld": lambda: say(as_json(ropa_jsonld(shape))),
        "json": lambda: say(as_json(shape)),
        "tables": lambda: _tables(shape, words_of(shape, texts, short=True)),
    }
    printed[form]()
    if not shape["summary"]["disclosures"]:
        tell("nothing was observed then: no disclosure is recorded, so everything declared stands as not observed")


def _write(content: bytes) -> None:
    # RFC 4180 ends its lines with CR LF, which `say` takes for something that steers a terminal.
    sys.stdout.write(content.decode())


def _tables(shape: Shape, words: Words) -> None:
    texts = words.texts
    say(f"{texts.say('title')} · {texts.say('as_of')} {shape['at']}")
    out.print(_drawn(companies(shape, words)))
    for sheet in (each(shape, words) for each in SHEETS):
        if sheet.rows:
            out.print(_drawn(sheet))
    if any(each["role"] is None for activity in shape["activities"] for each in activity["controllers"]):
        say(f"?: {texts.say('acting_undeclared')}")
    found = mandates(shape, words)
    if found.rows:
        out.print(_drawn(found))
    else:
        say(f"{texts.say('processor')}: {texts.say('processor_none')}")
    measures = "; ".join(declared_text(texts, each["measure"]) for each in shape["security"])
    say(f"{texts.say('security')}: {measures}" if measures else texts.say("security_none"))
    _count(shape["summary"])


def _count(summary: Shape) -> None:
    flows = summary["flows"]
    tell(
        f"{counted(summary['activities'], 'activity').replace('ys', 'ies')}; flows: {flows['observed']} observed, "
        f"{flows['unobserved']} declared and not observed, {flows['ended']} no longer declared, "
        f"{flows['undeclared']} observed and not declared; {counted(summary['missing'], 'thing')} not declared. "
        "All flows: --html, --csv, --json"
    )


def _drawn(sheet: Sheet) -> Table:
    table = Table(title=sheet.caption, title_justify="left", header_style="bold")
    for head in sheet.heads:
        table.add_column(head)
    for row in sheet.rows:
        table.add_row(*(_cell(cell) for cell in row))
    return table


def _cell(cell: Cell) -> str:
    return f"[{_COLOURS[cell.status]}]{escape(cell.text)}[/]" if isinstance(cell, Mark) else escape(cell)
