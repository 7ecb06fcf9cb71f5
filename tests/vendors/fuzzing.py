"""Fuzzes a server by the specification of the vendor that it stands in for: with data that fits, and data that does not.

By schemathesis, with the same examples every time.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import BaseSchema

from tests.vendors.specifications import Specification

EXAMPLES = 12
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
Otherwise = FailureGroup
"""What is raised where the server does otherwise than specified."""
load_all_checks()


def fuzz(
    specification: Specification,
    method: str,
    path: str,
    url: str,
    *,
    headers: Mapping[str, str],
    before: Callable[[], None] = lambda: None,
    path_parameters: Mapping[str, Any] | None = None,
    without: Iterable[str] = (),
    modes: Iterable[GenerationMode] = MODES,
    examples: int = EXAMPLES,
) -> None:
    """Call an operation of the server at `url` that many times in each mode, and raise `Otherwise` where it does otherwise.

    `before` comes before each call; `path_parameters` are fixed, the others are made up; `without` names checks of
    schemathesis that do not apply, such as `negative_data_rejection`.
    """
    operation = _schema(specification)[path][method]
    left_out = CHECKS.get_by_names(list(without))
    for mode in modes:
        strategy = operation.as_strategy(
            generation_mode=mode, path_parameters=dict(path_parameters) if path_parameters else None
        )

        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),  # to find a fault is enough; making it smaller takes minutes
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def each(case: schemathesis.Case) -> None:
            before()
            case.call_and_validate(base_url=url, headers=dict(headers), excluded_checks=left_out, timeout=20)

        each()


@lru_cache(maxsize=16)
def _schema(specification: Specification) -> BaseSchema:
    return schemathesis.openapi.from_dict(dict(specification.whole))
