"""Descriptors of parties: how each is told, one YAML file a party. Reads and checks files; opens no connection.

The shipped ones lie in `connectors/parties/`. No address is set there: nobody has confirmed one with the party yet, and a
letter to the wrong mailbox is a disclosure. A folder of your own replaces those of the same party, whole.
"""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel

from connectors.channel import Channel
from connectors.channels import channels
from connectors.descriptor import Descriptor, Meaning
from connectors.normalisers import NORMALISERS
from connectors.protocol import Limits, Rate
from connectors.shapes import MAILBOX, DescriptorShape
from connectors.shaping import meant, shaped
from lineage.errors import Misconfigured
from lineage.identifiers import RANK
from lineage.register.faults import Faults
from lineage.register.model import Place
from lineage.register.reading import Tree, read_tree

SHIPPED = Path(__file__).parent / "parties"
_MOST_FILES = 1_000
_DAY = 86_400.0
_SLIP = 0.8
"""How alike two words must be for one to be taken for a slip of the other (`difflib`)."""


def load_descriptors(own: Path | None = None, registered: Collection[str] = ()) -> Mapping[str, Descriptor]:
    """Return the descriptors by party: the shipped ones, with those of a folder of your own in their place.

    `registered` are the parties there are: a file of your own that is named almost like one is no other party's.

    Raises: Misconfigured: a folder or file that cannot be used; one `FILE:LINE: message` a line, every fault of every file,
    with what may have been meant, and no value.
    """
    found = _folder(SHIPPED, ())
    return found if own is None else {**found, **_folder(own, registered)}


def _folder(folder: Path, registered: Collection[str]) -> dict[str, Descriptor]:
    files = _files(folder)
    faults, known = Faults(), channels()
    for file in files:
        near = get_close_matches(file.stem, registered, 1, _SLIP)
        if near and file.stem not in registered:
            faults.add(Place(file.name), f"no party of the register is called so; do you mean {near[0]}?")
    found = {file.stem: _descriptor(file, known, faults) for file in files}
    faults.stop_if_any()
    return {party: each for party, each in found.items() if each is not None}


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder. One that would be passed over is refused: its party would be told in another way."""
    if not folder.is_dir():
        raise Misconfigured(f"{folder}: there is no such folder of party descriptors (*.yaml)")
    named = {each: each.suffix.lower() for each in sorted(folder.iterdir())}
    for file, suffix in named.items():
        if suffix == ".toml":
            raise Misconfigured(f"{file.name}: descriptors are YAML now, {file.stem}.yaml: write it anew, or remove it")
        if suffix in (".yaml", ".yml") and file.suffix != ".yaml":
            raise Misconfigured(f"{file.name}: only files that end in .yaml are read: call it {file.stem}.yaml")
    files = [each for each, suffix in named.items() if suffix == ".yaml"]
    if len(files) > _MOST_FILES:
        raise Misconfigured(f"{folder}: more than {_MOST_FILES} party descriptors; this looks like the wrong folder")
    return files


def _descriptor(file: Path, known: Mapping[str, Channel], faults: Faults) -> Descriptor | None:
    tree = read_tree(file, file.name, faults)
    shape = None if tree is None else shaped(DescriptorShape, tree, (), tree.content, faults)
    if tree is None or shape is None:
        return None
    channel = known.get(shape.channel)
    if channel is None:
        faults.add(tree.place("channel"), f"there is no such channel{meant(shape.channel, known)}")
        return None
    _check(shape, channel, tree, faults)
    reached = bool(shape.address) or channel.reached_by == "none"
    settings = (
        shaped(channel.settings, tree, ("settings",), tree.content.get("settings", {}), faults)
        if reached or "settings" in tree.content
        else None
    )
    return _told(file, shape, channel, settings)


def _check(shape: DescriptorShape, channel: Channel, tree: Tree, faults: Faults) -> None:
    """Add what is wrong between the parts of a descriptor."""
    if channel.reached_by == "none" and shape.address:
        faults.add(tree.place("address"), f"a party of the channel {shape.channel} has no address")
    if channel.reached_by == "mailbox" and shape.address and not re.fullmatch(MAILBOX, shape.address):
        faults.add(tree.place("address"), "address is not one mailbox, like privacy@party.example")
    if channel.reached_by != "url" and any(each.by != "channel" for each in shape.means.values()):
        faults.add(tree.place("means"), "'by' is for parties that are told by calls")
    _check_identifiers(shape, tree, faults)
    for name, rate in shape.limits.rates.items():
        if not channel.own_rates and name not in channel.rates:
            faults.add(
                tree.place("limits", "rates", name), f"this channel has no such rate{meant(name, channel.rates)}"
            )
        if rate.zone is not None and rate.seconds != _DAY:
            faults.add(tree.place("limits", "rates", name, "zone"), "only a rate of a day (86400 seconds) has a zone")


def _check_identifiers(shape: DescriptorShape, tree: Tree, faults: Faults) -> None:
    for kind, names in shape.identifiers.items():
        # Any word may be a kind of a shop's own; one that is almost one of these is a slip, and would be told nothing.
        if kind not in RANK and (near := get_close_matches(kind, RANK, 1, _SLIP)):
            faults.add(tree.place("identifiers", kind), f"there is no such kind of identifier; do you mean {near[0]}?")
        for index, name in enumerate(names):
            if name not in NORMALISERS:
                faults.add(
                    tree.place("identifiers", kind, index), f"there is no such normaliser{meant(name, NORMALISERS)}"
                )


def _told(file: Path, shape: DescriptorShape, channel: Channel, settings: BaseModel | None) -> Descriptor:
    limits = shape.limits.model_dump(exclude={"rates"})
    rates = {name: Rate(each.calls, each.seconds, each.zone) for name, each in shape.limits.rates.items()}
    return Descriptor(
        party=file.stem,
        channel=shape.channel,
        address=shape.address,
        mailbox=shape.mailbox,
        language=shape.language,
        limits=Limits(**limits, rates={**channel.rates, **rates}, together=channel.together),
        agreement=shape.agreement,
        their_reference=shape.their_reference,
        source=shape.source,
        note=shape.note,
        means={**channel.means, **{right: Meaning(**each.model_dump()) for right, each in shape.means.items()}},
        identifiers={kind: tuple(names) for kind, names in shape.identifiers.items()},
        settings=settings,
        folder=file.parent,
    )
