"""The record of processing activities as one self-contained page. Decides nothing of what is said: `ropa_rows` does."""

from collections.abc import Iterable, Iterator
from html import escape

from console.pages import page, shown
from console.ropa_rows import (
    Sheet,
    categories,
    companies,
    deviations,
    flows,
    mandates,
    missing,
    recipients,
)
from console.ropa_words import SIGNS, Cell, Mark, Words, words_of
from console.shapes import Shape
from lineage.answers.texts import Texts
from lineage.ropa.wording import declared_text

_STYLE = """
:root{--good:#17663a;--bad:#a4161a;--wait:#6b5500}
@media (prefers-color-scheme:dark){:root{--good:#7fd6a4;--bad:#ff9a9a;--wait:#e3c665}}
body{max-width:84rem}
h3{font-size:1.1rem;margin:2.5rem 0 .25rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3 code{font-weight:400;color:var(--faint);font-size:.85rem}
h4{font-size:.95rem;margin:1rem 0 0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.75rem;
 list-style:none;padding:0;margin:1.5rem 0}
.figures li{background:var(--shade);border:1px solid var(--line);border-radius:.5rem;padding:.75rem 1rem;margin:0}
.figures b{display:block;font-size:1.75rem;line-height:1.2;font-variant-numeric:tabular-nums}
.figures .bad b{color:var(--bad)}
nav ul{columns:20rem;list-style:none;padding:0}
nav li{margin:0 0 .35rem;break-inside:avoid}
nav a{color:var(--mark)}
td,th{font-variant-numeric:tabular-nums}
.roomy{min-width:20rem}
.mark{white-space:nowrap;font-weight:600}
.observed{color:var(--good)}.unobserved{color:var(--faint)}.ended{color:var(--wait)}.undeclared{color:var(--bad)}
footer{margin-top:3rem;border-top:1px solid var(--line);color:var(--faint);font-size:.9rem}
@media print{@page{size:A4 landscape}:root{--good:#000;--bad:#000;--wait:#000}
 body{font-size:9pt}table{font-size:7.5pt}th,td{padding:.2rem .4rem}.roomy{min-width:70mm}
 nav{display:none}a{color:inherit;text-decoration:none}.figures li{border-color:#999}h3,h4{break-after:avoid}}
"""


def ropa_page(shape: Shape, texts: Texts) -> str:
    """Return the page: no script, nothing loaded from anywhere, everything escaped. Equal records give equal text."""
    words = words_of(shape, texts)
    body = "\n".join((*_head(shape, words), "<main>", *_main(shape, words), "</main>", *_foot(words)))
    return page(texts.language, texts.say("title"), body, _STYLE)


def _head(shape: Shape, words: Words) -> Iterator[str]:
    say = words.texts.say
    names = ", ".join(each["name"] for each in shape["controllers"]) or say("not_declared")
    facts = (
        (say("company_fact"), names),
        (say("as_of"), shape["at"]),
        (say("since"), shape["since"] or say("all_time")),
        *([(say("known_at"), shape["known_at"])] if shape["known_at"] else []),
    )
    yield f"<header>\n<h1>{escape(say('title'))}</h1>\n<p>{escape(say('subtitle'))}</p>"
    yield f"<dl>{_pairs(facts)}</dl>\n</header>"


def _foot(words: Words) -> Iterator[str]:
    yield f"<footer><p>{escape(words.texts.say('counts_note'))}</p></footer>"


def _main(shape: Shape, words: Words) -> Iterator[str]:
    say = words.texts.say
    yield _figures(shape, words)
    yield from _contents(shape, words)
    yield from _told("deviations", deviations(shape, words), words)
    yield from _told("missing", missing(shape, words), words)
    yield f"<section>\n<h2>{escape(say('companies'))}</h2>\n{_table(companies(shape, words))}\n</section>"
    yield from _security(shape, words)
    yield f"<section>\n<h2>{escape(say('activities'))}</h2>"
    for each in shape["activities"]:
        yield from _activity(each, words)
    yield f"</section>\n<section>\n<h2>{escape(say('processor'))}</h2>\n<p>{escape(say('processor_intro'))}</p>"
    found = mandates(shape, words)
    yield _table(found) if found.rows else f"<p>{escape(say('processor_none'))}</p>"
    yield "</section>"


