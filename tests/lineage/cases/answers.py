"""What parties answer, and what authorities order, in the machine that checks cases."""

from lineage.cases.holds import LegalHold
from lineage.cases.orders import Outcome
from tests.lineage.cases.town import DAY

ORDERS = [
    LegalHold("one", "district court", "law", 0, party="klarna"),
    LegalHold("two", "police", "law", 0, category="email"),
    LegalHold("three", "district court", "law", 0, purpose="delivery"),
]
YEARS, LATE = 20 * 366 * DAY, 41 * DAY
OUTCOMES: dict[str, Outcome] = {
    "signed": Outcome("verified", how="signed-answer"),
    "read-back": Outcome("verified", how="read-back"),
    "2xx": Outcome("accepted", how="http-202", handle="job-1", ask_again_in=3_600),
    "mailed": Outcome("sent", how="smtp-250"),
    "promised": Outcome("promised", how="signed-answer", by="2026-12-01", handle="job-1"),
    "partial": Outcome("partial", how="signed-answer", ground="one record is locked"),
    "declined": Outcome("declined", how="signed-answer", ground="a duty of its own"),
    "not-held": Outcome("not_held", how="signed-answer"),
    "manual": Outcome("manual", how="no-protocol"),
    "failed": Outcome("failed", how="http-410"),
}
THE_END = [
    (DAY, "mailed"),
    (8 * DAY, "2xx"),
    (YEARS, "signed"),
    (LATE, "signed"),
    (40 * DAY, "signed"),
    (DAY, "signed"),
    (4 * 366 * DAY, "signed"),  # what was sealed of whatever has ended meanwhile goes too
]
"""How a run ends: time that passes, and what parties answer then."""
