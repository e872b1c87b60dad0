"""Users: the list, making one, changing one, blocking, removing."""

from typing import Protocol

from attrs import frozen
from pydantic import BaseModel, ConfigDict, Field

from peertube.errors import Conflict, Forbidden, Invalid, NotFound, PodError
from peertube.http.problems import status_of
from peertube.model.pages import Listing, Window
from peertube.model.users import ROOT, UNLIMITED, Right, Role, UserProfile, Viewer
from peertube.pages.admin import number
from peertube.pages.paging import Paging, current_page, window
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import Words
from peertube.usecases.new_users import UserRequest
from peertube.usecases.ports import InForce
from peertube.usecases.users import UserChanges

PER_PAGE = 20
MEGABYTE = 1_000_000


class StaffUsers(Protocol):
    """What staff does with users."""

    async def listing(
        self, window: Window, *, text: str | None = None, blocked: bool | None = None
    ) -> Listing[UserProfile]:
        """Users in order."""
        ...

    async def profile(self, user_id: int) -> UserProfile:
        """One user."""
        ...

    async def create(self, viewer: Viewer | None, request: UserRequest) -> tuple[int, int]:
        """Make a user."""
        ...

    async def update(self, viewer: Viewer | None, user_id: int, changes: UserChanges) -> None:
        """Change a user."""
        ...

    async def block(self, viewer: Viewer | None, user_id: int, reason: str | None) -> None:
        """Keep a user out."""
        ...

    async def unblock(self, viewer: Viewer | None, user_id: int) -> None:
        """Let a user in again."""
        ...

    async def remove(self, viewer: Viewer | None, user_id: int) -> None:
        """Remove a user."""
        ...


