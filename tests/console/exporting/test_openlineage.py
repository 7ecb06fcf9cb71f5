"""Every event is one of the official client's classes, whose own words it comes back in."""

import json
from typing import Any

import attr
import pytest
from hypothesis import given
from openlineage.client.event_v2 import DatasetEvent, InputDataset, Job, JobEvent, OutputDataset, StaticDataset
from openlineage.client.facet_v2 import (
    DatasetFacet,
    JobFacet,
    OutputDatasetFacet,
    documentation_dataset,
    documentation_job,
    job_type_job,
    schema_dataset,
)
from openlineage.client.serde import Serde

from console.exporting.openlineage import SCHEMAS, openlineage
from console.shapes import Shape
from tests.console.exporting.drawn import REGISTER, SHAPES, Shop

OURS = "urn:jalki:openlineage:1:"


@attr.define(kw_only=True)
class PartyDatasetFacet(DatasetFacet):
    name: str
    kind: str
    country: str
    roles: dict[str, str]
    transfer: dict[str, Any] | None

    @staticmethod
    def _get_schema() -> str:
        return OURS + "PartyDatasetFacet"


@attr.define(kw_only=True)
class PurposeJobFacet(JobFacet):
    purpose: str
    basis: str | None
    dpv: list[str]

    @staticmethod
    def _get_schema() -> str:
        return OURS + "PurposeJobFacet"


@attr.define(kw_only=True)
class DisclosuresOutputDatasetFacet(OutputDatasetFacet):
    disclosures: int
    categories: dict[str, int]
    first: str
    last: str
    role: str
    drift: dict[str, int]

    @staticmethod
    def _get_schema() -> str:
        return OURS + "DisclosuresOutputDatasetFacet"


CLASSES: dict[str, Any] = {
    each.__name__: each
    for each in (
        PartyDatasetFacet,
        PurposeJobFacet,
        DisclosuresOutputDatasetFacet,
        schema_dataset.SchemaDatasetFacet,
        documentation_dataset.DocumentationDatasetFacet,
        documentation_job.DocumentationJobFacet,
        job_type_job.JobTypeJobFacet,
        DatasetEvent,
        JobEvent,
    )
}


def facets(told: dict[str, Any]) -> dict[str, Any]:
    return {name: facet(each) for name, each in told.items()}


def facet(told: dict[str, Any]) -> Any:
    kind = CLASSES[told["_schemaURL"].rpartition("/")[2].rpartition(":")[2]]
    content = {name: value for name, value in told.items() if not name.startswith("_")}
    if kind is schema_dataset.SchemaDatasetFacet:
        content["fields"] = [schema_dataset.SchemaDatasetFacetFields(**each) for each in content["fields"]]
    return kind(**content, producer=told["_producer"])


def read(told: dict[str, Any]) -> DatasetEvent | JobEvent:
    """The client's own object of an event."""
    head = {"eventTime": told["eventTime"], "producer": told["producer"]}
    if "dataset" in told:
        dataset = told["dataset"]
        return DatasetEvent(
            **head, dataset=StaticDataset(dataset["namespace"], dataset["name"], facets=facets(dataset["facets"]))
        )
    job = told["job"]
    return JobEvent(
        **head,
        job=Job(job["namespace"], job["name"], facets(job["facets"])),
        inputs=[InputDataset(each["namespace"], each["name"]) for each in told["inputs"]],
        outputs=[
            OutputDataset(each["namespace"], each["name"], facets(each["outputFacets"])) for each in told["outputs"]
        ],
    )


def bare(value: Any) -> Any:
    """A value without what is empty or null in it: the client writes out its defaults."""
    if isinstance(value, dict):
        found = {name: bare(each) for name, each in value.items()}
        return {name: each for name, each in found.items() if each not in (None, {}, [])}
    return [bare(each) for each in value] if isinstance(value, list) else value


def test_every_event_comes_back_from_the_official_client_in_the_same_words(shop: Shop) -> None:
    told = [json.loads(line) for line in shop.exported("openlineage").out.splitlines()]
    assert {each["schemaURL"].rpartition("/")[2] for each in told} == {"DatasetEvent", "JobEvent"}
    for each in told:
        assert bare(json.loads(Serde.to_json(read(each)))) == bare(each)


def test_there_is_a_job_for_each_edge_between_datasets_that_are_told_of(shop: Shop) -> None:
    told = [json.loads(line) for line in shop.exported("openlineage").out.splitlines()]
    datasets = {each["dataset"]["name"] for each in told if "dataset" in each}
    jobs = [each for each in told if "job" in each]
    found = []
    for job in jobs:
        (source,), (target,) = job["inputs"], job["outputs"]
        assert {source["name"], target["name"]} <= datasets
        counts = target["outputFacets"]["jalki_disclosures"]
        purpose = job["job"]["facets"]["jalki_purpose"]["purpose"]
        found.append((source["name"], target["name"], purpose, counts["disclosures"], counts["categories"]))
    edges = [
        (each["from"], each["to"], each["purpose"], each["disclosures"], each["categories"]) for each in shop.edges
    ]
    assert found == edges
    assert len({job["job"]["name"] for job in jobs}) == len(edges)


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_the_schemas_named_are_those_of_the_official_client(kind: str) -> None:
    assert CLASSES[kind]._get_schema() == SCHEMAS[kind]


@given(SHAPES)
def test_whatever_was_shared_the_events_are_the_official_clients(shape: Shape) -> None:
    lines = openlineage(shape, REGISTER).text.splitlines()
    for each in map(json.loads, lines):
        assert bare(json.loads(Serde.to_json(read(each)))) == bare(each)
    assert sum('"JobEvent"' in line or "/JobEvent" in line for line in lines) == len(shape["sharing"])
