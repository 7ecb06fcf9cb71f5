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


def test_a_thing_in_the_drawing_is_chosen_and_what_has_nothing_to_do_with_it_is_faint(audited_place: Place) -> None:
    with audited_place.somebody("auditor") as tab:
        tab.goes("/sharing/graph")
        tab.waits_for("document.querySelector('.graph').dataset.drawn > 0")
        assert ("GET", "/sharing/graph.json") in tab.asked
        place = tab.page.locator(".graph").bounding_box()
        assert place is not None
        node = tab.page.evaluate("""() => {
            const node = document.querySelector(".graph")._cyreg.cy.nodes("[column = 'party']")[0];
            return { label: node.data("label"), ...node.renderedPosition() };
        }""")
        tab.page.mouse.click(place["x"] + node["x"], place["y"] + node["y"])
        tab.waits_for("document.querySelector('.graph-chosen').textContent !== ''")
        assert tab.page.locator(".graph-chosen").inner_text().startswith(f"Chosen: {node['label']}. ")
        faint = "document.querySelector('.graph')._cyreg.cy.nodes('.apart').length"
        assert 0 < tab.page.evaluate(faint) < tab.page.evaluate("+document.querySelector('.graph').dataset.drawn")
        tab.page.mouse.click(place["x"] + 10, place["y"] + 10)
        tab.waits_for(f"document.querySelector('.graph-chosen').textContent === '' && {faint} === 0")
