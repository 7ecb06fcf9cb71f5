"""The words of annotations and registers and their DPV 2.3 IRIs, in `vocabulary.toml`. Holds no rule of who may get what."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KIND = re.compile(r"[a-z][a-z0-9_]{0,31}")
"""The form of a kind of identifier."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What annotations may say.

    `categories` maps each category to its full DPV IRI; `register` does so for the words of a register, by their kind;
    `sensitive` those of which a breach is graver to how: `national-id`, `payment` (none is of Art. 9 GDPR by itself).
    `prefixes` are what IRIs begin with, `under` the wider DPV concept of each that DPV lacks. `forbidden_fields` are names
    of fields that are never kept; `never_identify` are kinds of data that single nobody out.
    """

    dpv_version: str
    prefixes: Mapping[str, str]
    categories: Mapping[str, str]
    register: Mapping[str, Mapping[str, str]]
    under: Mapping[str, str]
    sensitive: Mapping[str, str]
    forbidden_fields: frozenset[str]
    never_identify: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """Return the shipped vocabulary (read once)."""
    with Path(__file__).with_name("vocabulary.toml").open("rb") as file:
        raw = tomllib.load(file)
    prefixes, kinds = raw["prefixes"], (raw["categories"], *raw["register"].values())
    return Vocabulary(
        dpv_version=raw["dpv_version"],
        prefixes=prefixes,
        categories=_iris(raw["categories"], prefixes),
        register={kind: _iris(words, prefixes) for kind, words in raw["register"].items()},
        under={
            _full(entry["iri"], prefixes): _full(entry["under"], prefixes)
            for words in kinds
            for entry in words.values()
            if "under" in entry
        },
        sensitive={word: entry["sensitive"] for word, entry in raw["categories"].items() if "sensitive" in entry},
        forbidden_fields=frozenset(raw["forbidden"]["fields"]),
        never_identify=frozenset(raw["identifiers"]["never_identify"]),
    )


def _iris(words: Mapping[str, Mapping[str, str]], prefixes: Mapping[str, str]) -> Mapping[str, str]:
    return {word: _full(entry["iri"], prefixes) for word, entry in words.items()}


def _full(curie: str, prefixes: Mapping[str, str]) -> str:
    prefix, _, local = curie.partition(":")
    return prefixes[prefix] + local
