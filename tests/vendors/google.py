"""Google's own truth about requests and answers: its official request types, and JSON Schema made from discovery documents."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import jsonschema
from google.ads import datamanager_v1
from google.analytics import admin_v1alpha

from tests.vendors.specifications import raw

DATA_MANAGER, ADMIN = "google.datamanager.v1.json", "google.analyticsadmin.v1alpha.json"
REMOVE = (DATA_MANAGER, "RemoveAudienceMembersRequest")
REMOVED = (DATA_MANAGER, "RemoveAudienceMembersResponse")
STATUS = (DATA_MANAGER, "RetrieveRequestStatusResponse")
DELETE = (ADMIN, "GoogleAnalyticsAdminV1alphaSubmitUserDeletionRequest")
DELETED = (ADMIN, "GoogleAnalyticsAdminV1alphaSubmitUserDeletionResponse")
_TYPES = {REMOVE: datamanager_v1.RemoveAudienceMembersRequest, DELETE: admin_v1alpha.SubmitUserDeletionRequest}
_FORMATS = {"int64": {"pattern": "^-?[0-9]{1,19}$"}, "google-datetime": {"pattern": "^[0-9-]{10}T[0-9:.]{8,18}Z$"}}


def faults(what: tuple[str, str], body: bytes) -> Sequence[str]:
    """Return what a request or an answer has against it, by both judges where both know it; nothing: it is right."""
    document, name = what
    told = [each.message for each in _schema(document, name).iter_errors(json.loads(body))]
    if what in _TYPES:
        try:
            _TYPES[what].from_json(body, ignore_unknown_fields=False)
        except Exception as fault:  # noqa: BLE001 - protobuf's own
            told.append(f"{type(fault).__name__}: {fault}")
    return told


@lru_cache(maxsize=16)
def _schema(document: str, name: str) -> Any:
    """Return the schema of a discovery document, closed: it has no other names than those that the document gives."""
    schemas = {each: _closed(schema) for each, schema in raw(document)["schemas"].items()}
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schemas})


def _closed(schema: Any) -> Any:
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    kept = {
        name: schema[name] for name in ("type", "enum", "pattern") if name in schema and schema.get("type") != "any"
    }
    if "properties" in schema:
        properties = {each: _closed(inside) for each, inside in schema["properties"].items()}
        kept |= {"properties": properties, "additionalProperties": False}
    elif "additionalProperties" in schema:
        kept["additionalProperties"] = _closed(schema["additionalProperties"])
    if "items" in schema:
        kept["items"] = _closed(schema["items"])
    return {**kept, **(_FORMATS.get(schema.get("format", ""), {}) if kept.get("type") == "string" else {})}
