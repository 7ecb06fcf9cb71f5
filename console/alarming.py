"""Who is told of alarms: the wiring of the data protection officer's mailbox. Knows no alarm."""

import asyncio
from typing import TYPE_CHECKING

from console.outward import Outward
from console.terminal import tell
from lineage.cases.casework import Casework
from lineage.cases.telling import is_due
from lineage.errors import JalkiError

if TYPE_CHECKING:
    from connectors.alarms import OfficerMail


def officer_of(outward: Outward) -> "OfficerMail | None":
    """Return how the officer is reached; None where no mailbox is set. Raises: Misconfigured: the mail server's settings."""
    if outward.officer is None or outward.mail is None or outward.sender is None:
        return None
    from connectors.alarms import OfficerMail
    from connectors.mail import Mail

    return OfficerMail(Mail(outward.mail), outward.sender, outward.officer)


def told_now(work: Casework, outward: Outward) -> None:
    """Tell the officer of what there is, once; without a worker nobody else does. What cannot go now goes the next time."""
    officer = officer_of(outward)
    if officer is None or not is_due(work):
        return
    from streams.alarming import Alarming

    try:
        asyncio.run(Alarming(work, officer).tell_all())
    except JalkiError as fault:
        tell(f"the data protection officer is not told of alarms yet: {fault}")
