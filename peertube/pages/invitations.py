"""What others offer: to take part in a channel, or to own a video (`/invitations`); and offering a video oneself."""

from typing import Protocol

from attrs import frozen

from peertube.errors import Forbidden, Invalid, NotFound, PodError
from peertube.http.problems import status_of
from peertube.http.routing import Access
from peertube.model.collaborators import CollaboratorState
from peertube.model.ownership_changes import WAITING, OwnershipChange
from peertube.model.pages import Listing, Window
from peertube.model.users import Viewer
from peertube.model.videos import VideoDetails
from peertube.pages.my_channels import TakingPart
from peertube.pages.upload import OwnProfile, channel_names
from peertube.pages.videos import VideoReader
from peertube.pages.visits import PageRoute, Redirect, Shown, Visit
from peertube.pages.words import Words
from peertube.policy.authority import may_give_video
from peertube.policy.short_uuid import identify_uuid

_OFFERS = Window(count=100, sort="-createdAt")


class Offers(Protocol):
    """Videos that change hands."""

    async def give(self, viewer: Viewer, id_or_uuid: str, username: str) -> None:
        """Offer a video to somebody."""
        ...

    async def offers(self, viewer: Viewer, window: Window) -> Listing[OwnershipChange]:
        """What was offered to the viewer."""
        ...

    async def accept(self, viewer: Viewer, change_id: int, channel_id: int) -> None:
        """Take a video."""
        ...

    async def refuse(self, viewer: Viewer, change_id: int) -> None:
        """Do not take it."""
        ...


@frozen
class InvitationPages:
    """`/invitations` and `/my-videos/<id>/give`."""

    people: TakingPart
    ownership: Offers
    account: OwnProfile
    videos: VideoReader

    def routes(self) -> list[PageRoute]:
        """Each page."""
        user = Access.USER
        return [
            PageRoute("GET", "/invitations", user, self.listing),
            PageRoute("POST", "/invitations/channels/<handle>/<number>", user, self.answer_channel),
            PageRoute("POST", "/invitations/videos/<number>", user, self.answer_video),
            PageRoute("GET", "/my-videos/<identifier>/give", user, self.ask),
            PageRoute("POST", "/my-videos/<identifier>/give", user, self.give),
        ]

    async def listing(self, visit: Visit) -> Shown:
        """Everything that waits for an answer."""
        return await self._listing(visit)

    async def answer_channel(self, visit: Visit, handle: str, number: str) -> Redirect:
        """Take part in a channel, or do not."""
        answer = self.people.accept if visit.given("answer") == "accept" else self.people.reject
        await answer(visit.user(), handle, _number(number))
        return Redirect("/invitations", done="answered")

    async def answer_video(self, visit: Visit, number: str) -> Shown | Redirect:
        """Take a video into one of one's channels, or do not."""
        viewer = visit.user()
        try:
            if visit.given("answer") == "accept":
                await self.ownership.accept(viewer, _number(number), _number(visit.given("channelId")))
            else:
                await self.ownership.refuse(viewer, _number(number))
        except PodError as error:
            return await self._listing(visit, Words(visit.texts).error(error.code, error.detail), status_of(error))
        return Redirect("/invitations", done="answered")

    async def ask(self, visit: Visit, identifier: str) -> Shown:
        """Ask whom to give a video to."""
        return self._ask(await self._mine(visit, identifier), {})

    async def give(self, visit: Visit, identifier: str) -> Shown | Redirect:
        """Offer a video to somebody."""
        found = await self._mine(visit, identifier)
        try:
            await self.ownership.give(visit.user(), found.video.uuid, visit.given("username").removeprefix("@")[:300])
        except PodError as error:
            known = {
                400: visit.gettext("Nobody else on this server is called so."),
                404: visit.gettext("Nobody else on this server is called so."),
                409: visit.gettext("This video is offered to somebody already."),
            }
            text = known.get(status_of(error)) or error.detail
            return self._ask(found, {"username": text}, visit.given("username"), status_of(error))
        return Redirect(f"/my-videos/{found.video.uuid}", done="video-offered")

    async def _listing(self, visit: Visit, problem: str = "", status: int = 200) -> Shown:
        viewer = visit.user()
        offers = (await self.ownership.offers(viewer, _OFFERS)).items
        context = {
            "channels": await self.people.mine(viewer, CollaboratorState.PENDING),
            "offers": [offer for offer in offers if offer.state == WAITING],
            "own_channels": channel_names((await self.account.profile(viewer)).channels),
            "problem_text": problem,
        }
        return Shown("invitations.html", context, status=status, section="my-channels")

    async def _mine(self, visit: Visit, identifier: str) -> VideoDetails:
        uuid = identify_uuid(identifier)
        if uuid is None:
            raise NotFound("There is no such video")
        found = await self.videos.details(visit.viewer, uuid)
        if not may_give_video(visit.user(), found.video):
            raise Forbidden("You may not do this")
        return found

    def _ask(self, found: VideoDetails, errors: dict[str, str], typed: str = "", status: int = 200) -> Shown:
        context = {"video": found.video, "errors": errors, "typed": typed}
        return Shown("give_video.html", context, status=status, section="my-videos")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Invalid("There is no such invitation")
    return int(text)
