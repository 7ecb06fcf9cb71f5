"""What descriptors say of Google: shapes of the settings of its two channels. Pydantic; checks nothing between them."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.channel import SecretSettings

_CLOSED = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)
_Number = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,18}$")]
_Account = Annotated[str, Field(pattern=r"^[0-9]{10}$")]


class AnalyticsSettings(BaseModel):
    """Of `google-analytics`. `bigquery_export` has no default: only the shop knows, and a copy there is not deleted."""

    model_config = _CLOSED
    secret: SecretSettings
    property: _Number | None = None
    universal: Annotated[str, Field(pattern=r"^UA-[0-9]{4,12}-[0-9]{1,4}$")] | None = None
    device_ids: Literal["clientId", "appInstanceId"] = "clientId"
    user_ids: bool = False
    bigquery_export: bool
    ca_file: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if self.property is None and self.universal is None:
            raise ValueError("name a property, or an old universal one")
        return self


class AdsSettings(BaseModel):
    """Of `google-ads`. `lists` are user lists by the `audience_id` of events; an id that is a number needs no entry."""

    model_config = _CLOSED
    secret: SecretSettings
    account: _Account
    login_account: _Account | None = None
    lists: Annotated[dict[str, _Number], Field(max_length=1_000)] = {}
    validate_only: bool = False
    ca_file: Annotated[str, Field(min_length=1)] | None = None
