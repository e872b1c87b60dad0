"""What the admin may change while the pod runs: ``/config/custom``, and who did: ``/server/audit-logs``."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from peertube.api.representations.configuration import audit_entry, custom
from peertube.api.video_parameters import ms
from peertube.config.values import Category, EmailAddress, InstanceName, Language, Text, Words
from peertube.http.routing import Call, Route
from peertube.model.users import Right
from peertube.usecases.configuration import Configuration

SensitivePolicy = Literal["do_not_list", "blur", "warn", "display"]
Bytes = Annotated[int, Field(ge=-1, le=2**53)]


class _Section(BaseModel):
    model_config = ConfigDict(populate_by_name=True)


class CustomInstance(_Section):
    """What the pod says about itself."""

    name: InstanceName = ""
    short_description: Annotated[Words, Field(alias="shortDescription")] = ""
    description: Text = ""
    terms: Text = ""
    is_nsfw: Annotated[bool, Field(alias="isNSFW")] = False
    default_nsfw_policy: Annotated[SensitivePolicy, Field(alias="defaultNSFWPolicy")] = "blur"
    languages: Annotated[list[Language], Field(max_length=100)] = []
    categories: Annotated[list[Category], Field(max_length=100)] = []


class CustomAdmin(_Section):
    """Who runs the pod."""

    email: EmailAddress = ""


class CustomContactForm(_Section):
    """The form with which anyone writes to the admin."""

    enabled: bool = True


class CustomSignup(_Section):
    """How people get an account; a `limit` of -1 means no limit."""

    enabled: bool = False
    limit: Annotated[int, Field(ge=-1, le=2**53)] = 10
    minimum_age: Annotated[int, Field(alias="minimumAge", ge=0, le=150)] = 16
    requires_approval: Annotated[bool, Field(alias="requiresApproval")] = True
    requires_email_verification: Annotated[bool, Field(alias="requiresEmailVerification")] = False


class CustomUser(_Section):
    """What a new user gets, in bytes; -1 means no limit."""

    video_quota: Annotated[Bytes, Field(alias="videoQuota")] = -1
    video_quota_daily: Annotated[Bytes, Field(alias="videoQuotaDaily")] = -1


class CustomUpload(_Section):
    """What one upload may be, in bytes."""

    max_file_size: Annotated[int, Field(alias="maxFileSize", ge=1, le=2**53)] = 1


class CustomConfiguration(BaseModel):
    """What is to change; what is left out stays. What PeerTube has and this pod has not is passed over."""

    model_config = ConfigDict(populate_by_name=True)

    instance: CustomInstance | None = None
    contact_form: Annotated[CustomContactForm | None, Field(alias="contactForm")] = None
    signup: CustomSignup | None = None
    admin: CustomAdmin | None = None
    user: CustomUser | None = None
    upload: CustomUpload | None = None


class AuditParameters(BaseModel):
    """From when until when."""

    start_date: Annotated[datetime, Field(alias="startDate")]
    end_date: Annotated[datetime | None, Field(alias="endDate")] = None


class ConfigurationApi:
    """Routes about the settings."""

    def __init__(self, *, configuration: Configuration) -> None:
        self._configuration = configuration

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        right = Right.MANAGE_CONFIGURATION
        return [
            Route("GET", "/config/custom", right, self.show),
            Route("PUT", "/config/custom", right, self.change, body=CustomConfiguration),
            Route("DELETE", "/config/custom", right, self.reset),
            Route("GET", "/server/audit-logs", Right.MANAGE_LOGS, self.audit, query=AuditParameters),
        ]

    async def show(self, call: Call) -> object:
        """The settings that may change while the pod runs."""
        return custom(self._configuration.settings)

    async def change(self, call: Call) -> object:
        """Change settings, in every process at once."""
        body = await call.body(CustomConfiguration)
        changes: dict[str, Any] = body.model_dump(exclude_unset=True, exclude_none=True, mode="json")
        await self._configuration.change(call.known_viewer, changes)
        return custom(self._configuration.settings)

    async def reset(self, call: Call) -> object:
        """Let hold again what the configuration file says."""
        await self._configuration.reset(call.known_viewer)
        return custom(self._configuration.settings)

    async def audit(self, call: Call) -> object:
        """Who of the staff did what, newest first."""
        asked = call.parameters(AuditParameters)
        until_ms = ms(asked.end_date)
        entries = await self._configuration.audit(ms(asked.start_date) or 0, 2**53 if until_ms is None else until_ms)
        return [audit_entry(entry) for entry in entries]
