"""Checks a certificate that was sent or pasted, with a public key: the company's own, or one that was pasted. Keeps nothing."""

from dataclasses import dataclass

from starlette.responses import Response

from console.certificates import checked, shape
from console.opening import Folder
from console.shapes import Shape
from console.web.rendering import holdable
from console.web.uploads import read_fields
from console.web.visits import Visit
from lineage.checkpointing import SIGNING
from lineage.errors import Misconfigured
from lineage.evidence.signing import fingerprint, public_key, public_pem, read_public_pem

LARGEST = 1024 * 1024
"""Bytes of a certificate that is checked here; the command takes larger ones."""
LARGEST_KEY = 8 * 1024
_PDF = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Own:
    """The company's own public key, as it is published."""

    pem: str
    fingerprint: str


async def form(visit: Visit) -> Response:
    """Show the forms, and the company's own key."""
    return await _page(visit, 200)


async def verify(visit: Visit) -> Response:
    """Check what was sent, and show what it proves; refused, the page says why."""
    fields = await read_fields(visit.request, LARGEST, ("certificate", "file", "key"))
    # A browser ends what was pasted as it likes; a certificate is one line with one end.
    pasted = fields.get("certificate", b"").strip()
    content, key = pasted + b"\n" if pasted else fields.get("file", b""), fields.get("key", b"").strip()
    refused = _refused(content, key)
    if refused:
        return await _page(visit, 422, refused=refused, key=key)
    own = await visit.read(_own)
    published = own.pem.encode() if own else b""
    if not key and not published:
        return await _page(visit, 422, refused="no-key")
    try:
        public = read_public_pem(key or published)
    except Misconfigured:
        return await _page(visit, 422, refused="key", key=key)
    found = await visit.office.turns.run(visit.name, lambda _: shape(checked(content, public)))
    return await _page(visit, 200, found=found, key=key)


def _refused(content: bytes, key: bytes) -> str:
    """Return why it is not looked at; empty where it is."""
    if not content:
        return "nothing"
    if len(content) > LARGEST:
        return "large"
    if content.startswith(_PDF):
        return "pdf"
    return "key" if len(key) > LARGEST_KEY else ""


async def _page(
    visit: Visit, status: int, *, refused: str = "", found: Shape | None = None, key: bytes = b""
) -> Response:
    own = await visit.read(_own)
    pasted = holdable(key.decode("utf-8", "replace")) if len(key) <= LARGEST_KEY else ""
    return visit.page("certificates.html", status, refused=refused, found=found, key=pasted, own=own)


def _own(folder: Folder) -> Own | None:
    """Return the company's own key; None where it has signed nothing yet."""
    seed = folder.keyring.find((SIGNING,)).get(SIGNING)
    return None if seed is None else Own(public_pem(seed).decode(), fingerprint(public_key(seed)))
