"""What companies of the group do as processors (GDPR Art. 30(2)), as far as the register says so."""

from collections.abc import Iterable, Mapping

from lineage.register import PERSON, Register, Transfer
from lineage.ropa.activities import categories_of
from lineage.ropa.flows import OWN_SYSTEM
from lineage.ropa.model import Flow, Mandate, together

PROCESSOR = "processor"


def mandates_of(register: Register, flows: Iterable[Flow], at: int) -> tuple[Mandate, ...]:
    """Return a row for each company of the group that is declared as a processor, and each controller it acts for."""
    flows = tuple(flows)
    found: dict[tuple[str, str], list[Flow]] = {}
    for flow in flows:
        if flow.counted.declared and flow.role == PROCESSOR and register.is_controller(flow.target):
            found.setdefault((flow.target, _controller(register, flow.source)), []).append(flow)
    return tuple(_mandate(*ends, got, flows, register, at) for ends, got in sorted(found.items()))


def _controller(register: Register, source: str) -> str:
    """Return for whom the data of a source is worked on; empty where the source does not tell."""
    known = register.party(source)
    return "" if source == PERSON or known is None or known.kind == OWN_SYSTEM else source


def _mandate(
    processor: str, controller: str, got: list[Flow], flows: Iterable[Flow], register: Register, at: int
) -> Mandate:
    purposes = tuple(sorted({flow.purpose for flow in got}))
    passed_on = {flow.target for flow in flows if flow.source == processor and flow.purpose in purposes}
    return Mandate(
        processor=processor,
        controller=controller or None,
        purposes=purposes,
        categories=tuple(each.category for each in categories_of(got)),
        transfers=_transfers(register, passed_on, at),
        counted=together(flow.counted for flow in got),
    )


def _transfers(register: Register, parties: Iterable[str], at: int) -> tuple[Transfer, ...]:
    found: Mapping[str, Transfer | None] = {each: register.transfer(each, at) for each in parties}
    return tuple(each for _, each in sorted(found.items()) if each is not None)
