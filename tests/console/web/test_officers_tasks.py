"""What officers and clerks do at the console, each task by mouse, by keyboard alone, and without JavaScript."""

import pytest

from tests.console.web.browsers import Place
from tests.console.web.hands import WAYS
from tests.console.web.officer_tasks import OFFICER
from tests.console.web.tasks import Task, do


@pytest.mark.parametrize("task", OFFICER, ids=lambda each: each.name)
@pytest.mark.parametrize("way", WAYS)
def test_a_task_of_the_officer_is_done(place: Place, task: Task, way: str) -> None:
    do(task, way, place)
