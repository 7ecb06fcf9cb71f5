"""The notice as a text in one language, in Markdown: `texts/*.toml`, laid over the words of the answers to persons."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lineage.answers.texts import Texts, texts_of
from lineage.notice.model import Notice, NoticePurpose, Receiver
from lineage.register import UNKNOWN
from lineage.ropa.wording import record_texts_of

_FOLDER = Path(__file__).with_name("texts")


@cache
def notice_texts_of(language: str) -> Texts:
    """Return the texts of the notice in `fi`, `sv` or `en` (read once). Raises: Misconfigured: no such language."""
    beneath = texts_of(language)
    read: Mapping[str, Any] = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
    return beneath.under(read)


def as_text(notice: Notice, texts: Texts) -> str:
    """Return the notice as Markdown. A purpose for which the texts have no word stands as the register has it."""
    lines = [f"# {texts.say('notice_title')}", "", texts.say("notice_intro").format(day=texts.day(notice.at)), ""]
    for each in notice.purposes:
        lines += [*_purpose(each, texts), ""]
    return "\n".join(lines).rstrip() + "\n"


def _purpose(each: NoticePurpose, texts: Texts) -> Iterator[str]:
    say = texts.say
    yield f"## {texts.word('purposes', each.id, each.text)}"
    yield ""
    yield f"{say('basis')}: {texts.word('bases', each.basis)}" + (f" ({each.article})" if each.article else "")
    yield f"{say('categories')}: {texts.words('categories', each.categories)}"
    yield ""
    if each.receivers:
        yield f"{say('notice_recipients')}:"
        yield ""
        yield from (_receiver(one, texts) for one in each.receivers)
    else:
        yield say("notice_nobody")
    yield ""
    yield f"{say('periods_title')}:"
    yield ""
    for kept in each.periods:
        yield f"- {texts.words('categories', kept.categories)}: {texts.period(kept.rule)}"


def _receiver(each: Receiver, texts: Texts) -> str:
    told = f"- {name_of(each, texts)}, {texts.country(each.company.country)}; {texts.word('roles', each.role)}. "
    told += f"{texts.say('categories')}: {texts.words('categories', each.categories)}."
    if each.transfer is None:
        return told
    held = texts.words("mechanisms", each.transfer.mechanisms) or texts.say("notice_no_safeguard")
    country = (
        texts.say("notice_of_delivery") if each.transfer.country == UNKNOWN else texts.country(each.transfer.country)
    )
    return f"{told} {texts.say('notice_abroad').format(country=country, safeguards=held)}"


def name_of(each: Receiver, texts: Texts) -> str:
    """Return a legal name; of a party whose name is not known yet what kind of recipient it is (Art. 13(1)(e))."""
    if each.company.named:
        return each.company.name
    kind = record_texts_of(texts.language).word("kinds", each.company.kind)
    return f"{kind} ({texts.say('unnamed')})"
