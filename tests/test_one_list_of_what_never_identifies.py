"""schemas and lineage may not import each other, so the kinds that identify nobody are written down in both."""

from lineage.identifiers import NEVER
from schemas.vocabulary import vocabulary


def test_schemas_and_lineage_agree_which_kinds_never_identify() -> None:
    assert vocabulary().never_identify == NEVER
    assert vocabulary().categories.keys() >= NEVER
