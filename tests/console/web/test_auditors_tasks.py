"""What an auditor does at the console, each task by mouse, by keyboard alone, and without JavaScript."""

import shutil
from collections.abc import Iterator

import pytest

from tests.console.web.auditing import audited_shop
from tests.console.web.auditor_tasks import AUDITOR
from tests.console.web.browsers import Place, opened_browser, opened_place
from tests.console.web.hands import WAYS
from tests.console.web.tasks import Task, do
from tests.servers.fixtures import had


@pytest.fixture(scope="module")
def audited_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The console of a shop with something to audit, as a process."""
    data = shutil.copytree(audited_shop(tmp_path_factory)[0], tmp_path_factory.mktemp("audited-place") / "data")
    with had(opened_browser()) as browser, opened_place(data, browser) as found:
        yield found


@pytest.mark.parametrize("task", AUDITOR, ids=lambda each: each.name)
@pytest.mark.parametrize("way", WAYS)
def test_a_task_of_the_auditor_is_done(audited_place: Place, task: Task, way: str) -> None:
    do(task, way, audited_place)
