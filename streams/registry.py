"""A schema registry with Confluent's interface, asked for schemas by number. Knows HTTP; what a schema means is not known here.

The interface: Confluent's "Schema Registry API Reference", `GET /schemas/ids/{id}` and
`GET /subjects/{subject}/versions/{version}`, which other registries (Apicurio, Karapace) offer too.
"""

import json
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import quote

import httpx2

from lineage.errors import Misconfigured, Retryable
from schemas.extract import InvalidEvent
from schemas.registered import AVRO, RegisteredSchema

LARGEST_ANSWER = 1 << 20
"""Bytes of an answer that are read."""
MOST_REFERENCES = 20
_JSON = "application/vnd.schemaregistry.v1+json, application/json"
# Confluent's error codes of "no such schema", "no such subject" and "no such version": an answer, and not a wrong address.
_UNKNOWN = (40403, 40401, 40402)
# Statuses of a server that may answer later.
_BUSY = (408, 425, 429)


class SchemaRegistry:
    """Asks one registry, one thread at a time. Keeps nothing: whoever asks keeps what a schema was found to be.

    `seconds` bounds the wait for a connection, for a piece of an answer, and for the whole of it.
    """

    def __init__(
        self,
        url: str,
        user: str | None = None,
        password: str | None = None,
        ca_file: Path | None = None,
        seconds: float = 10.0,
    ) -> None:
        """Prepare to ask; connects to nothing yet. Raises: Misconfigured: a URL, login or CA file that cannot be used."""
        self._url, self._seconds = _checked(url), seconds
        if (user is None) != (password is None):
            raise Misconfigured(
                "JALKI_SCHEMA_REGISTRY_USER and JALKI_SCHEMA_REGISTRY_PASSWORD_FILE go together: set both or none"
            )
        self._client = httpx2.Client(
            auth=None if user is None or password is None else httpx2.BasicAuth(user, password),
            # A packed answer could be larger than its bytes.
            headers={"Accept": _JSON, "Accept-Encoding": "identity"},
            verify=_trust(ca_file),
            # Neither a password from .netrc nor a proxy: what is used is what the settings say.
            trust_env=False,
            timeout=seconds,
            follow_redirects=False,
        )

    def by_id(self, schema_id: int) -> RegisteredSchema | None:
        """Return the schema of an id with all it refers to, None where the registry has none of that id.

        Raises:
            InvalidEvent: it is too large, or refers to what is not there or to too much.
            Retryable: the registry is away, busy, or answers nonsense.
            Misconfigured: it refuses us, or is none.
        """
        found = self._ask(f"schemas/ids/{schema_id}")
        if found is None:
            return None
        texts: dict[tuple[str, int], str] = {}
        self._add_references(found, texts, set())
        return RegisteredSchema(str(found.get("schemaType") or AVRO), (*texts.values(), _text(found)))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> "SchemaRegistry":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _add_references(
        self, schema: Mapping[str, Any], texts: dict[tuple[str, int], str], seen: set[tuple[str, int]]
    ) -> None:
        """Add what a schema refers to, each after what it refers to itself."""
        for place in _references(schema):
            if place in seen:
                continue
            seen.add(place)
            if len(seen) > MOST_REFERENCES:
                raise InvalidEvent(f"its schema in the registry refers to more than {MOST_REFERENCES} others")
            subject, version = place
            # Deleted softly, it is not offered any more, but those that refer to it still need it.
            found = self._ask(f"subjects/{quote(subject, safe='')}/versions/{version}?deleted=true")
            if found is None:
                raise InvalidEvent("its schema refers to one that is not in the schema registry")
            self._add_references(found, texts, seen)
            texts[place] = _text(found)

    def _ask(self, path: str) -> Mapping[str, Any] | None:
        try:
            with self._client.stream("GET", f"{self._url}/{path}") as response:
                body = self._body(response)
        except httpx2.HTTPError as cause:
            raise _passing(cause) from cause
        return _answer(response, body)

    def _body(self, response: httpx2.Response) -> bytes:
        """Read an answer, one byte more than may be at most. A trickle of bytes is cut off."""
        body, until = bytearray(), time.monotonic() + self._seconds
        for part in response.iter_raw():
            body += part
            if len(body) > LARGEST_ANSWER:
                break
            if time.monotonic() > until:
                raise Retryable(f"the schema registry did not end its answer within {self._seconds:g} s")
        return bytes(body[: LARGEST_ANSWER + 1])


