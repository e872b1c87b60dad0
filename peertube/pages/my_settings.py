"""A user's own settings: profile, playback, security and sign-ins, going away."""

from typing import Protocol

from attrs import frozen

from peertube.errors import Invalid, PodError
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.pages import Listing, Window
from peertube.model.users import ROOT, Session, UserProfile, Viewer
from peertube.pages.admin import number
from peertube.pages.login import Logins
from peertube.pages.visits import Cookie, PageRoute, Redirect, Shown, Visit
from peertube.pages.words import Words
from peertube.usecases.my_account import MyChanges
from peertube.usecases.two_factor import TwoFactorRequest

SESSIONS_SHOWN = 50
_SECURITY = "/settings/security"
_PLAYBACK = ("auto_play_video", "auto_play_next_video", "auto_play_next_video_playlist", "videos_history_enabled")
_POLICIES = ("do_not_list", "blur", "display", "warn")


class OwnAccount(Protocol):
    """Reads and changes the viewer's own things."""

    async def profile(self, viewer: Viewer) -> UserProfile:
        """User, account and channels."""
        ...

    async def update(self, viewer: Viewer, changes: MyChanges) -> None:
        """Change; a new password ends every session."""
        ...

    async def remove_with_password(self, viewer: Viewer, password: str) -> None:
        """Remove everything that is the viewer's."""
        ...


class OwnSessions(Protocol):
    """Where the viewer is signed in."""

    async def listing(self, viewer: Viewer, user_id: int, window: Window) -> Listing[Session]:
        """Sessions, newest first."""
        ...

    async def end(self, viewer: Viewer, user_id: int, session_id: int) -> None:
        """End one."""
        ...

    async def end_others(self, viewer: Viewer) -> None:
        """End all but this one."""
        ...


class OwnTwoFactor(Protocol):
    """Codes beside the password."""

    async def request(self, viewer: Viewer, user_id: int, password: str | None) -> TwoFactorRequest:
        """A secret for an app."""
        ...

    def again(self, viewer: Viewer, request_token: str, secret: str) -> TwoFactorRequest:
        """The same request once more."""
        ...

    async def confirm(self, viewer: Viewer, user_id: int, request_token: str, code: str) -> None:
        """Switch on."""
        ...

    async def disable(self, viewer: Viewer, user_id: int, password: str | None) -> None:
        """Switch off."""
        ...


