"""What a task in a browser is: whose it is, through which doors it goes, and how a hand does it. Holds no task."""

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from console.web.doors import DOORS
from tests.console.web.browsers import Place, Tab
from tests.console.web.hands import WAYS, Hand
from tests.e2e.program import Ended, asked

_VERBS = {each.name: ("POST" if each.does else "GET", each.path) for each in DOORS}


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a task is done, and what is made ready for it by requests that are not part of it."""

    place: Place
    tab: Tab
    scripts: bool

    def sends(self, path: str, **fields: str) -> str:
        """Send a form as its page would; return where it leads."""
        headers = {"Origin": self.place.url, "Sec-Fetch-Site": "same-origin"}
        answer = self.tab.page.context.request.post(
            self.place.url + path, form=dict(fields), headers=headers, max_redirects=0
        )
        assert answer.status == 303, answer.text()
        return answer.headers["location"]

    def elsewhere(self, *words: str) -> Ended:
        """Run a command on the folder: in this process, and in a thread of its own, for this one has Playwright's loop."""
        with ThreadPoolExecutor(1) as threads:
            return threads.submit(asked, *words, "--data", self.place.data).result()

    def opened(self, right: str, whose: str, channel: str = "account", **more: str) -> str:
        """Open a case; return its address."""
        fields = {f"right-{right}": "yes", "identifiers": whose, "channel": channel, "controller": "multitronic"}
        return self.sends("/cases/open", **fields, **more)

    def approved(self, case: str) -> str:
        """Work out what a case means, and approve it; return its address."""
        self.sends(f"{case}/preview")
        page = self.tab.page.context.request.get(self.place.url + case).text()
        self.sends(f"{case}/approve", digest=page.partition('name="digest" value="')[2].partition('"')[0], sure="yes")
        return case


class Task(NamedTuple):
    """Something that somebody comes to do, from her first page on. `doors`: those it goes through, by name."""

    name: str
    role: str
    doors: tuple[str, ...]
    does: Callable[[Hand, Stage], None]


def tasks() -> tuple[
    list[Task], Callable[..., Callable[[Callable[[Hand, Stage], None]], Callable[[Hand, Stage], None]]]
]:
    """Return a table of tasks that is empty, and what adds one to it: `@task(role, *doors)`."""
    table: list[Task] = []

    def task(role: str, *doors: str) -> Callable[[Callable[[Hand, Stage], None]], Callable[[Hand, Stage], None]]:
        def added(does: Callable[[Hand, Stage], None]) -> Callable[[Hand, Stage], None]:
            table.append(Task(does.__name__, role, doors, does))
            return does

        return added

    return table, task


def do(task: Task, way: str, place: Place) -> None:
    """Do a task one way, and make sure that it went where it says."""
    hand, options = WAYS[way]
    with place.somebody(task.role, **options) as tab:
        task.does(hand(tab), Stage(place, tab, options.get("java_script_enabled", True)))
        assert not_gone_through(task.doors, tab.asked) == []


def not_gone_through(doors: Iterable[str], asked: Iterable[tuple[str, str]]) -> list[str]:
    """Return the doors of these that the browser did not go through: an act by sending its form, a page by looking at it."""
    seen = list(asked)
    return [name for name in doors if not any(_is(name, verb, path) for verb, path in seen)]


def _is(name: str, verb: str, path: str) -> bool:
    wanted, shape = _VERBS[name]
    return verb == wanted and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", shape), path) is not None
