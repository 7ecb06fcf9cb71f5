"""Makes pages of templates. Everything put into one is escaped; a name that is missing is a fault and no empty place."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.wording import Language
from console.web.wording import called, filled, tree

HELSINKI = ZoneInfo("Europe/Helsinki")
_FOLDER = Path(__file__).parent / "templates"
_NUMBERS = "{0.day}.{0.month}.{0.year}"
_DAYS: Mapping[Language, str] = {"en": "{0.day} {1} {0.year}", "fi": _NUMBERS, "sv": _NUMBERS}
LONGEST_TEXT = 300
"""Characters of anything that was sent to us and is shown; more is cut, and the cut shown."""


def rendered(template: str, language: Language, given: Mapping[str, object]) -> str:
    """Return a page, or a part of one, in a language."""
    return _environment().get_template(template).render(
        **given,
        language=language,
        w=tree(language),
        called=partial(called, language),
        day=partial(day_text, language),
        moment=partial(moment_text, language),
        clock=partial(clock_text, language),
    )  # fmt: skip


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"count": count_text, "short": short, "filled": filled}
    return made


def day_text(language: Language, iso: str | None) -> str:
    """Return a day as it is written in a language; a dash for none."""
    if not iso:
        return "–"
    found = date.fromisoformat(iso[:10])
    return _DAYS[language].format(found, tree(language)["months"][str(found.month)])


def moment_text(language: Language, rfc: str | None) -> str:
    """Return a time of day in Helsinki, as it is written in a language; a dash for none."""
    if not rfc:
        return "–"
    return f"{day_text(language, in_helsinki(rfc).date().isoformat())} {clock_text(language, rfc)}"


def clock_text(language: Language, rfc: str) -> str:
    """Return the hour and minute in Helsinki, as they are written in a language."""
    found = in_helsinki(rfc)
    return f"{found:%H:%M}" if language == "en" else f"{found:%H.%M}"


def in_helsinki(rfc: str) -> datetime:
    """Return a time as clocks in Helsinki show it; at the ends of time, where they show none, as it is."""
    found = datetime.fromisoformat(rfc)
    try:
        return found.astimezone(HELSINKI)
    except OverflowError:
        return found


def count_text(number: int) -> str:
    """Return a number in groups of three digits."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def short(text: str) -> str:
    """Return a text that came from outside, cut where it is very long."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def holdable(text: str) -> str:
    """Return a text as a page may hold it: NUL, which HTML cannot have, as the U+FFFD that a browser shows for it."""
    return text.replace("\0", "\ufffd")
