"""The document is OpenAPI 3.1 and tells the truth: judged by a validator, and by requests made of it, right and wrong."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from console.api.questions import QUESTIONS
from console.api.roles import roles
from tests.console.api.desks import Desk, Office, document

load_all_checks()
# `positive_data_acceptance`: a purpose that fits the document may still ask about a party that there is not.
LEFT_OUT = ("positive_data_acceptance",)
SCHEMA = schemathesis.openapi.from_dict(document())


def test_the_document_is_openapi_3_1() -> None:
    assert document()["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


def test_the_document_is_served_to_everybody_and_has_every_question(office: Office) -> None:
    answer = Desk(office.url, None).sends("GET", "/openapi.json")
    assert answer.json() == document()
    assert {(path, method.upper()) for path, each in document()["paths"].items() for method in each} == {
        (each.path, each.method) for each in QUESTIONS
    }


def test_every_shape_in_it_is_used_and_closed() -> None:
    text = json.dumps(document())
    for name, schema in document()["components"]["schemas"].items():
        assert f'"#/components/schemas/{name}"' in text, name
        assert schema["additionalProperties"] is False, name
        assert schema["description"], name


def test_it_says_which_roles_may_ask() -> None:
    for each in QUESTIONS:
        said = document()["paths"][each.path][each.method.lower()]["description"]
        assert said == f"Asked by: {', '.join(name for name, role in roles().items() if each.name in role.asks)}."


def test_no_parameter_of_an_address_identifies_anybody() -> None:
    named = {
        parameter["name"]
        for each in document()["paths"].values()
        for operation in each.values()
        for parameter in operation.get("parameters", ())
    }
    assert named == {
        "at", "known_at", "earlier", "later", "since", "until", "limit", "after", "state", "all", "viewer", "language",
        "received", "approved", "asked", "proved", "extended", "breach",
    }  # fmt: skip
    assert not any("{" in path for path in document()["paths"])


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.name)
def test_whatever_is_asked_is_answered_as_the_document_says(
    office: Office, question: Any, mode: GenerationMode
) -> None:
    desk = office.desk("dpo")
    operation = SCHEMA[question.path][question.method]
    # A GET without parameters has nothing that could be wrong but what it does not name.
    strategy = operation.as_strategy(generation_mode=mode)

    @settings(
        max_examples=15, derandomize=True, database=None, deadline=None, phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def each(case: schemathesis.Case) -> None:
        # An empty list never gets into an address, so what is wrong with its name is not asked.
        assume([] not in (case.query or {}).values())
        case.call_and_validate(
            base_url=office.url,
            headers={"Authorization": f"Bearer {desk.token}"},
            excluded_checks=CHECKS.get_by_names(list(LEFT_OUT)),
            timeout=20,
        )

    each()
