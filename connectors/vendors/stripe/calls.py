"""Calls Stripe: forms, the version, idempotency keys, and what its errors mean for us. Knows no job."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from connectors.calling import Answer, Caller
from connectors.protocol import Budget
from connectors.secretfile import Secret
from connectors.vendors.stripe.messages import Wrong, read
from lineage.errors import Misconfigured, Refused, Retryable

RATE = "request"
MISSING = "resource_missing"


@dataclass(frozen=True, slots=True)
class Calls:
    """Stripe at one address. Without `version` it answers by the version that the account has."""

    party: str
    url: str
    key: Secret
    version: str | None
    caller: Caller
    budget: Budget

    async def get(self, path: str) -> Answer:
        """Read something. Raises: as `post`."""
        return await self._call("GET", path, None, {})

    async def delete(self, path: str) -> Answer:
        """Delete something. Raises: as `post`."""
        return await self._call("DELETE", path, None, {})

    async def post(self, path: str, fields: Sequence[tuple[str, str]], once: str) -> Answer:
        """Do something, once for each `once`. An answer is below 500, and may be an error: of the call itself.

        Raises: Misconfigured: key, permissions or version are no good. Refused: the key of idempotency was used otherwise.
        Retryable: the same call is under way, and as `connectors.calling`.
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": once}
        return await self._call("POST", path, urlencode(fields).encode(), headers)

    async def _call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        await self.budget.take(RATE)
        told = {**headers, "Authorization": f"Bearer {self.key.read()}"}
        if self.version is not None:
            told["Stripe-Version"] = self.version
        answer = await self.caller.call(method, f"{self.url}{path}", body, told)
        self._stop(answer)
        return answer

    def _stop(self, answer: Answer) -> None:
        """Raise what is wrong with us, and not with what was asked."""
        if answer.status == 401:
            raise Misconfigured(
                f"{self.party} does not take our key (401): check it, and whether it is of live or of test"
            )
        if answer.status == 403:
            raise Misconfigured(
                f"{self.party} does not allow this to our key (403): grant it redaction jobs and reading"
            )
        if answer.status == 409:
            raise Retryable(f"{self.party} has the same call under way (409)")
        wrong = read(Wrong, answer.body) if answer.status >= 400 else None
        if wrong is not None and wrong.error.type == "idempotency_error":
            raise Refused(
                f"{self.party} has had this task's key with other objects: a person must look what is redacted"
            )
        if answer.status == 404 and wrong is not None and wrong.error.code is None:
            raise Misconfigured(
                f"{self.party} knows no such call (404): its account or the version has no redaction jobs; "
                "check `version`, or set `by: deletion`"
            )


def is_missing(answer: Answer) -> bool:
    """Tell whether Stripe says that it has no such object."""
    wrong = read(Wrong, answer.body) if answer.status in (400, 404) else None
    return wrong is not None and wrong.error.code == MISSING