@frozen
class MySettingsPages:
    """`/settings/…` of people with a login."""

    account: OwnAccount
    own_sessions: OwnSessions
    two_factor: OwnTwoFactor
    sessions: Logins

    def routes(self) -> list[PageRoute]:
        """Each page."""
        user = Access.USER
        return [
            PageRoute("GET", "/settings/profile", user, self.profile),
            PageRoute("POST", "/settings/profile", user, self.save_profile),
            PageRoute("GET", "/settings/playback", user, self.playback),
            PageRoute("POST", "/settings/playback", user, self.save_playback),
            PageRoute("GET", _SECURITY, user, self.security),
            PageRoute("POST", "/settings/password", user, self.change_password),
            PageRoute("POST", "/settings/email", user, self.change_email),
            PageRoute("POST", "/settings/two-factor", user, self.begin_two_factor),
            PageRoute("POST", "/settings/two-factor/confirm", user, self.confirm_two_factor),
            PageRoute("POST", "/settings/two-factor/disable", user, self.disable_two_factor),
            PageRoute("POST", "/settings/sessions/end-others", user, self.end_others),
            PageRoute("POST", "/settings/sessions/<identifier>/end", user, self.end_session),
            PageRoute("GET", "/settings/delete", user, self.ask_removal),
            PageRoute("POST", "/settings/delete", user, self.remove),
        ]

    async def profile(self, visit: Visit) -> Shown:
        """What others see of the account."""
        account = (await self.account.profile(visit.user())).account
        return _profile({"displayName": account.display_name, "description": account.description or ""})

    async def save_profile(self, visit: Visit) -> Shown | Redirect:
        """Change it."""
        values = {"displayName": visit.given("displayName"), "description": visit.given("description")}
        changes = MyChanges(
            display_name=values["displayName"], description=values["description"] or None, sets_description=True
        )
        try:
            await self.account.update(visit.user(), changes)
        except Invalid as error:
            return _profile(
                values, Words(visit.texts).faults(error.fields), visit.gettext("The profile was not saved.")
            )
        return Redirect("/settings/profile", done="profile-saved")

    async def playback(self, visit: Visit) -> Shown:
        """What happens with videos."""
        preferences = (await self.account.profile(visit.user())).user.preferences
        context = {"preferences": preferences, "policies": _policies(visit), "names": _playback(visit)}
        return Shown("settings_playback.html", context, section="settings")

    async def save_playback(self, visit: Visit) -> Redirect:
        """Change it."""
        chosen: dict[str, object] = {name: visit.given(name) == "true" for name in _PLAYBACK}
        if visit.given("nsfw_policy") in _POLICIES:
            chosen["nsfw_policy"] = visit.given("nsfw_policy")
        await self.account.update(visit.user(), MyChanges(preferences=chosen))
        return Redirect("/settings/playback", done="playback-saved")

    async def security(self, visit: Visit) -> Shown:
        """Password, address, codes, and where one is signed in."""
        return await self._security(visit)

    async def change_password(self, visit: Visit) -> Shown | Redirect:
        """Take another password; every other sign-in ends, this one goes on."""
        typed = dict(visit.form)
        current, new, viewer = typed.get("current", ""), typed.get("new", ""), visit.user()
        try:
            if new != typed.get("again", ""):
                raise Invalid("", fields={"again": visit.gettext("This is not the same as the new password.")})
            await self.account.update(viewer, MyChanges(password=new, current_password=current))
        except PodError as error:
            errors = _errors(visit, error, {"password": "new"}, "current")
            return await self._security(visit, errors, visit.gettext("The password was not changed."), error)
        cookie = await self.sessions.begin_page_again(viewer, address=visit.address, user_agent=visit.user_agent)
        kept = Cookie("session", cookie, self.sessions.page_lifetime_seconds)
        return Redirect(_SECURITY, done="password-changed", cookies=(kept,))

    async def change_email(self, visit: Visit) -> Shown | Redirect:
        """Take another e-mail address, at once or when it is confirmed."""
        typed, viewer = dict(visit.form), visit.user()
        try:
            await self.account.update(
                viewer, MyChanges(email=typed.get("email", ""), current_password=typed.get("emailPassword", ""))
            )
        except PodError as error:
            errors = _errors(visit, error, {}, "email" if error.code == "conflict" else "emailPassword")
            return await self._security(visit, errors, visit.gettext("The address was not changed."), error)
        waits = (await self.account.profile(viewer)).user.pending_email is not None
        return Redirect(_SECURITY, done="email-asked" if waits else "email-changed")

    async def begin_two_factor(self, visit: Visit) -> Shown:
        """A secret for an app, to be confirmed by its first code."""
        viewer = visit.user()
        try:
            made = await self.two_factor.request(viewer, viewer.user.id, dict(visit.form).get("codePassword", ""))
        except PodError as error:
            errors = _errors(visit, error, {}, "codePassword")
            return await self._security(visit, errors, visit.gettext("Nothing was changed."), error)
        return _code(made)

    async def confirm_two_factor(self, visit: Visit) -> Shown | Redirect:
        """Switch codes on with the first one."""
        viewer, token, secret = visit.user(), visit.given("requestToken"), visit.given("secret")
        try:
            await self.two_factor.confirm(viewer, viewer.user.id, token, visit.given("code"))
        except PodError as error:
            problem = Words(visit.texts).error(error.code, error.detail)
            return _code(self.two_factor.again(viewer, token, secret), problem, status_of(error))
        return Redirect(_SECURITY, done="two-factor-on")

    async def disable_two_factor(self, visit: Visit) -> Shown | Redirect:
        """Switch codes off."""
        viewer = visit.user()
        try:
            await self.two_factor.disable(viewer, viewer.user.id, dict(visit.form).get("codePassword", ""))
        except PodError as error:
            errors = _errors(visit, error, {}, "codePassword")
            return await self._security(visit, errors, visit.gettext("Nothing was changed."), error)
        return Redirect(_SECURITY, done="two-factor-off")

    async def end_session(self, visit: Visit, identifier: str) -> Redirect:
        """End one sign-in."""
        viewer = visit.user()
        await self.own_sessions.end(viewer, viewer.user.id, number(identifier))
        return Redirect(_SECURITY, done="session-ended")

    async def end_others(self, visit: Visit) -> Redirect:
        """End all sign-ins but this one."""
        await self.own_sessions.end_others(visit.user())
        return Redirect(_SECURITY, done="sessions-ended")

    async def ask_removal(self, visit: Visit) -> Shown:
        """Say what goes, and ask for the password."""
        return _removal(visit)

    async def remove(self, visit: Visit) -> Shown | Redirect:
        """Remove the account with everything."""
        try:
            await self.account.remove_with_password(visit.user(), dict(visit.form).get("password", ""))
        except PodError as error:
            return _removal(visit, _errors(visit, error, {}, "password"), status_of(error))
        return Redirect("/", done="account-removed", cookies=(Cookie("session", ""),))

    async def _security(
        self,
        visit: Visit,
        errors: dict[str, str] | None = None,
        problem: str = "",
        error: PodError | None = None,
    ) -> Shown:
        viewer = visit.user()
        user = (await self.account.profile(viewer)).user
        found = await self.own_sessions.listing(viewer, user.id, Window(count=SESSIONS_SHOWN, sort="-createdAt"))
        context = {
            "user": user,
            "found": found.items,
            "current": viewer.session_id,
            "errors": errors or {},
            "problem_text": problem,
            "typed": {"email": visit.given("email")},
        }
        status = 200 if error is None else status_of(error)
        return Shown("settings_security.html", context, status=status, section="settings")


