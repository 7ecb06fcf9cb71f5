"""Writes what a release is made of (a software bill of materials, CycloneDX 1.6 JSON): `python -m supply.bill FILE`.

The same bytes for the same commit: its time is SOURCE_DATE_EPOCH, its number is made of its content, and what is for other
systems than the image's is left out. Nothing that only tests use is in it.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from supply.locked import LOCK, ROOT, licence_of, needed, pinned, project

VENDOR = ROOT / "console" / "web" / "static" / "vendor"
_OURS = UUID("5d2ff7a4-8f0a-5f6e-9a51-2f9d4a0f7b11")


def bill(made: datetime) -> str:
    """Return the bill as JSON. Raises: PackageNotFoundError: something that the program needs is not installed here."""
    told = project()["project"]
    more = [each for several in told["optional-dependencies"].values() for each in several]
    wanted, all_of_it = needed(told["dependencies"]), needed([*told["dependencies"], *more])
    whole = _component("jalki", told["version"], told["license"], ComponentType.APPLICATION)
    parts = {name: _library(name, optional=name not in wanted) for name in sorted(all_of_it)}
    drawn = list(_vendored())
    bom = Bom(components=[*parts.values(), *drawn])
    bom.metadata.component, bom.metadata.timestamp = whole, made
    bom.metadata.properties.add(Property(name="jalki:requirements.lock:sha256", value=_sha256(LOCK)))
    bom.register_dependency(whole, [*(parts[name] for name in _named(told["dependencies"], more)), *drawn])
    for name, inner in all_of_it.items():
        bom.register_dependency(parts[name], [parts[each] for each in inner if each in parts])
    bom.serial_number = uuid5(_OURS, _content(bom))
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1) + "\n"


def _content(bom: Bom) -> str:
    """Return what a bill says, but for its number."""
    said = json.loads(make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string())
    del said["serialNumber"]
    return json.dumps(said, sort_keys=True)


def _named(*asked: list[str]) -> list[str]:
    return sorted({str(canonicalize_name(Requirement(each).name)) for several in asked for each in several})


def _library(name: str, *, optional: bool) -> Component:
    return _component(name, _pins()[name], licence_of(name), ComponentType.LIBRARY, optional=optional)


def _pins() -> Mapping[str, str]:
    return {name: each.version for name, each in pinned(LOCK.read_text("utf-8")).items()}


def _component(
    name: str, version: str, licence: str | None, kind: ComponentType, *, group: str = "pypi", optional: bool = False
) -> Component:
    purl = PackageURL(group, None, name, version)
    made = Component(
        name=name, version=version, type=kind, purl=purl, bom_ref=purl.to_string(),
        scope=ComponentScope.OPTIONAL if optional else None,
    )  # fmt: skip
    if licence:
        made.licenses.add(LicenseFactory().make_from_string(licence))
    return made


def _vendored() -> Iterator[Component]:
    """Yield the scripts of others that pages load, each with the SHA-256 of the file that is shipped."""
    kept = json.loads((VENDOR / "package-lock.json").read_text("utf-8"))["packages"]
    for file in sorted(VENDOR.glob("*.min.js")):
        name = next(
            each for each in kept if each and Path(each).name.removesuffix(".org") == file.name.removesuffix(".min.js")
        )
        told = kept[name]
        made = _component(Path(name).name, told["version"], told["license"], ComponentType.LIBRARY, group="npm")
        made.hashes.add(HashType(alg=HashAlgorithm.SHA_256, content=_sha256(file)))
        yield made


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def main() -> int:
    """Write the bill; the time is that of the commit."""
    if len(sys.argv) != 2 or not os.environ.get("SOURCE_DATE_EPOCH", "").isdecimal():
        sys.stderr.write("usage: SOURCE_DATE_EPOCH=SECONDS python -m supply.bill FILE\n")
        return 2
    Path(sys.argv[1]).write_text(bill(datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
