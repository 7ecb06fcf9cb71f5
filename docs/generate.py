"""Writes the pages that are made of other files: `python -m docs.generate`. Holds no fact of its own.

`docs/reference/events.md` is made of the annotated schemas; `docs/connectors.md`, of descriptors and register, and
`docs/explanation/threat-model.md`, of the table of threats, elsewhere.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from docs import parties_page, threats_page
from schemas.catalogue import EventType, load_catalogue
from schemas.vocabulary import vocabulary

PAGE = Path(__file__).parent / "reference" / "events.md"

_HEAD = """# Event types

This page is made from the files in `schemas/events/` by `python -m docs.generate`. Do not edit it.

Every event has three fields, which the tables leave out: `event_id` (text, not empty; the same id is the same event),
`occurred_at` (in JSON: RFC 3339 with an offset; in Avro: timestamp-micros), and `controller` (the register id of the
group company acting). A JSON object also has `type`, the name of the event type.

In the tables: *needed* says that the field may not be absent or null. *category* is what a value counts as when it is
really present (not null, not empty). *identifies as* is the kind of identifier that it is. *form* is a party of the
register, or a form that the text must have ([annotations](annotations.md#formats)). What is inside a list is written
with `[]`. *evidence* is kept, sealed, beside the identifiers as sent; of it only the words of a consent are shown,
in a statement to the person. *product* is kept so too: by it [a recall](../how-to/recall.md) finds buyers. A field
whose last three cells are empty is read and its type is checked; it is neither kept nor counted
([limits](limits.md#what-is-not-kept)).
"""


def page() -> str:
    """Return the whole page."""
    kinds = sorted(load_catalogue().types.values(), key=lambda kind: (kind.topic, kind.name))
    parts = [_HEAD, *_overview(kinds)]
    for kind in kinds:
        parts += _of(kind)
    parts += _categories()
    return "\n".join(parts) + "\n"


def _overview(kinds: Iterable[EventType]) -> Iterator[str]:
    yield "| topic | type | from | to | purpose |\n|---|---|---|---|---|"
    for kind in kinds:
        source, target, purpose = _way(kind.schema)
        yield f"| `{kind.topic}` | [`{kind.name}`](#{kind.name.lower()}) | {source} | {target} | {purpose} |"
    yield ""


def _way(schema: Mapping[str, Any]) -> tuple[str, str, str]:
    if not (way := schema.get("discloses")):
        return "none", "none", "none"
    return _named(way["from"]), _named(way["to"]), _named(way["purpose"])


def _named(word: str) -> str:
    return f"field `{word[1:]}`" if word.startswith("$") else f"`{word}`"


def _of(kind: EventType) -> Iterator[str]:
    schema = kind.schema
    yield f"## {kind.name}\n\n{schema['doc']} Topic `{kind.topic}`.\n"
    yield from _says(schema)
    yield "\n| field | type | needed | category | identifies as | form |\n|---|---|---|---|---|---|"
    named: dict[str, list[Any]] = {}
    for field in schema["fields"]:
        if field["name"] not in {"event_id", "occurred_at", "controller"}:
            yield from _rows(field, "", named)
    yield ""


def _says(schema: Mapping[str, Any]) -> Iterator[str]:
    if way := schema.get("discloses"):
        source, target, purpose = _way(schema)
        yield f"- Discloses: from {source} to {target}, for {purpose}."
        if way.get("categories"):
            yield f"- The categories are those in {_named(way['categories'])} and nothing else."
        if way.get("adds"):
            yield f"- Adds the category {', '.join(f'`{each}`' for each in way['adds'])}."
    else:
        yield "- Discloses nothing."
    if consent := schema.get("consents"):
        granted = consent["granted"]
        what = f"as field `{granted[1:]}` says" if isinstance(granted, str) else "given" if granted else "withdrawn"
        yield f"- Consent to {_named(consent['purpose'])}: {what}."
    if link := schema.get("links"):
        what = "are one person from then on" if link["joined"] else "are no longer linked"
        yield f"- {_named(link['left']).capitalize()} and {_named(link['right'])} {what}."
    for field in schema["fields"]:
        if another := field.get("another_person"):
            yield f"- `{field['name']}` is another person, who gets a disclosure of her own."
            yield f"- Her reference is `{another['reference']}:` with the value of `{another['named_by']}`."


def _rows(field: Mapping[str, Any], inside: str, named: dict[str, list[Any]]) -> Iterator[str]:
    words, parts, is_list = _type(field["type"], named)
    name = f"{inside}{field['name']}"
    evidence = "evidence" if field.get("evidence") else ""
    product = f"product: {field['product']}" if "product" in field else ""
    form = "party" if field.get("party") else ", ".join(filter(None, (field.get("format"), evidence, product)))
    cells = (
        f"`{name}`", words, "no" if "default" in field else "yes",
        field.get("category", ""), field.get("identifier", ""), form,
    )  # fmt: skip
    yield "| " + " | ".join(cells) + " |"
    for part in parts:
        yield from _rows(part, f"{name}[]." if is_list else f"{name}.", named)


def _type(avro: Any, named: dict[str, list[Any]]) -> tuple[str, list[Any], bool]:  # noqa: ANN401 - Avro JSON
    """Return a type in words, the fields inside it, and whether they are those of a list's items."""
    if isinstance(avro, list):
        (avro,) = [branch for branch in avro if branch != "null"]
    if isinstance(avro, str):
        return ("record", named[avro], False) if avro in named else (avro, [], False)
    if avro["type"] == "array":
        words, parts, _ = _type(avro["items"], named)
        return f"list of {words}", parts, True
    if avro["type"] == "record":
        named[avro["name"]] = avro["fields"]
        return "record", avro["fields"], False
    if avro["type"] == "enum":
        return " or ".join(f"`{symbol}`" for symbol in avro["symbols"]), [], False
    return str(avro.get("logicalType", avro["type"])), [], False


def _categories() -> Iterator[str]:
    yield "## Categories\n\nThe words that a `category` may be, each with its IRI in the W3C Data Privacy Vocabulary"
    yield f"{vocabulary().dpv_version}. `urn:jalki:vocabulary:` marks a word that the vocabulary lacks.\n"
    yield "*sensitive* marks those of which [a breach](../how-to/breach.md) is graver.\n"
    yield "| category | IRI | sensitive |\n|---|---|---|"
    for word, iri in vocabulary().categories.items():
        yield f"| `{word}` | `{iri}` | {vocabulary().sensitive.get(word, '')} |"


def main() -> int:
    """Write the pages."""
    PAGE.write_text(page(), encoding="utf-8")
    parties_page.PAGE.write_text(parties_page.page(), encoding="utf-8")
    threats_page.PAGE.write_text(threats_page.page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
