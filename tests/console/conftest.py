import shutil
from pathlib import Path

import pytest

from tests.console.ropa_shop import shape, shipped
from tests.e2e.conftest import story

__all__ = ["shape", "shipped", "story"]


@pytest.fixture
def story_copy(story: Path, tmp_path: Path) -> Path:
    """One customer's life; for writing."""
    return shutil.copytree(story, tmp_path / "story")
