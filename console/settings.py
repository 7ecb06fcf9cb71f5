"""The settings: environment variables, read once and checked. One table, from which help, checks and documentation are made."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from console.logs import FORMATS, Format
from console.outward import OUTWARD, Outward, read_outward
from console.servers import SERVERS, Servers, address_of, existing_file, read_servers
from lineage.cases.words import RIGHTS, Right
from lineage.errors import Misconfigured
from streams.kafka.access import KafkaAccess

SETTINGS: Mapping[str, str] = {
    "JALKI_DATA": "Folder that everything is kept in. `--data` goes before it. Default: `jalki-data` in the working folder.",
    "JALKI_MASTER_KEY_FILE": "File with the master key. Default: `master.key` in the data folder; keep it elsewhere in earnest.",
    "JALKI_REGISTER": "The register: a YAML file, or a folder of them. Default: the one shipped, of Multitronic.",
    "JALKI_SCHEMAS": "A folder with event types of your own, one annotated `.avsc` file each, beside the shipped ones.",
    "JALKI_LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR. Logs go to stderr and hold no personal data. Default: WARNING.",
    "JALKI_LOG_FORMAT": "text, or json: one object a line. Default: text.",
    "JALKI_API": "Where `jalki serve` answers, `host:port`. Default: `127.0.0.1:9465`.",
    "JALKI_ACCESS_FILE": "The file of who may ask it. Default: `access.json` in the data folder.",
    "JALKI_CONSOLE": "Where `jalki console` is served, `host:port`. Default: `127.0.0.1:9466`.",
    "JALKI_CONSOLE_URL": "How browsers reach it, `https://…`. Default: the address itself.",
    "JALKI_ACCOUNTS_FILE": "The file of who may sign in to it. Default: `accounts.json` in the data folder.",
    "JALKI_CUSTOMER_URL": "How customers reach their pages of it, `https://…`. Default: as JALKI_CONSOLE_URL.",
    "JALKI_CUSTOMER_LINK_KEY_FILE": "File with the secret the shop signs customers' links with. Default: no links.",
    "JALKI_OIDC": "A TOML file that tells of an OpenID Connect provider to sign in to the console with. Default: none.",
    "JALKI_FOUR_EYES": "Rights whose approval takes two persons, with commas, such as `erasure`. Default: none.",
    **SERVERS,
    **OUTWARD,
}
_API, _CONSOLE = "127.0.0.1:9465", "127.0.0.1:9466"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the program was told by its environment and `--data`."""

    data: Path
    master_key_file: Path
    register: Path | None
    schemas: Path | None
    log_level: str
    log_format: Format = "text"
    servers: Servers = field(default_factory=Servers)
    outward: Outward = field(default_factory=Outward)
    api: tuple[str, int] = ("127.0.0.1", 9465)
    access: Path | None = None
    console: tuple[str, int] = ("127.0.0.1", 9466)
    console_url: str | None = None
    accounts: Path | None = None
    customer_url: str | None = None
    shop_links: Path | None = None
    oidc: Path | None = None
    four_eyes: frozenset[Right] = frozenset()

    @property
    def access_file(self) -> Path:
        """Who may ask the HTTP API."""
        return self.access or self.data / "access.json"

    @property
    def accounts_file(self) -> Path:
        """Who may sign in to the console."""
        return self.accounts or self.data / "accounts.json"

    @property
    def kafka(self) -> KafkaAccess | None:
        """How to reach Kafka; None where the stream is embedded."""
        return self.servers.kafka


def read_settings(environ: Mapping[str, str] = os.environ, data: Path | None = None) -> Settings:
    """Read the settings; an empty variable counts as unset.

    Raises:
        Misconfigured: a variable that is not known, or one with a value that cannot be used.
    """
    given = {name: value for name, value in environ.items() if name.startswith("JALKI_") and value}
    for name in sorted(given.keys() - SETTINGS.keys()):
        raise Misconfigured(f"{name} is not a setting: the settings are {', '.join(SETTINGS)}")
    level = given.get("JALKI_LOG_LEVEL", "WARNING").upper()
    if level not in _LEVELS:
        raise Misconfigured(f"JALKI_LOG_LEVEL is one of {', '.join(_LEVELS)}")
    form = next((each for each in FORMATS if each == given.get("JALKI_LOG_FORMAT", "text").lower()), None)
    if form is None:
        raise Misconfigured(f"JALKI_LOG_FORMAT is one of {', '.join(FORMATS)}")
    folder = data or Path(given.get("JALKI_DATA", "jalki-data"))
    return Settings(
        data=folder,
        master_key_file=Path(given.get("JALKI_MASTER_KEY_FILE", folder / "master.key")),
        register=_existing(given, "JALKI_REGISTER"),
        schemas=_existing(given, "JALKI_SCHEMAS"),
        log_level=level,
        log_format=form,
        servers=read_servers(given),
        outward=read_outward(given),
        api=_address(given.get("JALKI_API", _API), "JALKI_API"),
        access=Path(given["JALKI_ACCESS_FILE"]) if "JALKI_ACCESS_FILE" in given else None,
        console=_address(given.get("JALKI_CONSOLE", _CONSOLE), "JALKI_CONSOLE"),
        console_url=_origin(given, "JALKI_CONSOLE_URL"),
        oidc=_existing(given, "JALKI_OIDC"),
        four_eyes=_rights(given.get("JALKI_FOUR_EYES", "")),
        accounts=Path(given["JALKI_ACCOUNTS_FILE"]) if "JALKI_ACCOUNTS_FILE" in given else None,
        customer_url=_origin(given, "JALKI_CUSTOMER_URL"),
        shop_links=existing_file(given, "JALKI_CUSTOMER_LINK_KEY_FILE"),
    )


def _address(text: str, name: str) -> tuple[str, int]:
    parts = urlsplit(f"//{address_of(text, name)}")
    return str(parts.hostname), int(parts.port or 0)


def _rights(text: str) -> frozenset[Right]:
    asked = {each.strip() for each in text.split(",") if each.strip()}
    if not asked <= set(RIGHTS):
        raise Misconfigured(f"JALKI_FOUR_EYES names rights of {', '.join(RIGHTS)}")
    return frozenset(each for each in RIGHTS if each in asked)


def _origin(given: Mapping[str, str], name: str) -> str | None:
    """Return an address without anything behind the host. Raises: Misconfigured: it is none, or has a path."""
    if name not in given:
        return None
    parts = urlsplit(given[name])
    local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or parts.scheme not in (("https", "http") if local else ("https",)) or parts.path.strip("/"):
        raise Misconfigured(f"{name} is an address like https://console.shop.example, without a path")
    return f"{parts.scheme}://{parts.netloc}"


def _existing(given: Mapping[str, str], name: str) -> Path | None:
    if name not in given:
        return None
    if not (path := Path(given[name])).exists():
        raise Misconfigured(f"{name} names a file or folder that does not exist")
    return path
