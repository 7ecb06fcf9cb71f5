"""The record of processing activities as tables of words in one language: what the page and the terminal both show.

Made of the shape of `console.ropa_shapes` alone. Knows no form of page.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from console.ropa_shapes import not_declared_categories
from console.ropa_words import Cell, Words
from console.shapes import Shape
from lineage.register import UNKNOWN
from lineage.register.register import CATEGORY_NOT_ALLOWED


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under their heads; every row has as many cells as there are heads. `roomy` is a column that holds much."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    roomy: int | None = None


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
    """Return the companies of the group that the record is of, and what each is declared to be the controller of."""
    say, declared = words.texts.say, words.texts.say("not_declared")
    text = {each["purpose"]: words.purpose(each) for each in shape["activities"]}
    rows = [
        (
            words.party(each["party"]),
            declared if each["business_id"] == UNKNOWN else each["business_id"],
            words.country(each["country"]),
            each["contact"] or declared,
            each["representative"] or say("not_needed"),
            each["data_protection_officer"] or declared,
            ", ".join(text[one["purpose"]] for one in each["activities"] if one["role"]) or declared,
        )
        for each in shape["controllers"]
    ]
    heads = ("company", "business_id", "country", "contact", "representative", "officer", "acting_in")
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
            words.data_of(each),
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
    return Sheet(words.texts.say(which), _recipient_heads(words), rows, roomy=4)


def _recipient_heads(words: Words) -> tuple[str, ...]:
    heads = ("recipient", "country", "kind", "role", "categories", "transfer", "observed", "times", "first", "last")
    return tuple(map(words.texts.say, heads))


def _recipient(each: Shape, words: Words) -> tuple[Cell, ...]:
    return (
        words.recipient(each), words.country(each["country"]), words.texts.word("kinds", each["kind"]),
        words.several("roles", each["roles"]),
        words.data_of(each), words.transfer(each["transfer"]),
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
