"""The sharing graph as OpenLineage events (spec 2-0-2): a dataset for each party, a job for each edge.

Static events only, `DatasetEvent` and `JobEvent`: a run has a beginning and an end, and what was disclosed one by one has
neither. https://openlineage.io/docs/spec/object-model
"""

import json
from collections.abc import Iterable, Iterator
from importlib.metadata import version

from console.exporting.ends import PREFIX, Exported, category_iri, ends, purpose_iris, received
from console.shapes import Shape
from lineage.register import Register

NAMESPACE = "jalki"
_SPEC = "https://openlineage.io/spec/"
SCHEMAS = {
    "DatasetEvent": _SPEC + "2-0-2/OpenLineage.json#/$defs/DatasetEvent",
    "JobEvent": _SPEC + "2-0-2/OpenLineage.json#/$defs/JobEvent",
    "SchemaDatasetFacet": _SPEC + "facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet",
    "DocumentationDatasetFacet": _SPEC + "facets/1-1-0/DocumentationDatasetFacet.json#/$defs/DocumentationDatasetFacet",
    "DocumentationJobFacet": _SPEC + "facets/1-1-0/DocumentationJobFacet.json#/$defs/DocumentationJobFacet",
    "JobTypeJobFacet": _SPEC + "facets/2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet",
    "PartyDatasetFacet": PREFIX + "openlineage:1:PartyDatasetFacet",
    "PurposeJobFacet": PREFIX + "openlineage:1:PurposeJobFacet",
    "DisclosuresOutputDatasetFacet": PREFIX + "openlineage:1:DisclosuresOutputDatasetFacet",
}
"""Of every event and facet; the last three are our own."""


def openlineage(shape: Shape, register: Register) -> Exported:
    """Return one event a line: the datasets by name, then the jobs in the order of the edges."""
    events = [*_datasets(shape), *(_job(edge, register) for edge in shape["sharing"])]
    return Exported("".join(json.dumps(each, ensure_ascii=False, sort_keys=True) + "\n" for each in events))


def _datasets(shape: Shape) -> Iterator[Shape]:
    for end in ends(shape):
        got = received(shape, end["id"])
        held = got or [edge for edge in shape["sharing"] if edge["from"] == end["id"]]
        facets = {
            "documentation": _facet("DocumentationDatasetFacet", description=end["name"]),
            "schema": _facet(
                "SchemaDatasetFacet", fields=_fields(category for edge in held for category in edge["categories"])
            ),
            "jalki_party": _facet(
                "PartyDatasetFacet",
                name=end["name"],
                kind=end["kind"],
                country=end["country"],
                roles={edge["purpose"]: edge["role"] for edge in got},
                transfer=next((edge["transfer"] for edge in got if edge["transfer"]), None),
            ),
        }
        yield _event("DatasetEvent", max(edge["last"] for edge in held), dataset=_dataset(end["id"], facets=facets))


def _fields(categories: Iterable[str]) -> list[Shape]:
    return [{"name": each, "type": category_iri(each) or "unknown"} for each in sorted(set(categories))]


def _job(edge: Shape, register: Register) -> Shape:
    known = register.purpose(edge["purpose"])
    facets = {
        "documentation": _facet("DocumentationJobFacet", description=known.text if known else edge["purpose"]),
        "jobType": _facet("JobTypeJobFacet", processingType="STREAMING", integration="JALKI", jobType="DISCLOSURE"),
        "jalki_purpose": _facet(
            "PurposeJobFacet",
            purpose=edge["purpose"],
            basis=edge["basis"],
            dpv=list(purpose_iris(edge["purpose"], register)),
        ),
    }
    counted = {name: edge[name] for name in ("disclosures", "categories", "first", "last", "role", "drift")}
    output = {"jalki_disclosures": _facet("DisclosuresOutputDatasetFacet", **counted)}
    name = f"{edge['from']}.{edge['to']}.{edge['purpose']}"
    return _event(
        "JobEvent",
        edge["last"],
        job={"namespace": NAMESPACE, "name": name, "facets": facets},
        inputs=[_dataset(edge["from"])],
        outputs=[_dataset(edge["to"], outputFacets=output)],
    )


def _dataset(party: str, **facets: Shape) -> Shape:
    return {"namespace": NAMESPACE, "name": party, **facets}


def _event(kind: str, time: str, /, **content: object) -> Shape:
    return {"eventTime": time, "producer": _producer(), "schemaURL": SCHEMAS[kind], **content}


def _facet(kind: str, /, **content: object) -> Shape:
    return {"_producer": _producer(), "_schemaURL": SCHEMAS[kind], **content}


def _producer() -> str:
    return f"{PREFIX}program:{version('jalki')}"
