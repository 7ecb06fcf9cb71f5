"""The command `register ropa`: the record of processing activities, with what was observed beside what is declared."""

from typing import Annotated

import typer

from console.opening import opened
from console.terminal import Data, Json, settings_of, time_of
from lineage.answers.texts import LANGUAGES
from lineage.errors import Misconfigured
from lineage.times import now


def ropa_command(
    context: typer.Context,
    at: Annotated[
        str | None, typer.Option("--at", help="As of this time: the rows that held then, what occurred by then.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option("--known-at", help="What was observed as it was known here at this time.")
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
    moment, first, known = time_of(at, "--at"), time_of(since, "--since"), time_of(known_at, "--known-at")
    moment = now() if moment is None else moment
    if first is not None and first > moment:
        raise Misconfigured("--since is after the time of the record: nothing can have been observed")
    # Only this command needs these, and they would be loaded for all others too.
    from console.ropa_printing import print_record
    from lineage.ropa import processing_record

    with opened(settings_of(context, data)) as folder:
        record, register = processing_record(folder.graph, folder.register, moment, first, known), folder.register
    print_record(record, register, language or "en", _form(html=html, csv_=csv_, jsonld=jsonld, json=json))


def _form(*, html: bool, csv_: bool, jsonld: bool, json: bool) -> str:
    forms = {"html": html, "csv": csv_, "jsonld": jsonld, "json": json}
    return next((form for form, wanted in forms.items() if wanted), "tables")
