"""The record of processing activities as tables of words in one language: what the page and the terminal both show.

Made of the shape of `console.ropa_shapes` alone. Knows no form of page.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from console.ropa_shapes import not_declared_categories
from console.shapes import Shape
from lineage.answers.texts import Texts
from lineage.register import PERSON, UNKNOWN, Period
from lineage.register.register import CATEGORY_NOT_ALLOWED
from lineage.ropa.wording import declared_text
from schemas.records import microseconds


class Mark(NamedTuple):
    """A cell that says how something stands: one of the statuses of the record, in words."""

    status: str
    text: str


Cell = str | Mark


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under their heads; every row has as many cells as there are heads."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


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


def deviations(shape: Shape, words: Words) -> Sheet:
    """Return what went out and was not allowed at its moment."""
    say = words.texts.say
    rows = [
        (
            words.party(flow["from"]), words.party(flow["to"]), words.purpose(activity),
            words.texts.word("rules", rule), _concerned(flow, rule, words), *words.seen(seen),
        )
        for activity in shape["activities"]
        for flow in activity["flows"]
        for rule, seen in flow["drift"].items()
    ]  # fmt: skip
    heads = ("from", "to", "purpose", "rule", "categories_concerned", "times", "first", "last")
    return Sheet(say("deviations"), tuple(map(say, heads)), tuple(rows))


def _concerned(flow: Shape, rule: str, words: Words) -> str:
    """Return the data that broke a rule: where it is the data that was not declared, only that."""
    alone = rule == CATEGORY_NOT_ALLOWED
    went = (
        not_declared_categories(flow)
        if alone
        else [each["category"] for each in flow["categories"] if each["disclosures"]]
    )
    return words.data(went)


def missing(shape: Shape, words: Words) -> Sheet:
    """Return what Art. 30 asks for and the register does not say, thing by thing."""
    say = words.texts.say
    where: dict[tuple[str, str], list[str]] = {}
    for each in shape["missing"]:
        where.setdefault((each["what"], each["law"]), []).append(each["where"])
    rows = [(words.texts.word("missing", what), ", ".join(of), law) for (what, law), of in where.items()]
    return Sheet(say("missing"), (say("what"), say("where"), say("law")), tuple(rows))


def companies(shape: Shape, words: Words) -> Sheet:
    """Return the companies of the group that the record is of."""
    say, declared = words.texts.say, words.texts.say("not_declared")
    rows = [
        (
            words.party(each["party"]),
            declared if each["business_id"] == UNKNOWN else each["business_id"],
            words.country(each["country"]),
            each["contact"] or declared,
            each["representative"] or say("not_needed"),
            each["data_protection_officer"] or declared,
        )
        for each in shape["controllers"]
    ]
    heads = ("company", "business_id", "country", "contact", "representative", "officer")
    return Sheet(say("companies"), tuple(map(say, heads)), tuple(rows))


def mandates(shape: Shape, words: Words) -> Sheet:
    """Return what companies of the group do as processors."""
    say = words.texts.say
    text = {each["purpose"]: words.purpose(each) for each in shape["activities"]}
    rows = [
        (
            words.party(each["processor"]),
            words.party(each["controller"]) if each["controller"] else say("not_declared"),
            ", ".join(text[purpose] for purpose in each["purposes"]),
            words.data(each["categories"]),
            "; ".join(f"{words.party(one['party'])}: {words.transfer(one)}" for one in each["transfers"]),
            words.status(each),
            *words.seen(each),
        )
        for each in shape["as_processor"]
    ]
    heads = ("processor_head", "on_behalf", "purpose", "categories", "transfer", "observed", "times", "first", "last")
    return Sheet(say("processor"), tuple(map(say, heads)), tuple(rows))


def activities(shape: Shape, words: Words) -> Sheet:
    """Return every activity, one a row."""
    say = words.texts.say
    rows = [
        (
            words.purpose(each), words.basis(each), words.controllers(each),
            words.several("subjects", each["data_subjects"]),
            words.data(one["category"] for one in each["categories"]),
            "; ".join(dict.fromkeys(words.kept(kept) for kept in each["retention"])),
            f"{sum(flow['disclosures'] for flow in each['flows']):,}",
        )
        for each in shape["activities"]
    ]  # fmt: skip
    heads = ("purpose", "basis", "companies", "subjects", "categories", "kept", "times")
    return Sheet(say("activities"), tuple(map(say, heads)), tuple(rows))


def all_recipients(shape: Shape, words: Words) -> Sheet:
    """Return every recipient of every activity, one a row."""
    say = words.texts.say
    rows = [
        (
            each["purpose"], words.party(one["party"]), one["country"], words.several("roles", one["roles"]),
            words.transfer(one["transfer"]), words.status(one), *words.seen(one),
        )
        for each in shape["activities"]
        for one in each["recipients"]
    ]  # fmt: skip
    heads = ("purpose", "recipient", "country", "role", "transfer", "observed", "times", "first", "last")
    return Sheet(say("recipients"), tuple(map(say, heads)), tuple(rows))


def categories(activity: Shape, words: Words) -> Sheet:
    """Return an activity's categories of personal data, each with its time limit."""
    say = words.texts.say
    limits = {each: kept for kept in activity["retention"] for each in kept["categories"]}
    rows = [
        (
            words.texts.word("categories", each["category"]), words.kept(limits[each["category"]]),
            limits[each["category"]].get("law", ""), words.status(each), *words.seen(each),
        )
        for each in activity["categories"]
    ]  # fmt: skip
    heads = ("category", "kept", "law", "observed", "times", "first", "last")
    return Sheet(say("categories"), tuple(map(say, heads)), tuple(rows))


