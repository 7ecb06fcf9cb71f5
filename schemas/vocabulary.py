"""The words of annotations and their DPV 2.3 IRIs, read from `vocabulary.toml`. Holds no rule about who may get what."""

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

    `categories` maps each category to its full DPV IRI; `sensitive` those of which a breach is graver to how: `national-id`,
    `payment` (none of them is of Art. 9 GDPR by itself); `forbidden_fields` are names of fields that are never kept;
    `never_identify` are kinds of data that single nobody out.
    """

    dpv_version: str
    categories: Mapping[str, str]
    sensitive: Mapping[str, str]
    forbidden_fields: frozenset[str]
    never_identify: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """Return the shipped vocabulary (read once)."""
    with Path(__file__).with_name("vocabulary.toml").open("rb") as file:
        raw = tomllib.load(file)
    return Vocabulary(
        dpv_version=raw["dpv_version"],
        categories={word: _full(entry["iri"], raw["prefixes"]) for word, entry in raw["categories"].items()},
        sensitive={word: entry["sensitive"] for word, entry in raw["categories"].items() if "sensitive" in entry},
        forbidden_fields=frozenset(raw["forbidden"]["fields"]),
        never_identify=frozenset(raw["identifiers"]["never_identify"]),
    )


def _full(curie: str, prefixes: Mapping[str, str]) -> str:
    prefix, _, local = curie.partition(":")
    return prefixes[prefix] + local
