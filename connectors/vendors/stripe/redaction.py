"""Redacts at Stripe by redaction jobs: made, validated, run, and each object read back. What is redacted is so for ever.

A job is run only by `send`: while it is validated the task counts as sent, and is sent again with the jobs in its handle.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from connectors.calling import Answer
from connectors.protocol import Limits
from connectors.vendors.stripe.calls import Calls, is_missing
from connectors.vendors.stripe.handles import Jobs
from connectors.vendors.stripe.messages import Job, ValidationErrors, read
from connectors.vendors.stripe.reading_back import GRACE_DAYS, Look, evidence, look
from connectors.vendors.stripe.references import About, Reference, by_hand
from lineage.cases.orders import Order, Outcome
from lineage.clocks import day_of
from lineage.errors import Refused

PATH = "/v1/privacy/redaction_jobs"
VALIDATE_SECONDS = 15.0
REDACT_SECONDS = 600.0
READS_AT_ONCE = 20
"""Objects that are read in one attempt: Stripe takes 25 such calls in a second. The rest is read at the next."""
NEXT_SECONDS = 2.0
_NEXT = {"ready": "run", "failed": "validate"}
"""What is done to a job by its status."""
_UNREAD = "answer-unfit"


class Redaction:
    """Satisfies `connectors.protocol.Connector`. `fixes`: Stripe may end what stands in the way, such as subscriptions."""

    def __init__(self, limits: Limits, calls: Calls, clock: Callable[[], int], *, fixes: bool) -> None:
        self._limits, self._calls, self._clock, self._fixes = limits, calls, clock, fixes

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._limits

    async def send(self, order: Order) -> Outcome:
        """Make the jobs of an order; when it has some, run those that may be. Raises: as `Calls.post`, and Refused."""
        if (said := by_hand(order)) is not None:
            return said
        about = About.of(order)
        if not about.objects:
            return Outcome("manual", how="no-such-call", ground="no-reference")
        jobs = Jobs.read(order.handle)
        return await self._make(order, about) if jobs is None else await self._run(order, jobs)

    async def ask(self, order: Order) -> Outcome:
        """Ask how the jobs go; when they are done, read every object back. Raises: as `Calls.post`, and Refused."""
        jobs = Jobs.read(order.handle)
        if jobs is None:
            raise Refused(f"nothing tells which jobs of {order.party} these are: send the task again")
        found = [await self._job(each) for each in jobs.ids]
        if wrong := await self._wrong(found, jobs):
            return wrong
        if any(each.status in ("created", "validating", "ready") for each in _read(found)):
            return Outcome("manual", how="job", ground="job-not-run", handle=jobs.handle)
        about = About.of(order)
        now, objects = self._clock(), about.objects[jobs.seen : jobs.seen + READS_AT_ONCE]
        looks = [look(each, await self._calls.get(each.path), order, now) for each in objects]
        done = all(each.status == "succeeded" for each in _read(found))
        return self._standing(about, jobs, looks, done=done)

    async def close(self) -> None:
        """Let connections go."""
        await self._calls.caller.close()

    async def _make(self, order: Order, about: About) -> Outcome:
        made: list[str] = []
        for number, objects in enumerate(about.jobs()):
            answer = await self._calls.post(PATH, self._fields(objects), _once(order.key, number))
            job = read(Job, answer.body) if answer.status == 200 else None
            if job is None:
                return _not_made(answer, about)
            made.append(job.id)
        return Outcome("sent", how="http-200", handle=Jobs(tuple(made)).handle, ask_again_in=VALIDATE_SECONDS)

    def _fields(self, objects: Sequence[Reference]) -> Sequence[tuple[str, str]]:
        named = [(f"objects[{each.type.name}][]", each.id) for each in objects]
        return [*named, ("validation_behavior", "fix" if self._fixes else "error")]

    async def _run(self, order: Order, jobs: Jobs) -> Outcome:
        found: list[Job | Answer] = []
        for number, each in enumerate(jobs.ids):
            job = await self._job(each)
            act = _NEXT.get(job.status) if isinstance(job, Job) else None
            if act == "run" or (act == "validate" and jobs.told):
                # A job is run once, and validated as often as a person says so.
                once = _once(order.key, number, "-run" if act == "run" else f"-validate-{order.attempt}")
                job = _job_of(await self._calls.post(f"{PATH}/{each}/{act}", [], once), each)
            found.append(job)
        jobs = replace(jobs, told=False)
        if wrong := await self._wrong(found, jobs):
            return wrong
        if any(each.status in ("created", "validating") for each in _read(found)):
            return Outcome("sent", how="job", handle=jobs.handle, ask_again_in=VALIDATE_SECONDS)
        return Outcome("accepted", how="job", handle=jobs.handle, ask_again_in=REDACT_SECONDS)

    async def _job(self, id_: str) -> Job | Answer:
        return _job_of(await self._calls.get(f"{PATH}/{id_}"), id_)

    async def _wrong(self, found: Sequence[Job | Answer], jobs: Jobs) -> Outcome | None:
        """Return why jobs do not go on; None: they do."""
        if unread := [each.body for each in found if isinstance(each, Answer)]:
            return Outcome("failed", how=_UNREAD, ground=_UNREAD, handle=jobs.handle, evidence=b"\n".join(unread))
        failed = [each for each in _read(found) if each.status == "failed"]
        if failed:
            answers = [await self._calls.get(f"{PATH}/{each.id}/validation_errors") for each in failed]
            told = [read(ValidationErrors, each.body) for each in answers]
            grounds = sorted({each.ground for each in told if each is not None})
            seen = b"\n".join(each.body for each in answers)
            ground = "+".join(grounds) or "not-redactable"
            return Outcome("manual", how="job", ground=ground, handle=replace(jobs, told=True).handle, evidence=seen)
        if any(each.status in ("canceling", "canceled") for each in _read(found)):
            return Outcome("manual", how="job", ground="job-canceled", handle=jobs.handle)
        return None

    def _standing(self, about: About, jobs: Jobs, looks: Sequence[Look], *, done: bool) -> Outcome:
        """Return what the objects show. Verified is what every object shows, and nothing else."""
        shown = {each.shows for each in looks}
        seen = evidence(looks)
        if "unreadable" in shown:
            return Outcome("failed", how=_UNREAD, ground=_UNREAD, handle=jobs.handle, evidence=seen)
        if days := [each.by for each in looks if each.by is not None]:
            return self._promised(jobs, max(days), seen)
        if not done or "running" in shown:
            return self._promised(jobs, jobs.by, seen) if jobs.by else _running(jobs)
        if "kept" in shown:
            return Outcome("failed", how="read-back", ground="not-redacted", handle=jobs.handle, evidence=seen)
        if jobs.seen + len(looks) < len(about.objects):
            return self._more(jobs.after(len(looks)), seen)
        if about.unsaid:
            return Outcome("partial", how="read-back", ground="references-by-hand", evidence=seen)
        if not all(each.type.tells for each in about.objects):  # Stripe's word alone, and nothing to look at again
            return Outcome("promised", how="job", by=day_of(self._clock()).isoformat(), evidence=seen)
        return Outcome("verified", how="read-back", handle=jobs.handle, evidence=seen)

    def _more(self, jobs: Jobs, seen: bytes) -> Outcome:
        """Return that there are more objects to look at. What was promised stays so until the last was seen."""
        if jobs.by is not None:
            return Outcome(
                "promised", how="read-back", by=day_of(self._clock()).isoformat(), handle=jobs.handle, evidence=seen
            )
        return Outcome("accepted", how="read-back", handle=jobs.handle, ask_again_in=NEXT_SECONDS, evidence=seen)

    def _promised(self, jobs: Jobs, by: date, seen: bytes) -> Outcome:
        """Return a promise; one that was made before has a few days more, and then is broken."""
        today = day_of(self._clock())
        if jobs.by is not None and today > jobs.by:
            late = jobs.by + timedelta(days=GRACE_DAYS)
            if today > late:
                return Outcome(
                    "failed", how="read-back", ground="not-redacted-in-time", handle=jobs.handle, evidence=seen
                )
            return Outcome("promised", how="read-back", by=late.isoformat(), handle=jobs.handle)
        first = jobs.by or by
        return Outcome("promised", how="read-back", by=first.isoformat(), handle=jobs.until(first).handle)


def _job_of(answer: Answer, id_: str) -> Job | Answer:
    job = read(Job, answer.body) if answer.status == 200 else None
    return answer if job is None or job.id != id_ else job


def _read(found: Sequence[Job | Answer]) -> Sequence[Job]:
    return [each for each in found if isinstance(each, Job)]


def _running(jobs: Jobs) -> Outcome:
    return Outcome("accepted", how="job", handle=jobs.handle, ask_again_in=REDACT_SECONDS)


def _once(key: str, number: int, act: str = "") -> str:
    """Return the key that Stripe knows one call by: of the first job the order's own."""
    return f"{key}{f'-{number}' if number else ''}{act}"


def _not_made(answer: Answer, about: About) -> Outcome:
    if is_missing(answer):
        alone = len(about.objects) == 1 and not about.unsaid
        state, ground = ("not_held", None) if alone else ("manual", "object-unknown")
        return Outcome(state, how="resource-missing", ground=ground, evidence=answer.body)  # type: ignore[arg-type]  # two words
    if 400 <= answer.status < 500:
        return Outcome("manual", how="error-answer", ground="refused-by-party", evidence=answer.body)
    return Outcome("failed", how=_UNREAD, ground=_UNREAD, evidence=answer.body)