def recipients(activity: Shape, words: Words, which: str) -> Sheet:
    """Return an activity's `recipients`, or its `systems`."""
    rows = tuple(_recipient(each, words) for each in activity[which])
    return Sheet(words.texts.say(which), _recipient_heads(words), rows)


def _recipient_heads(words: Words) -> tuple[str, ...]:
    heads = ("recipient", "country", "kind", "role", "categories", "transfer", "observed", "times", "first", "last")
    return tuple(map(words.texts.say, heads))


def _recipient(each: Shape, words: Words) -> tuple[Cell, ...]:
    return (
        words.recipient(each), words.country(each["country"]), words.texts.word("kinds", each["kind"]),
        words.several("roles", each["roles"]),
        words.data(one["category"] for one in each["categories"]), words.transfer(each["transfer"]),
        words.status(each), *words.seen(each),
    )  # fmt: skip


def flows(activity: Shape, words: Words) -> Sheet:
    """Return an activity's flows: one a row, but those not observed together by whom they go to."""
    say = words.texts.say
    rows = [
        (
            words.party(flow["from"]), words.party(flow["to"]), words.several("declared_as", flow["declared_as"]),
            words.status(flow), *words.seen(flow), words.rules(flow["drift"]),
        )
        for flow in activity["flows"]
        if flow["disclosures"]
    ]  # fmt: skip
    heads = tuple(map(say, ("from", "to", "kind", "observed", "times", "first", "last", "rules")))
    return Sheet(say("flows"), heads, (*rows, *_unobserved(activity["flows"], words)))


def _unobserved(found: Sequence[Shape], words: Words) -> Iterator[tuple[Cell, ...]]:
    by_target: dict[tuple[str, str], list[Shape]] = {}
    for flow in found:
        if not flow["disclosures"]:
            by_target.setdefault((flow["to"], words.several("declared_as", flow["declared_as"])), []).append(flow)
    for (target, kinds), several in by_target.items():
        sources = ", ".join(words.party(flow["from"]) for flow in several)
        yield sources, words.party(target), kinds, words.status(several[0]), "", "", "", ""


SHEETS: tuple[Callable[[Shape, Words], Sheet], ...] = (activities, all_recipients, deviations, missing)
"""What the terminal shows, in this order."""
