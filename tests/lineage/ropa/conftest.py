import pytest

from lineage.register import Register, load_register
from tests.lineage.register.small import CATEGORIES


@pytest.fixture(scope="session")
def shipped() -> Register:
    return load_register(None, CATEGORIES)
