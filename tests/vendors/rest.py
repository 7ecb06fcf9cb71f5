"""The specifications of Adyen, PayPal, UPS and Paytrail, the operations that are called, and what they say wrongly."""

from tests.vendors.specifications import Correction, Specification, pointer

_OBJECT = {"description": "An error", "content": {"application/json": {"schema": {"type": "object"}}}}
_BEARER = {"type": "http", "scheme": "bearer"}
_WHY_BEARER = "openapi-core knows no OAuth 2; what a call bears is a bearer token"

ERASE = ("POST", "/requestSubjectErasure")
DISABLE = ("POST", "/disable")
TOKEN = "/v3/vault/payment-tokens/{id}"  # noqa: S105 - a path
OF_TOKENS = (("GET", TOKEN), ("DELETE", TOKEN))
REDIRECT = ("POST", "/redirect/address/{tracking_number}")


def _with_body(operation: tuple[str, str], why: str) -> Correction:
    method, path = operation
    return Correction(pointer("paths", path, method.lower(), "requestBody", "required"), True, why)


DATA_PROTECTION = Specification(
    "adyen.DataProtectionService-v1.json",
    (_with_body(ERASE, "its documentation: merchantAccount and pspReference are required"),),
)
RECURRING = Specification("adyen.RecurringService-v68.json", (_with_body(DISABLE, "its schema has required fields"),))
VAULT = Specification(
    "paypal.vault_payment_tokens_v3.json",
    (
        *(
            Correction(
                pointer("paths", path, method.lower(), "responses", "default"),
                _OBJECT,
                "nothing says what a login that has ended, or too many calls, are answered",
            )
            for method, path in OF_TOKENS
        ),
        Correction("/components/securitySchemes/Oauth2", _BEARER, _WHY_BEARER),
        Correction(
            "/components/schemas/email/pattern", "^.+@.+$", "the judges take it for no regular expression of ECMA 262"
        ),
    ),
)
_PARAMETERS = [
    {"$ref": f"#/components/parameters/{each}"}
    for each in ("transId", "PlatformType", "Content-Type", "InquiryType", "tracking_number", "Loc")
]
_OTHERS = [
    ("POST", f"/{each}/{{tracking_number}}") for each in ("charges", "willcall", "return", "reschedule", "cancel")
]
INTERCEPT = Specification(
    "ups.DeliveryIntercept.yaml",
    (
        *(
            Correction(
                pointer("paths", path, method.lower(), "parameters"),
                _PARAMETERS,
                "its version is in the address of its servers, and in no path",
            )
            for method, path in (REDIRECT, *_OTHERS, ("GET", "/eligibility/intercept/{tracking_number}"))
        ),
        Correction("/components/securitySchemes/OAuth2", _BEARER, _WHY_BEARER),
        _with_body(REDIRECT, "its schema has required fields"),
        Correction(
            "/servers/0",
            {"url": "https://onlinetools.ups.com/api/deliveryintercept/v2"},
            "the judges take no variables; this is its default",
        ),
    ),
)
PAYTRAIL = Specification("paytrail.paytrail-api.yaml")
