"""How a server under test is to be secured: who may come in, and by which certificates it is known."""

from dataclasses import dataclass, field
from typing import Literal

Sasl = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True, slots=True)
class Secured:
    """Kafka's ways to secure a listener, in any combination; none of them is Kafka's PLAINTEXT."""

    sasl: Sasl | None = None
    user: str = "shop"
    password: str = field(default="the-shop's-own", repr=False)
    tls: bool = False
    client_certificate: bool = False

    @property
    def protocol(self) -> str:
        """The name Kafka has for it: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
        wire = "SSL" if self.tls or self.client_certificate else "PLAINTEXT"
        return f"SASL_{wire}" if self.sasl else wire


OPEN = Secured()
