"""What the file of a backfill looks like: its keys, their types and bounds. Pydantic shapes; says nothing of how parts fit."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True)
_FORMS = ("column", "join", "constant", "record", "each", "list")

Word = Annotated[str, Field(min_length=1, max_length=200)]
Zone = Annotated[str, Field(pattern=r"^(?:UTC|[A-Za-z_]+/[A-Za-z_/+-]+)$")]


class SecretShape(BaseModel):
    """Where the password of a database is."""

    model_config = _CLOSED
    file: Word | None = None
    variable: Word | None = None


class RowsShape(BaseModel):
    """Where rows come from: files of CSV or Parquet, or one question to a database."""

    model_config = _CLOSED
    csv: Word | None = None
    parquet: Word | None = None
    encoding: Literal["utf-8", "latin-1", "cp1252", "iso-8859-15"] = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    header: Annotated[list[Word], Field(min_length=1)] | None = None
    sql: Word | None = None
    query: Annotated[str, Field(min_length=1, max_length=100_000)] | None = None
    password: SecretShape | None = None
    nulls: list[str] = []


class FormShape(BaseModel):
    """What a field is made of; a text alone is the name of a column."""

    model_config = _CLOSED
    column: Word | None = None
    join: Annotated[list[Word], Field(min_length=1)] | None = None
    joined_by: str = " "
    constant: str | int | bool | None = None
    record: dict[str, "FormShape"] | None = None
    each: "FormShape | None" = None
    list: Annotated[Sequence["FormShape"], Field(min_length=1)] | None = None
    codes: dict[str, str | int | bool] | None = None
    otherwise: str | int | bool | None = None
    format: Word | None = None
    zone: Zone | None = None
    decimal: Literal[",", "."] = "."

    @model_validator(mode="before")
    @classmethod
    def _short(cls, content: object) -> object:
        if isinstance(content, str):
            return {"column": content}
        if not isinstance(content, dict) or sum(each in content for each in _FORMS) != 1:
            raise ValueError(f"must be the name of a column, or have one of {', '.join(_FORMS)}")
        return content


class BackfillShape(BaseModel):
    """A whole file."""

    model_config = _CLOSED
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    event: Word
    rows: RowsShape
    key: Annotated[list[Word], Field(min_length=1)] | None = None
    only: dict[str, list[str]] = {}
    zone: Zone | None = None
    fields: dict[str, FormShape]
