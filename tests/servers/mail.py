"""What a mail server on the loopback address does with letters: keeps them, or goes wrong on demand."""

from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(slots=True)
class Letters:
    """Keeps what comes; with a `fault` it takes nothing."""

    fault: str | None = None
    kept: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answers = {"busy": "450 4.2.1 later", "refused": "550 5.1.1 unknown"}
        if self.fault in answers:
            return answers[self.fault]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - see above
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.kept.append(letter)
        self.recipients += envelope.rcpt_tos
        return "250 OK"
