"""A statement as headings, paragraphs and tables in one language: what every page of it, HTML or PDF, is drawn from.

Decides what is said and in which order; knows no form of page.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lineage.answers.model import AskedCopy, Company, Recipient, Statement
from lineage.answers.recipients import OWN_SYSTEM
from lineage.answers.records import UNSORTED, Cell, Record
from lineage.answers.texts import Texts, kind_of

_ARTICLE = re.compile(r"GDPR Art\. 6\(1\)\([a-f]\)")
_COLUMNS = {"recipient_country": 30, "role": 40, "purpose": 35, "categories": 30, "first": 20, "last": 20, "times": 15}
"""What is told of a recipient, with the widths of the columns."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their heads; every row has as many cells as there are heads. `caption` says what it is of.

    `widths` are proportions of the columns, for pages that cannot be made wider; empty: all alike.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what is said under it, things listed under it, and tables."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """The whole statement. `facts` are label and text: who gives it, and when."""

    language: str
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def outline(statement: Statement, texts: Texts) -> Outline:
    """Return a statement in a language. Sections that nothing of this person's falls under are left out."""
    parts: Sequence[Callable[[Statement, Texts], Iterator[Section]]] = (
        _who, _uses, _recipients, _sources, _periods, _abroad, _consents, _look_ups, _decisions, _rights, _copy,
    )  # fmt: skip
    return Outline(
        language=texts.language,
        title=texts.say("title"),
        subtitle=texts.say("subtitle"),
        facts=(
            (texts.say("from"), statement.controller.name),
            *controller_facts(statement.controller, statement.made_at, statement.contact, texts),
        ),
        sections=tuple(section for part in parts for section in part(statement, texts)),
    )


def name_of(company: Company, texts: Texts, *, alone: bool = True) -> str:
    """Return a company's name; beside another one of the same name, or where it is not a real one, with what tells so."""
    name = company.name if alone else f"{company.name} ({company.party})"
    return name if company.named else f"{name} – {texts.say('unnamed')}"


def name_and_country(company: Company, texts: Texts, *, alone: bool = True) -> str:
    """Return a company's name, and in which country it is."""
    return f"{name_of(company, texts, alone=alone)}, {texts.country(company.country)}"


def role_of(role: str, texts: Texts) -> str:
    """Return a role in words."""
    return texts.word("roles", role)


def controller_facts(controller: Company, made_at: int, contact: str, texts: Texts) -> Iterator[tuple[str, str]]:
    """Yield what stands at the head of every answer below who gives it: its number, when it was made, and where to ask."""
    if controller.business_id:
        yield texts.say("business_id"), controller.business_id
    yield texts.say("made"), texts.day(made_at)
    if contact:
        yield texts.say("contact"), contact


def remedies(texts: Texts) -> Section:
    """Return what a person can do who is not content (Art. 12(4), 77, 79)."""
    where = f"{texts.say('authority')} · {texts.say('authority_where')}"
    return Section(texts.say("complaint_title"), (texts.say("complaint"), where))


def _who(statement: Statement, texts: Texts) -> Iterator[Section]:
    kinds = Counter[str]()
    for kind, count in statement.identifiers.items():
        kinds[kind_of(texts, kind)] += count
    found = ", ".join(f"{kind} ({count})" for kind, count in kinds.items())
    said = [texts.say("something" if statement.known else "nothing")]
    yield Section(texts.say("summary_title"), (*said, *([f"{texts.say('found_by')}: {found}."] if found else [])))
    if statement.shared:
        shared = sorted({kind_of(texts, kind) for kind in statement.shared})
        yield Section(texts.say("shared_title"), (texts.say("shared"),), tuple(shared))