class UserForm(BaseModel):
    """What the form holds. Quotas in megabytes, empty for no limit."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    username: str = ""
    email: str = ""
    password: str = ""
    role: Role = Role.USER
    video_quota: int | None = Field(default=None, alias="videoQuota", ge=0, le=10**9)
    video_quota_daily: int | None = Field(default=None, alias="videoQuotaDaily", ge=0, le=10**9)
    may_upload: bool = Field(default=False, alias="mayUpload")


@frozen
class UsersPages:
    """`/admin/users`."""

    users: StaffUsers
    settings: InForce

    def routes(self) -> list[PageRoute]:
        """Each page."""
        right = Right.MANAGE_USERS
        return [
            PageRoute("GET", "/admin/users", right, self.listing),
            PageRoute("POST", "/admin/users", right, self.change_many),
            PageRoute("GET", "/admin/users/new", right, self.new),
            PageRoute("POST", "/admin/users/new", right, self.create),
            PageRoute("GET", "/admin/users/<identifier>", right, self.edit),
            PageRoute("POST", "/admin/users/<identifier>", right, self.save),
            PageRoute("GET", "/admin/users/<identifier>/block", right, self.ask_block),
            PageRoute("POST", "/admin/users/<identifier>/block", right, self.block),
            PageRoute("POST", "/admin/users/<identifier>/unblock", right, self.unblock),
            PageRoute("GET", "/admin/users/<identifier>/remove", right, self.ask_removal),
            PageRoute("POST", "/admin/users/<identifier>/remove", right, self.remove),
        ]

    async def listing(self, visit: Visit) -> Shown:
        """Roles, quotas, last logins."""
        page, search = current_page(visit), visit.asked("search")[:100]
        state = visit.asked("state")
        blocked = {"blocked": True, "free": False}.get(state)
        found = await self.users.listing(window(page, PER_PAGE, "-createdAt"), text=search or None, blocked=blocked)
        total = found.total or 0
        context = {
            "profiles": found.items,
            "total": total,
            "search": search,
            "state_key": state if blocked is not None else "",
            "paging": Paging("/admin/users", {"search": search, "state": state}, page, PER_PAGE, total),
            "ROOT": ROOT,
        }
        return Shown("users.html", context, section="users")

    async def change_many(self, visit: Visit) -> Redirect:
        """Block the chosen users, or let them in again; those whom the viewer may not change stay as they are."""
        chosen = [number(value) for name, value in visit.form if name == "chosen"][:PER_PAGE]
        reason = visit.given("reason")[:250] or None
        for user_id in chosen:
            try:
                match visit.given("action"):
                    case "block":
                        await self.users.block(visit.user(), user_id, reason)
                    case "unblock":
                        await self.users.unblock(visit.user(), user_id)
            except (Forbidden, Invalid, NotFound):
                continue
        return Redirect("/admin/users", done="users-changed" if chosen else None)

    async def new(self, visit: Visit) -> Shown:
        """Ask for a new user's name, address and password."""
        values = {
            "username": "",
            "email": "",
            "role": int(Role.USER),
            "videoQuota": _megabytes(self.settings.user.video_quota),
            "videoQuotaDaily": _megabytes(self.settings.user.video_quota_daily),
            "mayUpload": True,
        }
        return self._form(visit, values, None)

    async def create(self, visit: Visit) -> Shown | Redirect:
        """Make a user."""
        try:
            filled = visit.filled(UserForm)
            request = UserRequest(
                username=filled.username.strip().lower(),
                email=filled.email.strip(),
                password=dict(visit.form).get("password", ""),
                role=filled.role,
                video_quota=_bytes(filled.video_quota),
                video_quota_daily=_bytes(filled.video_quota_daily),
                may_upload=filled.may_upload,
            )
            await self.users.create(visit.user(), request)
        except (Invalid, Conflict, Forbidden) as error:
            return self._refused(visit, error, None)
        return Redirect("/admin/users", done="user-created")

    async def edit(self, visit: Visit, identifier: str) -> Shown:
        """Show what may be changed of a user."""
        profile = await self.users.profile(number(identifier))
        user = profile.user
        values = {
            "username": user.username,
            "email": user.email,
            "role": int(user.role),
            "videoQuota": _megabytes(user.video_quota),
            "videoQuotaDaily": _megabytes(user.video_quota_daily),
            "mayUpload": user.may_upload,
        }
        return self._form(visit, values, profile)

    async def save(self, visit: Visit, identifier: str) -> Shown | Redirect:
        """Change a user."""
        profile = await self.users.profile(number(identifier))
        user = profile.user
        try:
            filled = visit.filled(UserForm)
            changes = UserChanges(
                email=filled.email.strip() if filled.email.strip() != user.email else None,
                password=dict(visit.form).get("password") or None,
                role=filled.role if filled.role is not user.role and user.username != ROOT else None,
                video_quota=_bytes(filled.video_quota),
                video_quota_daily=_bytes(filled.video_quota_daily),
                may_upload=filled.may_upload,
            )
            await self.users.update(visit.user(), user.id, changes)
        except (Invalid, Conflict, Forbidden) as error:
            return self._refused(visit, error, profile)
        return Redirect("/admin/users", done="user-saved")

    async def ask_block(self, visit: Visit, identifier: str) -> Shown:
        """Ask whether a user shall be kept out, and why."""
        name = (await self.users.profile(number(identifier))).user.username
        text = visit.gettext
        return _confirm(
            title=text("Block %(name)s?", name=name),
            text=text("%(name)s is signed out everywhere and cannot sign in. The videos stay.", name=name),
            action=f"/admin/users/{number(identifier)}/block",
            yes=text("Block"),
            reason=text("Reason, for the other people who run this server"),
        )

    async def block(self, visit: Visit, identifier: str) -> Redirect:
        """Keep a user out."""
        await self.users.block(visit.user(), number(identifier), visit.given("reason")[:250] or None)
        return Redirect("/admin/users", done="user-blocked")

    async def unblock(self, visit: Visit, identifier: str) -> Redirect:
        """Let a user in again."""
        await self.users.unblock(visit.user(), number(identifier))
        return Redirect("/admin/users", done="user-unblocked")

    async def ask_removal(self, visit: Visit, identifier: str) -> Shown:
        """Ask whether a user shall really go."""
        name = (await self.users.profile(number(identifier))).user.username
        text = visit.gettext
        return _confirm(
            title=text("Remove %(name)s?", name=name),
            text=text("%(name)s goes for good, with all channels and videos, here and on friend servers.", name=name),
            action=f"/admin/users/{number(identifier)}/remove",
            yes=text("Remove the user"),
        )

    async def remove(self, visit: Visit, identifier: str) -> Redirect:
        """Remove a user."""
        await self.users.remove(visit.user(), number(identifier))
        return Redirect("/admin/users", done="user-removed")

    def _refused(self, visit: Visit, error: PodError, profile: UserProfile | None) -> Shown:
        typed: dict[str, object] = {"username": "", "email": "", "role": "2", "videoQuota": "", "videoQuotaDaily": ""}
        typed.update({name: value for name, value in visit.form if name in typed})
        typed["mayUpload"] = visit.given("mayUpload") == "true"
        if profile is not None:
            typed["username"] = profile.user.username
        errors = Words(visit.texts).faults(error.fields) if isinstance(error, Invalid) else {}
        problem = (
            visit.gettext("The user was not saved.") if errors else Words(visit.texts).error(error.code, error.detail)
        )
        return self._form(visit, typed, profile, problem, errors, status_of(error))

    def _form(
        self,
        visit: Visit,
        values: dict[str, object],
        profile: UserProfile | None,
        problem: str = "",
        errors: dict[str, str] | None = None,
        status: int = 200,
    ) -> Shown:
        context = {
            "values": values,
            "profile": profile,
            "problem_text": problem,
            "errors": errors or {},
            "is_root": profile is not None and profile.user.username == ROOT,
            "is_administrator": visit.user().user.role is Role.ADMINISTRATOR,
        }
        return Shown("user.html", context, status=status, section="users")


def _confirm(**context: object) -> Shown:
    return Shown("confirm.html", {"back": "/admin/users", **context}, section="users")


def _bytes(megabytes: int | None) -> int:
    return UNLIMITED if megabytes is None else megabytes * MEGABYTE


def _megabytes(size_bytes: int) -> str:
    return "" if size_bytes == UNLIMITED else str(size_bytes // MEGABYTE)
