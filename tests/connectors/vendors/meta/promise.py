"""What the connector of Meta promises. What Meta takes for one removal is one session."""

from connectors.normalisers import sha256_hex
from tests.connectors.orders import MAIL
from tests.connectors.vendors.meta import seat
from tests.connectors.vendors.sandboxed import Held, Sandboxed, staged_on
from tests.contracts.connector import SECRETS, Promise


def _rows(held: Held) -> list[str]:
    return [each["EMAIL"] for each in held["audiences"][seat.LAPTOPS]["members"]]


META = Promise(
    "meta",
    {"erase": "promised", "restrict": "promised", "stop": "promised"},
    staged_on(
        Sandboxed(
            vendor=seat.vendor,
            text=seat.DESCRIPTOR,
            files=("meta.token", "meta.app-secret"),
            seeds=lambda: {"audiences": [{"id": seat.LAPTOPS, "members": [seat.member(), seat.member(seat.OTHER)]}]},
            order=lambda action: seat.erasure(action=action),
            is_done=lambda _, held: sha256_hex(MAIL) not in _rows(held),
            others=lambda held: {each for each in _rows(held) if each != sha256_hex(MAIL)},
            told=lambda state: list(state.audiences[seat.LAPTOPS].sessions) if seat.LAPTOPS in state.audiences else [],
            secrets=(*SECRETS, sha256_hex(MAIL), seat.LAPTOPS),
        )
    ),
    alike=frozenset({"restrict", "stop"}),
)