def _uses(statement: Statement, texts: Texts) -> Iterator[Section]:
    if statement.uses:
        rows = tuple(
            (
                texts.word("purposes", use.purpose, use.text),
                ", ".join(texts.word("bases", basis) for basis in use.bases) + _article(use.article),
                texts.words("categories", use.categories),
            )
            for use in statement.uses
        )
        heads = (texts.say("purpose"), texts.say("basis"), texts.say("categories"))
        title = texts.say("uses_title")
        yield Section(title, tables=(Table(title, heads, rows),))


def _article(article: str) -> str:
    """Return the letter of Art. 6 that a register's text begins with: what follows is its author's, in one language."""
    found = _ARTICLE.match(article)
    return f" – {found[0]}" if found else ""


def _recipients(statement: Statement, texts: Texts) -> Iterator[Section]:
    title = texts.say("recipients_title")
    if statement.recipients:
        table = _recipient_table(statement, statement.recipients, title, texts)
        yield Section(title, (texts.say("recipients_intro"),), tables=(table,))
    elif statement.known:
        yield Section(title, (texts.say("recipients_none"),))
    if statement.systems:
        held = texts.say("held_title")
        yield Section(held, tables=(_recipient_table(statement, statement.systems, held, texts),))


def _recipient_table(statement: Statement, rows: Sequence[Recipient], caption: str, texts: Texts) -> Table:
    """Return recipients, or own systems, whose role is plain and left out."""
    own = rows[0].company.kind == OWN_SYSTEM
    columns = [column for column in _COLUMNS if not (own and column == "role")]
    return Table(
        caption,
        tuple(texts.say(column) for column in columns),
        tuple(tuple(_told(each, statement, texts)[column] for column in columns) for each in rows),
        tuple(_COLUMNS[column] for column in columns),
    )


def _told(each: Recipient, statement: Statement, texts: Texts) -> dict[str, str]:
    named_alike = {
        one.company.party
        for one in (*statement.recipients, *statement.systems)
        if one.company.name == each.company.name
    }
    text = next((use.text for use in statement.uses if use.purpose == each.purpose), None)
    return {
        "recipient_country": name_and_country(each.company, texts, alone=len(named_alike) == 1),
        "role": _role(each, texts),
        "purpose": texts.word("purposes", each.purpose, text),
        "categories": texts.words("categories", each.categories),
        "first": texts.day(each.first),
        "last": texts.day(each.last),
        "times": str(each.count) if each.observed else texts.say("copy_mark"),
    }


def _role(each: Recipient, texts: Texts) -> str:
    role = role_of(each.role, texts)
    return f"{role} [{texts.say('dpo_only')}]" if each.inquiry else role


def _sources(statement: Statement, texts: Texts) -> Iterator[Section]:
    if statement.sources:
        title = texts.say("sources_title")
        rows = tuple(
            (
                texts.say("yourself") if each.company is None else name_of(each.company, texts),
                texts.words("categories", each.categories),
            )
            for each in statement.sources
        )
        yield Section(title, tables=(Table(title, (texts.say("source"), texts.say("categories")), rows),))


def _periods(statement: Statement, texts: Texts) -> Iterator[Section]:
    if statement.periods:
        title = texts.say("periods_title")
        texts_of_purposes = {use.purpose: use.text for use in statement.uses}
        rows = tuple(
            (
                texts.word("purposes", each.purpose, texts_of_purposes.get(each.purpose)),
                texts.words("categories", each.categories),
                texts.period(each.rule),
                each.rule.law if each.rule else "",
            )
            for each in statement.periods
        )
        heads = (texts.say("purpose"), texts.say("categories"), texts.say("period"), texts.say("law"))
        yield Section(title, tables=(Table(title, heads, rows),))


def _abroad(statement: Statement, texts: Texts) -> Iterator[Section]:
    if statement.abroad:
        title = texts.say("abroad_title")
        rows = tuple(
            (
                name_of(each.company, texts),
                texts.country(each.country),
                "; ".join(
                    [texts.word("mechanisms", one) for one in each.mechanisms]
                    + ([texts.say("no_safeguard")] if each.unguarded else [])
                ),
            )
            for each in statement.abroad
        )
        heads = (texts.say("recipient"), texts.say("country"), texts.say("safeguards"))
        yield Section(title, (texts.say("abroad_intro"),), tables=(Table(title, heads, rows),))


