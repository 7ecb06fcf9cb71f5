"""Takes persons out of Meta's custom audiences, many in one call, and asks how that goes. Nothing can be read back there.

An audience can only be written: what Meta answers counts rows, not people. So a removal is promised at most.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from connectors.protocol import Limits
from connectors.vendors.meta.graph import PARTS_AT_MOST, Graph, Part, Reply
from connectors.vendors.meta.rows import Manner, Removal, Row, Target
from connectors.vendors.meta.sessions import DAY_SECONDS, ROWS_AT_MOST, Batch, Sent, batches, question, removal
from connectors.vendors.meta.verdicts import Told, left, note, of_session, trouble
from lineage.cases.orders import Order, Outcome
from lineage.clocks import day_of
from lineage.errors import JalkiError, Refused

ASK_SECONDS = 3_600.0
_REMOVES = frozenset({"erase", "stop", "restrict"})
_BY_HAND = {"collect": "write-only", "rectify": "no-such-call", "lift": "no-such-call"}


class CustomAudiences:
    """Satisfies `connectors.protocol.Connector` and `Together`."""

    def __init__(self, limits: Limits, manner: Manner, graph: Graph, clock: Callable[[], int]) -> None:
        self._limits, self._manner, self._graph, self._clock = limits, manner, graph, clock

    @property
    def limits(self) -> Limits:
        """How much it takes."""
        return self._limits

    async def send(self, order: Order) -> Outcome:
        """Take one person out. Raises: as `send_together`."""
        return _alone(await self.send_together([order]))

    async def ask(self, order: Order) -> Outcome:
        """Ask how the removal of one person goes. Raises: as `ask_together`."""
        return _alone(await self.ask_together([order]))

    async def send_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Take persons out of every audience that they were put in. Raises: Retryable, Refused, Misconfigured."""
        answers = [self._first(each) for each in orders]
        told = {at: each for at, each in enumerate(answers) if isinstance(each, Removal)}
        done = await self._removed(orders, told) if told else {}
        return [done[at] if isinstance(each, Removal) else each for at, each in enumerate(answers)]

    async def ask_together(self, orders: Sequence[Order]) -> Sequence[Outcome | JalkiError]:
        """Ask how removals go: once for each session, whoever is in it. Raises: Retryable, Refused, Misconfigured."""
        sent = [Sent.read(each.handle) for each in orders]
        plans = [self._plan(each) for each in orders]
        asked = dict.fromkeys(
            (of, target)
            for of, plan in zip(sent, plans, strict=True)
            if of is not None and isinstance(plan, Removal)
            for target in plan.rows
        )
        replies = await self._asked([question(target, of) for of, target in asked])
        told = {key: of_session(reply, key[1], key[0]) for key, reply in zip(asked, replies, strict=True)}
        return [self._standing(order, of, plan, told) for order, of, plan in zip(orders, sent, plans, strict=True)]

    async def close(self) -> None:
        """Let connections go."""
        await self._graph.caller.close()

    def _plan(self, order: Order) -> Removal | JalkiError:
        try:
            return self._manner.removal(order)
        except Refused as fault:
            return fault

    def _first(self, order: Order) -> Removal | Outcome | JalkiError:
        """Return what is to be taken out for an order, or its answer where there is nothing to call for."""
        if order.action in _BY_HAND:
            return Outcome("manual", how=_BY_HAND[order.action], ground="by-hand")
        if order.action not in _REMOVES:
            return Refused(f"{order.party} has no call for this: tell it by hand")
        plan = self._plan(order)
        return _nothing(plan) if isinstance(plan, Removal) and not plan.rows else plan

    async def _removed(
        self, orders: Sequence[Order], plans: Mapping[int, Removal]
    ) -> Mapping[int, Outcome | JalkiError]:
        """Take out the rows of all these orders. Where some are no good, find out whose: in ever smaller groups."""
        sent = Sent.of((orders[at].key for at in plans), self._clock())
        rows: dict[Target, dict[Row, None]] = defaultdict(dict)
        for plan in plans.values():
            for target, each in plan.rows.items():
                rows[target].update(dict.fromkeys(each))
        told: dict[Target, Told] = defaultdict(Told)
        for group in _calls(list(batches({target: tuple(each) for target, each in rows.items()}))):
            replies = await self._graph.ask([removal(each, sent) for each in group])
            for batch, reply in zip(group, replies, strict=True):
                note(told[batch.target], batch, sent, reply)
        doubtful = {at: plan for at, plan in plans.items() if any(told[each].invalid for each in plan.rows)}
        if len(plans) == 1:
            doubtful = {}
        found = {at: _sent_outcome(plan, sent, told) for at, plan in plans.items() if at not in doubtful}
        for part in _halves(doubtful) if len(doubtful) == len(plans) else [doubtful] if doubtful else []:
            found |= await self._removed(orders, part)
        return found

    async def _asked(self, parts: Sequence[Part]) -> Sequence[Reply]:
        replies: list[Reply] = []
        for begin in range(0, len(parts), PARTS_AT_MOST):
            replies += await self._graph.ask(parts[begin : begin + PARTS_AT_MOST])
        return replies

    def _standing(
        self,
        order: Order,
        sent: Sent | None,
        plan: Removal | JalkiError,
        told: Mapping[tuple[Sent, Target], Told],
    ) -> Outcome | JalkiError:
        """Return how a removal stands; when a day is over it counts as promised, whatever its session says."""
        if isinstance(plan, JalkiError):
            return plan
        if sent is None:
            return Refused(f"nothing tells which removal of {order.party} this is: send the task again")
        if not plan.rows:
            return _nothing(plan)
        if wrong := trouble({target: told[sent, target] for target in plan.rows}, order.handle):
            return wrong
        over = all(told[sent, target].over for target in plan.rows)
        now = self._clock() // 1_000_000
        if not over and now < sent.at + DAY_SECONDS:
            return Outcome("accepted", how="session", handle=sent.handle, ask_again_in=ASK_SECONDS)
        by = day_of((sent.at + DAY_SECONDS) * 1_000_000).isoformat()
        if besides := left(plan):
            return Outcome("partial", how="session", by=by, ground=besides)
        # Without a handle: it can never be asked whether it is so.
        return Outcome("promised", how="session", by=by)


