"""The command `register ropa`: the record of processing activities, with what was observed beside what is declared."""

import sys
from collections.abc import Callable, Mapping
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from console.opening import opened
from console.ropa_jsonld import ropa_jsonld
from console.ropa_page import ropa_page
from console.ropa_rows import SHEETS, Sheet, companies, mandates
from console.ropa_shapes import ropa_csv, ropa_shape
from console.ropa_words import Cell, Mark, Words, words_of
from console.shapes import Shape, as_json
from console.terminal import Data, Json, counted, out, say, settings_of, tell, time_of
from lineage.answers.texts import LANGUAGES, Texts
from lineage.errors import Misconfigured
from lineage.ropa import processing_record
from lineage.ropa.wording import declared_text, record_texts_of
from lineage.times import now

_COLOURS: Mapping[str, str] = {"observed": "green", "unobserved": "dim", "ended": "yellow", "undeclared": "red"}


def ropa_command(
    context: typer.Context,
    at: Annotated[
        str | None, typer.Option("--at", help="As of this time: the rows that held then, what occurred by then.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Only what occurred since this time counts as observed.")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Print one self-contained page.")] = False,
    csv_: Annotated[bool, typer.Option("--csv", help="Print CSV, a flow a line.")] = False,
    jsonld: Annotated[
        bool, typer.Option("--jsonld", help="Print JSON-LD, in the W3C Data Privacy Vocabulary.")
    ] = False,
    language: Annotated[
        str | None, typer.Option("--language", help="fi, sv or en: the words of the page and the tables. Else en.")
    ] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Print the record of processing activities (GDPR Art. 30), and what of it was observed. Counts only, no person."""
    if html + csv_ + jsonld + json > 1:
        raise Misconfigured("choose one of --html, --csv, --json and --jsonld")
    if language is not None and (csv_ or jsonld or json):
        raise Misconfigured("--language is for the page and the tables: --csv, --json and --jsonld are the same in all")
    if language is not None and language not in LANGUAGES:
        raise Misconfigured("the record is written in fi, sv or en: name one of them with --language")
    texts = record_texts_of(language or "en")
    moment, first = time_of(at, "--at"), time_of(since, "--since")
    moment = now() if moment is None else moment
    if first is not None and first > moment:
        raise Misconfigured("--since is after the time of the record: nothing can have been observed")
    with opened(settings_of(context, data)) as folder:
        shape = ropa_shape(processing_record(folder.graph, folder.register, moment, first), folder.register)
    _print(shape, texts, _form(html=html, csv_=csv_, jsonld=jsonld, json=json))
    if not shape["summary"]["disclosures"]:
        tell("nothing was observed then: no disclosure is recorded, so everything declared stands as not observed")


def _form(*, html: bool, csv_: bool, jsonld: bool, json: bool) -> str:
    forms = {"html": html, "csv": csv_, "jsonld": jsonld, "json": json}
    return next((form for form, wanted in forms.items() if wanted), "tables")


def _print(shape: Shape, texts: Texts, form: str) -> None:
    printed: Mapping[str, Callable[[], None]] = {
        "html": lambda: say(ropa_page(shape, texts)),
        "csv": lambda: _write(ropa_csv(shape)),
        "jsonld": lambda: say(as_json(ropa_jsonld(shape))),
        "json": lambda: say(as_json(shape)),
        "tables": lambda: _tables(shape, words_of(shape, texts, short=True)),
    }
    printed[form]()


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
