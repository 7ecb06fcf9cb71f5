"""The channel `sql`: a system of our own, whose tables Jalki reads and changes by a declared mapping. The wiring alone."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from connectors.channel import Channel, SecretSettings, Ways
from connectors.descriptor import Descriptor, Meaning
from connectors.mapping import SystemMap, load_mapping
from connectors.protocol import Connector
from lineage.errors import Misconfigured
from schemas.vocabulary import vocabulary


class SqlSettings(BaseModel):
    """Where the tables are, who may use them, and what in them is personal data. Files are beside the descriptor."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    url: SecretSettings
    mapping_file: Annotated[str, Field(min_length=1)]
    password: SecretSettings | None = None


def mapping_for(descriptor: Descriptor, ways: Ways) -> SystemMap:
    """Return the mapping of a party's tables. Raises: Misconfigured: it is wrong, or of another system."""
    settings = _settings(descriptor)
    mapping = load_mapping(descriptor.folder / settings.mapping_file, vocabulary().categories, ways.purposes)
    if mapping.system != descriptor.party:
        raise Misconfigured(f"{settings.mapping_file} maps {mapping.system}: name the mapping of {descriptor.party}")
    return mapping


def _connect(descriptor: Descriptor, _name: str, ways: Ways) -> Connector:
    # SQLAlchemy takes a while to load, and only this needs it.
    from connectors.sql import SqlConnector

    settings, mapping = _settings(descriptor), mapping_for(descriptor, ways)
    password = settings.password.secret(descriptor).read() if settings.password else None
    url = settings.url.secret(descriptor).read()
    return SqlConnector(mapping, url, password, limits=descriptor.limits, dry=ways.dry)


def _settings(descriptor: Descriptor) -> SqlSettings:
    if not isinstance(descriptor.settings, SqlSettings):
        raise Misconfigured(f"{descriptor.party} is not told by the channel sql: its descriptor says how it is")
    return descriptor.settings


SQL = Channel(
    _connect,
    SqlSettings,
    reached_by="none",
    dry=True,
    means={
        "erase": Meaning("What the mapping declares is deleted, emptied or pseudonymised, and read back", "verified"),
        "access": Meaning("Her rows are read by the mapping", "verified"),
        "rectify": Meaning("The new value is put where the mapping allows it, and read back", "verified"),
        "restrict": Meaning("Her rows are marked, where the mapping names a mark, and read back", "verified"),
        "stop": Meaning("Staff do it in that system, and say so with what shows it", "promised"),
    },
)
