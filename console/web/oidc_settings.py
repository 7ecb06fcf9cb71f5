"""The file that tells of an OpenID Connect provider (`JALKI_OIDC`, TOML): who it is, who we are there, what its groups may."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from console.web.roles import staff_roles
from lineage.errors import Misconfigured

LONGEST_SECRET = 1_000
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_Word = Annotated[str, Field(min_length=1, max_length=200)]


def is_safe(address: str) -> bool:
    """Tell whether what goes to an address cannot be read on the way: over TLS, or not off this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


class OidcSettings(BaseModel):
    """What is told of a provider. Files are relative to the folder of the file. Of `roles` the first that fits holds."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    issuer: _Word
    client_id: _Word
    client_secret_file: Path
    ca_file: Path | None = None
    scopes: tuple[_Word, ...] = ("openid", "profile")
    name_claim: _Word = "preferred_username"
    groups_claim: _Word = "groups"
    roles: Annotated[Mapping[_Word, str], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not is_safe(self.issuer):
            raise ValueError("`issuer` is an https address")
        if "openid" not in self.scopes:
            raise ValueError("`scopes` has `openid` in it")
        if unknown := sorted(set(self.roles.values()) - set(staff_roles())):
            raise ValueError(f"`roles` names {', '.join(unknown)}: the roles are {', '.join(staff_roles())}")
        return self

    def secret(self) -> str:
        """Return our secret there. Raises: Misconfigured: it cannot be read."""
        try:
            text = self.client_secret_file.read_text("utf-8").strip()
        except (OSError, ValueError) as cause:
            raise Misconfigured("the OpenID client's secret cannot be read: see JALKI_OIDC") from cause
        if not 1 <= len(text) <= LONGEST_SECRET:
            raise Misconfigured("the OpenID client's secret is empty, or too long: see JALKI_OIDC")
        return text


def load_oidc(path: Path) -> OidcSettings:
    """Read the file. Raises: Misconfigured: it cannot be read, or says something that cannot be; names what."""
    try:
        told = OidcSettings.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as cause:
        raise Misconfigured(f"{path.name} (JALKI_OIDC) cannot be read: {cause.strerror}") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise Misconfigured(f"{path.name} (JALKI_OIDC) is no TOML") from cause
    except ValidationError as fault:
        faults = (
            f"{'.'.join(map(str, each['loc'])) or 'the file'}: {each['msg'].removeprefix('Value error, ')}"
            for each in fault.errors(include_url=False, include_context=False, include_input=False)
        )
        raise Misconfigured(f"{path.name} (JALKI_OIDC): {'; '.join(faults)}") from None
    beside = {
        name: path.parent / given
        for name in ("client_secret_file", "ca_file")
        if (given := getattr(told, name)) is not None
    }
    found = told.model_copy(update=beside)
    found.secret()
    return found
