"""Records of processing activities for the tests of their forms: of a small shop, and of the shipped register alone."""

import pytest

from console.ropa_shapes import ropa_shape
from console.shapes import Shape
from lineage.register import load_register
from tests.lineage.register.small import CATEGORIES
from tests.lineage.ropa.recorded import COLLECTED, DELIVERY, NEWSLETTER, NOW, SPRING, record_of, register_of

HOSTILE = '"><script>alert(1)</script>&=cmd'


@pytest.fixture(scope="module")
def shape(tmp_path_factory: pytest.TempPathFactory) -> Shape:
    """A small shop: what is declared and went out, what never did, and what was not declared, of every kind."""
    register = register_of(tmp_path_factory.mktemp("ropa"))
    went = [
        (COLLECTED, SPRING),
        (DELIVERY, SPRING),
        (DELIVERY._replace(categories=("email", "phone")), NOW),
        (NEWSLETTER._replace(target="post"), NOW),
        (NEWSLETTER._replace(purpose=HOSTILE), NOW),
    ]
    return ropa_shape(record_of(register, *went), register)


@pytest.fixture(scope="module")
def shipped() -> Shape:
    register = load_register(None, CATEGORIES)
    return ropa_shape(record_of(register), register)


def flows(shape: Shape) -> list[Shape]:
    return [flow for activity in shape["activities"] for flow in activity["flows"]]
