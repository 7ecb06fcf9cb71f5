"""What no call to SendGrid may ever be: one that could mean everybody, or shows an address where it need not."""

import json
import re
from collections.abc import Sequence
from urllib.parse import unquote

import httpx2

IDS = re.compile(r"ids=[0-9a-fA-F-]{36}(,[0-9a-fA-F-]{36}){0,199}")
_WITH_ADDRESS = re.compile(r"/v3/(asm/suppressions(/global)?|suppression/[a-z_]+)/[^/]+")
_CONTACTS = "/v3/marketing/contacts"
_LISTS = re.compile(r"/v3/suppression/[a-z_]+")
LONGEST = 8_000


def faults_of(request: httpx2.Request) -> Sequence[str]:
    """Return what is wrong with a call; nothing: it can do no harm to others."""
    target, found = request.url.raw_path.decode("ascii"), []
    path, _, query = target.partition("?")
    whole = f"{target} {request.content.decode('utf-8', 'replace')}".lower()
    if "delete_all" in whole or "removeall" in whole:
        found.append(f"{request.method} {path} could mean everybody")
    if request.method == "DELETE" and path == _CONTACTS and not IDS.fullmatch(query):
        found.append("a deletion of contacts without ids, or with more than ids")
    if request.method == "DELETE" and path != _CONTACTS:
        emails = json.loads(request.content)["emails"] if _LISTS.fullmatch(path) and request.content else []
        if not emails or not all(isinstance(each, str) and "@" in each for each in emails):
            found.append("a list is cleared of nobody, or a deletion that is not known")
    if "@" in unquote(target) and not (request.method == "GET" and _WITH_ADDRESS.fullmatch(path)):
        found.append(f"{request.method} shows an address in its URL")
    if len(target) > LONGEST:
        found.append("a URL is too long")
    if "SG." in target:
        found.append("a URL shows a key")
    return found
