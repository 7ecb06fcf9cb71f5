"""`jalki demo --console`: the console over the demo's shop, with cases in several states, and parties that are stood in for.

Nothing leaves the machine. The accounts are of this demo alone; their passwords are printed, and so are their codes.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Thread

from console.carrying import carry
from console.case_logs import opened_for_cases
from console.case_opening import Casebook
from console.opening import opened
from console.settings import Settings
from console.stand_ins import StandIns
from console.terminal import say, tell
from console.web.accounts import STEP, Account, Accounts
from console.web.serving import serve
from lineage.cases.deciding import approve, extend, preview, refuse
from lineage.cases.identity import doubt
from lineage.cases.intake import Message, receive
from lineage.cases.words import Right
from lineage.clocks import day_of
from lineage.errors import Refused
from lineage.times import now

ACCOUNTS = (("anna", "dpo"), ("berit", "dpo"), ("otto", "clerk"), ("vera", "auditor"))
_DAY = 86_400_000_000
_SHOWN = 120
"""How many codes are printed before the demo says no more: an hour's."""


def show_console(settings: Settings, customers: Sequence[str]) -> None:
    """Open some cases of these customers, and serve the console until Ctrl-C. Raises: as `jalki console`."""
    with opened_for_cases(settings) as book:
        begun(book, customers)
    accounts = [_account(settings, name, role) for name, role in ACCOUNTS]
    stop = Event()
    stand_ins = _stand_ins(settings)
    threads = [
        Thread(target=carry, args=(settings, stop, lambda book: _carried(book, stand_ins)), daemon=True),
        Thread(target=_codes, args=(accounts, stop), daemon=True),
    ]
    for each in threads:
        each.start()
    try:
        serve(settings)
    finally:
        stop.set()
        for each in threads:
            each.join()


def begun(book: Casebook, customers: Sequence[str]) -> None:
    """Open cases of these customers, each in another state."""
    steps: Sequence[tuple[Right, int, Callable[[Casebook, str], object] | None]] = (
        ("erasure", 2, None),
        ("access", 27, None),
        ("erasure", 20, lambda book, case: extend(book.work, case, "many systems")),
        ("objection", 1, lambda book, case: doubt(book.work, case, "another name in the letter")),
        ("rectification", 3, lambda book, case: preview(book.work, case)),
        ("erasure", 6, lambda book, case: approve(book.work, case)),
        (
            "access",
            9,
            lambda book, case: refuse(book.work, case, "12(5)", "the same was asked, and answered, a week ago"),
        ),
    )
    for (right, days, then), customer in zip(steps, customers, strict=False):
        message = Message(
            [right], [("customer_id", customer)], book.work.clock() - days * _DAY, "account", "multitronic",
            changes={"phone": "+358401234567"} if right == "rectification" else {},
        )  # fmt: skip
        (case,) = receive(book.work, message)
        if then is not None and case.state == "received":
            with suppress(Refused):  # her data may be such that this is not to be done; the case stays as it is
                then(book, case.id)


def _account(settings: Settings, name: str, role: str) -> Account:
    accounts = Accounts(settings.accounts_file)
    account, password = accounts.reset(name) if name in accounts.all() else accounts.add(name, role, now())
    say(f"{name} ({role}): password {password}")
    return account


def _codes(accounts: Sequence[Account], stop: Event) -> None:
    """Print the codes of all, and again whenever they change."""
    for _ in range(_SHOWN):
        moment = now()
        say("codes now: " + ", ".join(f"{each.name} {each.code(moment)}" for each in accounts))
        if stop.wait(STEP - moment / 1_000_000 % STEP):
            return
    tell("no more codes are printed: start the demo again for more")


def _stand_ins(settings: Settings) -> StandIns:
    with opened(settings) as folder:
        return StandIns(folder.register, _today)


def _today() -> str:
    return day_of(now()).isoformat()


def _carried(book: Casebook, stand_ins: StandIns) -> None:
    from streams.dispatch import Dispatch  # it brings Faust, which takes longer to load than any question to answer

    asyncio.run(Dispatch(book.work, stand_ins).run_until_idle())
