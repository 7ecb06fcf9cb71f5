"""Draws an answer to a person, a statement or a letter: one HTML file, PDF, JSON, CSV. Decides nothing of what is said."""

import re
from collections.abc import Iterator, Mapping
from html import escape

from console.pdf import Document
from lineage.answers.letter_model import Letter
from lineage.answers.letter_outline import letter_outline
from lineage.answers.letter_shape import letter_json
from lineage.answers.model import Statement
from lineage.answers.outline import Outline, Section, Table, outline
from lineage.answers.shape import recipients_csv, statement_json
from lineage.answers.texts import Texts, texts_of

_DAY = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])", re.ASCII)
_STYLE = """
:root{color-scheme:light dark;--ink:#1a1e24;--faint:#5a6370;--line:#cbd0d8;--shade:#f3f5f8;--page:#fff;--mark:#1b4f8a}
@media (prefers-color-scheme:dark){:root{--ink:#e8eaee;--faint:#a9b1bd;--line:#3d4450;--shade:#22272f;--page:#16191e;
 --mark:#8fbaf0}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2.5rem 1.25rem 4rem;max-width:64rem;color:var(--ink);background:var(--page);
 font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header{border-bottom:3px solid var(--mark);padding-bottom:1.25rem;margin-bottom:1.5rem}
h1{font-size:2rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:2.25rem 0 .5rem}
p{margin:.5rem 0;max-width:46rem}
header p{color:var(--faint)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1.25rem;margin:1rem 0 0}
dt{color:var(--faint)} dd{margin:0;overflow-wrap:anywhere}
li{margin:.35rem 0;max-width:46rem}
time{white-space:nowrap}
.wide{overflow-x:auto;margin:.75rem 0}
.wide:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.named caption{position:static;width:auto;height:auto;clip-path:none;text-align:left;font-weight:600;padding:.4rem 0}
th,td{text-align:left;vertical-align:top;padding:.45rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:break-word}
thead th{background:var(--shade);font-weight:600}
tbody th{font-weight:600}
@media print{@page{size:A4;margin:16mm}:root{--ink:#000;--faint:#444;--line:#999;--shade:#eee;--page:#fff;--mark:#000}
 body{padding:0;max-width:none;font-size:10pt}table{font-size:8pt}.wide{overflow:visible}
 thead{display:table-header-group}tr,li{break-inside:avoid}h2{break-after:avoid}}
"""


def statement_files(statement: Statement, language: str) -> Mapping[str, bytes]:
    """Return a statement in every form, by file name: HTML, PDF, JSON and CSV. Equal statements give equal bytes.

    The PDF has the JSON inside as an attachment. Raises: Misconfigured: no such language.
    """
    texts = texts_of(language)
    told = outline(statement, texts)
    machine = statement_json(statement, texts)
    return {
        "statement.html": as_html(told),
        "statement.pdf": as_pdf(told, texts, statement.made_at, ("statement.json", machine)),
        "statement.json": machine,
        "recipients.csv": recipients_csv(statement, texts),
    }


def letter_files(letter: Letter, language: str) -> Mapping[str, bytes]:
    """Return a letter in every form, by file name: HTML, PDF and JSON. Equal letters give equal bytes.

    The PDF has the JSON inside as an attachment. Raises: Misconfigured: no such language.
    """
    texts = texts_of(language)
    told = letter_outline(letter, texts)
    machine = letter_json(letter, texts)
    return {
        "letter.html": as_html(told),
        "letter.pdf": as_pdf(told, texts, letter.made_at, ("letter.json", machine)),
        "letter.json": machine,
    }


def as_html(told: Outline) -> bytes:
    """Return one self-contained page: no script, nothing loaded from anywhere, everything that is said escaped."""
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in told.facts)
    sections = "\n".join(_section(each, f"s{number}") for number, each in enumerate(told.sections, 1))
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(told.language)}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "form-action 'none'; base-uri 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        '<meta name="robots" content="noindex">\n'
        f"<title>{escape(told.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{escape(told.title)}</h1>\n<p>{escape(told.subtitle)}</p>\n<dl>{facts}</dl>\n</header>\n"
        f"<main>\n{sections}\n</main>\n</body>\n</html>\n"
    ).encode()


def as_pdf(told: Outline, texts: Texts, made_at: int, machine: tuple[str, bytes]) -> bytes:
    """Return the same as PDF; `machine`, the JSON form by its file name, goes inside."""
    document = Document(told.title, told.language, made_at, page=texts.say("page"), footer=told.subtitle)
    document.paragraph(told.subtitle, faint=True)
    document.pairs(told.facts)
    for section in told.sections:
        document.heading(section.heading)
        for text in section.paragraphs:
            document.paragraph(text)
        for text in section.points:
            document.paragraph(f"• {text}")
        for table in section.tables:
            if len(section.tables) > 1:
                document.heading(table.caption, 2)
            document.table(table.heads, table.rows, table.widths or None)
    document.attach(*machine, "application/json", told.title)
    return document.content()


def _section(section: Section, anchor: str) -> str:
    parts = [f'<section aria-labelledby="{anchor}">\n<h2 id="{anchor}">{escape(section.heading)}</h2>']
    parts += [f"<p>{_shown(text)}</p>" for text in section.paragraphs]
    if section.points:
        parts.append("<ul>" + "".join(f"<li>{_shown(text)}</li>" for text in section.points) + "</ul>")
    named = ' class="named"' if len(section.tables) > 1 else ""
    parts += ["".join(_table(each, named)) for each in section.tables]
    return "\n".join((*parts, "</section>"))


def _shown(text: str) -> str:
    """Return a text escaped, its days marked so that no line is broken within one."""
    return _DAY.sub(r"<time>\g<0></time>", escape(text))


def _table(table: Table, named: str) -> Iterator[str]:
    # What scrolls sideways must be within reach of a keyboard (WCAG 2.1.1).
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{escape(table.caption)}">'
    yield f"<table{named}><caption>{escape(table.caption)}</caption>\n<thead><tr>"
    yield from (f'<th scope="col">{escape(head)}</th>' for head in table.heads)
    yield "</tr></thead>\n<tbody>\n"
    for first, *others in table.rows:
        yield (
            f'<tr><th scope="row">{escape(first)}</th>'
            + "".join(f"<td>{_shown(cell)}</td>" for cell in others)
            + "</tr>\n"
        )
    yield "</tbody></table></div>"
