"""The command `sandbox`: serves the vendors that stand in for the real ones, and writes what a shop needs to use them."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from console.files import write_all
from console.shapes import as_json
from console.terminal import Json, err, say, tell

if TYPE_CHECKING:
    from connectors.sandbox.hosted import Hosted

LIST = "sandbox.json"
AUTHORITY = "sandbox-ca.pem"


def sandbox_command(
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65_000, help="The first vendor's port; the others follow.")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", help="Where URLs and keys are written.", show_default=False)
    ] = Path("jalki-sandbox"),
    listen: Annotated[
        str, typer.Option("--listen", help="The address to serve on. Any but the loopback address needs --host.")
    ] = "127.0.0.1",
    host: Annotated[
        str | None,
        typer.Option(
            "--host", help="By which name others reach it, who may: over TLS then, by a certificate of its own."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Serve stand-ins of vendors until SIGTERM or Ctrl-C: for tries, tests and staging, never in earnest.

    Each has a port of its own on 127.0.0.1, free ones unless `--port` says otherwise. What they hold is in memory.
    """
    asyncio.run(_serve(port, folder, json, listen, host))


async def _serve(port: int | None, folder: Path, json: bool, listen: str, host: str | None) -> None:
    # Its server takes longer to import than any question takes to answer.
    from connectors.sandbox.certificates import others
    from connectors.sandbox.clock import Clock
    from connectors.sandbox.serving import served
    from connectors.sandbox.vendors import all_vendors
    from console.serving import told_to_stop

    clock, told = Clock(), told_to_stop()
    vendors = all_vendors(clock)
    ports = None if port is None else range(port, port + len(vendors))
    shown = None if host is None else others(host)
    async with served(vendors, clock, host=listen, ports=ports, others=shown) as sandbox:
        urls = {name: hosted.url for name, hosted in sandbox.items()}
        files = {name: shop_files(hosted, AUTHORITY if shown else None) for name, hosted in sandbox.items()}
        authority = {AUTHORITY: shown.authority.rstrip()} if shown else {}
        content = {each: text for of in files.values() for each, text in of.items()}
        # The list of URLs last, for it says that all is there.
        written = {**authority, **content, LIST: as_json(urls)}
        write_all(folder, {name: f"{text}\n".encode() for name, text in written.items()})
        if shown:
            tell(
                "whoever reaches these ports can call the vendors, and steer them at /_sandbox/: let only your staging"
            )
        _show(urls, files, folder)
        if json:
            say(as_json({"folder": f"{folder}", "vendors": urls}))
            sys.stdout.flush()  # whoever started this waits for it
        await told.wait()
    tell("stopped; what the vendors held is gone")


def shop_files(hosted: "Hosted", ca_file: str | None = None) -> Mapping[str, str]:
    """Return the files by which a shop's Jalki uses this vendor instead of the real one: content by file name.

    Its credentials; and where a connector calls it, the party's shipped descriptor with its address here and its settings,
    for JALKI_PARTIES. `ca_file` is the name of the file with the authority that vouches for it, where it is served over TLS.
    """
    from connectors.descriptors import SHIPPED
    from connectors.sandbox.pointing import POINTINGS

    name, files = hosted.vendor.name, dict(hosted.vendor.credentials(hosted.url))
    if name in POINTINGS:
        shipped = (SHIPPED / f"{name}.yaml").read_text("utf-8")
        pointed = POINTINGS[name].put_into(shipped, hosted.url, ca_file).rstrip()
        files[f"{name}.yaml"] = f"# {name} of the sandbox, not the vendor.\n{pointed}"
    return files


def _show(urls: Mapping[str, str], files: Mapping[str, Mapping[str, str]], folder: Path) -> None:
    table = Table("vendor", "URL", "files", title="Sandbox: stand-ins of vendors")
    for name, url in urls.items():
        table.add_row(name, url, ", ".join(files[name]))
    err.print(table)
    tell(f"files are in {folder}; Ctrl-C stops it")
