"""Where packages of personal data may be sent (GDPR Art. 20(2)): the list the data protection officer keeps. Sends nothing.

A person names the controller she chose; an address is never taken from a request. Whoever is not in the list gets nothing.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.calling import checked_url
from lineage.errors import Misconfigured, Refused

_KEYS = {"party", "url", "verified", "ca_file"}
_LARGEST = 1 << 18


@dataclass(frozen=True, slots=True)
class Target:
    """A controller that takes packages. `party` is its id in the register; `verified` who made sure of the address, and when."""

    name: str
    party: str
    url: str
    verified: str
    ca_file: Path | None = None


def load_targets(path: Path) -> Mapping[str, Target]:
    """Return the targets in a TOML file by name: one table each, with `party`, `url`, `verified` and, if need be, `ca_file`.

    Raises: Misconfigured: the file cannot be read, an address is not https, or nobody has verified it.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise Misconfigured(f"{path.name} is larger than a list of targets ever is: name the right file")
        read = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as cause:
        raise Misconfigured(f"{path.name} cannot be read as TOML: check its path and its form") from cause
    return {name: _target(path.name, name, told) for name, told in read.items()}


def target_of(targets: Mapping[str, Target], name: str) -> Target:
    """Return the target of that name. Raises: Refused: it is not in the list."""
    if name not in targets:
        raise Refused("the controller she chose is not in the list of targets: verify its address, then add it")
    return targets[name]


def _target(file: str, name: str, told: object) -> Target:
    known = isinstance(told, dict) and told.keys() <= _KEYS and all(isinstance(each, str) for each in told.values())
    if not isinstance(told, dict) or not known or not (told.get("party") and told.get("url") and told.get("verified")):
        raise Misconfigured(f"{file}: {name} needs party, url and verified (who made sure of the address, and when)")
    ca_file = Path(told["ca_file"]) if "ca_file" in told else None
    return Target(name, told["party"], checked_url(told["party"], told["url"]), told["verified"], ca_file)
