"""SendGrid's specifications, the operations of them that the sandbox knows, and what they say wrongly."""

from tests.vendors.specifications import Correction, Specification, pointer

_JSON = ("content", "application/json", "schema")
_BODIES = {"schema": {"type": "object", "properties": {"errors": {"type": "array"}}, "required": ["errors"]}}
_ERROR = {"description": "An error", "content": {"application/json": _BODIES}}

ERASE = ("POST", "/v3/recipients/erasejob")
CONTACTS = "/v3/marketing/contacts"
OF_CONTACTS = (
    ("PUT", CONTACTS),
    ("DELETE", CONTACTS),
    ("POST", f"{CONTACTS}/search/emails"),
    ("GET", f"{CONTACTS}/imports/{{id}}"),
)
_GLOBAL, _GROUP = "/v3/asm/suppressions/global", "/v3/asm/groups/{group_id}/suppressions"
_LISTS = [f"/v3/suppression/{each}/{{email}}" for each in ("bounces", "blocks", "spam_reports", "invalid_emails")]
OF_SUPPRESSIONS = (
    ("POST", _GLOBAL),
    ("GET", f"{_GLOBAL}/{{email}}"),
    ("DELETE", f"{_GLOBAL}/{{email}}"),
    ("POST", _GROUP),
    ("GET", _GROUP),
    ("DELETE", f"{_GROUP}/{{email}}"),
    ("GET", "/v3/asm/groups/{group_id}"),
    ("POST", f"{_GROUP}/search"),
    ("GET", "/v3/asm/suppressions/{email}"),
    *(("GET", each) for each in _LISTS),
    *(("DELETE", each) for each in _LISTS),
    *(("DELETE", each.removesuffix("/{email}")) for each in _LISTS),
)


def _errors_of(operations: tuple[tuple[str, str], ...], why: str) -> list[Correction]:
    return [
        Correction(pointer("paths", path, how.lower(), "responses", "default"), _ERROR, why) for how, path in operations
    ]


_IDENTIFIERS = ("email", "phone_number_id", "external_id", "anonymous_id")

ERASURE = Specification(
    "sendgrid.recipients_data_erasure_v3.json",
    (
        Correction(
            "/components/schemas/RecipientsDataErasureEraseRecipientsRequest/properties/email_addresses/items",
            {"type": "string", "format": "email"},
            "its description: any invalid addresses will be returned in an error response",
        ),
    ),
)
MARKETING = Specification(
    "sendgrid.mc_contacts_v3.json",
    (
        Correction(
            pointer("paths", CONTACTS, "put", "requestBody", "required"), True, "its schema has a required field"
        ),
        Correction(
            pointer("paths", f"{CONTACTS}/search/emails", "post", "requestBody", "required"),
            True,
            "its schema has a required field",
        ),
        Correction(
            "/components/schemas/ContactRequest/anyOf",
            [{"required": [each], "properties": {each: {"minLength": 1}}} for each in _IDENTIFIERS],
            "the description of `contacts`: each needs at least one of four identifiers",
        ),
        Correction(
            "/components/schemas/ContactRequest/properties/custom_fields/properties",
            {},
            "`w1` is the id of some account's field, not of every account's",
        ),
        Correction(
            "/components/schemas/ContactRequest/properties/custom_fields/additionalProperties",
            {"type": ["string", "number"]},
            "values of custom fields are texts and numbers",
        ),
        Correction(
            pointer("paths", CONTACTS, "delete", "responses", "202", *_JSON, "properties", "job_id"),
            {"type": "string"},
            "the id of every other job is a text, and it goes into the path of imports/{id}",
        ),
        Correction(
            pointer("paths", f"{CONTACTS}/search/emails", "post", "requestBody", *_JSON, "properties", "emails"),
            {
                "type": "array",
                "maxItems": 100,
                "items": {"anyOf": [{"type": "string", "format": "email", "maxLength": 100}, {"const": ""}]},
            },
            "its description: up to 100 contacts, 400 if any is invalid, empty ones are left out",
        ),
    ),
)
SUPPRESSIONS = Specification(
    "sendgrid.suppressions_v3.json",
    (
        *_errors_of(OF_SUPPRESSIONS, "nothing says what an error looks like, not even for a wrong key"),
        Correction("/components/requestBodies/PostSuppressions/required", True, "its schema has a required field"),
        Correction(
            pointer("paths", f"{_GLOBAL}/{{email}}", "get", "responses", "200", *_JSON, "required"),
            [],
            "its description: an empty object where the address is not suppressed",
        ),
    ),
)
