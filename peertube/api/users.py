"""Users: ``/users/me`` for everybody with a login, ``/users`` for the staff."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from peertube.api.paging import PageParameters, page
from peertube.api.representations.users import managed_user, my_user, quota_used
from peertube.api.user_ids import number
from peertube.config.schema import WebServer
from peertube.http.routing import Access, Call, Route
from peertube.model.users import Right, Role
from peertube.policy.video_fields import ALL_FLAGS
from peertube.usecases.my_account import MyAccount, MyChanges
from peertube.usecases.new_users import UserRequest
from peertube.usecases.users import UserChanges, Users

_PREFERENCES = (
    "nsfw_policy", "nsfw_flags_displayed", "nsfw_flags_hidden", "nsfw_flags_warned", "nsfw_flags_blurred",
    "auto_play_video", "auto_play_next_video", "auto_play_next_video_playlist", "p2p_enabled",
    "videos_history_enabled", "video_languages", "theme", "email_public", "language",
    "no_instance_config_warning_modal", "no_welcome_modal", "no_account_setup_warning_modal",
)  # fmt: skip

Language = Annotated[str, Field(max_length=20)]
Flags = Annotated[int, Field(ge=0, le=ALL_FLAGS)]
AdminFlags = Annotated[int, Field(ge=0, le=1)]
Quota = Annotated[int, Field(ge=-1)]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


class _Body(BaseModel):
    model_config = ConfigDict(alias_generator=_camel)


class MyBody(_Body):
    """What a user changes of their own; what is left out stays."""

    nsfw_policy: Literal["do_not_list", "warn", "blur", "display"] | None = None
    nsfw_flags_displayed: Flags | None = None
    nsfw_flags_hidden: Flags | None = None
    nsfw_flags_warned: Flags | None = None
    nsfw_flags_blurred: Flags | None = None
    auto_play_video: bool | None = None
    auto_play_next_video: bool | None = None
    auto_play_next_video_playlist: bool | None = None
    p2p_enabled: bool | None = None
    videos_history_enabled: bool | None = None
    video_languages: Annotated[tuple[Language, ...], Field(max_length=500)] | None = None
    theme: Annotated[str | None, Field(pattern=r"^[a-z0-9-]{1,50}$")] = None
    email_public: bool | None = None
    language: Annotated[str | None, Field(pattern=r"^[A-Za-z_-]{2,10}$")] = None
    no_instance_config_warning_modal: bool | None = None
    no_welcome_modal: bool | None = None
    no_account_setup_warning_modal: bool | None = None
    display_name: str | None = None
    description: str | None = None
    email: str | None = None
    password: str | None = None
    current_password: str | None = None


class NewUserBody(_Body):
    """A user that the staff makes."""

    username: str
    email: str
    password: str = ""
    role: Role = Role.USER
    video_quota: Quota | None = None
    video_quota_daily: Quota | None = None
    channel_name: str | None = None
    may_upload: bool = True
    admin_flags: AdminFlags = 0


class UserBody(_Body):
    """What the staff changes of a user; what is left out stays."""

    email: str | None = None
    email_verified: bool | None = None
    password: str | None = None
    role: Role | None = None
    video_quota: Quota | None = None
    video_quota_daily: Quota | None = None
    may_upload: bool | None = None
    admin_flags: AdminFlags | None = None


class BlockBody(_Body):
    """Why a user is blocked."""

    reason: Annotated[str | None, Field(min_length=3, max_length=250)] = None


class NamesParameters(BaseModel):
    """A name that is being typed."""

    search: Annotated[str, Field(min_length=1, max_length=50)]


class UserListParameters(PageParameters):
    """Which users are listed."""

    search: Annotated[str | None, Field(max_length=200)] = None
    blocked: bool | None = None


class UsersApi:
    """Routes about people with a login."""

    def __init__(self, *, users: Users, my_account: MyAccount, web: WebServer) -> None:
        self._users = users
        self._my_account = my_account
        self._web = web

    def routes(self) -> list[Route]:
        """What can be asked for, below ``/api/v1``."""
        return [
            Route("GET", "/users/me", Access.USER, self.me),
            Route("PUT", "/users/me", Access.USER, self.update_me, body=MyBody),
            Route("DELETE", "/users/me", Access.USER, self.remove_me),
            Route("GET", "/users/autocomplete", Access.ANYONE, self.names, query=NamesParameters),
            Route("GET", "/users/me/video-quota-used", Access.USER, self.my_quota_used),
            Route("GET", "/users", Right.MANAGE_USERS, self.listing, query=UserListParameters),
            Route("POST", "/users", Right.MANAGE_USERS, self.create, body=NewUserBody),
            Route("GET", "/users/<identifier>", Right.MANAGE_USERS, self.user),
            Route("PUT", "/users/<identifier>", Right.MANAGE_USERS, self.update, body=UserBody),
            Route("DELETE", "/users/<identifier>", Right.MANAGE_USERS, self.remove),
            Route("POST", "/users/<identifier>/block", Right.MANAGE_USERS, self.block, body=BlockBody),
            Route("POST", "/users/<identifier>/unblock", Right.MANAGE_USERS, self.unblock),
        ]

    async def me(self, call: Call) -> object:
        """The caller's own profile."""
        return my_user(await self._my_account.profile(call.known_viewer), self._web)

    async def update_me(self, call: Call) -> None:
        """Change the caller's preferences, account, e-mail address or password."""
        body = await call.body(MyBody)
        given = body.model_fields_set
        await self._my_account.update(
            call.known_viewer,
            MyChanges(
                preferences=_chosen(body, given),
                display_name=body.display_name,
                description=body.description or None,
                sets_description="description" in given,
                email=body.email,
                password=body.password,
                current_password=body.current_password,
            ),
        )

    async def remove_me(self, call: Call) -> None:
        """Remove the caller with everything that is theirs; 400 for root."""
        await self._my_account.remove(call.known_viewer)

    async def names(self, call: Call) -> object:
        """Names of users that have what was typed in them."""
        return await self._users.names_like(call.parameters(NamesParameters).search)

    async def my_quota_used(self, call: Call) -> object:
        """How many bytes the caller's videos take."""
        return quota_used(await self._my_account.profile(call.known_viewer))

    async def listing(self, call: Call) -> object:
        """The users of the pod."""
        asked = call.parameters(UserListParameters)
        found = await self._users.listing(asked.window(), text=asked.search, blocked=asked.blocked)
        return page(found, [managed_user(profile, self._web) for profile in found.items])

    async def create(self, call: Call) -> object:
        """Make a user with account and channel."""
        body = await call.body(NewUserBody)
        user_id, account_id = await self._users.create(call.known_viewer, UserRequest(**body.model_dump()))
        return {"user": {"id": user_id, "account": {"id": account_id}}}

    async def user(self, call: Call, identifier: str) -> object:
        """One user."""
        return managed_user(await self._users.profile(number(identifier)), self._web)

    async def update(self, call: Call, identifier: str) -> None:
        """Change a user."""
        body = await call.body(UserBody)
        await self._users.update(call.known_viewer, number(identifier), UserChanges(**body.model_dump()))

    async def remove(self, call: Call, identifier: str) -> None:
        """Remove a user with everything that is theirs."""
        await self._users.remove(call.known_viewer, number(identifier))

    async def block(self, call: Call, identifier: str) -> None:
        """Let a user log in no more."""
        body = await call.body(BlockBody)
        await self._users.block(call.known_viewer, number(identifier), body.reason)

    async def unblock(self, call: Call, identifier: str) -> None:
        """Let a blocked user log in again."""
        await self._users.unblock(call.known_viewer, number(identifier))


def _chosen(body: MyBody, given: set[str]) -> dict[str, Any]:
    """The preferences in a body; only the languages may be chosen to be none."""
    chosen = {name: getattr(body, name) for name in _PREFERENCES if name in given}
    return {name: value for name, value in chosen.items() if value is not None or name == "video_languages"}
