"""The sharing graph as a Fides manifest: a system for each party, and a dataset of what it was seen to get.

The words are those of the taxonomy of fideslang, by the table beside this file. https://ethyca.github.io/fideslang/
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import yaml

from console.exporting.ends import Exported, category_iri, ends, purpose_iris, received
from console.shapes import Shape
from lineage.register import PERSON, Register

SUBJECT = "customer"
_USER = {"fides_key": "user", "type": "user"}


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Return the table of words (read once): `categories` and `uses` by DPV IRI, `bases` and `roles` by ours."""
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def fideslang(shape: Shape, register: Register) -> Exported:
    """Return the manifest as YAML, and what has no word in the taxonomy."""
    uses = {edge["purpose"]: data_use(edge["purpose"], register) for edge in shape["sharing"]}
    categories = {each: data_category(each) for edge in shape["sharing"] for each in edge["categories"]}
    holders = [end for end in ends(shape) if end["id"] != PERSON]
    manifest = {
        "system": [_system(end, shape, uses, categories) for end in holders],
        "dataset": [each for end in holders if (each := _dataset(end, received(shape, end["id"]), categories))],
    }
    left_out = [f"Fides has no data use for the purpose '{each}'" for each in sorted(uses) if not uses[each]]
    left_out += [f"Fides has no data category for '{each}'" for each in sorted(categories) if not categories[each]]
    return Exported(yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=120), tuple(left_out))


def data_use(purpose: str, register: Register) -> str | None:
    """Return the data use of a purpose, by the first of its IRIs that has one."""
    found = (words()["uses"].get(iri) for iri in purpose_iris(purpose, register))
    return next((each for each in found if each), None)


def data_category(category: str) -> str | None:
    """Return the data category of one of ours."""
    return words()["categories"].get(category_iri(category) or "") or None


def _system(end: Shape, shape: Shape, uses: Mapping[str, str | None], categories: Mapping[str, str | None]) -> Shape:
    got = received(shape, end["id"])
    gave = [edge for edge in shape["sharing"] if edge["from"] == end["id"]]
    transfer = next((edge["transfer"] for edge in got if edge["transfer"]), None)
    return {
        "fides_key": end["id"],
        "name": end["name"],
        "system_type": end["kind"],
        "meta": {"country": end["country"], "disclosures_received": str(sum(edge["disclosures"] for edge in got))},
        "responsibility": sorted({role for edge in got if (role := words()["roles"].get(edge["role"]))}),
        "does_international_transfers": transfer is not None,
        "legal_basis_for_transfers": list(transfer["mechanisms"]) if transfer else [],
        "ingress": _flows(got, "from", categories),
        "egress": _flows(gave, "to", categories),
        "dataset_references": [_dataset_key(end["id"])] if got else [],
        "privacy_declarations": list(_declarations(got, uses, categories)),
    }


def _flows(edges: list[Shape], end: str, categories: Mapping[str, str | None]) -> list[Shape]:
    found: dict[str, set[str]] = {}
    for edge in edges:
        found.setdefault(edge[end], set()).update(_mapped(edge["categories"], categories))
    return [
        {**(_USER if key == PERSON else {"fides_key": key, "type": "system"}), "data_categories": sorted(found[key])}
        for key in sorted(found)
    ]


def _declarations(
    got: list[Shape], uses: Mapping[str, str | None], categories: Mapping[str, str | None]
) -> Iterator[Shape]:
    for purpose in sorted({edge["purpose"] for edge in got if uses[edge["purpose"]]}):
        edges = [edge for edge in got if edge["purpose"] == purpose]
        declared = {
            "name": purpose,
            "data_categories": sorted({each for edge in edges for each in _mapped(edge["categories"], categories)}),
            "data_use": uses[purpose],
            "data_subjects": [SUBJECT],
            "ingress": sorted({_USER["fides_key"] if edge["from"] == PERSON else edge["from"] for edge in edges}),
        }
        basis = words()["bases"].get(edges[0]["basis"] or "")
        yield {**declared, "legal_basis_for_processing": basis} if basis else declared


def _dataset(end: Shape, got: list[Shape], categories: Mapping[str, str | None]) -> Shape | None:
    collections = []
    for purpose in sorted({edge["purpose"] for edge in got}):
        names = {each for edge in got if edge["purpose"] == purpose for each in edge["categories"]}
        fields = [{"name": each, "data_categories": [categories[each]]} for each in sorted(names) if categories[each]]
        collections.append({"name": purpose, "fields": fields})
    if not collections:
        return None
    return {
        "fides_key": _dataset_key(end["id"]),
        "name": f"What {end['name']} was seen to get",
        "collections": collections,
    }


def _dataset_key(party: str) -> str:
    return f"{party}.received"


def _mapped(found: Mapping[str, int], categories: Mapping[str, str | None]) -> set[str]:
    return {word for each in found if (word := categories[each])}