def _nothing(plan: Removal) -> Outcome:
    """Return the answer where there is nothing to call for: it got nothing of hers for an audience."""
    return Outcome("manual", how="no-such-call", ground=left(plan) or "no-audience")


def _sent_outcome(plan: Removal, sent: Sent, told: Mapping[Target, Told]) -> Outcome | JalkiError:
    found = {target: told[target] for target in plan.rows}
    return trouble(found, sent.handle) or Outcome(
        "accepted",
        how="http-200",
        handle=sent.handle,
        ask_again_in=ASK_SECONDS,
        evidence=b"\n".join(each for one in found.values() for each in one.seen),
    )


def _calls(all_: Sequence[Batch]) -> Iterator[Sequence[Batch]]:
    """Return batches as they go together in one call: so many parts, and so many rows."""
    group: list[Batch] = []
    for each in all_:
        rows = sum(len(batch.rows) for batch in group)
        if group and (len(group) == PARTS_AT_MOST or rows + len(each.rows) > ROWS_AT_MOST):
            yield group
            group = []
        group.append(each)
    if group:
        yield group


def _halves(plans: Mapping[int, Removal]) -> Sequence[Mapping[int, Removal]]:
    all_ = list(plans.items())
    return [dict(all_[: len(all_) // 2]), dict(all_[len(all_) // 2 :])]


def _alone(answers: Sequence[Outcome | JalkiError]) -> Outcome:
    (answer,) = answers
    if isinstance(answer, JalkiError):
        raise answer
    return answer