def _checked(url: str) -> str:
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError) as cause:
        raise Misconfigured("JALKI_SCHEMA_REGISTRY is not a URL: give http(s)://host:port") from cause
    if parsed.userinfo:
        raise Misconfigured(
            "JALKI_SCHEMA_REGISTRY holds a user or password: "
            "set JALKI_SCHEMA_REGISTRY_USER and JALKI_SCHEMA_REGISTRY_PASSWORD_FILE instead"
        )
    if parsed.scheme not in ("http", "https") or not parsed.host or parsed.query or parsed.fragment:
        raise Misconfigured(
            "JALKI_SCHEMA_REGISTRY is not a URL of a registry: give http(s)://host:port, with its path if it has one"
        )
    return url.rstrip("/")


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as cause:
        raise Misconfigured("JALKI_SCHEMA_REGISTRY_CA_FILE is missing or holds no certificates in PEM") from cause


def _passing(cause: Exception) -> Misconfigured | Retryable:
    """Tell a certificate that will not do from a registry that is away."""
    inside: BaseException | None = cause
    while inside is not None:
        if isinstance(inside, ssl.SSLCertVerificationError):
            return Misconfigured(
                "the schema registry's certificate does not verify: check JALKI_SCHEMA_REGISTRY_CA_FILE and the host name"
            )
        inside = inside.__cause__ or inside.__context__
    return Retryable(f"the schema registry does not answer ({type(cause).__name__}): check JALKI_SCHEMA_REGISTRY")


def _answer(response: httpx2.Response, body: bytes) -> Mapping[str, Any] | None:
    """Return what the registry says, None where it says that there is no such thing."""
    status = response.status_code
    if status == httpx2.codes.OK:
        return _schema(response, body)
    if status == httpx2.codes.NOT_FOUND and _parsed(body).get("error_code") in _UNKNOWN:
        return None
    if status in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
        raise Misconfigured(
            f"the schema registry refuses us ({status}): check JALKI_SCHEMA_REGISTRY_USER and JALKI_SCHEMA_REGISTRY_PASSWORD_FILE"
        )
    if status >= httpx2.codes.INTERNAL_SERVER_ERROR or status in _BUSY:
        raise Retryable(f"the schema registry cannot answer now ({status})")
    raise Misconfigured(
        f"there is no schema registry at JALKI_SCHEMA_REGISTRY ({status}): check its host, port and path"
    )


def _schema(response: httpx2.Response, body: bytes) -> Mapping[str, Any]:
    # What only says that it is large may be a page of something else; a schema of that size stays that large.
    if len(body) > LARGEST_ANSWER and "json" in response.headers.get("content-type", "") and body[:1] == b"{":
        raise InvalidEvent("its schema in the registry is larger than 1 MiB")
    parsed = _parsed(body)
    if not isinstance(parsed.get("schema"), str):
        raise Retryable("the schema registry's answer is none of a schema registry: check JALKI_SCHEMA_REGISTRY")
    return parsed


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _text(schema: Mapping[str, Any]) -> str:
    return str(schema["schema"])


def _references(schema: Mapping[str, Any]) -> list[tuple[str, int]]:
    try:
        found = [(each["subject"], each["version"]) for each in schema.get("references") or ()]
    except (TypeError, KeyError) as cause:
        raise Retryable(
            "the schema registry's answer is none of a schema registry: check JALKI_SCHEMA_REGISTRY"
        ) from cause
    if not all(isinstance(subject, str) and isinstance(version, int) for subject, version in found):
        raise Retryable("the schema registry's answer is none of a schema registry: check JALKI_SCHEMA_REGISTRY")
    return found
