"""The words in which a record of processing activities is told: parties, periods, safeguards, standings, in one language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from console.shapes import Shape
from lineage.answers.texts import Texts
from lineage.register import PERSON, UNKNOWN, Period
from lineage.ropa import UNDECLARED
from lineage.ropa.wording import declared_text
from schemas.records import microseconds

SIGNS = {"observed": "●", "unobserved": "○", "ended": "◌", "undeclared": "▲"}
"""A sign beside the word, so that nothing hangs on colour (WCAG 1.4.1)."""


class Mark(NamedTuple):
    """A cell that says how something stands: one of the statuses of the record, in words."""

    status: str
    text: str


Cell = str | Mark


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one record in one language. `short`: parties, data, safeguards and periods by their ids, for terminals."""

    texts: Texts
    parties: Mapping[str, Shape]
    short: bool = False

    def party(self, party: str) -> str:
        """Return a party's name with its id, for one company may be several parties; or the id alone."""
        if party == PERSON:
            return self.texts.say("person")
        known = self.parties.get(party)
        return party if self.short or known is None else f"{known['name']} ({party})"

    def recipient(self, recipient: Shape) -> str:
        """Return a recipient's name; that it is not a legal one, where that is not declared."""
        told = self.party(recipient["party"])
        return told if recipient["named"] or self.short else f"{told} – {self.texts.say('unnamed')}"

    def several(self, section: str, words: Iterable[str]) -> str:
        """Return the words for several ids with commas; "not declared" where there is none."""
        return self.texts.words(section, tuple(words)) or self.texts.say("not_declared")

    def data(self, categories: Iterable[str]) -> str:
        """Return categories of personal data."""
        return " ".join(categories) if self.short else self.texts.words("categories", tuple(categories))

    def data_of(self, of: Shape) -> str:
        """Return the data of a recipient or an activity; what went out undeclared with its sign."""
        named = [
            (SIGNS[UNDECLARED] + " " if each["status"] == UNDECLARED else "") + self.data((each["category"],))
            for each in of["categories"]
        ]
        return (" " if self.short else ", ").join(named) or self.texts.say("not_declared")

    def day(self, at: str | None) -> str:
        """Return the day of a time of the shape, in Helsinki."""
        return "" if at is None else self.texts.day(microseconds(at))

    def status(self, of: Shape) -> Mark:
        """Return how something stands."""
        return Mark(of["status"], self.texts.word("statuses", of["status"]))

    def seen(self, of: Shape) -> tuple[str, str, str]:
        """Return how often, first and last."""
        return (f"{of['disclosures']:,}" if of["disclosures"] else ""), self.day(of["first"]), self.day(of["last"])

    def country(self, country: str) -> str:
        """Return a country's name; what is unknown is not declared."""
        return self.texts.say("not_declared") if country == UNKNOWN else self.texts.country(country)

    def transfer(self, transfer: Shape | None) -> str:
        """Return where outside the EEA something goes, and what safeguards it."""
        if transfer is None:
            return ""
        if self.short:
            return " ".join((transfer["country"], *(transfer["mechanisms"] or [self.texts.say("no_safeguard")])))
        held = [self.texts.word("mechanisms", each) for each in transfer["mechanisms"]]
        told = "; ".join(held) or self.texts.say("no_safeguard")
        doubt = "" if transfer.get("confirmed", True) else f" [{self.texts.say('unconfirmed')}]"
        return f"{self.country(transfer['country'])}: {told}{doubt}"

    def rules(self, drift: Mapping[str, Shape]) -> str:
        """Return the rules broken, each with how often."""
        return ", ".join(f"{self.texts.word('rules', rule)} ({seen['disclosures']:,})" for rule, seen in drift.items())

    def purpose(self, activity: Shape) -> str:
        """Return a purpose in words; its id where the register does not know it."""
        if self.short:
            return str(activity["purpose"])
        return declared_text(self.texts, activity["text"]) if activity["declared"] else str(activity["purpose"])

    def basis(self, activity: Shape) -> str:
        """Return the legal basis."""
        return self.texts.word("bases", activity["basis"] or UNKNOWN)

    def controllers(self, activity: Shape) -> str:
        """Return whose activity it is, as far as that is declared, and who acted without being declared."""
        if self.short:
            short = (each["party"] + ("" if each["role"] else "?") for each in activity["controllers"])
            return " ".join(short) or self.texts.say("not_declared")
        told = [
            f"{self.party(each['party'])}: {self.texts.word('roles', each['role'])}"
            if each["role"]
            else f"{self.party(each['party'])}: {self.texts.say('acting_undeclared')} ({each['disclosures']:,})"
            for each in activity["controllers"]
        ]
        return "; ".join(told) or self.texts.say("not_declared")

    def kept(self, kept: Shape) -> str:
        """Return a time limit: the rule, the period, and whether somebody has confirmed it."""
        if kept["rule"] is None:
            return self.texts.say("no_period")
        latest = kept["at_latest"]
        if self.short:
            return f"{kept['rule']} {_span(kept['period'])}" + (f", at latest {_span(latest)}" if latest else "")
        told = self.texts.periods(Period(**kept["period"]), Period(**latest) if latest else None)
        doubt = "" if kept["confirmed"] else f" [{self.texts.say('unconfirmed')}]"
        return f"{kept['rule']}: {told}{doubt}"


def _span(period: Shape) -> str:
    """Return a period in the fewest letters: `order-closed+3y`."""
    spans = "".join(f"+{period[unit]}{unit[0]}" for unit in ("years", "months", "days") if period[unit])
    return f"{period['after']}{spans}{'→31.12.' if period['until_year_end'] else ''}"


def words_of(shape: Shape, texts: Texts, *, short: bool = False) -> Words:
    """Return the words for a record."""
    return Words(texts, {each["id"]: each for each in shape["parties"]}, short)
