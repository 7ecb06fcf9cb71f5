"""How to reach Kafka: addresses, TLS and SASL, for every client that speaks to it. Connects to nothing itself."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lineage.errors import Misconfigured


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """Where the brokers are and who we are to them. `security` and `sasl` are Kafka's own words."""

    servers: tuple[str, ...]
    security: str = "PLAINTEXT"
    sasl: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def client_settings(self) -> dict[str, Any]:
        """Return keyword arguments for a client of kafka-python. Raises: Misconfigured: a TLS file cannot be used."""
        settings: dict[str, Any] = {"bootstrap_servers": list(self.servers), "security_protocol": self.security}
        if (context := self.ssl_context()) is not None:
            settings["ssl_context"] = context
        if self.sasl:
            settings |= {
                "sasl_mechanism": self.sasl,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        return settings

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return a context that verifies the broker's certificate and name, None where TLS is not asked for."""
        if self.security not in {"SSL", "SASL_SSL"}:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.certificate_file:
                context.load_cert_chain(self.certificate_file, self.key_file)
        except (OSError, ssl.SSLError) as cause:
            raise Misconfigured(
                "a file of JALKI_KAFKA_CA_FILE, _CERTIFICATE_FILE or _KEY_FILE is missing or is no PEM of its kind"
            ) from cause
        return context
