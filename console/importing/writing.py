"""Writes a draft as the YAML files of a register. Its own small writer, for every entry has a comment that says whence."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from console.importing.draft import Draft, DraftPurpose, Gap
from console.importing.periods import Kept
from console.importing.vocabularies import shown
from lineage.errors import Misconfigured
from lineage.register import UNKNOWN
from lineage.register.reading import MOST_BYTES

FILES = ("parties.yaml", "purposes.yaml", "recipients.yaml", "retention.yaml", "transfers.yaml", "open.yaml")
_PLAIN = re.compile(r"[a-z][a-z0-9_-]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_ARTICLES = {
    "consent": "GDPR Art. 6(1)(a)",
    "contract": "GDPR Art. 6(1)(b)",
    "legal-obligation": "GDPR Art. 6(1)(c)",
    "legitimate-interest": "GDPR Art. 6(1)(f)",
}
"""What each basis is: another word for it, and no judgement."""
_UNDECIDED = "X00"
_YEAR_ENDS = "12-31"
Value = str | int | bool | Sequence[str]


def files_of(draft: Draft, eea: Iterable[str]) -> Mapping[str, bytes]:
    """Return the files of a draft, by name. Raises: Misconfigured: more than a register may hold."""
    head = f"# A draft of a register, made of {shown(draft.source)}. What is unknown, or in open.yaml, the source did not say.\n"
    texts = (
        _parties(draft),
        _keyed(
            "purposes", ((each.id, _purpose(each), _from(each.where, each.near)) for each in draft.purposes.values())
        ),
        _listed("recipients", _recipients(draft)),
        _listed("retention", _retention(draft)),
        chain([f"eea: {_value(sorted(eea))}\n"], _listed("transfers", _transfers(draft)) if draft.transfers else ()),
        _keyed("policy", ((f"import-{at:03}", _open(gap), _near(gap.near)) for at, gap in enumerate(draft.gaps, 1))),
    )
    files = {name: (head + "".join(lines)).encode() for name, lines in zip(FILES, texts, strict=True)}
    for name, content in files.items():
        if len(content) > MOST_BYTES:
            raise Misconfigured(
                f"{name} of the draft would be larger than 1 MiB: declare what words mean by --mapping, or import in parts"
            )
    return files


def _parties(draft: Draft) -> Iterator[str]:
    if groups := sorted(draft.groups()):
        # When a financial year ends is a start value, and marked as one: `register check` asks for it.
        about: dict[str, Value] = {
            "business_id": UNKNOWN,
            "financial_year_ends": _YEAR_ENDS,
            "financial_year_confirmed": False,
        }
        told = {each: draft.parties[each].business_id for each in groups}
        yield from _keyed(
            "controllers", ((each, about | ({"business_id": told[each]} if told[each] else {}), "") for each in groups)
        )
    yield from _keyed(
        "parties",
        (
            (
                each.id,
                _said(
                    name=each.name, kind=each.kind, country=each.country, business_id=each.business_id, note=each.note
                ),
                _from(each.where),
            )
            for each in draft.parties.values()
        ),
    )


def _purpose(purpose: DraftPurpose) -> Mapping[str, Value]:
    found: dict[str, Value] = {
        "text": purpose.text,
        "basis": purpose.basis,
        "article": purpose.article or _ARTICLES.get(purpose.basis, UNKNOWN),
        "dpv": purpose.dpv or UNKNOWN,
        **_said(subjects=sorted(purpose.subjects)),
    }
    return found | ({"consent": purpose.id} if purpose.basis == "consent" else {})


def _recipients(draft: Draft) -> Iterator[tuple[Mapping[str, Value], str]]:
    for (party, purpose), use in draft.uses.items():
        alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for source, categories in sorted(use.categories.items()):
            alike[tuple(sorted(categories))].append(source)
        for told, sources in alike.items():
            entry = {"parties": party, "purposes": purpose, "role": use.role, "from": sources, "categories": told}
            yield entry, _from(use.where)


def _retention(draft: Draft) -> Iterator[tuple[Mapping[str, Value], str]]:
    alike: dict[tuple[str, Kept | None], list[str]] = defaultdict(list)
    places: dict[tuple[str, Kept | None], str] = {}
    for (purpose, category), (kept, where) in draft.kept.items():
        alike[purpose, kept].append(category)
        places.setdefault((purpose, kept), where)
    rules: dict[Kept, str] = {}
    for (purpose, kept), categories in alike.items():
        about: dict[str, Value] = {"purposes": purpose, "categories": sorted(categories)}
        if kept is None:
            yield {"rule": _UNDECIDED, **about, "law": UNKNOWN, "after": UNKNOWN}, _from(places[purpose, kept])
            continue
        rule = rules.setdefault(kept, _rule(len(rules)))
        entry: dict[str, Value] = {
            "rule": rule,
            **about,
            "law": kept.law or UNKNOWN,
            "after": kept.after,
            kept.unit: kept.number,
        }
        yield entry | ({} if kept.law else {"confirmed": False}), _from(places[purpose, kept])


def _rule(number: int) -> str:
    """Return the name of a rule: D01 to W99."""
    letter, rest = divmod(number, 99)
    if letter > ord("W") - ord("D"):
        raise Misconfigured("there are more than 1,980 different periods: this looks like no register")
    return f"{chr(ord('D') + letter)}{rest + 1:02}"


def _transfers(draft: Draft) -> Iterator[tuple[Mapping[str, Value], str]]:
    for (party, mechanism), (country, where) in draft.transfers.items():
        entry: dict[str, Value] = {"parties": party, "country": country, "mechanism": mechanism, "source": where}
        yield entry | ({"confirmed": False} if country == UNKNOWN else {}), ""


def _open(gap: Gap) -> Mapping[str, Value]:
    quote = f"{gap.where}: {gap.about}"
    return {"status": "open", "severity": "medium", "quote": quote, "law": gap.law, "todo": gap.todo}


def _said(**values: Value) -> Mapping[str, Value]:
    return {name: value for name, value in values.items() if value}


def _from(where: str, near: Sequence[str] = ()) -> str:
    return shown(f"from {where}") + (f"; {_near(near)}" if near else "")


def _near(near: Sequence[str]) -> str:
    return f"perhaps {', '.join(near)}" if near else ""


def _keyed(section: str, entries: Iterable[tuple[str, Mapping[str, Value], str]]) -> Iterator[str]:
    lines = [f"  {key}: {_entry(values)}{_comment(comment)}\n" for key, values, comment in entries]
    yield from ([f"{section}:\n", *lines] if lines else [f"{section}: {{}}\n"])


def _listed(section: str, entries: Iterable[tuple[Mapping[str, Value], str]]) -> Iterator[str]:
    lines = [f"  - {_entry(values)}{_comment(comment)}\n" for values, comment in entries]
    yield from ([f"{section}:\n", *lines] if lines else [f"{section}: []\n"])


def _comment(text: str) -> str:
    return f"   # {text}" if text else ""


def _entry(values: Mapping[str, Value]) -> str:
    return "{" + ", ".join(f"{name}: {_value(value)}" for name, value in values.items()) + "}"


def _value(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return value if _PLAIN.fullmatch(value) and value not in _WORDS else _quoted(value)
        case _:
            return _value(value[0]) if len(value) == 1 else f"[{', '.join(map(_value, value))}]"


def _quoted(text: str) -> str:
    """Return a text between double quotes, as YAML and JSON both read it, without what a text file may not hold."""
    printable = "".join(each if each.isprintable() and each not in "\ufeff" else " " for each in text)
    return json.dumps(printable, ensure_ascii=False)