def _consents(statement: Statement, texts: Texts) -> Iterator[Section]:
    if statement.consents:
        title = texts.say("consents_title")
        rows = tuple(
            (
                texts.moment(each.at),
                texts.word("purposes", each.purpose),
                texts.say("given" if each.granted else "withdrawn"),
                each.words,
            )
            for each in statement.consents
        )
        heads = (texts.say("when"), texts.say("purpose"), texts.say("decision"), texts.say("consent_words"))
        yield Section(title, tables=(Table(title, heads, rows),))


def _look_ups(statement: Statement, texts: Texts) -> Iterator[Section]:
    if statement.look_ups:
        title = texts.say("look_ups_title")
        rows = tuple(
            (texts.moment(each.at), texts.word("purposes", each.purpose), name_of(each.company, texts))
            for each in statement.look_ups
        )
        heads = (texts.say("when"), texts.say("purpose"), texts.say("company"))
        yield Section(title, (texts.say("look_ups_intro"),), tables=(Table(title, heads, rows),))


def _decisions(statement: Statement, texts: Texts) -> Iterator[Section]:
    title = texts.say("decisions_title")
    if statement.decisions:
        rows = tuple(
            (name_of(each.company, texts), texts.day(each.first), texts.day(each.last), str(each.count))
            for each in statement.decisions
        )
        heads = (texts.say("lender"), texts.say("first"), texts.say("last"), texts.say("times"))
        yield Section(title, (texts.say("decisions_intro"),), tables=(Table(title, heads, rows),))
    elif statement.known:
        yield Section(title, (texts.say("decisions_none"),))


def _rights(statement: Statement, texts: Texts) -> Iterator[Section]:
    if statement.known:
        yield Section(texts.say("rights_title"), points=tuple(texts.word("rights", each) for each in statement.rights))
    yield remedies(texts)


def _copy(statement: Statement, texts: Texts) -> Iterator[Section]:
    theirs = {each.company.party: name_of(each.company, texts) for each in statement.asked}
    if ours := [each for each in statement.copy if each.system not in theirs]:
        tables = tuple(_record(each, f"{each.table} {number}", texts) for number, each in enumerate(ours, 1))
        yield Section(texts.say("copy_title"), (texts.say("copy_intro"),), tables=tables)
    if statement.asked:
        title = texts.say("asked_title_others")
        rows = tuple((theirs[each.company.party], copy_standing(each, texts)) for each in statement.asked)
        table = Table(title, (texts.say("company"), texts.say("standing")), rows)
        sent = [each for each in statement.copy if each.system in theirs]
        copies = (
            _record(each, f"{theirs[each.system]}: {each.table} {number}", texts) for number, each in enumerate(sent, 1)
        )
        yield Section(title, (texts.say("asked_intro_others"),), tables=(table, *copies))


def copy_standing(asked: AskedCopy, texts: Texts) -> str:
    """Return in words what came of asking a company for a copy."""
    return texts.word("copies", asked.standing).format(day="" if asked.asked is None else texts.day(asked.asked))


def _record(record: Record, caption: str, texts: Texts) -> Table:
    heads = (texts.say("field"), texts.say("categories"), texts.say("value"))
    return Table(
        caption,
        heads,
        tuple((cell.name, _category(cell, texts), _shown(cell.value, texts)) for cell in record.cells),
    )


def _category(cell: Cell, texts: Texts) -> str:
    return texts.say("unsorted") if cell.category == UNSORTED else texts.word("categories", cell.category)


def _shown(value: str | float | bool | None, texts: Texts) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return texts.say("yes" if value else "no")
    return str(value)
