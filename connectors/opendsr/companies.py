"""Which companies may ask us over OpenDSR: the list in a TOML file, one table a company. Reads and checks it; opens nothing.

Whoever is not in it is refused, and an address that is not in it is never called.
"""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from connectors.calling import checked_url
from connectors.opendsr.answering import Company
from lineage.errors import Misconfigured

_KEYS = {"token_file", "callback_urls", "ca_file"}
_LARGEST = 1 << 18
_MOST_URLS = 5


def load_companies(path: Path) -> Sequence[Company]:
    """Return the companies of a TOML file: one table each, named by its id in the register.

    `token_file` must be there; `callback_urls` and `ca_file` may. Files are paths from the file's own folder.

    Raises: Misconfigured: the file cannot be read, has other keys, or an address is not https.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise Misconfigured(f"{path.name} is larger than a list of companies ever is: name the right file")
        read = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as cause:
        raise Misconfigured(f"{path.name} cannot be read as TOML: check its path and its form") from cause
    if not read:
        raise Misconfigured(f"{path.name} names no company: give each a table, or leave JALKI_COMPANIES unset")
    return [_company(path, party, told) for party, told in sorted(read.items())]


def _company(path: Path, party: str, told: object) -> Company:
    if not isinstance(told, dict) or not told.keys() <= _KEYS or not _is_text(told.get("token_file")):
        raise Misconfigured(
            f"{path.name}: {party} needs token_file, and may have callback_urls and ca_file; nothing else"
        )
    urls = told.get("callback_urls", [])
    if not isinstance(urls, list) or len(urls) > _MOST_URLS or not all(map(_is_text, urls)):
        raise Misconfigured(f"{path.name}: callback_urls of {party} is a list of at most {_MOST_URLS} addresses")
    ca_file = told.get("ca_file")
    if ca_file is not None and not _is_text(ca_file):
        raise Misconfigured(f"{path.name}: ca_file of {party} is the path of a PEM file")
    for url in urls:
        checked_url(party, url)
    folder = path.parent
    return Company(party, folder / told["token_file"], frozenset(urls), folder / ca_file if ca_file else None)


def _is_text(told: object) -> bool:
    return isinstance(told, str) and bool(told.strip())
