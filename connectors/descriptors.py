"""Descriptors of parties: how each is told, one TOML file a party. Reads and checks files; opens no connection.

The shipped ones lie in `connectors/parties/`. No address is set there: nobody has confirmed one with the party yet, and a
letter to the wrong mailbox is a disclosure. A folder of your own replaces those of the same party, whole.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.protocol import Limits
from connectors.wording import Language
from lineage.errors import Misconfigured

Protocol = Literal["manual", "opendsr", "internal", "none"]
"""`internal`: our own systems, told by our own programs. `none`: never a task (an authority)."""
SHIPPED = Path(__file__).parent / "parties"
_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)
_MOST_FILES = 1_000
_LARGEST = 64 * 1024
_MAILBOX = r"^(?:[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)?$"

Seconds = Annotated[float, Field(strict=False, gt=0, le=86_400 * 7)]


@dataclass(frozen=True, slots=True)
class OpenDsrAccess:
    """What it takes to speak OpenDSR with a party; files are paths as written in the descriptor, from its folder."""

    domain: str
    authorities_file: Path
    token_file: Path | None = None
    ca_file: Path | None = None
    pins: frozenset[str] = frozenset()
    identities: Mapping[str, str] = field(default_factory=dict)
    extension: bool = False


@dataclass(frozen=True, slots=True)
class Descriptor:
    """How one party is told. Without `address` a person tells it."""

    party: str
    protocol: Protocol
    address: str
    language: Language
    limits: Limits
    agreement: str = ""
    their_reference: str = ""
    opendsr: OpenDsrAccess | None = None


class _LimitsShape(BaseModel):
    model_config = _CLOSED
    calls: Annotated[int, Field(ge=1, le=1_000_000)] = 60
    seconds: Seconds = 60.0
    tries: Annotated[int, Field(ge=1, le=100)] = 8
    first_wait: Seconds = 2.0
    longest_wait: Seconds = 3_600.0
    timeout: Seconds = 30.0


class _OpenDsrShape(BaseModel):
    model_config = _CLOSED
    domain: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$")]
    authorities_file: Annotated[str, Field(min_length=1)]
    token_file: Annotated[str, Field(min_length=1)] | None = None
    ca_file: Annotated[str, Field(min_length=1)] | None = None
    pins: list[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = []
    identities: dict[str, Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]] = {}
    extension: bool = False


class _Shape(BaseModel):
    model_config = _CLOSED
    protocol: Protocol
    address: str = ""
    language: Language = "en"
    agreement: Annotated[str, Field(max_length=200)] = ""
    their_reference: Annotated[str, Field(max_length=200)] = ""
    note: str = ""
    limits: _LimitsShape = _LimitsShape()
    opendsr: _OpenDsrShape | None = None


class _MailboxShape(BaseModel):
    model_config = _CLOSED
    address: Annotated[str, Field(pattern=_MAILBOX)]


def load_descriptors(own: Path | None = None) -> Mapping[str, Descriptor]:
    """Return the descriptors by party: the shipped ones, with those of a folder of your own in their place.

    Raises: Misconfigured: a folder or file that cannot be used; the message names the file and each wrong key, no value.
    """
    found = _folder(SHIPPED)
    return found if own is None else {**found, **_folder(own)}


def _folder(folder: Path) -> dict[str, Descriptor]:
    if not folder.is_dir():
        raise Misconfigured(f"{folder}: there is no such folder of party descriptors (*.toml)")
    files = sorted(folder.glob("*.toml"))
    if len(files) > _MOST_FILES:
        raise Misconfigured(f"{folder}: more than {_MOST_FILES} party descriptors; this looks like the wrong folder")
    return {file.stem: _descriptor(file) for file in files}


def _descriptor(file: Path) -> Descriptor:
    try:
        with file.open("rb") as opened:
            tree = tomllib.loads(opened.read(_LARGEST + 1).decode("utf-8"))
    except (OSError, ValueError) as cause:
        raise Misconfigured(f"{file.name}: the party descriptor cannot be read as TOML") from cause
    try:
        shape = _Shape.model_validate(tree)
        if shape.protocol == "manual":
            _MailboxShape(address=shape.address)
    except ValidationError as cause:
        keys = sorted({".".join(map(str, fault["loc"])) for fault in cause.errors()})
        raise Misconfigured(f"{file.name}: the party descriptor has unknown or wrong keys: {', '.join(keys)}") from None
    if shape.protocol == "opendsr" and shape.address and shape.opendsr is None:
        raise Misconfigured(f"{file.name}: a party that is told over OpenDSR needs a section 'opendsr'")
    return Descriptor(
        party=file.stem,
        protocol=shape.protocol,
        address=shape.address,
        language=shape.language,
        limits=Limits(**shape.limits.model_dump()),
        agreement=shape.agreement,
        their_reference=shape.their_reference,
        opendsr=_access(shape.opendsr, file.parent) if shape.opendsr is not None else None,
    )


def _access(shape: _OpenDsrShape, folder: Path) -> OpenDsrAccess:
    return OpenDsrAccess(
        domain=shape.domain,
        authorities_file=folder / shape.authorities_file,
        token_file=folder / shape.token_file if shape.token_file else None,
        ca_file=folder / shape.ca_file if shape.ca_file else None,
        pins=frozenset(shape.pins),
        identities=dict(shape.identities),
        extension=shape.extension,
    )
