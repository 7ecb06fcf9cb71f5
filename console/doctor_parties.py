"""How parties can be told, for `doctor`: every descriptor read, every connector made. Calls nobody, and reads no secret."""

import asyncio
from collections.abc import Mapping

from connectors.channel import ByHand, Ways
from connectors.channels import channels, open_connector
from connectors.descriptor import Descriptor
from connectors.descriptors import load_descriptors
from console.settings import Settings
from console.shapes import Shape
from lineage.errors import JalkiError
from lineage.register import Register
from lineage.times import now


class _Uncounted:
    """No call is made, so none is counted."""

    def spend(self, lane: str, window: int, limit: int, calls: int = 1) -> bool:  # noqa: ARG002 - as `connectors.budget.Counts`
        return False


def parties_found(settings: Settings, register: Register) -> list[Shape]:
    """Tell how many parties a program tells, and which cannot be told as their descriptor says."""
    names = {each.id: each.name for each in register.parties()}
    try:
        descriptors = load_descriptors(settings.outward.parties, names)
        told = asyncio.run(_made(descriptors, names, Ways(now, {}, _Uncounted(), purposes=_purposes(register))))
    except JalkiError as error:
        return [_finding(str(error), "broken")]
    if faults := [f"{party}: {why}" for party, why in told.items() if why]:
        return [_finding("\n".join(faults), "broken")]
    by_letter = sum(1 for each in descriptors.values() if each.channel == "manual" and each.address)
    unset = "no mail server is set" if by_letter and settings.outward.mail is None else None
    text = f"{len(told)} told by calls, files or tables, {by_letter} by letter; a person tells the others"
    return [
        _finding(f"{text}; {unset}, so a person writes the letters" if unset else text, "advice" if unset else "ok")
    ]


async def _made(descriptors: Mapping[str, Descriptor], names: Mapping[str, str], ways: Ways) -> dict[str, str]:
    """Return the parties that a program tells, each with what is wrong with its connector; nothing: it can be made."""
    told, known = {}, channels()
    for party, descriptor in descriptors.items():
        try:
            connector = open_connector(descriptor, names.get(party, party), ways, known)
        except JalkiError as error:
            told[party] = str(error)
        except Exception as error:  # noqa: BLE001 - of another package: its text may hold anything
            told[party] = f"the channel {descriptor.channel} is at fault ({type(error).__name__})"
        else:
            if connector is not None:
                await connector.close()
            if connector is not None and not isinstance(connector, ByHand):
                told[party] = ""
    return told


def _purposes(register: Register) -> frozenset[str]:
    return frozenset(each.id for each in register.declared.purposes)


def _finding(text: str, state: str) -> Shape:
    return {"what": "parties", "state": state, "text": text}
