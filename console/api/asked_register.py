"""What can be given with questions about the register and about dates, checked: nothing of any person."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from console.api.asked import Moment
from console.api.register_answers import NoticeShape

LARGEST_NOTICE = 256 * 1024
"""Bytes of a question with a published notice in it."""
_CLOSED = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
Language = Literal["fi", "sv", "en"]
Given = Annotated[str, Field(max_length=40, description="RFC 3339 with an offset, or a day in Helsinki.")]


class NoticeAsked(BaseModel):
    """The recipients part of the privacy notice. `language` is of the text; the JSON is the same in all."""

    model_config = _CLOSED
    at: Moment | None = Field(None, description="The entries that hold then; else now.")
    language: Language = "en"


class DifferenceAsked(BaseModel):
    """How a notice that was published, in the form of this API, differs from the register."""

    model_config = _CLOSED
    published: NoticeShape
    at: Moment | None = Field(None, description="The entries that hold then; else now.")

    def as_published(self) -> dict[str, Any]:
        """Return the published notice as JSON."""
        return self.published.model_dump()


class NamesAsked(BaseModel):
    """Which recipients a published text names."""

    model_config = _CLOSED
    text: Annotated[str, Field(min_length=1, description="What is published, as plain text.")]
    at: Moment | None = Field(None, description="The entries that hold then; else now.")


class ClockAsked(BaseModel):
    """The dates of a case."""

    model_config = _CLOSED
    received: Given = Field(description="When the request arrived, at any channel of the company.")
    approved: Given | None = Field(None, description="When it was approved.")
    asked: Given | None = Field(None, description="When a proof of identity was asked for.")
    proved: Given | None = Field(None, description="When that proof came.")
    extended: bool = Field(default=False, description="The case is extended by two months.")


class BreachAsked(BaseModel):
    """Until when a breach can be notified."""

    model_config = _CLOSED
    breach: Given = Field(description="When it became known.")
