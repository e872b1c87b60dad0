"""One's own channels: the list, making, changing and removing one, and who takes part."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from attrs import frozen

from peertube.errors import Forbidden, Invalid, PodError
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.accounts import Account
from peertube.model.channels import Channel
from peertube.model.collaborators import Collaborator, CollaboratorState
from peertube.model.pages import Listing, Window
from peertube.model.taxonomy import CATEGORIES
from peertube.model.users import Viewer
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import Words
from peertube.policy.authority import may_own_channel, may_update_channel
from peertube.usecases.channels import ChannelFields, OwnedChannel

_ALL = Window(count=100, sort="createdAt")


class OwnChannels(Protocol):
    """What an owner does with channels."""

    async def account(self, handle: str) -> Account:
        """An account."""
        ...

    async def channel(self, handle: str) -> OwnedChannel:
        """A channel with its owner."""
        ...

    async def of_account(
        self,
        handle: str,
        window: Window,
        *,
        viewer: Viewer | None = None,
        with_stats: bool = False,
        collaborations: bool = False,
    ) -> Listing[OwnedChannel]:
        """The channels of an account, with numbers, and with those it takes part in."""
        ...

    async def create(self, viewer: Viewer, name: str, fields: ChannelFields) -> int:
        """Make a channel."""
        ...

    async def update(
        self, viewer: Viewer, handle: str, changes: Mapping[str, Any], *, videos_too: bool = False
    ) -> None:
        """Change a channel."""
        ...

    async def remove(self, viewer: Viewer, handle: str) -> None:
        """Remove a channel with its videos."""
        ...


class TakingPart(Protocol):
    """Who takes part in which channel."""

    async def of_channel(self, viewer: Viewer, handle: str) -> Sequence[Collaborator]:
        """Who takes part and who is invited."""
        ...

    async def mine(self, viewer: Viewer, state: CollaboratorState) -> Sequence[tuple[int, Channel]]:
        """The channels that the viewer is invited to or takes part in."""
        ...

    async def invite(self, viewer: Viewer, handle: str, account: str) -> object:
        """Invite somebody."""
        ...

    async def accept(self, viewer: Viewer, handle: str, collaborator_id: int) -> None:
        """Take part."""
        ...

    async def reject(self, viewer: Viewer, handle: str, collaborator_id: int) -> None:
        """Do not take part."""
        ...

    async def remove(self, viewer: Viewer, handle: str, collaborator_id: int) -> None:
        """Let somebody take part no more."""
        ...


@frozen
class MyChannelsPages:
    """`/my-channels`."""

    channels: OwnChannels
    people: TakingPart

    def routes(self) -> list[PageRoute]:
        """Each page."""
        user, base = Access.USER, "/my-channels"
        return [
            PageRoute("GET", base, user, self.listing),
            PageRoute("GET", f"{base}/new", user, self.new),
            PageRoute("POST", f"{base}/new", user, self.create),
            PageRoute("GET", f"{base}/<handle>", user, self.edit),
            PageRoute("POST", f"{base}/<handle>", user, self.save),
            PageRoute("GET", f"{base}/<handle>/remove", user, self.ask_removal),
            PageRoute("POST", f"{base}/<handle>/remove", user, self.remove),
            PageRoute("POST", f"{base}/<handle>/people", user, self.invite),
            PageRoute("POST", f"{base}/<handle>/people/<number>/remove", user, self.remove_person),
        ]

    async def listing(self, visit: Visit) -> Shown:
        """The channels with their numbers, and those that one takes part in."""
        viewer = visit.user()
        found = await self.channels.of_account(
            viewer.user.username, _ALL, viewer=viewer, with_stats=True, collaborations=True
        )
        invited = await self.people.mine(viewer, CollaboratorState.PENDING)
        context = {"channels": found.items, "own_id": viewer.user.account_id, "invited": len(invited)}
        return Shown("my_channels.html", context, section="my-channels")

    async def new(self, visit: Visit) -> Shown:
        """Ask what a new channel is to be called."""
        return self._form(visit, None, {})

    async def create(self, visit: Visit) -> Shown | Redirect:
        """Make a channel."""
        name = visit.given("name")
        try:
            await self.channels.create(visit.user(), name, _fields(visit))
        except PodError as error:
            return self._refused(visit, None, error)
        return Redirect(f"/my-channels/{name}", done="channel-created")

    async def edit(self, visit: Visit, handle: str) -> Shown:
        """Show what a channel says of itself, to be changed."""
        return await self._edit(visit, await self._mine(visit, handle))

    async def save(self, visit: Visit, handle: str) -> Shown | Redirect:
        """Change a channel."""
        found, fields = await self._mine(visit, handle), _fields(visit)
        changes = {
            "display_name": fields.display_name,
            "description": fields.description,
            "support": fields.support,
            "directory": fields.directory,
        }
        try:
            await self.channels.update(visit.user(), handle, changes, videos_too=visit.given("videos_too") == "true")
        except Invalid as error:
            return self._refused(visit, found, error, await self._people(visit, found))
        return Redirect(f"/my-channels/{found.channel.name}", done="channel-saved")

    async def ask_removal(self, visit: Visit, handle: str) -> Shown:
        """Ask before a channel goes for good."""
        found = await self._owned(visit, handle)
        text = visit.gettext(
            "“%(name)s” goes for good with all its videos, here and on the servers that follow this one.",
            name=found.channel.display_name,
        )
        context = {
            "title": visit.gettext("Remove this channel?"),
            "text": text,
            "action": f"/my-channels/{found.channel.name}/remove",
            "back": f"/my-channels/{found.channel.name}",
            "yes": visit.gettext("Remove the channel and its videos"),
        }
        return Shown("confirm.html", context, section="my-channels")

    async def remove(self, visit: Visit, handle: str) -> Redirect:
        """Remove a channel with its videos."""
        await self.channels.remove(visit.user(), (await self._owned(visit, handle)).channel.name)
        return Redirect("/my-channels", done="channel-removed")

    async def invite(self, visit: Visit, handle: str) -> Shown | Redirect:
        """Invite somebody to take part."""
        found = await self._owned(visit, handle)
        try:
            await self.people.invite(visit.user(), found.channel.name, visit.given("account").removeprefix("@")[:300])
        except PodError as error:
            known = {
                400: visit.gettext("Nobody else on this server is called so."),
                404: visit.gettext("Nobody else on this server is called so."),
                409: visit.gettext("This person takes part or is invited already."),
            }
            errors = {"account": known.get(status_of(error)) or error.detail}
            return await self._edit(visit, found, errors, status=status_of(error))
        return Redirect(f"/my-channels/{found.channel.name}#people", done="person-invited")

    async def remove_person(self, visit: Visit, handle: str, number: str) -> Redirect:
        """Let somebody take part no more, or take an invitation back."""
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            raise Invalid("There is no such invitation")
        found = await self.channels.channel(handle)
        await self.people.remove(visit.user(), found.channel.name, int(number))
        still = may_own_channel(visit.user(), found.channel)
        return Redirect(f"/my-channels/{found.channel.name}#people" if still else "/my-channels", done="person-removed")

    async def _mine(self, visit: Visit, handle: str) -> OwnedChannel:
        found = await self.channels.channel(handle)
        if not may_update_channel(visit.user(), found.channel):
            raise Forbidden("You may not do this")
        return found

    async def _owned(self, visit: Visit, handle: str) -> OwnedChannel:
        found = await self.channels.channel(handle)
        if not may_own_channel(visit.user(), found.channel):
            raise Forbidden("You may not do this")
        return found

    async def _people(self, visit: Visit, found: OwnedChannel) -> Sequence[Collaborator]:
        return await self.people.of_channel(visit.user(), found.channel.name)

    async def _edit(
        self, visit: Visit, found: OwnedChannel, errors: Mapping[str, str] | None = None, status: int = 200
    ) -> Shown:
        channel = found.channel
        values = {
            "displayName": channel.display_name,
            "description": channel.description or "",
            "support": channel.support or "",
            "streamDirectory": channel.directory or "",
        }
        return self._form(visit, found, values, errors=errors, people=await self._people(visit, found), status=status)

    def _refused(
        self, visit: Visit, found: OwnedChannel | None, error: PodError, people: Sequence[Collaborator] = ()
    ) -> Shown:
        words = Words(visit.texts)
        errors = words.faults(error.fields) if isinstance(error, Invalid) else {}
        if status_of(error) == 409:
            errors = {"name": visit.gettext("This name is taken already.")}
        problem = visit.gettext("The channel was not saved.")
        if not errors:
            problem += " " + words.error(error.code, error.detail)
        return self._form(visit, found, dict(visit.form), errors=errors, problem=problem, people=people, status=400)

    def _form(
        self,
        visit: Visit,
        found: OwnedChannel | None,
        values: Mapping[str, object],
        *,
        errors: Mapping[str, str] | None = None,
        problem: str = "",
        people: Sequence[Collaborator] = (),
        status: int = 200,
    ) -> Shown:
        channel = None if found is None else found.channel
        context = {
            "channel": channel,
            "values": values,
            "errors": errors or {},
            "problem_text": problem,
            "people": people,
            "owns": channel is not None and may_own_channel(visit.user(), channel),
            "accepted": CollaboratorState.ACCEPTED,
        }
        return Shown("my_channel.html", context, status=status, section="my-channels")


def _fields(visit: Visit) -> ChannelFields:
    shelf = visit.given("streamDirectory")
    number = int(shelf) if shelf.isascii() and shelf.isdigit() and len(shelf) < 4 else None
    return ChannelFields(
        display_name=visit.given("displayName"),
        description=visit.given("description") or None,
        support=visit.given("support") or None,
        directory=number if number in CATEGORIES else None,
    )
