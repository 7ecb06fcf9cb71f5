"""The channel `drop`: its settings, and the making of its connectors. The wiring; reads no file of a drop."""

from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from connectors.channel import Channel, SecretSettings, Ways
from connectors.descriptor import Descriptor, Meaning
from connectors.drop.connector import Drop
from connectors.drop.places import Folder, Places
from connectors.protocol import Connector
from lineage.errors import Misconfigured

TOGETHER = 500
_FILE = Annotated[str, Field(min_length=1)]


class DropSettings(BaseModel):
    """How a drop is reached; files are beside the descriptor. A folder of this machine needs nothing but `answers`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    answers: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "answers"
    known_hosts_file: _FILE | None = None
    key_file: _FILE | None = None
    passphrase: SecretSettings | None = None
    password: SecretSettings | None = None


def _connect(descriptor: Descriptor, _name: str, ways: Ways) -> Connector:
    settings = descriptor.settings
    assert isinstance(settings, DropSettings)  # noqa: S101 - the channel's own shape, and settings are shaped where there is an address
    return Drop(descriptor.party, _places(descriptor, settings), settings.answers, ways.clock, descriptor.limits)


def _places(descriptor: Descriptor, settings: DropSettings) -> Places:
    if descriptor.address.startswith("/"):
        return Folder(descriptor.party, Path(descriptor.address))
    try:
        url = urlsplit(descriptor.address)
        port = url.port or 22
    except ValueError:
        url, port = urlsplit(""), 0
    if url.scheme != "sftp" or not url.hostname or not url.username or url.password is not None:
        raise Misconfigured(
            f"the address of the drop of {descriptor.party} is sftp://user@host/folder, without a password, "
            "or a path from the root"
        )
    if settings.known_hosts_file is None or (settings.key_file is None) == (settings.password is None):
        raise Misconfigured(f"the drop of {descriptor.party} needs known_hosts_file, and one of key_file and password")
    # asyncssh takes a while to load, and only this needs it.
    from connectors.drop.sftp import Server

    return Server(
        party=descriptor.party,
        host=url.hostname,
        port=port,
        user=unquote(url.username),
        folder=unquote(url.path) or ".",
        known_hosts=descriptor.folder / settings.known_hosts_file,
        key_file=descriptor.folder / settings.key_file if settings.key_file else None,
        passphrase=settings.passphrase.secret(descriptor) if settings.passphrase else None,
        password=settings.password.secret(descriptor) if settings.password else None,
        seconds=descriptor.limits.timeout,
    )


_BY_FILE = "its answer file says what came of it"
DROP = Channel(
    _connect,
    DropSettings,
    together=TOGETHER,
    means={
        "erase": Meaning(f"An order in a file; {_BY_FILE}", "promised"),
        "access": Meaning(f"An order in a file asks for a copy, over the agreed way; {_BY_FILE}", "promised"),
        "rectify": Meaning(f"An order in a file, with the new values; {_BY_FILE}", "promised"),
        "restrict": Meaning(f"An order in a file; {_BY_FILE}", "promised"),
        "stop": Meaning(f"An order in a file; {_BY_FILE}", "promised"),
    },
)