def _errors(visit: Visit, error: PodError, names: dict[str, str], otherwise: str) -> dict[str, str]:
    """What is wrong, by the fields of the page; what names no field goes to `otherwise`."""
    words = Words(visit.texts)
    if isinstance(error, Invalid) and error.fields:
        return {names.get(name, name): text for name, text in words.faults(error.fields).items()}
    return {otherwise: words.error(error.code, error.detail)}


def _profile(values: dict[str, str], errors: dict[str, str] | None = None, problem: str = "") -> Shown:
    context = {"values": values, "errors": errors or {}, "problem_text": problem}
    return Shown("settings_profile.html", context, status=400 if errors else 200, section="settings")


def _code(made: TwoFactorRequest, problem: str = "", status: int = 200) -> Shown:
    return Shown("two_factor.html", {"made": made, "problem_text": problem}, status=status, section="settings")


def _removal(visit: Visit, errors: dict[str, str] | None = None, status: int = 200) -> Shown:
    context = {"errors": errors or {}, "is_root": visit.user().user.username == ROOT}
    return Shown("settings_delete.html", context, status=status, section="settings")


def _policies(visit: Visit) -> dict[str, str]:
    text = visit.gettext
    return {
        "do_not_list": text("Do not show them in lists"),
        "warn": text("Warn before they play"),
        "blur": text("Blur their pictures"),
        "display": text("Show them like any other"),
    }


def _playback(visit: Visit) -> dict[str, str]:
    text = visit.gettext
    return {
        "auto_play_video": text("Start a video when its page opens"),
        "auto_play_next_video": text("Go on with the next video"),
        "auto_play_next_video_playlist": text("Go on with the next video of a playlist"),
        "videos_history_enabled": text("Remember what I watched, and where I stopped"),
    }
