"""What is said to a person, in her language: `texts/*.toml`, one file a language, the same keys in each. Holds no text itself."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from lineage.errors import Misconfigured
from lineage.register import UNKNOWN, Period, Retention
from lineage.register.model import HELSINKI

LANGUAGES = ("fi", "sv", "en")
_FOLDER = Path(__file__).with_name("texts")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language. `language` is its code (BCP 47)."""

    language: str
    _sections: Mapping[str, Mapping[str, str]]
    _units: Mapping[str, tuple[str, str]]

    def under(self, sections: Mapping[str, Mapping[str, str]]) -> "Texts":
        """Return these texts with others over them: a section replaces the one of its name, sentences go beside these."""
        said = {**self._sections["say"], **sections.get("say", {})}
        return Texts(self.language, {**self._sections, **sections, "say": said}, self._units)

    def say(self, key: str) -> str:
        """Return a sentence or a label."""
        return self._sections["say"][key]

    def word(self, section: str, key: str, otherwise: str | None = None) -> str:
        """Return the word for an id of a vocabulary; `otherwise`, or the id itself, where the texts do not know it."""
        return self._sections[section].get(key, key if otherwise is None else otherwise)

    def words(self, section: str, keys: tuple[str, ...]) -> str:
        """Return the words for several ids, with commas."""
        return ", ".join(self.word(section, key) for key in keys)

    def country(self, code: str) -> str:
        """Return a country's name; its code (ISO 3166-1) where there is no name."""
        return self.word("countries", code)

    def day(self, at: int) -> str:
        """Return the day of an instant in Helsinki, ISO 8601."""
        return _local(at).date().isoformat()

    def moment(self, at: int) -> str:
        """Return day, time and offset of an instant in Helsinki, to the second, ISO 8601."""
        return _local(at).replace(microsecond=0).isoformat(sep=" ")

    def period(self, rule: Retention | None) -> str:
        """Return how long something is kept, in words (Art. 15(1)(d): the period, or the criteria for it)."""
        return self.say("no_period") if rule is None else self.periods(rule.period, rule.at_latest)

    def periods(self, period: Period, at_latest: Period | None) -> str:
        """Return a period in words, with the second one that ends it at the latest, where there is one."""
        text = self._period(period)
        if at_latest is None:
            return text
        return self.say("at_latest").format(period=text, latest=self._period(at_latest))

    def _period(self, period: Period) -> str:
        anchor = self.word("anchors", period.after)
        counts = {"years": period.years, "months": period.months, "days": period.days}
        span = " ".join(f"{count} {self._units[unit][count != 1]}" for unit, count in counts.items() if count)
        text = self.say("span" if span else "at_once").format(span=span, anchor=anchor)
        return self.say("year_end").format(period=text) if period.until_year_end else text


@cache
def texts_of(language: str) -> Texts:
    """Return the texts of `fi`, `sv` or `en` (read once). Raises: Misconfigured: no such language."""
    if language not in LANGUAGES:
        raise Misconfigured("an answer is written in fi, sv or en: name one of them")
    read = tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
    units = {unit: (one, many) for unit, (one, many) in read.pop("units").items()}
    return Texts(language, read, units)


def kind_of(texts: Texts, kind: str) -> str:
    """Return the word for a kind of identifier; every reference without a word of its own is another reference."""
    return texts.word("kinds", kind, texts.word("kinds", "other"))


def unknown_as_none(country: str) -> str | None:
    """Return a country's code, None where it is not known."""
    return None if country == UNKNOWN else country


def _local(at: int) -> datetime:
    return (_EPOCH + timedelta(microseconds=at)).astimezone(HELSINKI)
