"""Draws an answer to a person, a statement or a letter: one HTML file, PDF, JSON, CSV. Decides nothing of what is said."""

from collections.abc import Iterator, Mapping
from html import escape

from console.pages import page, shown
from console.pdf import Document
from lineage.answers.letter_model import Letter
from lineage.answers.letter_outline import letter_outline
from lineage.answers.letter_shape import letter_json
from lineage.answers.model import Statement
from lineage.answers.outline import Outline, Section, Table, outline
from lineage.answers.shape import copy_csv, recipients_csv, statement_json
from lineage.answers.texts import Texts, texts_of


def statement_files(statement: Statement, language: str) -> Mapping[str, bytes]:
    """Return a statement in every form, by file name: HTML, PDF, JSON and CSV, one of the copy where there is any.

    Equal statements give equal bytes. The PDF has the JSON inside as an attachment. Raises: Misconfigured: no such language.
    """
    texts = texts_of(language)
    told, machine = outline(statement, texts), statement_json(statement, texts)
    files = _files("statement", told, texts, statement.made_at, machine)
    copy = {"copy.csv": copy_csv(statement)} if statement.copy else {}
    return {**files, "recipients.csv": recipients_csv(statement, texts), **copy}


def letter_files(letter: Letter, language: str) -> Mapping[str, bytes]:
    """Return a letter in every form, by file name: HTML, PDF and JSON. Equal letters give equal bytes.

    The PDF has the JSON inside as an attachment. Raises: Misconfigured: no such language.
    """
    texts = texts_of(language)
    return _files("letter", letter_outline(letter, texts), texts, letter.made_at, letter_json(letter, texts))


def _files(name: str, told: Outline, texts: Texts, made_at: int, machine: bytes) -> dict[str, bytes]:
    return {
        f"{name}.html": as_html(told),
        f"{name}.pdf": as_pdf(told, texts, made_at, (f"{name}.json", machine)),
        f"{name}.json": machine,
    }


def as_html(told: Outline) -> bytes:
    """Return one self-contained page: no script, nothing loaded from anywhere, everything that is said escaped."""
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in told.facts)
    sections = "\n".join(_section(each, f"s{number}") for number, each in enumerate(told.sections, 1))
    body = (
        f"<header>\n<h1>{escape(told.title)}</h1>\n<p>{escape(told.subtitle)}</p>\n<dl>{facts}</dl>\n</header>\n"
        f"<main>\n{sections}\n</main>"
    )
    return f"{page(told.language, told.title, body)}\n".encode()


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
    parts += [f"<p>{shown(text)}</p>" for text in section.paragraphs]
    if section.points:
        parts.append("<ul>" + "".join(f"<li>{shown(text)}</li>" for text in section.points) + "</ul>")
    named = ' class="named"' if len(section.tables) > 1 else ""
    parts += ["".join(_table(each, named)) for each in section.tables]
    return "\n".join((*parts, "</section>"))


def _table(table: Table, named: str) -> Iterator[str]:
    # What scrolls sideways must be within reach of a keyboard (WCAG 2.1.1).
    yield f'<div class="wide" tabindex="0" role="region" aria-label="{escape(table.caption)}">'
    yield f"<table{named}><caption>{escape(table.caption)}</caption>\n<thead><tr>"
    yield from (f'<th scope="col">{escape(head)}</th>' for head in table.heads)
    yield "</tr></thead>\n<tbody>\n"
    for first, *others in table.rows:
        yield (
            f'<tr><th scope="row">{escape(first)}</th>'
            + "".join(f"<td>{shown(cell)}</td>" for cell in others)
            + "</tr>\n"
        )
    yield "</tbody></table></div>"
