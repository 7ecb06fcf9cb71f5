"""The command `may-share`, and the same question put to a worker: whether data may be sent to a party now."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Annotated

import typer

from console.opening import Folder, opened
from console.settings import Settings
from console.shapes import Shape, as_json
from console.terminal import DONE, IN_PART, Data, Json, say, settings_of
from lineage.errors import Misconfigured, Refused, Retryable
from lineage.identifiers import read_identifier
from lineage.sharing_allowed import WHY, Allowed, may_share
from lineage.times import now

MOST_WAITING = 100
"""Questions that may wait for an answer at a time; one takes a few milliseconds."""


def may_share_command(
    context: typer.Context,
    identifier: Annotated[str, typer.Argument(help="kind:value, such as customer_id:C-17; or an e-mail address.")],
    party: Annotated[str, typer.Argument(help="Who would get the data: a party of the register.")],
    purpose: Annotated[str, typer.Argument(help="What for: a purpose of the register.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell whether the shop may send this person's data to a party for a purpose now. Exit code 0: yes; 1: no, and why."""
    named = read_identifier(identifier)
    with opened(settings_of(context, data)) as folder:
        told = answer(folder, named, party, purpose, now())
    if json:
        say(as_json(may_share_shape(identifier, party, purpose, told)))
    else:
        say("yes" if told.allowed else "no")
        for word in told.why:
            say(f"{word}: {WHY.get(word, word)}")
    raise typer.Exit(DONE if told.allowed else IN_PART)


def may_share_shape(asked: str, party: str, purpose: str, told: Allowed) -> Shape:
    """Return the answer. `asked` is the identifier as it was given."""
    return {"asked": asked, "party": party, "purpose": purpose, "allowed": told.allowed, "why": list(told.why)}


def answer(folder: Folder, named: tuple[str, str], party: str, purpose: str, at: int) -> Allowed:
    """Answer from an open folder. Raises: Misconfigured: party or purpose is not known. Retryable: a store is away."""
    if not folder.register.is_party(party):
        raise Misconfigured("the party is not in the register: `jalki parties` lists those there are")
    if folder.register.purpose(purpose) is None:
        raise Misconfigured("the purpose is not in the register: the file with its purposes lists those there are")
    return may_share(folder.graph, folder.memory, folder.register, folder.pseudonyms, named, party, purpose, at)


class Asking:
    """Answers questions beside a worker, one after the other, in a thread and with an open folder of its own.

    The folder is opened for the first question, and again after any error. To be used from one event loop.
    """

    def __init__(self, settings: Settings, clock: Callable[[], int] = now) -> None:
        self._settings, self._clock = settings, clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="may-share")
        self._open = ExitStack()
        self._folder: Folder | None = None
        self._waiting = 0

    async def why_not(self, identifier: str, party: str, purpose: str) -> Sequence[str]:
        """Return the reasons why not, as `streams.sharing_asked.MayShare` has it."""
        named = read_identifier(identifier)
        if self._waiting >= MOST_WAITING:
            raise Retryable("too many ask at once whether they may share: ask again")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, self._answer, named, party, purpose)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the folder go, when what was asked is answered."""
        self._thread.submit(self._let_go)
        self._thread.shutdown()

    def _answer(self, named: tuple[str, str], party: str, purpose: str) -> Sequence[str]:
        folder = self._opened()
        try:
            return answer(folder, named, party, purpose, self._clock()).why
        except (Retryable, Refused):
            self._let_go()
            raise
        finally:
            # Whoever unsubscribes before the next question must be found in it.
            if self._folder is not None:
                self._folder.graph.anew()

    def _opened(self) -> Folder:
        if self._folder is None:
            try:
                self._folder = self._open.enter_context(opened(self._settings))
            except Misconfigured as fault:  # whoever asks has not asked wrongly
                raise Retryable(str(fault)) from fault
        return self._folder

    def _let_go(self) -> None:
        self._folder = None
        self._open.close()
