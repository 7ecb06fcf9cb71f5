"""What the codes of a certificate mean, in plain words. They travel inside it, so that it is understood without Jalki."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lineage.cases.refusals import refusal_grounds

WORDS: Mapping[str, str] = {
    # states of a task
    "held": "the law keeps this until the day given; it is erased after it without a new request",
    "queued": "not sent yet",
    "sent": "handed over; nothing has come back",
    "accepted": "the party said that it has the task; this shows nothing of what it did",
    "verified": "done; how this is known is said beside it",
    "promised": "the party says that it is done, or will be by the day given; nothing shows it",
    "partial": "done for a part",
    "declined": "the party keeps it on a ground of its own",
    "not_held": "the party says that it has nothing of the person",
    "manual": "a person has to do it or to ask",
    "overdue": "no answer in time",
    "failed": "could not be delivered, or what was promised proved untrue",
    "cancelled": "called off before this went out: the request was withdrawn, or an order keeps what it is about",
    # forms
    "instruction": "to a processor, which must do it (GDPR Art. 28(3))",
    "notice": "to a controller, which decides itself (GDPR Art. 19)",
    "internal": "the company's own system",
    # how it is known
    "read-back": "the party's system was asked again, and had nothing any more",
    "signed-answer": "the party said so in an answer with its signature",
    "confirmed-link": "somebody at the party said so through the link in our letter",
    "staff-evidence": "a member of staff has seen evidence, which is kept with the case",
    "turns-over": "a copy that is overwritten in its turn by the day given; it is not used meanwhile",
    "by-hand": "a person tells the party, not the company's program",
    "timeout": "the party's system did not answer in time; it is asked again",
    "away": "the party's system could not be reached; it is asked again",
    "connector-fault": "the company's own program failed when it was to tell the party; it tries again, then a person does it",
    "refused": "the party's system did not take the task; a person looks at it",
    "legal-hold": "an order of a court or an authority keeps what this is about",
    "key-gone": "what was sent to the party cannot be read any more; a person has to tell it",
    "no-address": "the company has no address of the party to write to",
    "not-by-calls": "the party's interface has no call for this, or not for all of it; a person tells it",
    "in-part": "some of the calls are made, and the others are made later",
    "no-answer-yet": "the party has not answered yet",
    "own-system": "one of the company's own systems",
    "reads-only": "the company's own tables, which Jalki reads and does not change: a person erases there",
    # unknown, and out of scope
    "shared-identifiers-left-alone": "identifiers that others use too; nothing was done with them without a decision",
    "identifiers-of-several-persons": "identifiers given that may be of several persons",
    "disclosures-that-no-longer-open": "disclosures whose identifiers as sent cannot be read any more",
    "role-unknown": "the register does not say in which role this party acts",
    "day-of-hold-assumed": "no event says from which day the law's time counts; the day was assumed",
    "copy-declared-not-observed": "the register says that this party has copies; no event showed it",
    "systems-without-events": "what no event and no entry of the register tells of: Jalki cannot know it",
    "passed-on-unseen": "what a party passed on to others without telling the company",
    "authorities": "what authorities got under a law; they are given no task and are not named here",
    "withheld": "something stands here that is nobody's business; its digest is in the chain",
}
_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"http-2\d\d", "the party's server took the request; this shows nothing of what it did"),
    (r"http-\d\d\d", "the party's server did not take the request"),
    (r"smtp-\d\d\d", "the mail server took the letter; this shows nothing of whether anybody read it"),
)


def meaning(code: str) -> str | None:
    """Return what a code means; None for one that speaks for itself."""
    if code in WORDS:
        return WORDS[code]
    if (ground := refusal_grounds().get(code.removeprefix("GDPR "))) is not None:
        return ground.texts["en"]
    return next((text for pattern, text in _PATTERNS if re.fullmatch(pattern, code)), None)


def legend(statement: Mapping[str, Any]) -> dict[str, str]:
    """Return the meaning of every code a statement uses."""
    return {code: text for code in sorted(set(_texts(statement))) if (text := meaning(code)) is not None}


def _texts(told: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(told, Mapping):
        for each in told.values():
            yield from _texts(each)
    elif isinstance(told, list):
        for each in told:
            yield from _texts(each)
    elif isinstance(told, str):
        yield told
