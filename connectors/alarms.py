"""Tells the data protection officer of alarms by mail: which case, what, which day, what to do. No personal data is in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

from connectors.mail import Mail
from lineage.cases.case import Alarm, Case
from lineage.cases.rows import dates_of
from lineage.cases.telling import Message
from lineage.clocks import day_of

_STATES = {
    "manual": "a person must do it or ask",
    "overdue": "no answer by {due}",
    "failed": "it cannot be delivered, or a promise proved untrue",
    "partial": "done for a part: look at what is left",
    "verified": "its copy came after the answer was made: make the answer again, and send it to the person",
}


@dataclass(frozen=True, slots=True)
class OfficerMail:
    """The officer's mailbox, and how it is reached. `sender` is the mailbox such mail comes from."""

    mail: Mail
    sender: str
    mailbox: str

    async def tell(self, message: Message) -> None:
        """Return when the mail server has taken the message upon itself. Raises: as `Mail.hand_in`."""
        await self.mail.hand_in(compose(message, self.sender, self.mailbox), self.sender, self.mailbox)


def compose(message: Message, sender: str, mailbox: str) -> EmailMessage:
    """Return the mail. Its Message-ID is the message's name: sent twice, it is one to any mail system that looks."""
    count = sum(len(alarms) for _, alarms in message.cases)
    mail = EmailMessage(SMTP.clone(cte_type="7bit"))
    mail["From"], mail["To"] = sender, mailbox
    cases = "1 case" if len(message.cases) == 1 else f"{len(message.cases)} cases"
    mail["Subject"] = f"Jalki: {count} {'alarm' if count == 1 else 'alarms'} on {cases}"
    mail["Message-ID"] = f"<{message.name}.alarms@{sender.rpartition('@')[2]}>"
    mail["Date"] = datetime.fromtimestamp(max(each.at for _, some in message.cases for each in some) // 1_000_000, UTC)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers, please
    mail["Content-Language"] = "en"
    mail.set_content("\n".join(_lines(message)), cte="quoted-printable")
    return mail


def _lines(message: Message) -> Iterator[str]:
    for case, alarms in message.cases:
        yield f"case {case.id}: {case.right}, to be answered by {dates_of(case).operative}"
        yield from (f"  - {_line(case, each)}" for each in alarms)
        yield f"  look at it with: jalki case show {case.id}"
        yield ""
    yield "Each alarm is told once. A second message with the same Message-ID is the same message."


def _line(case: Case, alarm: Alarm) -> str:
    day = day_of(alarm.at)
    match alarm.kind:
        case "answer-due":
            return f"{day}: the answer is due on {dates_of(case).operative}, and is not given"
        case "answer-overdue":
            return f"{day}: the answer is overdue since {alarm.about.removeprefix('overdue-')}: answer now, or extend"
        case "hold-review":
            return (
                f"{day}: review order {alarm.about} to keep something: is it still in force? jalki case release ends it"
            )
        case "incident":
            return f"{day}: data of the person came back after the erasure; its source has it still, tell it to stop"
        case "task":
            task = case.tasks[alarm.about]
            what = _STATES[alarm.state].format(due=task.due)
            return f"{day}: task {task.id.rpartition('/')[2]}, {task.form} to {task.party}, is {alarm.state}: {what}"
