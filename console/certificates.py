"""The command `verify-certificate`: checks a proof with the company's public key alone. No data folder, no network."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.terminal import IN_PART, Json, counted, say, tell
from lineage.errors import Misconfigured

if TYPE_CHECKING:
    from lineage.evidence.verifying import Finding

_PDF = b"%PDF-"
_KEY_FILE = 64 * 1024
_GENUINE = (
    "the certificate inside is genuine, but these are not the pages this version draws of it: go by its JSON alone"
)


def verify_certificate_command(
    file: Annotated[Path, typer.Argument(help="A certificate: its JSON, or its PDF.")],
    key: Annotated[Path, typer.Option("--key", help="The company's public key, PEM.")],
    *,
    json_: Json = False,
) -> None:
    """Check a certificate offline: signature, chain, statement, checkpoint. Exit code 0: verified; 1: not."""
    # Only this command needs these, and they would be loaded for all others too.
    from lineage.evidence.signing import read_public_pem
    from lineage.evidence.verifying import LARGEST

    public = read_public_pem(_read(key, _KEY_FILE, "the key file"))
    found = checked(_read(file, LARGEST, "the certificate"), public)
    if json_:
        say(json.dumps(shape(found), ensure_ascii=False, indent=2))
    elif found.verified and found.body is not None:
        _tell_verified(found.body)
    for fault in found.faults:
        tell(f"jalki: not verified: {fault.check}: {fault.message}")
    if not found.verified:
        raise typer.Exit(IN_PART)


def checked(content: bytes, public: bytes) -> "Finding":
    """Check a certificate as it lies in a file, JSON or PDF. Of a PDF every byte must be what its certificate is drawn as."""
    from lineage.evidence.verifying import Fault, Finding, verify

    if not content.startswith(_PDF):
        return verify(content, public)
    from console.certificates_pdf import inside, pages  # the PDF library takes a second to load

    file = inside(content)
    if file is None:
        return Finding((Fault("form", "this PDF does not have one certificate attached, as Jalki attaches it"),))
    found = verify(file, public)
    if found.verified and found.body is not None and pages(file, found.body) != content:
        return Finding((Fault("pages", _GENUINE),), found.body)
    return found


def shape(found: "Finding") -> dict[str, Any]:
    """Return what `--json` prints. The statement is there only where it is verified."""
    faults = [{"check": each.check, "entry": each.entry, "message": each.message} for each in found.faults]
    body = found.body if found.verified else None
    return {
        "verified": found.verified,
        "faults": faults,
        "issued": body and body["issued"],
        "key": body and body["key"],
        "entries": body and len(body["chain"]),
        "head": body and body["chain"][-1]["hash"],
        "checkpoint": body
        and body["checkpoint"]
        and {name: body["checkpoint"][name] for name in ("number", "count", "root")},
        "statement": body and body["statement"],
    }


def _tell_verified(body: Any) -> None:  # noqa: ANN401 - any JSON
    stated = body["statement"]
    say(f"verified: case {stated['case']}, {stated['right']}, {stated['state']}; issued {body['issued']}")
    say(f"key {body['key']}")
    say(
        f"{counted(len(body['chain']), 'entry').replace('entrys', 'entries')}, the last one {body['chain'][-1]['hash']}"
    )
    point = body["checkpoint"]
    say(f"checkpoint {point['number']}, root {point['root']}" if point else "no checkpoint")
    for state, number in stated["counts"].items():
        say(f"  {state}: {number}")
    say(f"only promised: {len(stated['only_promised'])}, not done: {len(stated['not_done'])}, held: {len(stated['holds'])}, "
        f"not known: {len(stated['unknowns'])}")  # fmt: skip


def _read(path: Path, largest: int, what: str) -> bytes:
    """Return a file's bytes. Raises: Misconfigured: it cannot be read, or is larger than `largest` bytes."""
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as cause:
        raise Misconfigured(f"{what} cannot be read: {cause.strerror}") from cause
    if len(content) > largest:
        raise Misconfigured(f"{what} is larger than {largest:,} bytes: it is not one")
    return content
