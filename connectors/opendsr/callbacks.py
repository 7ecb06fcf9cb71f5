"""What parties tell us by themselves: the callbacks of OpenDSR (specification §8.5-8.8). Knows no HTTP server.

Nothing of a callback is read before its signature was found right, and none of it is ever logged.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from connectors.answers import Answers, once_of
from connectors.opendsr.messages import Told, read
from connectors.opendsr.peers import Known, by_domain
from connectors.opendsr.signatures import DOMAIN_HEADER
from connectors.opendsr.standing import evidence, is_news, outcome_of
from lineage.cases.rows import COPY
from lineage.cases.transitions import may_become
from lineage.errors import JalkiError, Retryable

AT_ONCE = 0.001
"""Seconds until a party is asked where its copy is, once it has said that it is done."""
TAKEN, NOT_READABLE, NOT_BELIEVED, NOT_OURS, NOT_NOW = 202, 400, 403, 404, 503
_log = logging.getLogger(__name__)


class Callbacks:
    """Takes callbacks of the parties it is given, and of no others."""

    def __init__(self, known: Iterable[Known], answers: Answers, url: str, clock: Callable[[], int]) -> None:
        """`url` is where parties are told to call back to. Raises: Misconfigured: two parties have one domain."""
        self._known, self._answers, self._url, self._clock = by_domain(known), answers, url, clock

    async def receive(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take a callback (`headers` by lower-case name) and return the HTTP status it gets.

        202: taken, or nothing new; 403: not of a party we know, or not signed by it; 400: signed, but not readable or not
        meant for us; 404: about no task of this party; 503: not now, it should be sent again.
        """
        known = self._known.get(headers.get(DOMAIN_HEADER.lower(), "").lower())
        if known is None:
            return _refused(NOT_BELIEVED, "a party we do not know", "not on the list")
        party = known.peer.party
        try:
            by = await known.signer(headers, body)
        except Retryable:
            return _refused(NOT_NOW, party, "its certificate cannot be asked for now")
        except JalkiError:
            return _refused(NOT_BELIEVED, party, "its certificate does not verify")
        if by is None:
            return _refused(NOT_BELIEVED, party, "its signature does not fit")
        said = read(Told, body)
        if said is None:
            return _refused(NOT_READABLE, party, "it is no callback of OpenDSR 2.0")
        if said.status_callback_url != self._url:
            return _refused(NOT_READABLE, party, "it is meant for another address")
        try:
            return await self._take(party, said, evidence(by, headers, body, body.decode("utf-8", "replace")), body)
        except Retryable:
            return _refused(NOT_NOW, party, "the store is away")

    async def _take(self, party: str, said: Told, kept: bytes, body: bytes) -> int:
        asked = await self._answers.asked(said.subject_request_id)
        if asked is None:
            return _refused(NOT_OURS, party, "it is about no task")
        if asked.party != party:
            return _refused(NOT_OURS, party, "it is about a task of another party")
        outcome = outcome_of(said, kept, self._clock(), handle=asked.key)
        if asked.action == COPY and outcome.state == "verified":
            # The copy is still to be fetched: by whoever asks the party, at once, and at the address that it says then.
            outcome = replace(outcome, state="accepted", ask_again_in=AT_ONCE)
            news = may_become(asked.state, outcome.state)
        else:
            news = is_news(asked.state, outcome)
        if not news:
            _log.info("a callback of %s tells nothing new", party)
            return TAKEN
        kept_now = await self._answers.received(asked.key, once_of("opendsr", body), outcome)
        _log.info("a callback of %s: %s", party, outcome.state if kept_now else "known already")
        return TAKEN


def _refused(status: int, party: str, why: str) -> int:
    _log.warning("a callback of %s was refused: %s", party, why)
    return status
