"""The OpenAPI 3.1 document of the API, made of the table of questions and the shapes: nothing of it is written twice."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from console.api.answering import Question
from console.api.problems import KINDS, MEDIA_TYPE, ProblemShape
from console.api.questions import QUESTIONS
from console.api.roles import roles

_REF = "#/components/schemas/{model}"
_EVERYWHERE = (401, 403, 404, 405, 406, 422, 429, 500, 503)
_OF_BODIES = (400, 408, 409, 413, 415)
_ABOUT = (
    "Where each customer's data went, for reading. Every question about persons is a POST whose body says its `purpose`; "
    "who asks, of whom (by pseudonym) and what for is written down before it is answered. Times are RFC 3339, in UTC in "
    "answers. Lists come in pages: `Jalki-Next` is what to give as `after` for the next one; on the last it is missing."
)


def openapi_document() -> dict[str, Any]:
    """Return the document."""
    schemas = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for each in QUESTIONS:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, schemas)
    asked_by_query = {each.asked.__name__ for each in QUESTIONS if each.method == "GET"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Jalki", "version": version("jalki"), "description": _ABOUT},
        "paths": paths,
        "components": {
            "schemas": {name: each for name, each in schemas.items() if name not in asked_by_query},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _schemas() -> dict[str, Any]:
    models: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {(ProblemShape, "validation"): None}
    for each in QUESTIONS:
        models[each.asked, "validation"] = None
        models[each.answer, "validation"] = None
    _, found = models_json_schema(list(models), by_alias=True, ref_template=_REF)
    return dict(found["$defs"])


def _operation(question: Question, schemas: Mapping[str, Any]) -> dict[str, Any]:
    asking = ", ".join(name for name, role in roles().items() if question.name in role.asks)
    operation: dict[str, Any] = {
        "operationId": question.name,
        "summary": question.text,
        "description": f"Asked by: {asking}.",
        "responses": {"200": _answered(question), **_problems(question)},
    }
    if question.method == "POST":
        asked = {"$ref": _REF.format(model=question.asked.__name__)}
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": asked}}}
    elif parameters := _parameters(schemas[question.asked.__name__]):
        operation["parameters"] = parameters
    return operation


def _parameters(schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _without_null(each),
        }
        for name, each in schema.get("properties", {}).items()
    ]


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a query parameter: it is left out, and never null."""
    if "anyOf" not in schema:
        return dict(schema)
    (only,) = [each for each in schema["anyOf"] if each != {"type": "null"}]
    return {**only, **{name: each for name, each in schema.items() if name not in {"anyOf", "default"}}}


def _answered(question: Question) -> dict[str, Any]:
    one = {"$ref": _REF.format(model=question.answer.__name__)}
    schema = {"type": "array", "items": one} if question.listed else one
    forms = {each: {"schema": {"type": "string"}} for each in question.forms}
    content = {"application/json": {"schema": schema}, **forms}
    answered: dict[str, Any] = {"description": "The answer.", "content": content}
    if question.paged:
        answered["headers"] = {
            "Jalki-Next": {"description": "What to give as `after` for the next page.", "schema": {"type": "string"}}
        }
    return answered


def _problems(question: Question) -> dict[str, Any]:
    problem = {"schema": {"$ref": _REF.format(model=ProblemShape.__name__)}}
    statuses = sorted({*_EVERYWHERE, *(_OF_BODIES if question.method == "POST" else ())})
    return {
        str(status): {
            "description": "; ".join(f"`{code}`: {kind.text}" for code, kind in KINDS.items() if kind.status == status),
            "content": {MEDIA_TYPE: problem},
        }
        for status in statuses
    }