def _figures(shape: Shape, words: Words) -> str:
    summary = shape["summary"]
    counts = summary["flows"]
    figures = (
        ("figure_activities", summary["activities"], ""),
        ("figure_observed", counts["observed"], ""),
        ("figure_unobserved", counts["unobserved"], ""),
        ("figure_undeclared", len(deviations(shape, words).rows), "bad"),
        ("figure_missing", summary["missing"], ""),
    )
    items = (
        f"<li{' class=' + chr(34) + kind + chr(34) if kind and count else ''}><b>{count:,}</b>{escape(words.texts.say(key))}</li>"
        for key, count, kind in figures
    )
    return f'<ul class="figures">{"".join(items)}</ul>'


def _contents(shape: Shape, words: Words) -> Iterator[str]:
    heading = escape(words.texts.say("contents"))
    yield f'<nav aria-label="{heading}">\n<h2>{heading}</h2>\n<ul>'
    for each in shape["activities"]:
        bad = any(flow["drift"] for flow in each["flows"])
        sign = f' <span class="mark undeclared">{SIGNS["undeclared"]}</span>' if bad else ""
        yield f'<li><a href="#{_anchor(each)}">{escape(words.purpose(each))}</a>{sign}</li>'
    yield "</ul>\n</nav>"


def _told(name: str, sheet: Sheet, words: Words) -> Iterator[str]:
    say = words.texts.say
    yield f"<section>\n<h2>{escape(sheet.caption)}</h2>"
    if sheet.rows:
        yield f"<p>{escape(say(f'{name}_intro'))}</p>\n{_table(sheet)}"
    else:
        yield f"<p>{escape(say(f'{name}_none'))}</p>"
    yield "</section>"


def _security(shape: Shape, words: Words) -> Iterator[str]:
    say = words.texts.say
    yield f"<section>\n<h2>{escape(say('security'))}</h2>"
    if not shape["security"]:
        yield f"<p>{escape(say('security_none'))}</p>"
    else:
        yield "<ul>"
        for each in shape["security"]:
            source = (
                f" ({say('measure_source')}: {declared_text(words.texts, each['source'])})" if each["source"] else ""
            )
            yield f"<li>{escape(declared_text(words.texts, each['measure']) + source)}</li>"
        yield "</ul>"
    yield "</section>"


def _activity(activity: Shape, words: Words) -> Iterator[str]:
    say = words.texts.say
    anchor = _anchor(activity)
    name = f"{escape(words.purpose(activity))} <code>{escape(activity['purpose'])}</code>"
    yield f'<section aria-labelledby="{anchor}">\n<h3 id="{anchor}">{name}</h3>'
    if not activity["declared"]:
        yield f'<p class="undeclared"><b>{escape(say("unknown_purpose"))}</b></p>'
    facts = (
        (say("basis"), words.basis(activity)),
        (say("ground"), activity["article"] or say("not_declared")),
        (say("companies"), words.controllers(activity)),
        (say("subjects"), words.several("subjects", activity["data_subjects"])),
    )
    yield f"<dl>{_pairs(facts)}</dl>"
    sheets = (
        categories(activity, words), recipients(activity, words, "recipients"), recipients(activity, words, "systems"),
        flows(activity, words),
    )  # fmt: skip
    for sheet in sheets:
        if sheet.rows:
            yield f"<h4>{escape(sheet.caption)}</h4>\n{_table(sheet)}"
    if not activity["flows"]:
        yield f"<p>{escape(say('no_flows'))}</p>"
    yield "</section>"


def _anchor(activity: Shape) -> str:
    """Return an id that an event's word, whatever it is, cannot break out of."""
    return "p-" + "".join(
        each if each.isascii() and (each.isalnum() or each in "-_") else f".{ord(each):x}."
        for each in activity["purpose"]
    )


def _pairs(facts: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts)


def _table(sheet: Sheet) -> str:
    # What scrolls sideways must be within reach of a keyboard (WCAG 2.1.1).
    heads = "".join(
        f'<th scope="col"{" class=" + chr(34) + "roomy" + chr(34) if place == sheet.roomy else ""}>{escape(head)}</th>'
        for place, head in enumerate(sheet.heads)
    )
    rows = "\n".join(
        f'<tr><th scope="row">{_cell(first)}</th>' + "".join(f"<td>{_cell(cell)}</td>" for cell in others) + "</tr>"
        for first, *others in sheet.rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(sheet.caption)}">'
        f"<table><caption>{escape(sheet.caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>"
    )


def _cell(cell: Cell) -> str:
    if isinstance(cell, Mark):
        sign = f'<span aria-hidden="true">{SIGNS[cell.status]}</span>'
        return f'<span class="mark {cell.status}">{sign} {escape(cell.text)}</span>'
    return shown(cell)
