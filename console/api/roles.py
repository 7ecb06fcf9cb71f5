"""The table of roles (`roles.toml`): who may ask what, and who sees values. Holds no user."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

Shows = Literal["identifiers", "pseudonyms"]
About = Literal["everyone", "own-party", "own-person"]


@dataclass(frozen=True, slots=True)
class Role:
    """What a role may do; a question that it does not name is denied."""

    name: str
    text: str
    shows: Shows
    about: About
    asks: frozenset[str]


@lru_cache(maxsize=1)
def roles() -> Mapping[str, Role]:
    """Return all roles by name, in the order of the table."""
    table = tomllib.loads(files("console.api").joinpath("roles.toml").read_text("utf-8"))
    return {
        name: Role(name, each["text"], each["shows"], each["about"], frozenset(each["asks"]))
        for name, each in table.items()
    }
